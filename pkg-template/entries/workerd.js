// @ts-check
// The entry for workerd, Cloudflare's runtime: it compiles no bytes, but imports a .wasm file as a compiled module.

import { clientCore } from "../surface/client-core.js";
import wasm from "./core_bg.wasm";

clientCore.provide(() => wasm);

export * from "../surface/public.js";

// @ts-check
// The entry for Vercel's edge runtime: it compiles no bytes, but its bundlers turn `?module` into a compiled module.

import { clientCore } from "../surface/client-core.js";
import wasm from "./core_bg.wasm?module";

clientCore.provide(() => wasm);

export * from "../surface/public.js";

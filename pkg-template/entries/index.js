// @ts-check
// The entry for Node, Deno, Bun, browsers and every bundler: the core's bytes are inlined, and compiled when they are
// needed, at once: the package can be used when its import returns, without a plugin, a flag or an await.

import { clientCore } from "../surface/client-core.js";
import { wasmBytes } from "../core_bytes.js";

clientCore.provide(wasmBytes);

export * from "../surface/public.js";

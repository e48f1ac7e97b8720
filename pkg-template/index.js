// @ts-check
// The entry for Node, Deno, Bun, browsers and every bundler: the core's bytes are inlined and compiled at once, so that
// the package is ready when its import returns, without a plugin, a flag or an await.

import { wasmBytes } from "./core_bytes.js";
import { start } from "./start.js";

start(wasmBytes());

export * from "./public.js";

// @ts-check
// The sandbox's entry for Node, Deno, Bun, browsers and every bundler: its core comes inlined.

import { wasmBytes } from "../sandbox_core_bytes.js";
import { tenantCore } from "../sandbox/tenant.js";

tenantCore.provide(wasmBytes);

export { createSandbox } from "../sandbox/tenant.js";

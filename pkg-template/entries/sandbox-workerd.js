// @ts-check
// The sandbox's entry for workerd, Cloudflare's runtime: its core is imported as a compiled module.

import wasm from "./sandbox_core_bg.wasm";
import { tenantCore } from "../sandbox/tenant.js";

tenantCore.provide(() => wasm);

export { createSandbox } from "../sandbox/tenant.js";

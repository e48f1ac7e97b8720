// @ts-check
// The sandbox's entry for Vercel's edge runtime, whose bundlers turn `?module` into a compiled module.

import wasm from "./sandbox_core_bg.wasm?module";
import { tenantCore } from "../sandbox/tenant.js";

tenantCore.provide(() => wasm);

export { createSandbox } from "../sandbox/tenant.js";

// @ts-check
// The client's core, for every environment: how it starts.

import { initSync } from "../core.js";
import { Starter } from "../start/start.js";

export const clientCore = new Starter((wasm) => {
  initSync({ module: wasm });
});

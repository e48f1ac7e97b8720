// @ts-check
// Starts the client's core, however its bytes arrived, and tells it how the package's errors are made.

import { initSync, setErrorFactory } from "./core.js";
import { makeError } from "./errors.js";

/** @param {BufferSource | WebAssembly.Module} module */
export function start(module) {
  initSync({ module });
  setErrorFactory(makeError);
}

// @ts-check
// The client's core, for every environment: how it starts, and how it makes the package's errors.

import { initSync, setErrorFactory } from "./core.js";
import { makeError } from "./errors.js";
import { Starter } from "./start.js";

export const clientCore = new Starter((wasm) => {
  initSync({ module: wasm });
  setErrorFactory(makeError);
});

// @ts-check
// Patches and differences, for every environment: the public names over the core, which checks and computes them.

import { PatchCore } from "./core.js";

export { diff } from "./core.js";

export class PatchBuilder {
  /** @type {PatchCore} */
  #core;

  /** @param {PatchCore} core */
  constructor(core) {
    this.#core = core;
  }

  replace(path, value) {
    return new PatchBuilder(this.#core.replace(path, value));
  }

  get length() {
    return this.#core.length;
  }

  toJSON() {
    return this.#core.toJSON();
  }
}

export function patch() {
  return new PatchBuilder(new PatchCore());
}

// @ts-check
// Patches and differences, for every environment: the public names over the core, which checks and computes them.

import { clientCore } from "./client-core.js";
import { PatchCore, diff as difference } from "./core.js";

export class PatchBuilder {
  /** @type {PatchCore} */
  #core;

  /** @param {PatchCore} core */
  constructor(core) {
    this.#core = core;
  }

  replace(path, value) {
    return patchOver(this.#core.replace(path, value));
  }

  get length() {
    return this.#core.length;
  }

  toJSON() {
    return this.#core.toJSON();
  }
}

/** Outside: a bundler renames a class that names itself. @param {PatchCore} core */
function patchOver(core) {
  return new PatchBuilder(core);
}

export function patch() {
  clientCore.ready();
  return patchOver(new PatchCore());
}

export function diff(before, after) {
  clientCore.ready();
  return difference(before, after);
}

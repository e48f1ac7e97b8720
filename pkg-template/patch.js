// @ts-check
// Patches and differences, for every environment: the public names over the core, which checks and computes them.

import { clientCore } from "./client-core.js";
import { diff as difference, replaceOperation } from "./core.js";

/** A chain: each holds the patch before it, so that a step costs its own operation alone. */
export class PatchBuilder {
  /** @type {PatchBuilder | undefined} */
  #before;
  /** The last operation, as JSON. */
  #operation;
  #length;

  /**
   * @param {PatchBuilder} [before]
   * @param {string} [operation]
   */
  constructor(before, operation = "") {
    this.#before = before;
    this.#operation = operation;
    this.#length = before === undefined ? 0 : before.#length + 1;
  }

  replace(path, value) {
    return longerPatch(this, replaceOperation(path, value));
  }

  get length() {
    return this.#length;
  }

  toJSON() {
    const operations = [];
    /** @type {PatchBuilder} */
    let at = this;
    for (; at.#before !== undefined; at = at.#before) operations.push(JSON.parse(at.#operation));
    return operations.reverse();
  }
}

/** Outside: a bundler renames a class that names itself. @param {PatchBuilder} before @param {string} operation */
function longerPatch(before, operation) {
  return new PatchBuilder(before, operation);
}

export function patch() {
  clientCore.ready();
  return new PatchBuilder();
}

export function diff(before, after) {
  clientCore.ready();
  return difference(before, after);
}

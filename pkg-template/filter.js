// @ts-check
// Filters, for every environment: the public names over the core, which builds, checks and judges them.

import { clientCore } from "./client-core.js";
import { filterJoin, filterMatches, filterNot, filterOf, filterTest } from "./core.js";

/** By this, a core knows a filter of any copy of the package: its text, and whether a part of it is unchecked. */
const BRAND = Symbol.for("isc-service-desk.Filter");

export class Filter {
  /** @type {[string, boolean]} */
  #parts;

  /** @param {[string, boolean]} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Filter} other */
  and(other) {
    return filterOver(filterJoin(this, true, other));
  }

  /** @param {Filter} other */
  or(other) {
    return filterOver(filterJoin(this, false, other));
  }

  not() {
    return filterOver(filterNot(this));
  }

  matches(integration) {
    return filterMatches(this, integration);
  }

  toString() {
    return this.#parts[0];
  }

  get [BRAND]() {
    return this.#parts;
  }
}

/** Outside: a bundler renames a class that names itself. @param {any} parts */
function filterOver(parts) {
  return new Filter(parts);
}

/** @param {() => any[]} build */
function made(build) {
  clientCore.ready();
  return filterOver(build());
}

/** @param {string} field */
const equality = (field) => ({ eq: (value) => made(() => filterTest(field, false, value)) });

/** @param {string} field */
const membership = (field) => ({ ...equality(field), in: (values) => made(() => filterTest(field, true, values)) });

const conditions = () =>
  Object.freeze({
    id: Object.freeze(membership("id")),
    name: Object.freeze(equality("name")),
    type: Object.freeze(membership("type")),
    cluster: Object.freeze(membership("cluster")),
    parse: (expression) => made(() => filterOf(expression, false)),
    raw: (expression) => made(() => filterOf(expression, true)),
  });

// A bundler leaves a pure call out where nobody uses what it gives.
export const filter = /* @__PURE__ */ conditions();

// @ts-check
// Filters, for every environment: the public names over the core, which builds, checks and judges them.

import { clientCore } from "./client-core.js";
import { FilterCore } from "./core.js";
import { makeError } from "./errors.js";

/** By this, a core knows a filter of any copy of the package: its text, and whether a part of it is unchecked. */
const BRAND = Symbol.for("isc-service-desk.Filter");

export class Filter {
  /** @type {FilterCore} */
  #core;

  /** @param {FilterCore} core */
  constructor(core) {
    this.#core = core;
  }

  /** @param {Filter} other */
  and(other) {
    return filterOver(this.#core.and(this.#of(other)));
  }

  /** @param {Filter} other */
  or(other) {
    return filterOver(this.#core.or(this.#of(other)));
  }

  not() {
    return filterOver(this.#core.not());
  }

  matches(integration) {
    return this.#core.matches(integration);
  }

  toString() {
    return this.#core.text;
  }

  get [BRAND]() {
    return [this.#core.text, this.#core.isRaw];
  }

  /** @param {any} other */
  #of(other) {
    if (typeof other === "object" && other !== null && #core in other) return other.#core;
    const [text, isRaw] = other?.[BRAND] ?? [];
    if (text === undefined) throw makeError("invalid-argument", "other must be a filter", { field: "other" });
    return isRaw ? FilterCore.raw(text) : FilterCore.parse(text);
  }
}

/** Outside: a bundler renames a class that names itself. @param {FilterCore} core */
function filterOver(core) {
  return new Filter(core);
}

/** @param {() => FilterCore} build */
function made(build) {
  clientCore.ready();
  return filterOver(build());
}

/** @param {string} field */
const equality = (field) => ({ eq: (value) => made(() => FilterCore.eq(field, value)) });

/** @param {string} field */
const membership = (field) => ({ ...equality(field), in: (values) => made(() => FilterCore.isIn(field, values)) });

const conditions = () =>
  Object.freeze({
    id: Object.freeze(membership("id")),
    name: Object.freeze(equality("name")),
    type: Object.freeze(membership("type")),
    cluster: Object.freeze(membership("cluster")),
    parse: (expression) => made(() => FilterCore.parse(expression)),
    raw: (expression) => made(() => FilterCore.raw(expression)),
  });

// A bundler leaves a pure call out where nobody uses what it gives.
export const filter = /* @__PURE__ */ conditions();

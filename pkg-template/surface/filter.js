// @ts-check
// Filters, for every environment: the public names over the core, which builds, checks and judges them.

import { said } from "../border.js";
import { clientCore } from "./client-core.js";
import { errorOf } from "../client/carry.js";
import { FILTER, given, json, property } from "../client/given.js";
import { INSPECT, OWN, hide, requireOwn } from "../client/members.js";
import { filter as command } from "../core.js";

export class Filter {
  /** @param {symbol} key @param {[string, boolean]} parts */
  constructor(key, parts) {
    requireOwn(key);
    hide(this, {
      and: (other) => made("and", this, other),
      or: (other) => made("or", this, other),
      not: () => made("not", this),
      matches: (integration) => asked("matches", this, ...rowOf(integration)).matches === true,
      toString: () => parts[0],
      // Else two filters would be one in the key of a query's cache.
      toJSON: () => parts[0],
      [INSPECT]: () => `Filter ${parts[0]}`,
      [FILTER]: Object.freeze(parts),
    });
  }
}

/** @param {any} integration */
function rowOf(integration) {
  /** @param {any} object @param {string} name */
  const text = (object, name) => {
    const value = property(object, name);
    return typeof value === "string" ? value : null;
  };
  const cluster = text(integration, "cluster") ?? text(property(integration, "clusterRef"), "id");
  return [text(integration, "id"), text(integration, "name"), text(integration, "type"), cluster];
}

/** @param {string} name @param {unknown[]} values */
function asked(name, ...values) {
  clientCore.ready();
  command(json([name, ...values.map(given)]));
  const answer = said();
  if (answer.error !== undefined) throw errorOf(answer.error, new Error());
  return answer;
}

/**
 * Outside of the class: a bundler renames one that names itself.
 * @param {string} name
 * @param {unknown[]} values
 */
function made(name, ...values) {
  const { text, isRaw } = asked(name, ...values);
  return new Filter(OWN, [text, isRaw === true]);
}

/** @param {string} field */
const equality = (field) => ({ eq: (value) => made("eq", field, value) });

/** @param {string} field */
const membership = (field) => ({ ...equality(field), in: (values) => made("in", field, values) });

const conditions = () => ({
  id: membership("id"),
  name: equality("name"),
  type: membership("type"),
  cluster: membership("cluster"),
  parse: (expression) => made("parse", expression),
  raw: (expression) => made("raw", expression),
});

// A bundler leaves a pure call out where nothing uses what it gives.
export const filter = /* @__PURE__ */ conditions();

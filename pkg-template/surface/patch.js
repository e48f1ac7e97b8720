// @ts-check
// Patches and differences, for every environment: the public names over the core, which checks and computes them.

import { said } from "../border.js";
import { clientCore } from "./client-core.js";
import { errorOf } from "../client/carry.js";
import { PATCH, enclosed, given, json } from "../client/given.js";
import { INSPECT, OWN, hide, requireOwn } from "../client/members.js";
import { diff as difference, replaceOperation } from "../core.js";

/** @typedef {{ before: Chain | undefined, operation: string, op: string, length: number }} Chain */

/** A chain: each holds the patch before it, so that a step costs its own operation alone. */
export class PatchBuilder {
  /** @param {symbol} key @param {Chain} chain */
  constructor(key, chain) {
    requireOwn(key);
    /** @param {string} op */
    const adding = (op) => (path, value) => {
      replaceOperation(json([given(path), enclosed(value), op === "raw"]));
      return longerPatch({ before: chain, operation: answered(), op, length: chain.length + 1 });
    };
    /** @param {string} [op] */
    const operations = (op) => {
      const list = [];
      for (let at = chain; at.before !== undefined; at = at.before) list.push({ ...JSON.parse(at.operation), op: op ?? at.op });
      return list.reverse();
    };
    hide(this, {
      replace: adding("replace"),
      raw: adding("raw"),
      length: chain.length,
      toJSON: () => operations("replace"),
      [PATCH]: () => operations(),
      // Of each operation its path alone: a value may be a secret.
      [INSPECT]: () => `PatchBuilder ${JSON.stringify(operations().map(({ path }) => path))}`,
    });
  }
}

/** Outside: a bundler renames a class that names itself. @param {Chain} chain */
function longerPatch(chain) {
  return new PatchBuilder(OWN, chain);
}

function answered() {
  const { error, body } = said();
  if (error !== undefined) throw errorOf(error, new Error());
  return body;
}

export function patch() {
  clientCore.ready();
  return longerPatch({ before: undefined, operation: "", op: "", length: 0 });
}

export function diff(before, after, options) {
  clientCore.ready();
  difference(json([enclosed(before), enclosed(after), given(options)]));
  return JSON.parse(answered());
}

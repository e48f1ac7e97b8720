// @ts-check
// A walk over the pages of a list. What is fetched, and when, the core decides.

import { closeWalk, nextPage, openWalk } from "../core.js";
import { said } from "../border.js";
import { REFUSED, carry, errorOf, reasonOf, taskOf } from "./carry.js";
import { registry } from "./client.js";
import { given, json, member } from "./given.js";
import { isAborted } from "./signals.js";

/** @type {ReturnType<typeof registry> | undefined} */
let walks;

/** @typedef {ReturnType<typeof walkOf>} Walk */

/**
 * What opens walks of a query, which is read once.
 * @param {import("./carry.js").Client} client
 * @param {any} query
 * @param {any} options
 */
export function walksOf(client, query, options) {
  const [signal, onResponse] = [member(options, "signal"), member(options, "onResponse")];
  const [command, filters] = [json([given(query), given(options)]), member(query, "filters")];
  return () => walkOf(client, command, { signal, onResponse, filters });
}

/**
 * @param {import("./carry.js").Client} client
 * @param {string} command
 * @param {{ signal: any, onResponse: any, filters: any }} extras
 */
function walkOf(client, command, extras) {
  const { signal, onResponse } = extras;
  const id = openWalk(client.id, command, typeof onResponse === "function");
  if (id === REFUSED) throw errorOf(said().error, new Error());
  /** The tasks of its pages, by their numbers. @type {Map<number, any>} */
  const pages = new Map();
  let isOpen = true;

  const walk = {
    /**
     * The next page, `undefined` after the last. One at a time.
     * @param {Error} site
     */
    async next(site) {
      // See call().
      await undefined;
      if (isAborted(signal)) {
        walk.end();
        throw reasonOf(signal);
      }
      if (!isOpen) return undefined;
      const task = taskOf(nextPage(id), client, extras, site);
      task.pages = pages;
      return carry(task);
    },

    /** Ends it: what is under way is aborted. */
    end() {
      if (!isOpen) return;
      isOpen = false;
      walks?.unregister(walk);
      closeWalk(id);
    },
  };
  walks ??= registry(closeWalk);
  walks.register(walk, id, walk);
  return walk;
}

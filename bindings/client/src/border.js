// @ts-check
// What a core says. It leaves here what it has to say, and the script that has called it takes that.

/** @type {any} */
let turn;

/**
 * @param {string} json
 * @param {string | undefined} body a text, JSON or not, which is not within JSON
 */
export function say(json, body) {
  // Without what a page may have given every object.
  turn = { __proto__: null, ...JSON.parse(json), body };
}

/**
 * What is said most, without JSON.
 * @param {string} json what else there is to say
 * @param {string} method
 * @param {string} url
 * @param {any} headers the Headers of the request
 * @param {string | undefined} body
 * @param {number} until not a number, where there is no limit
 * @param {number} goodLimit
 * @param {number} badLimit
 * @param {boolean} allFields
 */
export function sayFetch(json, method, url, headers, body, until, goodLimit, badLimit, allFields) {
  const request = { method, url, headers, body, goodLimit, badLimit, allFields };
  const more = json === "" ? undefined : JSON.parse(json);
  turn = { __proto__: null, ...more, do: "fetch", until: Number.isNaN(until) ? undefined : until, request };
}

/** What was said last, once. */
export function said() {
  const taken = turn;
  turn = undefined;
  return taken;
}

/** @typedef {{ wake: () => void }} Waking */

/** The tasks that are carried, by their numbers. @type {Map<number, Waking>} */
export const running = new Map();

/** @param {number} task */
export const wake = (task) => running.get(task)?.wake();

/**
 * Whether the runtime has Headers, and they take these fields: a page may have put its own in the place of the platform's.
 * @param {string} lines a name and a value in turn
 */
export function takeHeaders(lines) {
  try {
    const headers = new Headers();
    const parts = lines.split("\n");
    for (let at = 1; at < parts.length; at += 2) headers.set(parts[at - 1], parts[at]);
    return true;
  } catch {
    return false;
  }
}

// @ts-check
// What a core says. It leaves here what it has to say, and the script that has called it takes that.

/** @type {string} */
let text;
/** @type {string | undefined} */
let body;
/** @type {any} */
let headers;

/**
 * @param {string} said JSON
 * @param {string | undefined} more a body, JSON or not, which is not within JSON
 * @param {any} fields the Headers of a request
 */
export function say(said, more, fields) {
  [text, body, headers] = [said, more, fields];
}

/** What was said last, once. */
export function said() {
  const taken = JSON.parse(text);
  [taken.body, taken.headers] = [body, headers];
  text = "{}";
  body = headers = undefined;
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

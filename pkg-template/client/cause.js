// @ts-check
// What a caller may see of a value that was thrown: itself, unless it would show a secret.

import { isObject, property } from "./given.js";

/** Functions of these names decide what a value shows. */
const PRINTERS = ["toJSON", "toString", "valueOf"];

/** How many values are looked at, and how deep; what has more to it is not shown. */
const MAX_VALUES = 200;
const MAX_DEPTH = 8;

/** How many causes of causes a copy keeps. */
const MAX_COPIED = 3;

/** @typedef {(text: string) => string} Hide takes secrets out of a text */

/**
 * The value itself, where no representation of it can show a secret; else an error with its words, without the secret.
 *
 * Errors, functions, arrays, maps, sets and plain objects are looked through. Anything else, such as a Request with its
 * headers, may print what cannot be seen from outside, and is not handed on.
 * @param {any} thrown
 * @param {Hide} hide
 */
export function redacted(thrown, hide) {
  const left = { values: MAX_VALUES };
  return isClean(thrown, hide, MAX_DEPTH, left) ? thrown : copy(thrown, hide, MAX_COPIED);
}

/**
 * @param {any} value
 * @param {Hide} hide
 * @param {number} depth
 * @param {{ values: number }} left
 * @returns {boolean}
 */
function isClean(value, hide, depth, left) {
  if (typeof value === "string") return hide(value) === value;
  if (!isObject(value) && typeof value !== "function") return true;
  if (depth === 0) return false;
  try {
    // What it prints are its entries.
    if (value instanceof Map || value instanceof Set) return isClean(Array.from(value), hide, depth - 1, left);
    return isTransparent(value) && membersAreClean(value, hide, depth, left);
  } catch {
    return false;
  }
}

/**
 * Whether what it holds are its properties, and nothing else.
 * @param {any} value
 */
function isTransparent(value) {
  if (Array.isArray(value) || typeof value === "function" || value instanceof Error) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || isRoot(prototype);
}

/**
 * Whether a value is the `Object.prototype` of a realm, this one or another.
 * @param {any} prototype
 */
const isRoot = (prototype) =>
  Object.getPrototypeOf(prototype) === null && typeof property(prototype, "hasOwnProperty") === "function";

/**
 * @param {any} value
 * @param {Hide} hide
 * @param {number} depth
 * @param {{ values: number }} left
 */
function membersAreClean(value, hide, depth, left) {
  const inspects = typeof value[Symbol.for("nodejs.util.inspect.custom")] === "function";
  if (inspects || typeof property(value, "toJSON") === "function") return false;
  // An error's stack is no own property everywhere.
  for (const key of [...Reflect.ownKeys(value), "message", "name", "stack"]) {
    left.values -= 1;
    const inner = value[key];
    // A function under a symbol may decide what is shown, too.
    const isPrinter = typeof inner === "function" && (typeof key === "symbol" || PRINTERS.includes(key));
    const keyIsClean = !isPrinter && (typeof key === "symbol" || hide(key) === key);
    const isOwnMaker = typeof value === "function" && key === "prototype";
    if (left.values <= 0 || !keyIsClean || !(isOwnMaker || isClean(inner, hide, depth - 1, left))) return false;
  }
  return true;
}

/**
 * @param {any} value
 * @param {Hide} hide
 * @param {number} depth
 * @returns {Error}
 */
function copy(value, hide, depth) {
  /** @param {string} name */
  const text = (name) => {
    const inner = property(value, name);
    return typeof inner === "string" ? hide(inner) : undefined;
  };
  const error = new Error(text("message") ?? (typeof value === "string" ? hide(value) : ""));
  for (const name of ["name", "code", "stack"]) {
    const inner = text(name);
    if (inner !== undefined) set(error, name, inner);
  }
  const cause = property(value, "cause");
  if (depth > 0 && cause !== undefined) set(error, "cause", copy(cause, hide, depth - 1));
  return error;
}

/**
 * @param {any} target
 * @param {string} name
 * @param {unknown} value
 */
function set(target, name, value) {
  try {
    target[name] = value;
  } catch {
    // A page may have frozen what every error has.
  }
}

/**
 * What a thrown value says of itself, with the code that runtimes hide in its cause.
 * @param {any} thrown
 */
export function described(thrown) {
  /** @param {any} value @param {string} name */
  const text = (value, name) => {
    const inner = property(value, name);
    return typeof inner === "string" && inner !== "" ? inner : undefined;
  };
  const said = text(thrown, "message") ?? (typeof thrown === "string" ? thrown : "fetch failed");
  const cause = property(thrown, "cause");
  const code = text(cause, "code") ?? text(thrown, "code");
  const more = code ?? text(cause, "message");
  return { message: more === undefined ? said : `${said} (${more})`, code };
}

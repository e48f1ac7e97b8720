// @ts-check
// Values of the caller as the core reads them: JSON, in which an array that begins with the name of a kind stands for what JSON
// does not have. Each look may throw, as the value may be a proxy.

/**
 * The longest input of a call, in UTF-16 code units. What is longer may not fit into the memory of WebAssembly, which would end
 * the program.
 */
const MAX_INPUT_CHARS = 8 * 1024 * 1024;

const TOO_LARGE = ["other", "more than 8 388 608 characters"];
const UNREADABLE = ["other", "an object that cannot be read"];

/** Deep enough for every option; what lies below is of no known kind anyway. */
const MAX_DEPTH = 3;

/** By this, a core knows a filter of any copy of the package: its text, and whether a part of it is unchecked. */
export const FILTER = Symbol.for("isc-service-desk.Filter");

/** By this, a patch of any copy of the package gives its operations with those marked that a core does not check. */
export const PATCH = Symbol.for("isc-service-desk.PatchBuilder");

/** @typedef {{ left: number }} Budget */

/** @param {any} value */
export const isObject = (value) => typeof value === "object" && value !== null;

/**
 * A member, `undefined` where there is none or it cannot be read.
 * @param {any} object
 * @param {PropertyKey} key
 */
export function property(object, key) {
  try {
    return isObject(object) || typeof object === "function" ? object[key] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What stands in an object itself or comes from its class, but not what a page may have given every object.
 * @param {any} object
 * @param {PropertyKey} key
 */
export function member(object, key) {
  const isRoots = !isObject(object) || own(root(object), key);
  return !isRoots || own(object, key) ? property(object, key) : undefined;
}

/**
 * @param {any} object
 * @param {PropertyKey} key
 */
function own(object, key) {
  try {
    return isObject(object) && Object.getOwnPropertyDescriptor(object, key) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The prototype in which all chains of an object's realm end.
 * @param {any} value
 */
export function root(value) {
  let [at, last] = [value, undefined];
  try {
    // A proxy may have a chain without end.
    for (let steps = 0; steps < 100; steps += 1) {
      at = Object.getPrototypeOf(at);
      if (!isObject(at)) break;
      last = at;
    }
    return last;
  } catch {
    return undefined;
  }
}

/**
 * A value as the core reads it.
 * @param {any} value
 */
export const given = (value) => read(value, 0, { left: MAX_INPUT_CHARS });

/**
 * @param {any} value
 * @param {number} depth
 * @param {Budget} budget how many characters and items it may still have, names included
 * @returns {any}
 */
function read(value, depth, budget) {
  switch (typeof value) {
    case "undefined":
      return [];
    case "string":
      return spend(value.length, budget) ? text(value) : TOO_LARGE;
    case "boolean":
      return value;
    case "number":
      return ["number", bits(value)];
    case "function":
      return ["function"];
    case "object":
      return value === null ? null : object(value, depth, budget);
    default:
      return ["other", "a symbol or a bigint"];
  }
}

/**
 * Half of a surrogate pair would become U+FFFD on its way: another text than the caller's.
 * @param {string} value
 */
const text = (value) => (/\p{Surrogate}/u.test(value) ? ["other", "a string with half of a surrogate pair"] : value);

/**
 * The JSON of arrays of texts, booleans and null. A page may have given every array a `toJSON`.
 * @param {any} value
 * @returns {string}
 */
export function json(value) {
  if (!Array.isArray(value)) return JSON.stringify(value ?? null);
  let text = "";
  for (let at = 0; at < value.length; at += 1) text += (at === 0 ? "" : ",") + json(value[at]);
  return `[${text}]`;
}

/**
 * A number as its bits: to read digits costs the core more than this.
 * @param {number} value
 */
const bits = (value) => new BigUint64Array(new Float64Array([value]).buffer)[0].toString(16);

/**
 * @param {number} length
 * @param {Budget} budget
 */
function spend(length, budget) {
  budget.left -= length;
  return budget.left >= 0;
}

/**
 * @param {any} value
 * @param {number} depth
 * @param {Budget} budget
 */
function object(value, depth, budget) {
  if (depth === MAX_DEPTH) return ["other", "a nested object"];
  try {
    if (Array.isArray(value)) {
      if (!spend(value.length, budget)) return TOO_LARGE;
      return ["list", ...Array.from(value, (item) => read(item, depth + 1, budget))];
    }
    return instance(value) ?? members(value, depth, budget);
  } catch {
    return UNREADABLE;
  }
}

/**
 * @param {any} value
 * @param {number} depth
 * @param {Budget} budget
 */
function members(value, depth, budget) {
  const found = ["object"];
  for (const name of Object.keys(value)) {
    // One more, as also an empty name takes room.
    if (!spend(name.length + 1, budget)) return TOO_LARGE;
    found.push(name, read(readable(value, name), depth + 1, budget));
  }
  return found;
}

/**
 * Null where it throws: that is no option.
 * @param {any} value
 * @param {string} name
 */
function readable(value, name) {
  try {
    return value[name];
  } catch {
    return null;
  }
}

/**
 * What is known by the members that its class gives it, of any realm.
 * @param {any} value
 */
function instance(value) {
  if (typeof member(value, "aborted") === "boolean" && typeof member(value, "addEventListener") === "function") {
    return ["other", "an AbortSignal"];
  }
  const parts = member(value, FILTER);
  if (isObject(parts) && typeof parts[0] === "string") return [parts[1] ? "raw filter" : "filter", parts[0]];
  const href = member(value, "href");
  if (typeof href === "string") return ["url", href];
  // A Map or Headers has its members elsewhere: they would be left out in silence.
  return typeof member(value, Symbol.iterator) === "function" ? ["other", "an iterable"] : undefined;
}

/** @typedef {{ json?: string, problem?: any[] }} Written */

/**
 * The JSON of a body, as the platform writes it: `toJSON` is honoured; or what is wrong with it.
 * @param {any} value
 * @returns {Written}
 */
export function written(value) {
  try {
    const built = member(value, PATCH)?.();
    // A space says that the operations are a builder's: no text of JSON.stringify() begins with one.
    const json = built === undefined ? JSON.stringify(value) : ` ${JSON.stringify(built)}`;
    if (typeof json !== "string") return { problem: ["missing", given(value)] };
    return json.length > MAX_INPUT_CHARS ? { problem: ["too long"] } : { json };
  } catch {
    return { problem: ["unwritable", ...unwritable(value)] };
  }
}

/**
 * A body within the JSON of a command.
 * @param {any} value
 */
export function enclosed(value) {
  const { json, problem } = written(value);
  return problem ?? ["json", json];
}

/** No body is nested deeper: the core refuses it, and a search must not go on for long. */
const MAX_LEVELS = 128;

/** No path that a message names is longer. */
const MAX_PATH_CHARS = 200;

/**
 * Where a value cannot be written as JSON, and why.
 * @param {any} value
 * @returns {[string, string]}
 */
function unwritable(value) {
  const { way, why } = flaw(value, "", []) ?? { way: [], why: "" };
  const path = way.reverse().map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return [path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path, why];
}

/**
 * What the platform's own pass met, found by a pass of its kind: the way to it from the inside out.
 * @param {any} value
 * @param {string} name
 * @param {any[]} above the objects around it
 * @returns {{ way: string[], why: string } | undefined}
 */
function flaw(value, name, above) {
  /** @param {string} why */
  const is = (why) => ({ way: [], why });
  let written = value;
  try {
    if (typeof value?.toJSON === "function") written = value.toJSON(name);
  } catch {
    return is("a toJSON() that throws");
  }
  if (typeof written === "bigint") return is("a BigInt");
  if (!isObject(written)) return undefined;
  if (above.includes(written)) return is("a cycle");
  if (above.length === MAX_LEVELS) return is("nested deeper than 128 levels");
  const around = [...above, written];
  try {
    for (const inner of Object.keys(written)) {
      const found = flaw(written[inner], inner, around);
      if (found !== undefined) return { way: [...found.way, inner], why: found.why };
    }
  } catch {
    return is("a member that throws");
  }
  return undefined;
}

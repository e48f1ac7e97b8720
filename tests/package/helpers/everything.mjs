// Turns a value into all the text that a program could make of it: for tests that something is nowhere in it.
import { inspect } from "node:util";

/** Everything that printing, serializing, cloning or walking a value shows. */
export function everythingOf(value) {
  const texts = [shown(() => String(value)), shown(() => JSON.stringify(value)), shown(() => `${value?.message}\n${value?.stack}`)];
  for (const options of [{}, { depth: Infinity, showHidden: true }, { depth: Infinity, showHidden: true, getters: true, customInspect: false, maxStringLength: null, maxArrayLength: null }]) {
    texts.push(shown(() => inspect(value, options)));
  }
  texts.push(shown(() => inspect(structuredClone(value), { depth: Infinity, showHidden: true })));
  walk(value, texts, new Set());
  return texts.join("\n");
}

function shown(make) {
  try {
    return make() ?? "";
  } catch (error) {
    return `cannot: ${error}`;
  }
}

/** All properties, those of prototypes and hidden ones too, keys and values. */
function walk(value, texts, seen) {
  if (typeof value === "string") texts.push(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  if (value === Object.prototype || value === Function.prototype || value === globalThis) return;
  for (const key of Reflect.ownKeys(value)) {
    texts.push(String(key));
    const { value: member, get } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    walk(member, texts, seen);
    if (get) walk(shownValue(() => get.call(value)), texts, seen);
  }
  walk(Object.getPrototypeOf(value), texts, seen);
  if (value instanceof Map || value instanceof Set || value instanceof Headers) walk([...value], texts, seen);
}

function shownValue(make) {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

/** The ways in which a text may be written down: as it is, in a URL, in a form, in JSON, in base64. */
export function formsOf(secret) {
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const forms = [secret, encodeURIComponent(secret), encodeURI(secret), form, JSON.stringify(secret).slice(1, -1)];
  return [...new Set([...forms, Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("base64url")])];
}

/** The secrets that a text holds, in whatever form. */
export const found = (text, ...secrets) => secrets.flatMap(formsOf).filter((form) => text.includes(form));

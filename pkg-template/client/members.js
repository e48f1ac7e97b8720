// @ts-check
// Members of public objects. They are closures of the object's own: it works through the proxy of a reactive state, whose `this`
// is another object, without its parts, and where they can be put aside for a spy. What prints, clones or serializes the object
// does not show them.

/** What Node, Deno and Bun ask a value that they print. */
export const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** What the package alone has: a constructor that is private in the types asks for it. */
export const OWN = Symbol();

/** @param {unknown} key */
export function requireOwn(key) {
  if (key !== OWN) throw new TypeError("a Filter is made by filter, a PatchBuilder by patch()");
}

/**
 * Without a prototype: a page may have given each object a `get`, which no descriptor can have beside a value.
 * @param {object} target
 * @param {Record<PropertyKey, unknown>} members
 */
export function hide(target, members) {
  for (const name of Reflect.ownKeys(members)) {
    const descriptor = { __proto__: null, value: members[/** @type {string} */ (name)], configurable: true, writable: true };
    Object.defineProperty(target, name, /** @type {PropertyDescriptor} */ (descriptor));
  }
}

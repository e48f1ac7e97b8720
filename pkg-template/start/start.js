// @ts-check
// How a core starts: once, at its first use, from what its entry has for it. An import alone compiles nothing and needs
// nothing, so a page whose policy forbids WebAssembly, and a runtime without it, load all the same, and are told where they
// can catch it.

import { makeError } from "../errors.js";

// An entry that takes it from here has errors.js and this file in one file with all others.
export { makeError };

/** @typedef {BufferSource | WebAssembly.Module} Wasm */

/** The smallest module that there is: who cannot run this runs none. */
const SMALLEST = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** What no core starts without. */
const NEEDS = ["WebAssembly", "TextDecoder", "TextEncoder"];

const BLOCKED =
  "WebAssembly is blocked here: a page must allow it with 'wasm-unsafe-eval' in script-src of its " +
  "Content-Security-Policy; an edge runtime that compiles no bytes takes a WebAssembly.Module, from a bundler that " +
  "knows its condition, or by init() of isc-service-desk/slim";

const NOT_STARTED =
  "the WebAssembly of isc-service-desk does not start: it is of another version, or the runtime lacks what it needs";

const NOT_THERE =
  "the core of isc-service-desk is not there: await init() of isc-service-desk/slim before anything else, or let the bundler keep what " +
  "the import of isc-service-desk does besides its exports";

/** A core that is started when it is needed. */
export class Starter {
  /** @type {(wasm: Wasm) => void} */
  #begin;
  /** @type {(() => Wasm) | undefined} */
  #source;
  #started = false;

  /** @param {(wasm: Wasm) => void} begin */
  constructor(begin) {
    this.#begin = begin;
  }

  /** @param {() => Wasm} source what the core is made of, asked at its first use */
  provide(source) {
    this.#source = source;
  }

  /** Comes before each use. A start that failed is tried again by the next one. */
  ready() {
    if (this.#started) return;
    if (this.#source === undefined) {
      throw makeError("wasm-not-loaded", NOT_THERE);
    }
    this.start(this.#source);
  }

  /** @param {() => Wasm} source */
  start(source) {
    if (this.#started) return;
    try {
      inThisRealm(source(), this.#begin);
    } catch (error) {
      throw failure(`${NOT_STARTED}: ${/** @type {any} */ (error)?.message ?? error}`, error);
    }
    this.#started = true;
  }
}

/**
 * A module of another realm (Next.js runs edge code in one of its own) is as good as any, but the bindings ask for
 * their realm's class: they would take it for bytes.
 * @param {any} wasm
 * @param {(wasm: Wasm) => void} begin
 */
function inThisRealm(wasm, begin) {
  const isForeign =
    Object.prototype.toString.call(wasm) === "[object WebAssembly.Module]" && !(wasm instanceof WebAssembly.Module);
  if (!isForeign) return begin(wasm);
  const prototype = Object.getPrototypeOf(wasm);
  Object.setPrototypeOf(wasm, WebAssembly.Module.prototype);
  try {
    begin(wasm);
  } finally {
    Object.setPrototypeOf(wasm, prototype);
  }
}

/**
 * What a failed start or load is told as.
 * @param {string} message where WebAssembly itself is allowed
 * @param {unknown} cause
 */
export function failure(message, cause) {
  const missing = NEEDS.find((name) => !(/** @type {any} */ (globalThis)[name]));
  if (missing) return makeError("wasm-blocked", `this runtime has no ${missing}`, {}, cause);
  // By its name: the class may be of another realm, or missing. An older WebKit throws an EvalError for what others call a
  // CompileError.
  const isCompiling = ["CompileError", "EvalError"].includes(/** @type {any} */ (cause)?.name);
  if (isCompiling && !runsAnything()) return makeError("wasm-blocked", BLOCKED, {}, cause);
  return makeError("wasm-not-loaded", message, {}, cause);
}

/**
 * Engines word a refusal differently, and tell a broken module by the same class. WebKit compiles under any policy, and
 * refuses to make an instance.
 */
function runsAnything() {
  try {
    new WebAssembly.Instance(new WebAssembly.Module(SMALLEST));
    return true;
  } catch {
    return false;
  }
}

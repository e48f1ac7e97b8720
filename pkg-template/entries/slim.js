// @ts-check
// The entry without WebAssembly in it: the caller gives it to init(), once. For streaming, for files that caches keep,
// and for libraries that leave the choice to their users. What the core is compiled from is told by its tag, not by
// instanceof: it may be of another realm.

import { clientCore } from "../surface/client-core.js";
import { isServiceDeskError, makeError } from "../errors.js";
import { failure } from "../start/start.js";

export * from "../surface/public.js";

/** The load on its way, or done. @type {Promise<void> | undefined} */
let loading;

/** @type {typeof import("../slim.js").init} */
export function init(source) {
  if (loading !== undefined) {
    // Nobody is going to look at it.
    Promise.resolve(source).catch(() => {});
    return loading;
  }
  loading = load(source).catch((error) => {
    // The next call may try again.
    loading = undefined;
    throw isServiceDeskError(error) ? error : failure("init() cannot use what it was given", error);
  });
  return loading;
}

/** @param {unknown} source */
async function load(source) {
  const module = await compiled(await attempt("what init() was promised did not come", () => source));
  // A .wasm without any export is none of ours, and would leave the bindings half started.
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "__wbindgen_start")) {
    throw makeError("wasm-not-loaded", "what init() was given is WebAssembly, but not isc-service-desk/core.wasm");
  }
  clientCore.start(() => module);
}

/**
 * @param {any} given
 * @returns {Promise<WebAssembly.Module>}
 */
async function compiled(given) {
  const tag = Object.prototype.toString.call(given).slice("[object ".length, -1);
  if (tag === "WebAssembly.Module") return given;
  if (tag === "String" || tag === "URL") {
    return compiledFrom(await attempt(`the WebAssembly could not be fetched from ${given}`, () => fetch(given)));
  }
  if (tag === "Response") return compiledFrom(given);
  if (tag === "ArrayBuffer" || ArrayBuffer.isView(given)) {
    return attempt("the bytes given to init() are no WebAssembly", () =>
      WebAssembly.compile(/** @type {BufferSource} */ (given)),
    );
  }
  const message = `source must be a URL, a Response, bytes or a WebAssembly.Module, or a promise of one, got ${tag}`;
  throw makeError("invalid-argument", message, { field: "source" });
}

/**
 * While it arrives, where the server names its type: anything else cannot be compiled so.
 * @param {Response} response
 */
async function compiledFrom(response) {
  const place = response.url === "" ? "the Response given to init()" : response.url;
  const type = response.headers.get("content-type") ?? "no content type";
  if (!response.ok) {
    response.body?.cancel().catch(() => {});
    throw makeError("wasm-not-loaded", `${place} answered with status ${response.status}, not with WebAssembly`);
  }
  return attempt(`${place} is no WebAssembly (${type})`, async () => {
    const streams =
      type.toLowerCase() === "application/wasm" &&
      response instanceof globalThis.Response &&
      "compileStreaming" in WebAssembly;
    return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  });
}

/**
 * @template T
 * @param {string} message what to say where it fails
 * @param {() => T | PromiseLike<T>} work
 * @returns {Promise<T>}
 */
async function attempt(message, work) {
  try {
    return await work();
  } catch (error) {
    throw failure(message, error);
  }
}

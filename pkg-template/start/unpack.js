// @ts-check
// Turns the text that a core is inlined as into its bytes, at once, in every runtime: what is deflated is a third of the size,
// and the platform's own DecompressionStream would need an await.

import { joiner } from "../joiner.js";

/** Of a WebAssembly memory. */
const PAGE = 65536;

/**
 * @param {string} base64 of the deflated streams of the core
 * @param {number} splitLength how many bytes they are
 * @param {number} length of the core
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unpack(base64, splitLength, length) {
  return joined(inflated(decoded(base64), splitLength), length);
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} length
 * @returns {Uint8Array<ArrayBuffer>}
 */
function inflated(packed, length) {
  try {
    // Node, Deno and Bun have one that needs no warming up; in one piece, since they join pieces by copying.
    const zlib = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:zlib");
    const whole = zlib?.inflateRawSync?.(packed, { chunkSize: length });
    if (whole?.length === length) return whole;
  } catch {
    // What stands in its place only looks like it.
  }
  // The bundler turns a require into a start at this place: the tables of fflate take 2 ms, which most programs can keep.
  return require("./inflate.js").inflateSync(packed, { out: new Uint8Array(length) });
}

/**
 * By WebAssembly: as JavaScript that nothing has warmed up it would take 16 ms, not 4.
 * @param {Uint8Array<ArrayBuffer>} split
 * @param {number} length
 */
function joined(split, length) {
  const { memory, join } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(decoded(joiner))).exports);
  const from = memory.grow(Math.ceil((split.length + length) / PAGE)) * PAGE;
  const to = from + split.length;
  new Uint8Array(memory.buffer).set(split, from);
  join(from, to);
  // A copy, so that nothing holds this memory while the core's is made: engines reserve gigabytes of addresses for each.
  return new Uint8Array(memory.buffer.slice(to, to + length));
}

/**
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
function decoded(base64) {
  const { Buffer } = /** @type {any} */ (globalThis);
  // A page may have something else of that name.
  if (typeof Buffer?.isBuffer === "function") return Buffer.from(base64, "base64");
  if (typeof (/** @type {any} */ (Uint8Array).fromBase64) === "function") return /** @type {any} */ (Uint8Array).fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

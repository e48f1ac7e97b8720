// @ts-check
// Turns the text that a core is inlined as into its bytes, at once, in every runtime: what is deflated is a third of the size,
// and the platform's own DecompressionStream would need an await.

/**
 * @param {string} base64 of the deflated bytes
 * @param {number} length of the bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unpack(base64, length) {
  const packed = decoded(base64);
  // Node, Deno and Bun have one that needs no warming up; in one piece, since they join pieces by copying.
  const zlib = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:zlib");
  const whole = zlib?.inflateRawSync?.(packed, { chunkSize: length });
  if (whole !== undefined) return whole;
  // The bundler turns a require into a start at this place: the tables of fflate take 2 ms, which most programs can keep.
  return require("./inflate.js").inflateSync(packed, { out: new Uint8Array(length) });
}

/** @param {string} base64 */
function decoded(base64) {
  const { Buffer } = /** @type {any} */ (globalThis);
  if (typeof Buffer?.from === "function") return Buffer.from(base64, "base64");
  if (typeof (/** @type {any} */ (Uint8Array).fromBase64) === "function") return /** @type {any} */ (Uint8Array).fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

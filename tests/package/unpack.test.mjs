// How the inlined cores become bytes again, by each way that a runtime may have.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { packageUrl } from "./entries.mjs";

const dist = (name) => new URL(`dist/${name}`, packageUrl);

const buffer = Buffer;

/** What a runtime may have of its own; `undefined` is what it lacks. */
const runtimes = {
  "with all that a runtime can have": { fromBase64: (text) => new Uint8Array(buffer.from(text, "base64")) },
  "without a Buffer": { fromBase64: (text) => new Uint8Array(buffer.from(text, "base64")), Buffer: undefined },
  "without fromBase64": { fromBase64: undefined, Buffer: undefined },
  "without an inflate": { fromBase64: undefined, Buffer: undefined, process: {} },
  "without a process": { fromBase64: undefined, Buffer: undefined, process: undefined },
};

for (const core of ["core", "sandbox_core"]) {
  for (const [what, { fromBase64, ...globals }] of Object.entries(runtimes)) {
    test(`${core} is unpacked whole ${what}`, async (context) => {
      const { wasmBytes } = await import(dist(`${core}_bytes.js`).href);
      const wasm = await readFile(dist(`${core}_bg.wasm`));
      const before = Object.fromEntries(Object.keys(globals).map((name) => [name, globalThis[name]]));
      const native = Object.getOwnPropertyDescriptor(Uint8Array, "fromBase64");
      context.after(() => (native ? Object.defineProperty(Uint8Array, "fromBase64", native) : delete Uint8Array.fromBase64));
      Object.defineProperty(Uint8Array, "fromBase64", { configurable: true, value: fromBase64 });
      let bytes;
      try {
        Object.assign(globalThis, globals);
        bytes = wasmBytes();
      } finally {
        Object.assign(globalThis, before);
      }
      assert.equal(Buffer.compare(wasm, Buffer.from(bytes)), 0);
      assert.notEqual(wasmBytes(), bytes, "each call gives bytes of its own");
    });
  }
}

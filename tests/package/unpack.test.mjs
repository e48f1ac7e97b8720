// How the inlined cores become bytes again, by each way that a runtime may have: each in a process of its own, where the core starts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { promisify } from "node:util";

import { packageUrl } from "./entries.mjs";

/** What the runtime has that Node 20 has not, and what it lacks. */
const runtimes = {
  "with all that a runtime can have": { fromBase64: true, lacks: [] },
  "without a Buffer": { fromBase64: true, lacks: ["Buffer"] },
  "without fromBase64": { fromBase64: false, lacks: ["Buffer"] },
  "without an inflate": { fromBase64: false, lacks: ["Buffer", "process.getBuiltinModule"] },
  "without a process": { fromBase64: false, lacks: ["Buffer", "process"] },
};

const cores = [
  { wasm: "core_bg.wasm", entry: "isc-service-desk", start: "patch" },
  { wasm: "sandbox_core_bg.wasm", entry: "isc-service-desk/sandbox", start: "createSandbox" },
];

/** Starts a core and writes the bytes that it was made of. */
const program = ({ entry, start }, { fromBase64, lacks }) => `
  import { writeSync } from "node:fs";
  import { ${start} } from "${entry}";
  const { Buffer, process, WebAssembly: { Module } } = globalThis;
  let bytes;
  WebAssembly.Module = class extends Module {
    constructor(given) {
      super(given);
      bytes = given;
    }
  };
  const value = ${fromBase64 ? '(text) => new Uint8Array(Buffer.from(text, "base64"))' : "undefined"};
  Object.defineProperty(Uint8Array, "fromBase64", { value, configurable: true });
  ${lacks.map((name) => `globalThis.${name} = undefined;`).join(" ")}
  ${start}();
  Object.assign(globalThis, { Buffer, process });
  // Bytes of another memory would keep it, and the gigabytes of addresses that an engine reserves for it, while the core is made.
  if (bytes.buffer.byteLength !== bytes.length) throw new Error("the bytes are a part of something larger");
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
`;

for (const core of cores) {
  for (const [what, runtime] of Object.entries(runtimes)) {
    test(`${core.wasm} is unpacked whole ${what}`, async () => {
      const node = [process.execPath, ["--input-type=module", "--eval", program(core, runtime)]];
      const options = { cwd: import.meta.dirname, encoding: "buffer", maxBuffer: 2 ** 22, timeout: 30_000 };
      const { stdout } = await promisify(execFile)(...node, options);
      assert.equal(Buffer.compare(await readFile(new URL(`dist/${core.wasm}`, packageUrl)), stdout), 0);
    });
  }
}

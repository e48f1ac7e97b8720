// How the inlined cores become bytes again, by each way that a runtime may have: each in a process of its own, where the core starts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { promisify } from "node:util";

import { packageUrl } from "../helpers/entries.mjs";

const OTHER_BUFFER = "globalThis.Buffer = class Buffer extends Uint8Array {};";
const NO_BUFFER = "globalThis.Buffer = undefined;";

/** What is changed in the runtime, whether it has what Node 20 has not, and by which ways the bytes then come. */
const runtimes = {
  "with all that a runtime can have": { change: "", fromBase64: true, ways: ["Buffer.from", "inflateRawSync"] },
  "without a Buffer": { change: NO_BUFFER, fromBase64: true, ways: ["fromBase64", "inflateRawSync"] },
  "where Buffer is something else": { change: OTHER_BUFFER, fromBase64: true, ways: ["fromBase64", "inflateRawSync"] },
  "without fromBase64": { change: NO_BUFFER, fromBase64: false, ways: ["atob", "inflateRawSync"] },
  "without an inflate": { change: "process.getBuiltinModule = undefined;", fromBase64: false, ways: ["Buffer.from"] },
  "where builtin modules are null": { change: "process.getBuiltinModule = () => null;", fromBase64: false, ways: ["Buffer.from"] },
  "where builtin modules throw": {
    change: "process.getBuiltinModule = () => { throw new Error('not implemented'); };",
    fromBase64: false,
    ways: ["Buffer.from"],
  },
  "where the inflate throws": {
    change: "process.getBuiltinModule = () => ({ inflateRawSync() { throw new Error('not implemented'); } });",
    fromBase64: false,
    ways: ["Buffer.from"],
  },
  "where the inflate does nothing": {
    change: "process.getBuiltinModule = () => ({ inflateRawSync: () => new Uint8Array(0) });",
    fromBase64: false,
    ways: ["Buffer.from"],
  },
  "without a process": { change: `${NO_BUFFER} globalThis.process = undefined;`, fromBase64: false, ways: ["atob"] },
};

const cores = [
  { wasm: "core_bg.wasm", entry: "isc-service-desk", start: "patch" },
  { wasm: "sandbox_core_bg.wasm", entry: "isc-service-desk/sandbox", start: "createSandbox" },
];

/** Starts a core and writes the bytes that it was made of; by which ways they came, to stderr. */
const program = ({ entry, start }, { change, fromBase64 }) => `
  import { writeSync } from "node:fs";
  import zlib from "node:zlib";
  import { ${start} } from "${entry}";
  const { Buffer, process, WebAssembly: { Module } } = globalThis;
  let bytes;
  WebAssembly.Module = class extends Module {
    constructor(given) {
      super(given);
      bytes = given;
    }
  };
  const { from } = Buffer;
  const value = ${fromBase64 ? '(text) => new Uint8Array(from(text, "base64"))' : "undefined"};
  Object.defineProperty(Uint8Array, "fromBase64", { value, configurable: true, writable: true });
  const ways = new Set();
  const seen = (holder, name, way = name) => {
    const kept = holder[name];
    if (kept) holder[name] = function (...given) { ways.add(way); return kept.apply(this, given); };
  };
  seen(Buffer, "from", "Buffer.from");
  seen(Uint8Array, "fromBase64");
  seen(globalThis, "atob");
  seen(zlib, "inflateRawSync");
  ${change}
  ${start}();
  Object.assign(globalThis, { Buffer, process });
  console.error([...ways].join());
  // Bytes of another memory would keep it, and the gigabytes of addresses that an engine reserves for it, while the core is made.
  if (bytes.buffer.byteLength !== bytes.length) throw new Error("the bytes are a part of something larger");
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
`;

for (const core of cores) {
  for (const [what, runtime] of Object.entries(runtimes)) {
    test(`${core.wasm} is unpacked whole ${what}`, async () => {
      const node = [process.execPath, ["--input-type=module", "--eval", program(core, runtime)]];
      const options = { cwd: import.meta.dirname, encoding: "buffer", maxBuffer: 2 ** 22, timeout: 30_000 };
      const { stdout, stderr } = await promisify(execFile)(...node, options);
      assert.deepEqual(stderr.toString().trim().split(","), runtime.ways);
      assert.equal(Buffer.compare(await readFile(new URL(`dist/${core.wasm}`, packageUrl)), stdout), 0);
    });
  }
}

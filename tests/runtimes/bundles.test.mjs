// What a bundler that believes `sideEffects` keeps: whatever makes an entry ready, and nothing of an entry that is not
// used.
import assert from "node:assert/strict";
import test from "node:test";

import { build, projectFolder } from "./helpers/kit.mjs";

/** The files of the package that a program is bundled with. */
async function partsOf(contents, conditions) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: projectFolder.pathname },
    bundle: true,
    conditions,
    external: ["*.wasm", "*.wasm?module"],
    format: "esm",
    logLevel: "silent",
    metafile: true,
    outfile: "bundle.js",
    write: false,
  });
  const parts = Object.values(metafile.outputs).flatMap(({ imports, inputs }) => [
    ...imports.map(({ path }) => ({ path, bytes: 0 })),
    ...Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput })),
  ]);
  return parts
    .filter(({ path, bytes }) => path !== "<stdin>" && (bytes > 0 || /\.wasm/.test(path)))
    .map(({ path, bytes }) => ({ name: path.split("/").at(-1), bytes }));
}

/** An inlined core is more than all else that a script of the package has. */
const coresOf = (parts) => parts.filter(({ name, bytes }) => bytes > 75_000 || /\.wasm/.test(name)).map(({ name }) => name);

const ENTRIES = [
  ["the default entry", [], 'import { filter } from "isc-service-desk"; console.log(filter);', "index.js"],
  [
    "the entry for workerd",
    ["workerd"],
    'import { filter } from "isc-service-desk"; console.log(filter);',
    "core_bg.wasm",
  ],
  [
    "the entry for edge-light",
    ["edge-light"],
    'import { filter } from "isc-service-desk"; console.log(filter);',
    "core_bg.wasm?module",
  ],
  [
    "the sandbox",
    [],
    'import { createSandbox } from "isc-service-desk/sandbox"; console.log(createSandbox);',
    "sandbox.js",
  ],
  [
    "the sandbox for workerd",
    ["workerd"],
    'import { createSandbox } from "isc-service-desk/sandbox"; console.log(createSandbox);',
    "sandbox_core_bg.wasm",
  ],
];

for (const [entry, conditions, program, core] of ENTRIES) {
  test(`${entry} keeps its WebAssembly where a program uses one of its names, and has no other`, async () => {
    const parts = await partsOf(program, conditions);
    assert.deepEqual(coresOf(parts), [core]);
  });
}

test("slim brings no WebAssembly", async () => {
  const parts = await partsOf('import { filter, init } from "isc-service-desk/slim"; console.log(filter, init);', []);
  assert.deepEqual(coresOf(parts), []);
  assert.ok(parts.some(({ name }) => name === "slim.js"));
});

test("slim for nothing brings nothing", async () => {
  assert.deepEqual(await partsOf('import { filter } from "isc-service-desk/slim";', []), []);
});

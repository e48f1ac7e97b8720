// The slim entry: the core stays a file of its own, which the browser compiles while it arrives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { bundle, project } from "./bundles.mjs";
import { bundlesUrl, develop, run } from "./pages.mjs";

const CORE = readFileSync(join(project, "node_modules/isc-service-desk/dist/core_bg.wasm"));

const DONE = { count: 3, refused: ["NotFoundError", "not-found", true] };

/** The script alone, which has the glue and no core: the core is 270 kB as it is. */
const MAX_SCRIPT_BYTES = 100_000;

/** By which each bundler gives the URL of a file. */
const WAYS = [
  ["esbuild", "slim-import.mjs", "its file loader"],
  ["webpack", "slim-url.mjs", "new URL()"],
  ["vite", "slim-url.mjs", "new URL()"],
  ["vite", "slim-query.mjs", "an import of core.wasm?url"],
];

for (const [bundler, app, way] of WAYS) {
  test(`a slim app that ${bundler} bundled with ${way} has one core as a file, compiled while it arrives`, async () => {
    const { page, warnings, files } = await bundle(bundler, app);
    assert.deepEqual(warnings, []);
    const [script, core, ...others] = files.sort((one, other) => one.bytes.length - other.bytes.length);
    assert.deepEqual(others, []);
    assert.ok(script.bytes.length < MAX_SCRIPT_BYTES && script.name.endsWith(".js"), script.name);
    assert.ok(core.name.endsWith(".wasm") && CORE.equals(core.bytes), core.name);
    const { outcomes, complaints, streamed } = await run(`${await bundlesUrl()}/${page}`);
    assert.deepEqual([outcomes, complaints, streamed], [[DONE], [], 1]);
  });
}

for (const [, app, way] of WAYS.filter(([bundler]) => bundler === "vite")) {
  test(`a slim app with ${way} runs from Vite's server for developers, its core compiled while it arrives`, async () => {
    const { outcomes, complaints, warnings, streamed } = await develop(app);
    assert.deepEqual([outcomes, complaints, warnings, streamed], [[DONE], [], [], 1]);
  });
}

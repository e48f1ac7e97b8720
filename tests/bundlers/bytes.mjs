// What is in a bundle, and what is not: a core where it is needed, and once; nothing where nothing is asked for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { bundle, bundlers, project } from "./bundles.mjs";
import { bundlesUrl, run } from "./pages.mjs";

/** What a bundler writes around an app that takes nothing, at most. */
const NEXT_TO_NOTHING = 100;

/** A long piece from the middle of the text as which a core is inlined: no minifier changes it. */
function pieceOf(entry) {
  const text = readFileSync(join(project, "node_modules/isc-service-desk/dist", entry), "utf8");
  const [, base64] = /"([A-Za-z0-9+/]{50000,}=*)"/.exec(text) ?? assert.fail(`${entry} has no core`);
  return base64.slice(base64.length / 2, base64.length / 2 + 1_000);
}

const CORES = ["index.js", "sandbox.js"].map(pieceOf);

async function textOf(bundler, app) {
  const { files } = await bundle(bundler, app);
  return Buffer.concat(files.map(({ bytes }) => bytes)).toString();
}

/** How often the client's core, and the sandbox's, are in a bundle. */
async function coresIn(bundler, app) {
  const text = await textOf(bundler, app);
  return CORES.map((piece) => text.split(piece).length - 1);
}

async function outcomesOf(bundler, app) {
  return (await run(`${await bundlesUrl()}/${(await bundle(bundler, app)).page}`)).outcomes;
}

for (const bundler of bundlers) {
  test(`${bundler} makes one script of an app, and no file of a core`, async () => {
    for (const app of ["calls.mjs", "sandbox.mjs"]) {
      const names = (await bundle(bundler, app)).files.map(({ name }) => name);
      assert.match(names.join(), /^[\w./-]+\.js$/);
    }
  });

  test(`an app of two modules that use the package has the client's core once when ${bundler} bundled it`, async () => {
    for (const app of ["calls.mjs", "sandbox.mjs"]) assert.equal((await coresIn(bundler, app))[0], 1, app);
  });

  test(`an app has the sandbox's core when ${bundler} bundled it only where it imports the sandbox`, async () => {
    for (const app of ["calls.mjs", "filter.mjs", "errors.mjs"]) {
      assert.equal((await coresIn(bundler, app))[1], 0, app);
    }
    assert.equal((await coresIn(bundler, "sandbox.mjs"))[1], 1);
  });

  test(`an app that takes only the filters keeps its core when ${bundler} shakes the tree, and runs`, async () => {
    assert.deepEqual(await outcomesOf(bundler, "filter.mjs"), ['name eq "say \\"when\\"" or id in ("a","b")']);
  });
}

// rollup takes no TypeScript without a plugin, webpack none without a loader.
for (const bundler of ["esbuild", "vite"]) {
  test(`an app that takes only types has nothing of the package when ${bundler} bundled it`, async () => {
    const [typed, plain] = await Promise.all(["types-only.ts", "plain.mjs"].map((app) => textOf(bundler, app)));
    const sizes = `${typed.length} bytes, and ${plain.length} where there is no import`;
    assert.ok(Math.abs(typed.length - plain.length) < NEXT_TO_NOTHING, sizes);
    assert.deepEqual(await outcomesOf(bundler, "types-only.ts"), ["typed"]);
  });
}

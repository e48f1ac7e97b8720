// A page may hold the package more than once: a widget of another team brings a bundle of its own.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { OUTPUT, bundle, bundlers, pageOf, project } from "./bundles.mjs";
import { bundlesUrl, run } from "./pages.mjs";

test("the bundles of all bundlers work in one page, and know each other's errors", async () => {
  const scripts = [];
  for (const bundler of bundlers) {
    const { folder, files } = await bundle(bundler, "copy.mjs");
    scripts.push(`${folder}/${files[0].name}`);
  }
  await writeFile(join(project, OUTPUT, "copies.html"), pageOf(scripts));
  const { outcomes, complaints } = await run(`${await bundlesUrl()}/copies.html`, bundlers.length);
  assert.deepEqual(complaints, []);
  const copies = bundlers.length;
  assert.deepEqual(outcomes, bundlers.map(() => ({ count: 3, copies, known: bundlers.map(() => true) })));
});

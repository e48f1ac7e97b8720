// Every bundler takes the package as it is, and what it makes of it runs in a page.
import assert from "node:assert/strict";
import test from "node:test";

import { bundle, bundlers } from "./bundles.mjs";
import { bundlesUrl, develop, run } from "./pages.mjs";

const DONE = {
  listed: { count: 2, total: 3 },
  made: "Made in a page",
  iterated: ["Generic", "Made in a page", "ServiceNow", "ServiceNow Service Desk"],
  filtered: [true],
  refused: ["NotFoundError", "not-found", 404, true],
  invalid: ["ValidationError", "invalid-argument", "limit", true],
};

/** Bundles an app and runs it; nobody may have anything to say. */
async function ran(bundler, app) {
  const { page, warnings } = await bundle(bundler, app);
  assert.deepEqual(warnings, []);
  const origin = await bundlesUrl();
  const { outcomes, complaints, requests } = await run(`${origin}/${page}`);
  assert.deepEqual(complaints, []);
  return { outcome: outcomes[0], calls: requests.filter((url) => !url.startsWith(origin)).length };
}

for (const bundler of bundlers) {
  test(`an app that ${bundler} bundled without a warning calls a tenant from its page`, async () => {
    const { outcome, calls } = await ran(bundler, "calls.mjs");
    assert.deepEqual(outcome, DONE);
    assert.ok(calls > 0);
  });

  test(`an app that ${bundler} bundled without a warning has a tenant in its page, and asks no server`, async () => {
    assert.deepEqual(await ran(bundler, "sandbox.mjs"), { outcome: DONE, calls: 0 });
  });
}

const SMALL = { count: 3, refused: ["NotFoundError", "not-found", true] };

for (const bundler of ["esbuild", "webpack"]) {
  test(`a CommonJS app that ${bundler} bundled without a warning calls a tenant from its page`, async () => {
    assert.deepEqual((await ran(bundler, "common.cjs")).outcome, SMALL);
  });
}

for (const bundler of ["esbuild", "vite"]) {
  test(`a TypeScript app that ${bundler} bundled without a warning calls a tenant from its page`, async () => {
    assert.deepEqual((await ran(bundler, "typed.ts")).outcome, SMALL);
  });
}

for (const [app, done] of [["calls.mjs", DONE], ["sandbox.mjs", DONE], ["typed.ts", SMALL]]) {
  test(`${app} runs from Vite's server for developers, which bundles the package before without a warning`, async () => {
    const { outcomes, complaints, warnings, requests } = await develop(app);
    assert.deepEqual([outcomes, complaints, warnings], [[done], [], []]);
    const bundled = requests.some((each) => each.includes("/node_modules/.vite/deps/isc-service-desk.js"));
    assert.ok(bundled, requests.join("\n"));
  });
}

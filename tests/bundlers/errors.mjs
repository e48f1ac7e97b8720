// A minifier renames classes. What the package promises of its errors does not hang on the names of classes.
import assert from "node:assert/strict";
import test from "node:test";

import { bundle, bundlers } from "./bundles.mjs";
import { bundlesUrl, run } from "./pages.mjs";

const FAILURES = [
  ["ValidationError", "invalid-argument"],
  ["NotFoundError", "not-found"],
  ["UnauthorizedError", "unauthorized"],
  ["NetworkError", "network"],
  ["TimeoutError", "timeout"],
  ["ConflictError", "conflict"],
  ["RateLimitError", "rate-limited"],
  ["ServerError", "server-error"],
  ["ApiError", "unexpected-status"],
  ["BadResponseError", "bad-response"],
];

for (const bundler of bundlers) {
  test(`errors keep their name, code and class in what ${bundler} made of the package`, async () => {
    const { classes, failures } = await looked(bundler);
    assert.equal(classes.length, 19);
    assert.deepEqual(classes.filter(({ exported, name }) => name !== exported), []);
    assert.deepEqual(failures.map(({ name, code }) => [name, code]), FAILURES);
    for (const { name, text, serialized, own } of failures) {
      assert.ok(text.startsWith(`${name}: `), text);
      assert.deepEqual([serialized, own], [name, true]);
    }
  });
}

test("esbuild renames every class of the package, so that no name above is the one of a class", async () => {
  const { classes, failures } = await looked("esbuild");
  assert.deepEqual(classes.filter((each) => each.class === each.exported), []);
  assert.deepEqual(failures.filter((each) => each.class === each.name), []);
});

async function looked(bundler) {
  const { page } = await bundle(bundler, "errors.mjs");
  return (await run(`${await bundlesUrl()}/${page}`)).outcomes[0];
}

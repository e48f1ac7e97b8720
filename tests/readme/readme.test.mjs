// Runs each example as a reader would: in a folder where the package is installed, with the variables of a
// tenant, here the sandbox, in the environment. What a line says it prints (`// => …`) it must print, in this order. The lines are
// read from the TypeScript: what strips its types leaves comments out.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

/** @type {string[]} */
const examples = JSON.parse(readFileSync("examples.json", "utf8"));
const sandbox = createSandbox();
/** @type {import("isc-service-desk/sandbox/node").ServedSandbox} */
let served;
before(async () => {
  served = await serve(sandbox);
});
after(() => served.close());

/** @param {string} file */
const promisedBy = (file) =>
  [...readFileSync(file.replace(/\.mjs$/, ".mts"), "utf8").matchAll(/\/\/ => (.+)$/gm)].map(([, text]) => text);

test("most programs say what they print", () => {
  const saying = examples.filter((file) => promisedBy(file).length > 0);
  assert.ok(saying.length > examples.length / 2, `${saying.length} of ${examples.length}`);
});

for (const file of examples) {
  test(file, async () => {
    const env = {
      ...process.env,
      SAIL_BASE_URL: served.url,
      SAIL_CLIENT_ID: sandbox.credentials.clientId,
      SAIL_CLIENT_SECRET: sandbox.credentials.clientSecret,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env, timeout: 30_000 });
    const promised = promisedBy(file);
    const printed = stdout.split("\n");
    let from = 0;
    for (const text of promised) {
      const at = printed.indexOf(text, from);
      assert.notEqual(at, -1, `${text} is not among what it prints:\n${stdout}`);
      from = at + 1;
    }
  });
}

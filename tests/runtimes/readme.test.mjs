// What docs/runtimes.md says of runtimes, against what is tested here.
import assert from "node:assert/strict";
import test from "node:test";

import { AGENTS, readDocument } from "./helpers/kit.mjs";

test("docs/runtimes.md names the runtimes that are tested, and no other", async () => {
  const [chapter] = (await readDocument("runtimes.md")).split("\n## ");
  const [, , ...rows] = chapter.split("\n").filter((line) => line.startsWith("| "));
  assert.deepEqual(
    rows.map((row) => row.split(" | ")[0].slice(2)),
    Object.keys(AGENTS),
  );
});

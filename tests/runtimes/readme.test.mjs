// What the README says of runtimes, against what is tested here.
import assert from "node:assert/strict";
import test from "node:test";

import { AGENTS, readPackaged } from "./kit.mjs";

test("the README names the runtimes that are tested, and no other", async () => {
  const [, chapter] = /^## Where it runs\n(.*?)^## /ms.exec((await readPackaged("README.md")).toString());
  const [, , ...rows] = chapter.split("\n").filter((line) => line.startsWith("| "));
  assert.deepEqual(
    rows.map((row) => row.split(" | ")[0].slice(2)),
    Object.keys(AGENTS),
  );
});

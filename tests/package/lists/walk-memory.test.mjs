// What a client keeps while a walk goes on: its page at hand, and what it takes to notice a repeat.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

import { LONG_WALK } from "../helpers/kits.mjs";

const MIB = 2 ** 20;

test("a long walk keeps neither items nor calls, and a hash of each id", async () => {
  const marks = [10_000, 100_000, 300_000];
  const program = ["--expose-gc", "../helpers/long-walk.mjs", JSON.stringify(LONG_WALK), JSON.stringify(marks)];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: import.meta.dirname });
  const [early, ...later] = JSON.parse(stdout);
  for (const [at, { heap, wasm }] of later.entries()) {
    // 360 pages and more: one that stays behind, however short, would be seen.
    assert.ok(heap - early.heap < (at + 1) * MIB, stdout);
    // 8 bytes for each slot of a table that is a quarter full at least, doubles, and leaves as much behind.
    assert.ok(wasm - early.wasm <= marks[at + 1] * 64, stdout);
  }
});

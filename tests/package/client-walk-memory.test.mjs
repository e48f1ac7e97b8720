// What a client keeps while a walk goes on: its page at hand, and what it takes to notice a repeat.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

import { LONG_WALK } from "./kits.mjs";

const MIB = 2 ** 20;

test("a long walk keeps neither items nor calls, and of the ids no more than it says", async () => {
  // From 688 128 items on, old ids are forgotten.
  const marks = [10_000, 100_000, 700_000, 900_000];
  const program = ["--expose-gc", "long-walk.mjs", JSON.stringify(LONG_WALK), JSON.stringify(marks)];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: import.meta.dirname });
  const [early, whole, ...later] = JSON.parse(stdout);
  // 360 pages: one that stays behind, however short, would be seen.
  assert.ok(whole.heap - early.heap < MIB, stdout);
  // A hash of each id, in tables of 1 MiB for 98 304 each; the first leaves as much behind while it grows.
  assert.ok(whole.wasm - early.wasm <= 4 * MIB, stdout);
  for (const { heap, wasm } of later) {
    assert.ok(heap - early.heap < 2 * MIB, stdout);
    // 8 MiB for the ids at most. The memory itself grows in steps, around pages of a few KiB.
    assert.ok(wasm - early.wasm <= 9 * MIB, stdout);
  }
  assert.equal(later[1].wasm, later[0].wasm);
});

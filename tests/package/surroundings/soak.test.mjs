// What many calls, clients and signals leave behind: nothing.
import assert from "node:assert/strict";
import test from "node:test";

import { assertFlat, soak } from "../helpers/soak-kit.mjs";

test("clients that nobody holds are freed", async (context) => {
  assertFlat(await soak("clients", context));
});

test("10 000 calls leave no listener on their signal, and no warning", async (context) => {
  const { listeners, warnings } = await soak("signal", context);
  assert.deepEqual({ listeners, warnings }, { listeners: 0, warnings: [] });
});

test("attempts that never settle leave nothing behind when they time out", async (context) => {
  const { early, late } = await soak("silence", context);
  // The most that is held at once varies by a page of memory; four bytes for each of the 30 000 would be two.
  assert.ok(late.wasm - early.wasm <= 65_536, `the memory grew from ${early.wasm} to ${late.wasm}`);
});

test("calls that have ended hold nothing, though somebody could still answer them", async (context) => {
  const { early, late, kept } = await soak("strangers", context);
  assert.equal(kept, 400);
  // What the 40 creates of a round send has 8 000 000 bytes; a step of the memory has half a million.
  assert.ok(late.wasm - early.wasm < 1_000_000, `the memory grew from ${early.wasm} to ${late.wasm}`);
  assertFlat({ early, late: { ...late, wasm: early.wasm } });
});

test("a body in a chunk for each byte takes no more memory than in one", async (context) => {
  const { early, late, items } = await soak("chunks", context);
  assert.equal(items, 100);
  assertFlat({ early, late });
});

test("a loop frees its walk when it ends, without waiting for the garbage collector", async (context) => {
  const { early, late } = await soak("loops", context);
  assert.equal(late, early);
});

test("a process that has finished its calls exits at once", async (context) => {
  const { ends, at, ended } = await soak("exit", context);
  assert.deepEqual(ends, ["fulfilled", "fulfilled", ...Array(6).fill("rejected")]);
  assert.ok(ended - at < 2_000, `it took ${ended - at} ms`);
});

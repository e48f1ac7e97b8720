// The memory of many calls, of every kind. A file of its own: it takes its time.
import test from "node:test";

import { assertFlat, soak } from "../helpers/soak-kit.mjs";

test("100 000 calls leave the memory where 10 000 left it", async (context) => {
  assertFlat(await soak("memory", context));
});

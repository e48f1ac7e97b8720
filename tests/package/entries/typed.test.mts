// A typed module program on all entries at once; typed.test.cts is the same program for `require`.
import assert from "node:assert/strict";
import test from "node:test";

import { ServiceDeskError, isServiceDeskError } from "isc-service-desk";
import { type Sandbox, createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

test("a typed module program serves a sandbox and lets go of its port", async () => {
  const sandbox: Sandbox = createSandbox();
  const served = await serve(sandbox);
  const { port, hostname } = new URL(served.url);
  await served.close();
  assert.deepEqual([port, hostname], [String(served.port), "127.0.0.1"]);
});

test("the error class of a typed module program is an error", () => {
  assert.ok(ServiceDeskError.prototype instanceof Error);
  assert.equal(isServiceDeskError(new Error("another one")), false);
});

// A typed CommonJS program on all entries at once; typed.test.mts is the same program for `import`.
import assert = require("node:assert/strict");
import test = require("node:test");

import client = require("isc-service-desk");
import tenant = require("isc-service-desk/sandbox");
import server = require("isc-service-desk/sandbox/node");

test("a typed CommonJS program serves a sandbox and lets go of its port", async () => {
  const sandbox: tenant.Sandbox = tenant.createSandbox();
  const served = await server.serve(sandbox);
  const { port, hostname } = new URL(served.url);
  await served.close();
  assert.deepEqual([port, hostname], [String(served.port), "127.0.0.1"]);
});

test("the error class of a typed CommonJS program is an error", () => {
  assert.ok(client.ServiceDeskError.prototype instanceof Error);
  assert.equal(client.isServiceDeskError(new Error("another one")), false);
});

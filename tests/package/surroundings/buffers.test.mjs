// Realms in which a buffer cannot be asked whether it is detached: hardened ones, and pages that have replaced the getter. A file
// of its own, as it looks at the first growth of a memory.
import assert from "node:assert/strict";
import test from "node:test";

Object.defineProperty(ArrayBuffer.prototype, "detached", { configurable: true, get: () => false });

const { ServiceDeskClient } = await import("isc-service-desk");
const { createSandbox } = await import("isc-service-desk/sandbox");

test("a call settles where every buffer says that it is not detached", async () => {
  const sandbox = createSandbox({ integrations: 250 });
  const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch, timeoutMs: 5_000 });
  const { items } = await client.integrations.list({ filters: 'type eq "none" or id eq "none" or not (name eq "none")' });
  assert.equal(items.length, 250);
  const attributes = { text: "x".repeat(3_000_000) };
  const made = await client.integrations.create({ name: "large", description: "", type: "Generic SDIM", attributes });
  assert.deepEqual((await client.integrations.get(made.id)).attributes, attributes);
});

// A day's work with the client, as a program in TypeScript has it, against a tenant in memory.
import assert from "node:assert/strict";
import test from "node:test";

import {
  NotFoundError, RateLimitError, ServiceDeskClient, ValidationError, isServiceDeskError,
  type Page, type ResponseInfo, type ServiceDeskIntegrationDto, type ServiceDeskIntegrationInput,
} from "isc-service-desk";
import { type Sandbox, createSandbox } from "isc-service-desk/sandbox";

const CLUSTER = "2c9180847a7fccdd017aa5896f9f4f6f";

function start(integrations: number): { sandbox: Sandbox; client: ServiceDeskClient } {
  const sandbox = createSandbox({ integrations });
  const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });
  return { sandbox, client };
}

/** An integration from the first template that the tenant has. */
async function make(client: ServiceDeskClient): Promise<ServiceDeskIntegrationDto> {
  const [kind] = await client.types.list();
  assert.ok(kind);
  const template = await client.templates.get(kind.scriptName);
  const draft: ServiceDeskIntegrationInput = {
    name: "Acme ServiceNow",
    description: "Tickets for disconnected apps",
    type: template.type,
    attributes: { ...template.attributes, url: "https://acme.service-now.com", password: "s3cret" },
    clusterRef: { type: "CLUSTER", id: CLUSTER },
  };
  return client.integrations.create(draft);
}

test("an integration is made from a template, patched, replaced and deleted", async () => {
  const { sandbox, client } = start(600);
  const made = await make(client);
  assert.equal(made.clusterRef?.id, CLUSTER);
  assert.notEqual(made.attributes?.["password"], "s3cret");
  const patched = await client.integrations.patch(made.id, [
    { op: "replace", path: "/description", value: "Tickets" },
    { op: "replace", path: "/attributes/url", value: "https://acme2.service-now.com" },
  ]);
  assert.deepEqual([patched.description, patched.attributes?.["url"]], ["Tickets", "https://acme2.service-now.com"]);
  const { description, ...rest } = await client.integrations.get(made.id);
  const replaced = await client.integrations.replace(made.id, { ...rest, description: description ?? "", ownerRef: { type: "IDENTITY", id: "2c91" } });
  assert.equal(replaced.ownerRef?.id, "2c91");
  assert.equal(sandbox.snapshot().integrations.at(-1)?.attributes?.["password"], "s3cret");
  let last: ResponseInfo | undefined;
  await client.integrations.delete(made.id, { signal: AbortSignal.timeout(5_000), onResponse: (response) => (last = response) });
  assert.equal(last?.status, 204);
  assert.match(last?.requestId ?? "", /^[0-9a-f]{32}$/);
  await assert.rejects(client.integrations.get(made.id), NotFoundError);
});

test("integrations are found by a filter, in order, counted", async () => {
  const { client } = start(600);
  const filters = 'type in ("ServiceNow SDIM","Generic SDIM") and not name eq "Acme \\"ServiceNow\\""';
  const page: Page = await client.integrations.list({ filters, sorters: "-name", limit: 50, count: true });
  assert.deepEqual([page.items.length, page.total, page.next?.offset], [50, 120, 50]);
  const names = page.items.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort().reverse());
});

test("all pages are read by following next", async () => {
  const { client } = start(600);
  let count = 0;
  for (let page: Page | undefined = await client.integrations.list({ limit: 100, count: true }); page; page = page.next && (await client.integrations.list(page.next))) {
    count += page.items.length;
  }
  assert.equal(count, 600);
});

test("the tenant-wide check of queued tickets is read and set", async () => {
  const { client } = start(0);
  const check = await client.statusCheck.get();
  const set = await client.statusCheck.update({ ...check, provisioningStatusCheckIntervalMinutes: 15 });
  assert.equal(set.provisioningStatusCheckIntervalMinutes, "15");
});

test("failures say what happened", async () => {
  const { sandbox, client } = start(0);
  const describe = async (call: Promise<unknown>): Promise<unknown[]> => {
    try {
      await call;
    } catch (error) {
      if (error instanceof ValidationError) return [error.field, error.position];
      if (error instanceof RateLimitError) return [error.retryAfterMs];
      if (isServiceDeskError(error)) return [error.code, typeof error.requestId, error.attempts.at(-1)?.status];
      throw error;
    }
    return [];
  };
  assert.deepEqual(await describe(client.integrations.list({ filters: 'nmae eq "x"' })), ["filters", { start: 0, end: 4 }]);
  assert.deepEqual(await describe(client.integrations.get("62945a496ef440189b1f03e3623411c8")), ["not-found", "string", 404]);
  sandbox.fault({ on: { method: "GET" }, times: 10, then: { status: 429, headers: { "Retry-After": "3600" } } });
  assert.deepEqual(await describe(client.types.list()), [3_600_000]);
});

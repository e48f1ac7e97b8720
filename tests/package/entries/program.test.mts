// A program that users would write, whole: it compiles under `strict`, and it runs against a tenant in memory.
import assert from "node:assert/strict";
import test from "node:test";

import {
  ServiceDeskClient, filter, patch, diff, isServiceDeskError, RateLimitError, ValidationError,
  type ServiceDeskIntegrationInput, type Page,
} from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

test("a program of many parts runs to its end", async (context) => {
  const printed: unknown[][] = [];
  const console = { log: (...values: unknown[]) => void printed.push(values) };

  const sandbox = createSandbox({ integrations: 600 });
  const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });

  // what can be made, and from which template
  const [kind] = await client.types.list();
  assert.ok(kind);
  const template = await client.templates.get(kind.scriptName);

  // create, read, change, delete
  const draft: ServiceDeskIntegrationInput = {
    name: "Acme ServiceNow",
    description: "Tickets for disconnected apps",
    type: template.type,
    attributes: { ...template.attributes, url: "https://acme.service-now.com", password: "s3cret" },
    clusterRef: { type: "CLUSTER", id: "2c9180847a7fccdd017aa5896f9f4f6f" },
  };
  const made = await client.integrations.create(draft);
  await client.integrations.patch(made.id, patch().replace("/description", "Tickets").replace("/attributes/url", "https://acme2.service-now.com"));
  const changed = await client.integrations.update(made.id, (now) => ({ ...now, ownerRef: { type: "IDENTITY", id: "2c91" } }), {
    hiddenSecrets: "send-back",
  });
  console.log(diff(made, changed).changes);

  // find
  const mine = filter.type.in(["ServiceNow SDIM", "Generic SDIM"]).and(filter.name.eq('Acme "ServiceNow"').not());
  const page: Page = await client.integrations.list({ filters: mine, sorters: "-name", limit: 50, count: true });
  console.log(page.total, String(mine));
  for await (const each of client.integrations.iterate({ filters: 'type eq "ServiceNow SDIM"', pageSize: 100, max: 250 })) {
    if (each.name.length === 0) break;
  }

  // the tenant-wide check of queued tickets
  const check = await client.statusCheck.get();
  await client.statusCheck.update({ ...check, provisioningStatusCheckIntervalMinutes: 15 });

  // failures say what happened
  try {
    await client.integrations.list({ filters: 'nmae eq "x"' });
  } catch (error) {
    if (error instanceof ValidationError) console.log(error.field, error.position);
    else if (error instanceof RateLimitError) console.log(error.retryAfterMs);
    else if (isServiceDeskError(error)) console.log(error.code, error.requestId, error.attempts);
    else throw error;
  }
  await client.integrations.delete(made.id, { signal: AbortSignal.timeout(5_000), onResponse: (r) => console.log(r.status, r.requestId) });

  assert.deepEqual((printed[0]?.[0] as { path: string }[]).map(({ path }) => path), ["/description", "/attributes/url", "/ownerRef"]);
  assert.deepEqual(printed[1], [121, 'type in ("ServiceNow SDIM","Generic SDIM") and not name eq "Acme \\"ServiceNow\\""']);
  assert.deepEqual(printed[2], ["filters", { start: 0, end: 4 }]);
  assert.equal(printed[3]?.[0], 204);
  context.diagnostic(`${sandbox.requests.length} requests`);

  // What does not compile is not run.
  const refused = () => {
    // @ts-expect-error: the API sorts by name only
    client.integrations.list({ sorters: "type" });
    // @ts-expect-error: name takes eq only
    filter.name.in(["a"]);
    // @ts-expect-error: a description is text
    patch().replace("/description", 7);
    // @ts-expect-error: the id is the server's
    patch().replace("/id", "x");
  };
  assert.equal(typeof refused, "function");
});

// Does the ten operations through the installed package against the sandbox on a real port, and one refused call.
// Each step is one line of JSON on stdout; `cargo xtask demo` makes a table of them. Ends with 1 where a step fails.

import { ServiceDeskClient, NotFoundError } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

const sandbox = createSandbox();
const served = await serve(sandbox);

/** What the last call sent, and what came back. */
let sent = "";
let answered = {};
const client = new ServiceDeskClient({
  baseUrl: served.url,
  auth: sandbox.credentials,
  fetch: (request) => {
    sent = `${request.method} ${new URL(request.url).pathname}${decodeURIComponent(new URL(request.url).search)}`;
    return fetch(request);
  },
});
const options = { onResponse: (response) => (answered = response) };

const report = (row) => console.log(JSON.stringify(row));

/** Runs one step and reports it; `result` says in a few words what it brought. */
async function step(operation, run, result) {
  const start = performance.now();
  try {
    const value = await run();
    const ms = performance.now() - start;
    report({ operation, http: sent, status: answered.status, ms, result: result(value), ok: true });
    return value;
  } catch (error) {
    report({ operation, http: sent, status: error.status, ms: performance.now() - start, result: String(error), ok: false });
    await served.close();
    process.exit(1);
  }
}

const count = (items, noun) => `${items.length} ${noun}${items.length === 1 ? "" : "s"}`;
const { integrations, types, templates, statusCheck } = client;

const kinds = await step("types.list", () => types.list(options), (kinds) => `${count(kinds, "type")}, first ${kinds[0].type}`);
const template = await step(
  "templates.get",
  () => templates.get(kinds[0].scriptName, options),
  ({ attributes }) => count(Object.keys(attributes), "attribute"),
);
const input = {
  name: "Acme ServiceNow",
  description: "Tickets for disconnected apps",
  type: template.type,
  attributes: { ...template.attributes, url: "https://acme.service-now.com", password: "s3cret" },
  clusterRef: { type: "CLUSTER", id: "2c9180847a7fccdd017aa5896f9f4f6f" },
};
const made = await step("integrations.create", () => integrations.create(input, options), ({ id }) => `id ${id.slice(0, 8)}…`);
await step(
  "integrations.list",
  () => integrations.list({ filters: `name eq "${input.name}"`, count: true }, options),
  ({ items, total }) => `${items.length} of ${total}: ${items[0].name}`,
);
await step("integrations.get", () => integrations.get(made.id, options), ({ created }) => `created ${created}`);
await step(
  "integrations.patch",
  () => integrations.patch(made.id, [{ op: "replace", path: "/description", value: "Tickets" }], options),
  ({ description }) => `description is “${description}”`,
);
await step(
  "integrations.replace",
  () => integrations.replace(made.id, { ...input, ownerRef: { type: "IDENTITY", id: "2c9180a46faadee4016fb4e018c20639" } }, options),
  ({ ownerRef }) => `owner ${ownerRef.id.slice(0, 8)}…`,
);
const check = await step(
  "statusCheck.get",
  () => statusCheck.get(options),
  (check) => `every ${check.provisioningStatusCheckIntervalMinutes} min`,
);
await step(
  "statusCheck.update",
  () => statusCheck.update({ ...check, provisioningStatusCheckIntervalMinutes: 15 }, options),
  (check) => `every ${check.provisioningStatusCheckIntervalMinutes} min`,
);
await step("integrations.delete", () => integrations.delete(made.id, options), () => "gone");

const start = performance.now();
const refusal = await integrations.get(made.id).catch((error) => error);
const refused = refusal instanceof NotFoundError && typeof refusal.requestId === "string";
report({
  operation: "a refused call",
  http: sent,
  status: refusal.status,
  ms: performance.now() - start,
  result: `${refusal.name}, request ${refusal.requestId?.slice(0, 8)}…`,
  ok: refused,
  expected: "refusal",
});
await served.close();
process.exitCode = refused ? 0 : 1;

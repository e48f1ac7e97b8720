// Tests of components, where Jest has a page with a fetch and a TextDecoder.
/* global document, expect, test */
const entries = { ...require("isc-service-desk"), ...require("isc-service-desk/sandbox") };
const { tenant } = require("./main-job.cjs");

/** A component as small as they come. */
async function show(client, list) {
  for await (const { name } of client.integrations.iterate()) {
    const item = document.createElement("li");
    item.textContent = name;
    list.append(item);
  }
}

test("a component shows what the tenant has", async () => {
  const { client, sandbox } = tenant(entries);
  const list = document.createElement("ul");
  await show(client, list);
  const names = sandbox.snapshot().integrations.map(({ name }) => name);
  expect(Array.from(list.children, ({ textContent }) => textContent).sort()).toEqual(names.sort());
});

test("client credentials are refused: a component test takes a token", () => {
  const { baseUrl, credentials, fetch } = entries.createSandbox();
  const create = () => new entries.ServiceDeskClient({ baseUrl, auth: credentials, fetch });
  expect(create).toThrow(entries.ValidationError);
  expect(create).toThrow(/page/);
});

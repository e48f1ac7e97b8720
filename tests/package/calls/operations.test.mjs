// The ten operations, in every API version, in the process and over a real port: what is sent, and what comes back.
import assert from "node:assert/strict";

import { INPUT, INTEGRATION, STATUS_CHECK, TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf, versions } from "../helpers/kits.mjs";

/** What a tenant recorded of API calls. */
const recorded = (sandbox) => sandbox.requests.filter(({ path }) => path !== "/oauth/token");

/** Goes through all ten on one integration, which it makes and deletes. */
async function allTen(client) {
  const results = {};
  let id = "";
  const inOrder = [...operations].sort((a, b) => rank(a) - rank(b));
  for (const { operation, call } of inOrder) {
    results[operation] = await call(client, id);
    if (operation === "createServiceDeskIntegration") id = results[operation].id;
  }
  return { id, results, inOrder };
}

const rank = ({ operation }) => (operation === "createServiceDeskIntegration" ? 0 : operation === "deleteServiceDeskIntegration" ? 2 : 1);

/** Each transport gives a base URL and what a client needs to reach it. */
const transports = [
  { name: "in the process", open: async (_kit, sandbox) => ({ options: { baseUrl: sandbox.baseUrl, fetch: sandbox.fetch }, close: async () => {} }) },
  {
    name: "over a port",
    open: async (kit, sandbox) => {
      const served = await kit.serve(sandbox);
      return { options: { baseUrl: served.url, fetch: undefined }, close: () => served.close() };
    },
  },
];

for (const transport of transports) {
  for (const [apiVersion, base] of versions) {
    eachWay(`${apiVersion} ${transport.name}: each operation sends its method, path, media type and body`, async (kit) => {
      const sandbox = kit.createSandbox();
      const { options, close } = await transport.open(kit, sandbox);
      try {
        const client = new kit.ServiceDeskClient({ ...options, apiVersion, auth: sandbox.credentials });
        assert.equal(client.apiVersion, apiVersion);
        const { id, results, inOrder } = await allTen(client);
        const expected = inOrder.map(({ method, path, query = "", contentType, sends, status }) => ({
          method, path: base + path(id), query, status, ...(contentType && { contentType }), ...(sends !== undefined && { body: sends }),
        }));
        assert.deepEqual(recorded(sandbox), expected);
        assert.equal(sandbox.requests.length, 11, "ten calls and one token request");
        check(results, id, sandbox);
        assert.ok((await failureOf(client.integrations.get(id))) instanceof kit.NotFoundError);
      } finally {
        await close();
      }
    });
  }
}

/** What came back is what the tenant holds. */
function check(results, id, sandbox) {
  const { createServiceDeskIntegration: made, getServiceDeskIntegrations: page, putServiceDeskIntegration: put } = results;
  assert.match(id, /^[0-9a-f]{32}$/);
  for (const [name, value] of Object.entries(INPUT)) assert.deepEqual(made[name], value);
  assert.deepEqual(results.getServiceDeskIntegration, made);
  assert.equal(put.name, "Another name");
  assert.equal(put.created, made.created);
  assert.equal(results.patchServiceDeskIntegration.description, "Tickets");
  assert.equal(page.items.length, sandbox.snapshot().integrations.length + 1);
  assert.deepEqual([page.offset, page.limit, page.total, page.next], [0, 250, undefined, undefined]);
  assert.deepEqual(results.getServiceDeskIntegrationTypes, sandbox.snapshot().types);
  assert.equal(results.getServiceDeskIntegrationTemplate.type, "Generic SDIM");
  assert.deepEqual(results.getStatusCheckDetails, STATUS_CHECK);
  assert.deepEqual(results.updateStatusCheckDetails, STATUS_CHECK);
  assert.equal(results.deleteServiceDeskIntegration, undefined);
}

for (const { operation, call, method, contentType } of operations) {
  eachWay(`${operation} sends the token, asks for JSON and follows no redirect`, async (kit) => {
    const answers = operations.find((each) => each.operation === operation)?.answers;
    const { client, asked } = scripted(kit, () => (answers === undefined ? new Response(null, { status: 204 }) : json(answers)));
    await call(client, "an-id");
    assert.equal(asked.length, 1);
    const [{ headers, redirect, method: sent }] = asked;
    assert.equal(sent, method);
    assert.equal(headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(headers.accept, "application/json");
    assert.equal(headers["content-type"], contentType);
    assert.equal(redirect, "manual");
  });
}

eachWay("tenant and domain make the origin", async (kit) => {
  for (const [options, origin] of [
    [{ tenant: "acme" }, "https://acme.api.identitynow.com"],
    [{ tenant: "acme", domain: "identitynow-demo.com" }, "https://acme.api.identitynow-demo.com"],
    [{ tenant: "acme", domain: "saas.sailpointfedramp.com" }, "https://acme.api.saas.sailpointfedramp.com"],
  ]) {
    const { client, asked } = scripted(kit, () => json([]), { baseUrl: undefined, ...options });
    assert.equal(client.baseUrl, origin);
    assert.equal(client.apiVersion, "v1");
    await client.types.list();
    assert.equal(asked[0].url, `${origin}/service-desk-integrations/v1/types`);
  }
});

eachWay("a path in the base URL stays as a prefix, with or without a slash at its end", async (kit) => {
  for (const baseUrl of ["https://proxy.example/isc/eu", "https://proxy.example/isc/eu/", new URL("https://proxy.example/isc/eu/")]) {
    const { client, asked } = scripted(kit, () => json([]), { baseUrl, apiVersion: "v3" });
    assert.equal(client.baseUrl, "https://proxy.example/isc/eu");
    await client.types.list();
    assert.equal(asked[0].url, "https://proxy.example/isc/eu/v3/service-desk-integrations/types");
  }
});

eachWay("a URL object of the base is taken as its text is", (kit) => {
  const client = new kit.ServiceDeskClient({ baseUrl: new URL("https://acme.example"), auth: { token: TOKEN } });
  assert.equal(client.baseUrl, "https://acme.example");
});

eachWay("an id is one path segment, percent-encoded", async (kit) => {
  for (const [id, segment] of [
    ["a?b#c", "a%3Fb%23c"], ["a b", "a%20b"], ["ü", "%C3%BC"], ["😀", "%F0%9F%98%80"], ["100%", "100%25"],
    ["a%20b", "a%2520b"], ["...", "..."], ["a:b@c"], ["types2", "types2"], ["x".repeat(300), "x".repeat(300)],
  ]) {
    const { client, asked, baseUrl } = scripted(kit, () => json(INTEGRATION));
    await client.integrations.get(id);
    const path = asked[0].url.slice(baseUrl.length + "/service-desk-integrations/v1/".length);
    assert.equal(decodeURIComponent(path), id);
    assert.doesNotMatch(path, /[/?#]/);
    if (segment !== undefined) assert.equal(path, segment);
  }
});

eachWay("a script name is one path segment too", async (kit) => {
  const { client, asked, baseUrl } = scripted(kit, () => json({ ...INTEGRATION, provisioningConfig: {} }));
  await client.templates.get("a b?c");
  assert.equal(asked[0].url, `${baseUrl}/service-desk-integrations/v1/templates/a%20b%3Fc`);
});

eachWay("an id or script name with a slash, a backslash or more than 1 024 bytes is refused, at any decoding", async (kit) => {
  const { client, asked } = scripted(kit, () => json(INTEGRATION));
  const hostile = ["types/", "/types", "types%2f", "status-check-configuration%2F", "a%252Fb", "a\\b", "a%5cb", "x".repeat(1_025), "%41".repeat(400)];
  for (const text of hostile) {
    assert.equal((await failureOf(client.integrations.get(text))).field, "id", text);
    assert.equal((await failureOf(client.templates.get(text))).field, "scriptName", text);
  }
  assert.deepEqual(asked, []);
});

eachWay("a query is sent as the API writes it, with %20 for a space", async (kit) => {
  for (const [query, sent] of [
    [undefined, "limit=250"],
    [{}, "limit=250"],
    [{ offset: undefined, limit: undefined, sorters: undefined, filters: undefined, count: undefined }, "limit=250"],
    [{ offset: 0, count: false }, "limit=250"],
    [{ limit: 0, count: true }, "limit=0&count=true"],
    [{ limit: 250 }, "limit=250"],
    [{ offset: 500, limit: 250 }, "offset=500&limit=250"],
    [{ sorters: "name" }, "limit=250&sorters=name"],
    [{ sorters: "-name" }, "limit=250&sorters=-name"],
    [{ sorters: ["-name"] }, "limit=250&sorters=-name"],
    [{ filters: 'name eq "A & B"' }, "limit=250&filters=name%20eq%20%22A%20%26%20B%22"],
    [{ filters: 'type in ("a","b")' }, "limit=250&filters=type%20in%20(%22a%22%2C%22b%22)"],
  ]) {
    const { client, asked, baseUrl } = scripted(kit, () => json([]));
    await client.integrations.list(query);
    const given = new URL(asked[0].url);
    assert.equal(given.origin + given.pathname, `${baseUrl}/service-desk-integrations/v1`);
    assert.doesNotMatch(given.search, /\+/);
    const pairs = (text) => [...new URLSearchParams(text)].sort();
    assert.deepEqual(pairs(given.search), pairs(sent));
  }
});

eachWay("a page says where it is, how long the list is, and what to ask for next", async (kit) => {
  const { client } = tenantOf(kit, { sandbox: { integrations: 600 } });
  const first = await client.integrations.list({ limit: 250, sorters: "name", count: true });
  assert.deepEqual([first.items.length, first.offset, first.limit, first.total], [250, 0, 250, 600]);
  assert.deepEqual(first.next, { limit: 250, sorters: "name", count: true, offset: 250 });
  const second = await client.integrations.list(first.next);
  const third = await client.integrations.list(second.next);
  assert.deepEqual([third.items.length, third.offset, third.total, third.next], [100, 500, 600, undefined]);
  const ids = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id));
  assert.equal(new Set(ids).size, 600);
});

eachWay("a page without a count has no total, and a full one has a next", async (kit) => {
  const { client } = tenantOf(kit, { sandbox: { integrations: 4 } });
  const page = await client.integrations.list({ limit: 4 });
  assert.equal("total" in page, false);
  assert.deepEqual(page.next, { limit: 4, offset: 4 });
  const end = await client.integrations.list(page.next);
  assert.deepEqual([end.items, end.next], [[], undefined]);
  const counted = await client.integrations.list({ limit: 4, count: true });
  assert.equal(counted.next, undefined);
});

eachWay("limit 0 asks for the total alone", async (kit) => {
  const { client } = tenantOf(kit, { sandbox: { integrations: 7 } });
  const { items, total, next } = await client.integrations.list({ limit: 0, count: true });
  assert.deepEqual([items, total, next], [[], 7, undefined]);
});

eachWay("a total that cannot be read is absent", async (kit) => {
  for (const value of [undefined, "", "x", "-1", "1.5", "1e3", "99999999999999999999"]) {
    const headers = value === undefined ? {} : { "x-total-count": value };
    const { client } = scripted(kit, () => json([], { headers }));
    const page = await client.integrations.list({ count: true });
    assert.equal(page.total, undefined, String(value));
  }
  const { client } = scripted(kit, () => json([], { headers: { "X-Total-Count": "12" } }));
  assert.equal((await client.integrations.list({ count: true })).total, 12);
});

eachWay("filters and sorters choose what comes back", async (kit) => {
  const { client } = tenantOf(kit);
  const all = (await client.integrations.list()).items;
  const [one] = all;
  const ids = async (query) => (await client.integrations.list(query)).items.map(({ id }) => id);
  assert.deepEqual(await ids({ filters: `id eq "${one.id}"` }), [one.id]);
  assert.deepEqual(await ids({ filters: `name eq "${one.name}"` }), [one.id]);
  assert.deepEqual(await ids({ filters: `type in ("${one.type}")` }), [one.id]);
  const names = (await client.integrations.list({ sorters: "-name" })).items.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? 1 : -1)));
});

eachWay("an empty in matches nothing, and nothing is sent for it", async (kit) => {
  const { client, asked } = scripted(kit, () => json([INTEGRATION]));
  const page = await client.integrations.list({ filters: "id in ()", count: true });
  assert.deepEqual([page.items, page.next, asked.length], [[], undefined, 0]);
});

eachWay("the headers of the client and of the call are sent, the call's before the client's", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]), { headers: { "X-One": "client", "x-two": "client" } });
  await client.types.list({ headers: { "X-TWO": "call", "x-three": "a\tb ~" } });
  await client.types.list();
  assert.deepEqual(["x-one", "x-two", "x-three"].map((name) => asked[0].headers[name]), ["client", "call", "a\tb ~"]);
  assert.equal(asked[1].headers["x-two"], "client");
});

eachWay("the global fetch is looked up at each call", async (kit, context) => {
  const client = new kit.ServiceDeskClient({ baseUrl: "https://acme.example", auth: { token: TOKEN } });
  const seen = [];
  context.mock.method(globalThis, "fetch", async (input) => {
    seen.push(String(input.url ?? input));
    return json([]);
  });
  await client.types.list();
  assert.deepEqual(seen, ["https://acme.example/service-desk-integrations/v1/types"]);
});

eachWay("an answer of a foreign kind is read by its members", async (kit) => {
  const text = JSON.stringify([{ type: "t", scriptName: "s" }]);
  const headers = new Map([["content-type", "application/json"]]);
  const foreign = { status: 200, headers, text: async () => text, body: undefined };
  const { client } = scripted(kit, () => foreign);
  assert.deepEqual(await client.types.list(), [{ type: "t", scriptName: "s" }]);
});

eachWay("methods work when they are taken off their object", async (kit) => {
  const { client } = scripted(kit, () => json(STATUS_CHECK));
  const { get } = client.statusCheck;
  assert.deepEqual(await get(), STATUS_CHECK);
});

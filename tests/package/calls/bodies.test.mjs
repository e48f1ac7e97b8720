// Good statuses whose bodies are not what the operation returns: none is handed over as data.
import assert from "node:assert/strict";

import { INTEGRATION, STATUS_CHECK, TEMPLATE, eachWay, failureOf, json, operations, scripted, tenantOf } from "../helpers/kits.mjs";

/** Reading operations: a write may have happened though its answer cannot be read, which is another error. */
const reads = operations.filter(({ method }) => method === "GET");

const CONFIG = { universalManager: false, managedResourceRefs: [{ type: "SOURCE", id: "a", name: null }], planInitializerScript: null };

const unreadable = [
  ["HTML", "<!doctype html><html><body>Sign in</body></html>", "text/html"],
  ["HTML that says that it is JSON", "<html></html>"],
  ["nothing", ""],
  ["white space", " \n"],
  ["cut JSON", '[{"id":"a","name":'],
  ["JSON and more", "[] []"],
  ["a bare word", "OK"],
  ["NaN", "NaN"],
  ["bytes that are no UTF-8", new Uint8Array([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d])],
  ["null", "null"],
  ["a number", "7"],
  ["a string", '"text"'],
  ["deep nesting", '{"name":'.repeat(100_000)],
];

for (const { operation, call } of reads) {
  for (const [what, body, type = "application/json"] of unreadable) {
    eachWay(`${operation}: ${what} with 200 is a BadResponseError`, async (kit) => {
      const { client } = scripted(kit, () => new Response(body, { headers: { "content-type": type, "slpt-request-id": "abc" } }));
      const error = await failureOf(call(client, "an-id"));
      assert.equal(error.constructor, kit.BadResponseError, String(error));
      assert.deepEqual([error.name, error.code, error.status, error.operation, error.requestId], ["BadResponseError", "bad-response", 200, operation, "abc"]);
      if (what !== "deep nesting") assert.ok(["", undefined].includes(error.path), error.path);
      assert.equal(error.attempts.length, 1, "it is not tried again");
    });
  }

  eachWay(`${operation}: 204 is a BadResponseError`, async (kit) => {
    const { client } = scripted(kit, () => new Response(null, { status: 204 }));
    const error = await failureOf(call(client, "an-id"));
    assert.ok(error instanceof kit.BadResponseError, String(error));
    assert.equal(error.status, 204);
  });
}

/** Calls by what they return. */
const list = (client) => client.integrations.list();
const get = (client) => client.integrations.get("an-id");
const types = (client) => client.types.list();
const template = (client) => client.templates.get("name");
const check = (client) => client.statusCheck.get();

/** The call, what comes back, and the pointer to what is wrong in it. */
const wrong = [
  [list, {}, undefined],
  [list, { items: [] }, undefined],
  [list, [null], "/0"],
  [list, [INTEGRATION, "text"], "/1"],
  [list, [INTEGRATION, { ...INTEGRATION, name: 7 }], "/1/name"],
  [get, [], undefined],
  [get, {}, "/id"],
  ...[7, null, undefined].map((id) => [get, { ...INTEGRATION, id }, "/id"]),
  [list, [INTEGRATION, { ...INTEGRATION, id: null }], "/1/id"],
  ...[7, null, undefined, {}, []].map((name) => [get, { ...INTEGRATION, name }, "/name"]),
  ...[7, null, undefined, {}].map((type) => [get, { ...INTEGRATION, type }, "/type"]),
  ...[7, [], "text"].map((attributes) => [get, { ...INTEGRATION, attributes }, "/attributes"]),
  ...["created", "modified", "description", "cluster"].map((name) => [get, { ...INTEGRATION, [name]: 7 }, `/${name}`]),
  ...["ownerRef", "clusterRef", "beforeProvisioningRule"].flatMap((name) => [
    [get, { ...INTEGRATION, [name]: "text" }, `/${name}`],
    [get, { ...INTEGRATION, [name]: { id: 7 } }, `/${name}/id`],
    [get, { ...INTEGRATION, [name]: { type: 7 } }, `/${name}/type`],
    [get, { ...INTEGRATION, [name]: { name: [] } }, `/${name}/name`],
  ]),
  [get, { ...INTEGRATION, managedSources: "a" }, "/managedSources"],
  [get, { ...INTEGRATION, managedSources: ["a", 7] }, "/managedSources/1"],
  [get, { ...INTEGRATION, provisioningConfig: [] }, "/provisioningConfig"],
  [get, { ...INTEGRATION, provisioningConfig: { universalManager: "no" } }, "/provisioningConfig/universalManager"],
  [get, { ...INTEGRATION, provisioningConfig: { managedResourceRefs: [{ id: 7 }] } }, "/provisioningConfig/managedResourceRefs/0/id"],
  [get, { ...INTEGRATION, provisioningConfig: { planInitializerScript: "text" } }, "/provisioningConfig/planInitializerScript"],
  [get, { ...INTEGRATION, provisioningConfig: { provisioningRequestExpiration: "7" } }, "/provisioningConfig/provisioningRequestExpiration"],
  [types, [{ name: "n", type: "t" }], "/0/scriptName"],
  [types, [{ type: 7, scriptName: "s" }], "/0/type"],
  [types, [{ name: 7, type: "t", scriptName: "s" }], "/0/name"],
  [types, {}, undefined],
  [template, { ...TEMPLATE, type: undefined }, "/type"],
  [template, { ...TEMPLATE, attributes: 7 }, "/attributes"],
  [template, { ...TEMPLATE, provisioningConfig: "text" }, "/provisioningConfig"],
  [template, { ...TEMPLATE, name: 7 }, "/name"],
  [check, {}, "/provisioningStatusCheckIntervalMinutes"],
  [check, { ...STATUS_CHECK, provisioningStatusCheckIntervalMinutes: true }, "/provisioningStatusCheckIntervalMinutes"],
  [check, { ...STATUS_CHECK, provisioningMaxStatusCheckDays: {} }, "/provisioningMaxStatusCheckDays"],
  [check, { ...STATUS_CHECK, provisioningMaxStatusCheckDays: null }, "/provisioningMaxStatusCheckDays"],
];

for (const [number, [call, body, path]] of wrong.entries()) {
  eachWay(`${path ?? "what it is"} of a wrong type is told by its pointer: ${JSON.stringify(body)} (${number})`, async (kit) => {
    const { client } = scripted(kit, () => json(body));
    const error = await failureOf(call(client));
    assert.ok(error instanceof kit.BadResponseError, String(error));
    if (path === undefined) assert.ok(["", undefined].includes(error.path));
    else assert.equal(error.path, path);
  });
}

eachWay("null is fine in every field but id, name and type", async (kit) => {
  const nulls = Object.fromEntries(
    ["created", "modified", "description", "ownerRef", "clusterRef", "cluster", "managedSources", "provisioningConfig", "beforeProvisioningRule", "attributes"].map((name) => [name, null]),
  );
  const answer = { ...INTEGRATION, ...nulls };
  const { client } = scripted(kit, () => json(answer));
  assert.deepEqual(await get(client), answer);
  const inside = { ...INTEGRATION, ownerRef: { type: null, id: null, name: null }, provisioningConfig: Object.fromEntries(Object.keys(CONFIG).map((name) => [name, null])) };
  const second = scripted(kit, () => json(inside)).client;
  assert.deepEqual(await get(second), inside);
});

eachWay("unknown fields, unknown enum strings and extra headers are fine", async (kit) => {
  const answer = { ...INTEGRATION, type: "Type of Tomorrow", ownerRef: { type: "GROUP", id: "a", since: 7 }, tags: ["a"], provisioningConfig: { ...CONFIG, more: { a: null } } };
  const { client } = scripted(kit, () => json([answer], { headers: { "x-tomorrow": "yes" } }));
  assert.deepEqual((await list(client)).items, [answer]);
});

eachWay("a byte order mark and another media type are fine", async (kit) => {
  for (const type of ["application/json;charset=UTF-8", "text/plain", "application/hal+json", ""]) {
    const { client } = scripted(kit, () => new Response(`\ufeff ${JSON.stringify(INTEGRATION)}\r\n`, { headers: { "content-type": type } }));
    assert.deepEqual(await get(client), INTEGRATION);
  }
});

eachWay("201 and 202 are good answers to a create too", async (kit) => {
  for (const status of [200, 201, 202]) {
    const { client } = scripted(kit, () => json(INTEGRATION, { status }));
    assert.deepEqual(await client.integrations.create({ name: "n", description: "d", type: "t", attributes: {} }), INTEGRATION);
  }
});

eachWay("a delete has no value, whatever its body", async (kit) => {
  for (const answer of [new Response(null, { status: 204 }), new Response("", { status: 200 }), json({}), json("<html>")]) {
    const { client } = scripted(kit, () => answer);
    assert.equal(await client.integrations.delete("an-id"), undefined);
  }
});

eachWay("an answer that the tenant cuts off as text is a BadResponseError", async (kit) => {
  const { sandbox, client } = tenantOf(kit);
  sandbox.fault({ on: { method: "GET" }, then: { status: 200, body: '[{"id":"a","na' } });
  assert.ok((await failureOf(list(client))) instanceof kit.BadResponseError);
});

eachWay("a page of 250 large integrations is read whole", async (kit) => {
  const items = Array.from({ length: 250 }, (_, at) => ({ ...INTEGRATION, id: `${at}`, attributes: { text: "ü😀\u2028".repeat(5_000) } }));
  const { client } = scripted(kit, () => json(items));
  assert.deepEqual((await list(client)).items, items);
});

/** A body of so many MiB, and how much of it was read. */
function stream(mib) {
  const read = { mib: 0, cancelled: false };
  const chunk = new Uint8Array(1024 * 1024).fill(0x20);
  const body = new ReadableStream({
    pull(controller) {
      read.mib += 1;
      if (read.mib > mib) controller.close();
      else controller.enqueue(chunk);
    },
    cancel() {
      read.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { body, read };
}

eachWay("a body above 32 MiB is refused, and is not read to its end", async (kit) => {
  const { body, read } = stream(200);
  const { client } = scripted(kit, () => new Response(body));
  const error = await failureOf(list(client));
  assert.ok(error instanceof kit.BadResponseError, String(error));
  assert.ok(read.mib < 40 && read.cancelled, `${read.mib} MiB were read`);
});

eachWay("the body of an error is read no further than 1 MiB", async (kit) => {
  const { body, read } = stream(10);
  const { client } = scripted(kit, () => new Response(body, { status: 500 }));
  const error = await failureOf(list(client));
  assert.ok(error instanceof kit.ServerError, String(error));
  assert.deepEqual(read, { mib: 2, cancelled: true });
});

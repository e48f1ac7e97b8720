// What goes in comes out: JSON as the platform writes and reads it, and the few things that are changed on the way.
import assert from "node:assert/strict";

import { INPUT, INTEGRATION, STATUS_CHECK, TEMPLATE, eachWay, json, scripted, tenantOf } from "../helpers/kits.mjs";

/** The text that a create or a replace sends. */
async function sentBy(kit, input, method = "create") {
  const { client, asked } = scripted(kit, () => json(INTEGRATION));
  await (method === "create" ? client.integrations.create(input) : client.integrations.replace("an-id", input));
  return asked[0].body;
}

eachWay("fields that the client does not know survive, there and back", async (kit) => {
  const { client } = tenantOf(kit);
  const made = await client.integrations.create({ ...INPUT, tags: ["a", null, { b: 1.5 }], attributes: { later: { deep: [[1]] } } });
  assert.deepEqual([made.tags, made.attributes], [["a", null, { b: 1.5 }], { later: { deep: [[1]] } }]);
  assert.deepEqual((await client.integrations.get(made.id)).tags, made.tags);
});

eachWay("__proto__ in attributes is a key as any other, there and back", async (kit) => {
  const attributes = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":"x"}');
  const { client } = tenantOf(kit);
  const made = await client.integrations.create({ ...INPUT, attributes });
  assert.deepEqual(Object.keys(made.attributes).sort(), ["__proto__", "constructor", "toString"]);
  assert.ok(Object.hasOwn(made.attributes, "__proto__"));
  assert.equal(Object.getPrototypeOf(made.attributes), Object.prototype);
  assert.equal({}.polluted, undefined);
  assert.equal(made.polluted, undefined);
});

eachWay("__proto__ at the top of an answer is an own key", async (kit) => {
  const { client } = scripted(kit, () => json('{"__proto__":{"polluted":true},"id":"i","name":"n","type":"t","attributes":{}}'));
  const got = await client.integrations.get("an-id");
  assert.ok(Object.hasOwn(got, "__proto__"));
  assert.equal(got.polluted, undefined);
});

eachWay("numbers are not touched", async (kit) => {
  const text = '{"id":"a","name":"n","type":"t","attributes":{"a":9007199254740991,"b":-0,"c":1e300,"d":0.1,"e":5e-324,"f":123456789012}}';
  const { client } = scripted(kit, () => json(text));
  const { attributes } = await client.integrations.get("an-id");
  assert.deepEqual(attributes, JSON.parse(text).attributes);
  assert.ok(Object.is(attributes.b, -0));
  const body = await sentBy(kit, { ...INPUT, attributes: { ...attributes, big: 1e21, small: 1e-7 } });
  assert.deepEqual(JSON.parse(body).attributes, JSON.parse(JSON.stringify({ ...attributes, big: 1e21, small: 1e-7 })));
  assert.match(body, /"big":1e\+21,"small":1e-7/);
});

eachWay("text survives: quotes, line separators, emoji, NUL", async (kit) => {
  const attributes = { 'a"b\\c/d': "\u0000\u0007\n\t\u2028\u2029é😀\ufeff", "": "" };
  const { client } = tenantOf(kit);
  const made = await client.integrations.create({ ...INPUT, name: "ü \"😀\" \\ \u2028", attributes });
  assert.deepEqual([made.name, made.attributes], ["ü \"😀\" \\ \u2028", attributes]);
});

eachWay("Date and toJSON are written as JSON.stringify writes them", async (kit) => {
  class Secret { toJSON() { return "from toJSON"; } }
  const attributes = { since: new Date(0), secret: new Secret(), skipped: undefined, method() {}, list: [undefined, () => {}], url: new URL("https://a.example"), map: new Map([["a", 1]]), nan: Number.NaN };
  assert.deepEqual(JSON.parse(await sentBy(kit, { ...INPUT, attributes })).attributes, {
    since: "1970-01-01T00:00:00.000Z", secret: "from toJSON", list: [null, null], url: "https://a.example/", map: {}, nan: null,
  });
  const whole = { toJSON: () => ({ ...INPUT, name: "from toJSON" }) };
  assert.equal(JSON.parse(await sentBy(kit, whole)).name, "from toJSON");
});

eachWay("an input is not changed, and may be frozen", async (kit) => {
  const input = Object.freeze({ ...INPUT, ownerRef: null, cluster: null, provisioningConfig: Object.freeze({ universalManager: true }) });
  const before = JSON.stringify(input);
  await sentBy(kit, input);
  await sentBy(kit, input, "replace");
  assert.equal(JSON.stringify(input), before);
});

for (const method of ["create", "replace"]) {
  eachWay(`${method} leaves nulls out of optional fields, but for cluster`, async (kit) => {
    const nulls = { ownerRef: null, clusterRef: null, cluster: null, managedSources: null, provisioningConfig: null, beforeProvisioningRule: null, credentialProviderEnabled: null };
    assert.deepEqual(JSON.parse(await sentBy(kit, { ...INPUT, ...nulls }, method)), { ...INPUT, cluster: null });
    const inside = { ...INPUT, attributes: { a: null, b: [null] } };
    assert.deepEqual(JSON.parse(await sentBy(kit, inside, method)), inside);
  });

  eachWay(`${method} does not send what the server owns, and sends unknown fields as they came`, async (kit) => {
    const read = { id: "a", created: "2024-01-17T18:45:25.994Z", modified: null, ...INPUT, tags: [1], provisioningConfig: { noProvisioningRequests: true } };
    const { id, created, modified, ...rest } = read;
    assert.deepEqual(JSON.parse(await sentBy(kit, read, method)), rest);
  });
}

eachWay("what is read can be written back", async (kit) => {
  const { sandbox, client } = tenantOf(kit);
  const before = sandbox.snapshot();
  for (const read of (await client.integrations.list()).items) await client.integrations.replace(read.id, read);
  const strip = (state) => state.integrations.map(({ modified, ...rest }) => rest);
  assert.deepEqual(strip(sandbox.snapshot()), strip(before));
});

eachWay("the status check is strings to its readers, whatever the server answers", async (kit) => {
  for (const [answer, expected] of [
    [STATUS_CHECK, STATUS_CHECK],
    [{ provisioningStatusCheckIntervalMinutes: 30, provisioningMaxStatusCheckDays: "2" }, STATUS_CHECK],
    [{ ...STATUS_CHECK, provisioningMaxStatusCheckDays: 2, since: 7 }, { ...STATUS_CHECK, since: 7 }],
  ]) {
    const { client } = scripted(kit, () => json(answer));
    assert.deepEqual(await client.statusCheck.get(), expected);
    assert.deepEqual(await client.statusCheck.update(STATUS_CHECK), expected);
  }
  const { client } = tenantOf(kit, { sandbox: { behaviour: { statusCheck: "numbers" } } });
  assert.deepEqual(await client.statusCheck.get(), STATUS_CHECK);
});

eachWay("the status check is sent as strings, whatever its writers give", async (kit) => {
  const { client, asked } = scripted(kit, () => json(STATUS_CHECK));
  await client.statusCheck.update({ provisioningStatusCheckIntervalMinutes: 15, provisioningMaxStatusCheckDays: "3" });
  assert.deepEqual(JSON.parse(asked[0].body), { provisioningStatusCheckIntervalMinutes: "15", provisioningMaxStatusCheckDays: "3" });
});

eachWay("a template without a provisioning configuration has an empty one", async (kit) => {
  for (const provisioningConfig of [undefined, null]) {
    const { client } = scripted(kit, () => json({ ...TEMPLATE, provisioningConfig }));
    assert.deepEqual((await client.templates.get("name")).provisioningConfig ?? {}, {});
  }
  const { client } = scripted(kit, () => json({ ...TEMPLATE, provisioningConfig: undefined }));
  assert.deepEqual(await client.templates.get("name"), TEMPLATE);
});

eachWay("a template without a name, as the document allows it, is one", async (kit) => {
  const { client } = scripted(kit, () => json({ ...TEMPLATE, name: null }));
  assert.equal((await client.templates.get("name")).name, null);
});

eachWay("what comes back is plain: objects and arrays of the caller's own, which it may change", async (kit) => {
  const { client } = tenantOf(kit);
  const [first, second] = [await client.types.list(), await client.types.list()];
  assert.deepEqual(first, second);
  first[0].name = "changed";
  first.push({});
  assert.notDeepEqual(first, await client.types.list());
  assert.equal(Object.getPrototypeOf(first[0]), Object.prototype);
  assert.ok(Array.isArray(second));
});

eachWay("the order of keys is the server's", async (kit) => {
  const text = '{"type":"t","zeta":1,"name":"n","attributes":{"b":1,"a":2},"id":"x"}';
  const { client } = scripted(kit, () => json(text));
  assert.equal(JSON.stringify(await client.integrations.get("an-id")), text);
});

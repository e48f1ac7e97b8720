// Members of bodies that this version does not know: those that are probably known ones misspelled, and those of tomorrow.
import assert from "node:assert/strict";

import { INPUT, INTEGRATION, STATUS_CHECK, eachWay, failureOf, json, scripted, thrownBy } from "../helpers/kits.mjs";

/** A client of a server whose record is this. */
function holding(kit, record) {
  const { client, asked } = scripted(kit, () => json(record));
  return { client, writes: () => asked.filter(({ method }) => method !== "GET").map(({ body }) => JSON.parse(body)) };
}

/** What is wrong, where, and what was meant. */
const misspelled = [
  [{ ownerref: { id: "a" } }, "/ownerref", "ownerRef"],
  [{ desciption: "x" }, "/desciption", "description"],
  [{ Attributes: {} }, "/Attributes", "attributes"],
  [{ clusterRef: { ID: "a" } }, "/clusterRef/ID", "id"],
  [{ provisioningConfig: { managedSResourceRefs: [] } }, "/provisioningConfig/managedSResourceRefs", "managedResourceRefs"],
  [{ provisioningConfig: { managedResourceRefs: [{ id: "a" }, { Type: "d" }] } }, "/provisioningConfig/managedResourceRefs/1/Type", "type"],
];

for (const [more, path, meant] of misspelled) {
  eachWay(`${path} is refused before anything is written`, async (kit) => {
    const { client, writes } = holding(kit, { ...INTEGRATION, description: "d" });
    for (const call of [
      () => client.integrations.create({ ...INPUT, ...more }),
      () => client.integrations.replace("an-id", { ...INPUT, ...more }),
      () => client.integrations.update("an-id", (now) => ({ ...now, ...more })),
    ]) {
      const error = await failureOf(call());
      assert.ok(error instanceof kit.ValidationError, String(error));
      assert.equal(error.field, path);
      assert.ok(error.message.endsWith(`did you mean ${meant}?`), error.message);
    }
    assert.deepEqual(writes(), []);
  });
}

eachWay("members of tomorrow pass as they are, and so do all within attributes", async (kit) => {
  const more = { tomorrow: { ID: 1 }, mode: "x", attributes: { ownerref: 1, Name: { ID: 2 }, desciption: "x" } };
  const { client, writes } = holding(kit, INTEGRATION);
  await client.integrations.create({ ...INPUT, ...more });
  await client.integrations.replace("an-id", { ...INPUT, ...more });
  assert.deepEqual(writes(), [{ ...INPUT, ...more }, { ...INPUT, ...more }]);
});

eachWay("what the server has answered is no misspelling, in a patch and in the PUT after it", async (kit) => {
  const record = { ...INTEGRATION, description: "d", clusters: ["a"], ownerref: "b", clusterRef: { id: "c", ID: 1 } };
  const writes = [];
  const { client } = scripted(kit, async (request) => {
    if (request.method !== "GET") writes.push([request.method, await request.json()]);
    return json(record, { status: request.method === "PATCH" ? 400 : 200 });
  });
  const change = (now) => ({ ...now, clusters: ["b"], clusterRef: { ...now.clusterRef, ID: 2 } });
  await client.integrations.update("an-id", change, { hiddenSecrets: "none" });
  const { id: _, ...body } = change(record);
  assert.deepEqual(writes.map(([method]) => method), ["PATCH", "PUT"]);
  assert.deepEqual(writes[1][1], body);
});

eachWay("names that are near a known one and may be their own pass where a record is replaced or created", async (kit) => {
  const { id: _, ...body } = { ...INTEGRATION, description: "d", clusters: ["a"], beforeDeprovisioningRule: {}, managedSourceRefs: [], typo: 1, same: 2, ownerRef: { id: "d", ids: [] } };
  const { client, writes } = holding(kit, { id: "an-id", ...body });
  await client.integrations.replace("an-id", { ...(await client.integrations.get("an-id")), description: "e" });
  await client.integrations.create(body);
  assert.deepEqual(writes(), [{ ...body, description: "e" }, body]);
});

eachWay("the status check keeps what this version does not know, and refuses what is misspelled", async (kit) => {
  const { client, writes } = holding(kit, { ...STATUS_CHECK, tomorrow: { a: 1 }, nothing: null });
  await client.statusCheck.update({ ...(await client.statusCheck.get()), provisioningMaxStatusCheckDays: 3 });
  assert.deepEqual(writes(), [{ ...STATUS_CHECK, provisioningMaxStatusCheckDays: "3", tomorrow: { a: 1 }, nothing: null }]);
  for (const name of ["provisioningMaxStatusCheckday", "ProvisioningMaxStatusCheckDays"]) {
    const error = await failureOf(client.statusCheck.update({ ...STATUS_CHECK, [name]: 3 }));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.deepEqual([error.field, /did you mean provisioningMaxStatusCheckDays/.test(error.message)], [`/${name}`, true]);
  }
  assert.equal(writes().length, 1);
});

eachWay("a raw operation names a field of tomorrow, and is sent as any other", async (kit) => {
  const { client, writes } = holding(kit, INTEGRATION);
  const mixed = kit.patch().replace("/name", "n").raw("/tomorrow/a~1b", { a: null }).raw("/tomorrow/-", 1.5);
  const sent = [
    { op: "replace", path: "/name", value: "n" },
    { op: "replace", path: "/tomorrow/a~1b", value: { a: null } },
    { op: "replace", path: "/tomorrow/-", value: 1.5 },
  ];
  assert.deepEqual([mixed.length, mixed.toJSON(), JSON.parse(JSON.stringify(mixed))], [3, sent, sent]);
  await client.integrations.patch("an-id", mixed);
  const { raw } = kit.patch();
  await client.integrations.patch("an-id", raw("/tomorrow", [true]));
  assert.deepEqual(writes(), [sent, [{ op: "replace", path: "/tomorrow", value: [true] }]]);
  // Without the patch around it an operation is checked as any that is written by hand.
  const error = await failureOf(client.integrations.patch("an-id", mixed.toJSON()));
  assert.deepEqual([error.code, error.field], ["invalid-argument", "/1/path"]);
  const byHand = [{ op: "raw", path: "/id", value: "another" }];
  assert.equal((await failureOf(client.integrations.patch("an-id", byHand))).field, "/0/op");
  for (const [path, value, field] of [["tomorrow", 1, "path"], ["/a~2", 1, "path"], ["", 1, "path"], [7, 1, "path"], ["/tomorrow", undefined, "value"], ["/tomorrow", 1n, "value"]]) {
    const refused = thrownBy(() => raw(path, value));
    assert.ok(refused instanceof kit.ValidationError && refused.field === field, String(refused));
  }
});

eachWay("a path that can never apply is refused", async (kit) => {
  const { client, writes } = holding(kit, INTEGRATION);
  for (const path of ["/attributes/list/-", "/attributes/-", "/provisioningConfig/managedResourceRefs/-", "/provisioningConfig/managedResourceRefs/x", "/provisioningConfig/managedResourceRefs/01/id", "/provisioningConfig/managedResourceRefs/-1", "/provisioningConfig/managedResourceRefs/"]) {
    const error = thrownBy(() => kit.patch().replace(path, "a"));
    assert.ok(error instanceof kit.ValidationError && error.field === "path", String(error));
  }
  // Of two integrations that were read, a difference may be at a member of this name.
  const [before, after] = ["a", "b"].map((value) => ({ ...INTEGRATION, attributes: { statusMap: { "-": value } } }));
  await client.integrations.patch("an-id", kit.diff(before, after).patch);
  assert.deepEqual(writes(), [[{ op: "replace", path: "/attributes/statusMap/-", value: "b" }]]);
  assert.equal(kit.patch().replace("/credentialProviderEnabled", true).length, 1);
  for (const path of ["/attributes/list/0", "/attributes/a/-/b", "/provisioningConfig/managedResourceRefs/10/id", "/provisioningConfig/managedResourceRefs/0"]) {
    assert.equal(kit.patch().replace(path, "a").length, 1, path);
  }
});

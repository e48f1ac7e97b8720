// Secrets that a server hides survive what the client does: what update() sends, what it refuses, and who is told.
import assert from "node:assert/strict";

import { INPUT, eachWay, failureOf, json, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

const SECRETS = { clientSecret: "first s3cret", refreshToken: "second s3cret", nested: { password: "third s3cret", note: "n" } };
const WRITES = ["POST", "PUT", "PATCH"];

/** A tenant with one integration, whose secrets it shows in one of the three ways. */
async function hiding(kit, secrets, options = {}) {
  const { client, sandbox } = tenantOf(kit, { ...options, sandbox: { integrations: [], behaviour: { secrets } } });
  const { id } = await client.integrations.create({ ...INPUT, attributes: { url: "https://a.example", gone: 1, ...SECRETS } });
  const stored = () => sandbox.snapshot().integrations[0];
  const isWrite = ({ method, path }) => WRITES.includes(method) && path.includes("/service-desk-integrations");
  const writes = () => sandbox.requests.filter(isWrite).slice(1);
  return { client, sandbox, id, stored, writes };
}

const withAttributes = (attributes) => (now) => ({ ...now, attributes: { ...now.attributes, ...attributes } });

for (const secrets of ["ciphertext", "masked", "omitted"]) {
  eachWay(`a server that shows ${secrets}: one secret is set, and the others stay`, async (kit) => {
    const { client, id, stored, writes } = await hiding(kit, secrets);
    await client.integrations.update(id, (now) => ({
      ...now,
      description: "Tickets",
      attributes: { ...now.attributes, clientSecret: "n3w", nested: { ...now.attributes.nested, note: "m" } },
    }));
    const { description, attributes } = stored();
    assert.equal(description, "Tickets");
    assert.deepEqual(attributes, {
      url: "https://a.example", gone: 1, ...SECRETS, clientSecret: "n3w", nested: { ...SECRETS.nested, note: "m" },
    });
    assert.deepEqual(writes().map(({ method }) => method), ["PATCH"]);
  });

  eachWay(`a server that shows ${secrets}: what only a wider write says is refused, and nothing is written`, async (kit) => {
    const { client, id, stored, writes } = await hiding(kit, secrets);
    const before = stored();
    const error = await failureOf(client.integrations.update(id, ({ attributes: { gone, ...attributes }, ...now }) => ({ ...now, attributes })));
    assert.ok(error instanceof kit.SecretsAtRiskError && kit.isServiceDeskError(error));
    assert.deepEqual([error.name, error.code, error.atRisk, error.cause], ["SecretsAtRiskError", "secrets-at-risk", ["/attributes/gone"], undefined]);
    assert.match(error.message, /\/attributes\/gone/);
    assert.match(error.message, /hiddenSecrets: "none", or "send-back"/);
    assert.deepEqual([stored(), writes().length], [before, 0]);
  });

  eachWay(`a server that shows ${secrets}: what it lacks is tried at its own place alone`, async (kit) => {
    const { client, id, stored, writes } = await hiding(kit, secrets);
    const before = stored();
    const error = await failureOf(client.integrations.update(id, withAttributes({ fresh: 1 })));
    assert.ok(error instanceof kit.SecretsAtRiskError);
    assert.deepEqual([error.atRisk, error.cause.code, error.cause instanceof kit.BadRequestError], [["/attributes/fresh"], "bad-request", true]);
    assert.ok(error.message.includes(error.cause.message), error.message);
    assert.deepEqual(writes().map(({ method, status, body }) => [method, status, body]), [
      ["PATCH", 400, [{ op: "replace", path: "/attributes/fresh", value: 1 }]],
    ]);
    assert.deepEqual(stored(), before);
  });

  eachWay(`a server that shows ${secrets}: what it shows is never set as a secret`, async (kit) => {
    const { client, id, stored, writes } = await hiding(kit, secrets);
    const before = stored();
    const error = await failureOf(client.integrations.update(id, withAttributes({ refreshToken: "•••••" })));
    assert.deepEqual([error.code, error.atRisk, writes().length, stored()], ["secrets-at-risk", ["/attributes/refreshToken"], 0, before]);
  });
}

for (const hiddenSecrets of ["none", "send-back"]) {
  eachWay(`a wider write is sent where the caller says ${hiddenSecrets}`, async (kit) => {
    const { client, id, stored, writes } = await hiding(kit, "masked");
    await client.integrations.update(id, withAttributes({ fresh: 1 }), { hiddenSecrets });
    assert.deepEqual(writes().map(({ status, body }) => [status, body[0].path]), [[400, "/attributes/fresh"], [200, "/attributes"]]);
    // This server takes its masks back.
    assert.deepEqual(stored().attributes, { url: "https://a.example", gone: 1, ...SECRETS, fresh: 1 });
  });
}

eachWay("hiddenSecrets is one of three, and an option of update() alone", async (kit) => {
  const { client, id } = await hiding(kit, "masked");
  for (const hiddenSecrets of ["keep", true, null, ["none"]]) {
    const error = await failureOf(client.integrations.update(id, (now) => now, { hiddenSecrets }));
    assert.deepEqual([error.code, error.field], ["invalid-argument", "hiddenSecrets"]);
  }
  assert.equal((await failureOf(client.integrations.get(id, { hiddenSecrets: "none" }))).field, "hiddenSecrets");
});

eachWay("a PUT of what was read tells of the masks and ciphertexts in it, and leaves out what the server owns", async (kit) => {
  for (const [secrets, paths] of [
    ["masked", ["/attributes/clientSecret", "/attributes/refreshToken", "/attributes/nested/password"]],
    ["ciphertext", ["/attributes/clientSecret", "/attributes/refreshToken", "/attributes/nested/password"]],
    ["omitted", undefined],
  ]) {
    const events = [];
    const { client, id, writes } = await hiding(kit, secrets, { onEvent: (event) => events.push(event) });
    const read = await client.integrations.get(id);
    assert.equal(read.provisioningConfig.universalManager, false);
    await client.integrations.replace(id, { ...read, provisioningConfig: { ...read.provisioningConfig, universalManager: true } });
    const told = events.filter(({ type }) => type === "hidden-secrets");
    assert.deepEqual(told, paths === undefined ? [] : [{ type: "hidden-secrets", operation: "putServiceDeskIntegration", paths }]);
    const [{ body }] = writes();
    assert.deepEqual([body.id, body.modified, body.provisioningConfig.universalManager], [undefined, undefined, undefined]);
    assert.equal((await client.integrations.get(id)).provisioningConfig.universalManager, false);
  }
});

eachWay("diff() names what is at risk, and takes names of secrets", async (kit) => {
  const before = { ...INPUT, attributes: { url: "https://a.example", pin: "1", issueToken: "2", gone: 1 } };
  const after = { ...INPUT, attributes: { url: "https://b.example", pin: "3", issueToken: "4", password: "s3cret" }, ownerRef: { id: "o" } };
  const { atRisk, changes } = kit.diff(before, after, { secretNames: { hide: ["PIN"], show: ["issuetoken"] } });
  assert.deepEqual(atRisk, ["/attributes/gone", "/ownerRef"]);
  assert.deepEqual(changes.filter(({ secret }) => secret).map(({ path }) => path), ["/attributes/pin", "/attributes/password"]);
  for (const [options, field] of [
    [{ secretName: {} }, "secretName"], [{ secretNames: ["pin"] }, "secretNames"], [{ secretNames: { hide: "pin" } }, "hide"],
    [{ secretNames: { show: [1] } }, "show"], [{ secretNames: { hidden: [] } }, "hidden"],
  ]) {
    assert.equal(thrownBy(() => kit.diff(before, after, options)).field, field);
  }
});

eachWay("secretNames of the client hides what a server echoes", async (kit) => {
  const echo = async (request) => json({ messages: [{ locale: "en", text: `not ${await request.text()}` }] }, { status: 400 });
  const { client } = scripted(kit, echo, { secretNames: { hide: ["pin"], show: ["issueToken"] }, retry: "off" });
  const error = await failureOf(client.integrations.create({ ...INPUT, attributes: { pin: "81723-99", issueToken: "issue-4711" } }));
  assert.equal(error.code, "bad-request");
  assert.ok(!JSON.stringify(error).includes("81723-99") && !error.message.includes("81723-99"), error.message);
  assert.ok(error.message.includes("issue-4711"), error.message);
});

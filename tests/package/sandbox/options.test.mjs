// What createSandbox(), fault(), restore() and serve() take, and what they refuse.
import assert from "node:assert/strict";

import { eachWay, failureOf, thrownBy } from "../helpers/kits.mjs";

const INTEGRATION = { name: "n", type: "t", attributes: {} };

/** The field that is named, and options that are wrong in it. */
const refused = {
  options: [null, 7, "text", true],
  nope: [{ nope: 1 }],
  tenant: ["", "A", "a b", "a.b", "a/b", "-a", "ä", 7, null, {}].map((tenant) => ({ tenant })),
  integrations: [-1, 1.5, 100_001, "text", true, {}].map((integrations) => ({ integrations })),
  "/integrations/0": [{ integrations: [7] }, { integrations: [null] }],
  "/integrations/0/name": [{ integrations: [{ ...INTEGRATION, name: 7 }] }, { integrations: [{ type: "t", attributes: {} }] }],
  "/integrations/1/name": [{ integrations: [INTEGRATION, { ...INTEGRATION, name: "N" }] }],
  "/integrations/0/id": [{ integrations: [{ ...INTEGRATION, id: 7 }] }],
  "/integrations/1/id": [{ integrations: [{ ...INTEGRATION, id: "a" }, { ...INTEGRATION, name: "m", id: "a" }] }],
  credentials: [null, 7, "text", []].map((credentials) => ({ credentials })),
  rateLimit: [7, "text", []].map((rateLimit) => ({ rateLimit })),
  now: [null, 7, "text", {}, () => Number.NaN, () => "text", () => undefined, () => Infinity].map((now) => ({ now })),
  latencyMs: [-1, 1.5, "text", null, {}].map((latencyMs) => ({ latencyMs })),
  behaviour: [7, "text", []].map((behaviour) => ({ behaviour })),
};

for (const [field, cases] of Object.entries(refused)) {
  eachWay(`createSandbox refuses what is wrong in ${field}`, (kit) => {
    for (const options of cases) {
      const error = thrownBy(() => kit.createSandbox(options));
      assert.ok(error instanceof kit.ValidationError, String(error));
      assert.deepEqual([error.code, error.name], ["invalid-argument", "ValidationError"]);
      assert.ok(error.field === field || error.field === `/${field}`, `${JSON.stringify(options)}: ${error.field}, ${error.message}`);
    }
  });
}

/** The same one level deeper, where the last part of the field tells. */
const nested = [
  [{ credentials: { clientId: "a" } }, "clientSecret"], [{ credentials: { clientId: 7, clientSecret: "b" } }, "clientId"], [{ credentials: { clientId: "a", clientSecret: "b", scope: "c" } }, "scope"],
  ...[-1, 1.5, "749", null].map((tokenTtlSeconds) => [{ credentials: { clientId: "a", clientSecret: "b", tokenTtlSeconds } }, "tokenTtlSeconds"]),
  [{ rateLimit: { requests: 0, perMs: 1 } }, "requests"], [{ rateLimit: { requests: 1, perMs: 0 } }, "perMs"], [{ rateLimit: { requests: 1 } }, "perMs"], [{ rateLimit: { requests: 1, perMs: 1, per: 1 } }, "per"],
  [{ behaviour: { secrets: "clear" } }, "secrets"], [{ behaviour: { duplicateName: 422 } }, "duplicateName"], [{ behaviour: { pastEnd: 404 } }, "pastEnd"],
  [{ behaviour: { booleanFilters: 1 } }, "booleanFilters"], [{ behaviour: { statusCheck: "text" } }, "statusCheck"], [{ behaviour: { exposeTotal: "no" } }, "exposeTotal"], [{ behaviour: { nope: 1 } }, "nope"],
];

eachWay("createSandbox names what is wrong inside of an option", (kit) => {
  for (const [options, name] of nested) {
    const error = thrownBy(() => kit.createSandbox(options));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.equal(error.field.split(/[./]/).at(-1), name, `${JSON.stringify(options)}: ${error.message}`);
  }
});

eachWay("a bad secret of the options is not in the message", (kit) => {
  for (const credentials of [{ clientId: "a", clientSecret: "s3cr3t", nope: 1 }, { clientSecret: "s3cr3t" }, { clientId: "a", clientSecret: ["s3cr3t"] }]) {
    assert.doesNotMatch(thrownBy(() => kit.createSandbox({ credentials })).message, /s3cr3t/);
  }
});

eachWay("options are all optional, and undefined is none", (kit) => {
  for (const options of [undefined, {}, { tenant: undefined, integrations: undefined, credentials: undefined, rateLimit: undefined, now: undefined, latencyMs: undefined, behaviour: undefined }]) {
    const sandbox = kit.createSandbox(options);
    assert.equal(sandbox.snapshot().integrations.length, 10);
    assert.deepEqual(sandbox.credentials, { clientId: "sandbox-client", clientSecret: "sandbox-client-secret" });
    assert.match(sandbox.baseUrl, /^https:\/\/sandbox\./);
  }
});

eachWay("what is no JSON in the integrations is refused", (kit) => {
  const cycle = { ...INTEGRATION };
  cycle.attributes = { cycle };
  for (const integration of [cycle, { ...INTEGRATION, attributes: { n: 5n } }, { ...INTEGRATION, attributes: { run() {} } }, { ...INTEGRATION, attributes: { s: Symbol("x") } }]) {
    assert.ok(thrownBy(() => kit.createSandbox({ integrations: [integration] })) instanceof kit.ValidationError);
  }
});

/** Faults that are refused. */
const then = { status: 500 };
const badFaults = [
  undefined, null, 7, "text", [], {}, { then: {} }, { then: null }, { then: 7 }, { then, nope: 1 }, { then, times: 0 }, { then, times: -1 }, { then, times: 1.5 }, { then, times: "2" },
  { then, on: "Token" }, { then, on: 7 }, { then, on: { nope: 1 } }, { then, on: { method: 7 } }, { then, on: { path: {} } },
  { then: { status: 199 } }, { then: { status: 600 } }, { then: { status: 1.5 } }, { then: { status: "500" } }, { then: { status: 500, drop: "before" } }, { then: { status: 500, nope: 1 } },
  { then: { status: 500, headers: { a: 7 } } }, { then: { status: 500, headers: { "a b": "c" } } }, { then: { status: 500, headers: { a: "b\r\nc" } } }, { then: { status: 500, body: {} } },
  { then: { drop: "during" } }, { then: { drop: true } }, { then: { truncate: -1 } }, { then: { truncate: 1.5 } }, { then: { stallMs: -1 } }, { then: { stallMs: "5" } }, { then: { truncate: 1, stallMs: 1 } },
];

eachWay("fault() refuses what it does not know", (kit) => {
  const sandbox = kit.createSandbox();
  for (const fault of badFaults) {
    const error = thrownBy(() => sandbox.fault(fault));
    assert.ok(error instanceof kit.ValidationError, `${JSON.stringify(fault)}: ${error}`);
    assert.equal(typeof error.field, "string");
  }
});

eachWay("restore() refuses what snapshot() does not write, and leaves the tenant as it was", (kit) => {
  const sandbox = kit.createSandbox();
  const before = sandbox.snapshot();
  const [one] = before.integrations;
  for (const [state, pointer] of [
    [undefined], [null], [7], ["text"], [[]], [{}],
    [{ ...before, integrations: undefined }, "/integrations"], [{ ...before, integrations: {} }, "/integrations"],
    [{ ...before, integrations: [7] }, "/integrations/0"], [{ ...before, integrations: [one, { ...one, name: 7 }] }, "/integrations/1/name"],
    [{ ...before, types: {} }, "/types"], [{ ...before, templates: [] }, "/templates"], [{ ...before, statusCheck: {} }],
    [{ ...before, integrations: [one, one] }, "/integrations/1/id"],
  ]) {
    const error = thrownBy(() => sandbox.restore(state));
    assert.ok(error instanceof kit.ValidationError, `${JSON.stringify(state)?.slice(0, 80)}: ${error}`);
    if (pointer) assert.equal(error.field, pointer);
    assert.deepEqual(sandbox.snapshot(), before);
  }
});

eachWay("serve() refuses what is no sandbox and no port, by rejecting", async (kit) => {
  for (const sandbox of [undefined, null, 7, {}, { fetch() {}, requests: [] }]) {
    const error = await failureOf(kit.serve(sandbox));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.equal(error.field, "sandbox");
  }
  for (const port of [-1, 65_536, 1.5, "80", null, Number.NaN]) {
    const error = await failureOf(kit.serve(kit.createSandbox(), { port }));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.equal(error.field, "port");
  }
});

eachWay("serve() refuses a host that is none, and listens on no other address instead", async (kit) => {
  for (const host of ["", 7, null, {}]) {
    const served = await kit.serve(kit.createSandbox(), { host }).catch((error) => error);
    await served.close?.();
    assert.ok(served instanceof Error, `${JSON.stringify(host)} is served at ${served.url}`);
  }
});

eachWay("a sandbox cannot be changed from outside", (kit) => {
  const sandbox = kit.createSandbox();
  assert.ok(Object.isFrozen(sandbox) && Object.isFrozen(sandbox.credentials));
  const before = sandbox.snapshot();
  sandbox.snapshot().integrations.length = 0;
  assert.deepEqual(sandbox.snapshot(), before);
});

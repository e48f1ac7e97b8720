// What the methods refuse: with the field, without a secret in the message, and nothing is sent.
import assert from "node:assert/strict";

import { INPUT, STATUS_CHECK, TOKEN, eachWay, failureOf, json, operations, scripted } from "../helpers/kits.mjs";

const SECRET = "s3cr3t-of-the-test";

const CHECKS = ["/provisioningStatusCheckIntervalMinutes", "/provisioningMaxStatusCheckDays"];

/** The methods that take an id. */
const withId = {
  get: (client, id) => client.integrations.get(id),
  replace: (client, id) => client.integrations.replace(id, INPUT),
  patch: (client, id) => client.integrations.patch(id, [{ op: "replace", path: "/name", value: "n" }]),
  delete: (client, id) => client.integrations.delete(id),
};

const noSegments = [
  ...["", ".", "..", "%2e", "%2E", ".%2e", "%2e.", "%2E%2e", "%252e", "%252e%252e", "%25252e%25252e", "\\..\\", "a/..", "../a", "a/../b", "..%2fa", "a%2f..%2fb"],
  ...[";", "a;b", "a;jsessionid=1", "a%3bb", "a%3Bb", "a%253bb"],
  ...["\u0000", "a\u0000", "a\nb", "a\rb", "a\tb", "a\u001f", "a\u007f", "a\u0085", "%00", "a%0a", "a%0D", "%7f", "a%2500"],
  ...["\ud800", "a\ud800", "\udc00a", "\udc00\ud800"],
  ...[undefined, null, 7, Number.NaN, true, {}, [], ["a"], Symbol("x"), 5n, () => "a", new String("a"), { toString: () => "a" }],
];

const siblings = ["types", "Types", "TYPES", "templates", "status-check-configuration", "Status-Check-Configuration", "%74ypes", "t%79pes", "%2574ypes"];

const cycle = () => {
  const attributes = {};
  attributes.inner = { again: attributes };
  return attributes;
};

const throwing = () => ({ toJSON() { throw new Error(SECRET); } });

/** Bodies of create and replace that are refused, by their field. */
const bodies = {
  "": [undefined, null, 7, true, "text", [], [INPUT], () => INPUT, Symbol("x"), 5n],
  "/name": [undefined, null, 7, true, {}, ["a"], "a\ud800"].map((name) => ({ ...INPUT, name })),
  "/description": [undefined, null, 7, {}, "\udc00"].map((description) => ({ ...INPUT, description })),
  "/type": [undefined, null, 7, [], "\ud800"].map((type) => ({ ...INPUT, type })),
  "/attributes": [undefined, null, 7, "{}", [], [1], throwing(), () => ({})].map((attributes) => ({ ...INPUT, attributes })),
  "/attributes/inner/again": [{ ...INPUT, attributes: cycle() }],
  "/attributes/n": [{ ...INPUT, attributes: { password: SECRET, n: 5n } }],
  "/attributes/a~1b~0c/1": [{ ...INPUT, attributes: { "a/b~c": [SECRET, throwing()] } }],
  "/ownerRef": [7, "id", [], true].map((ownerRef) => ({ ...INPUT, ownerRef })),
  "/ownerRef/id": [{ ...INPUT, ownerRef: { id: 7 } }],
  "/ownerRef/name": [{ ...INPUT, ownerRef: { name: {} } }],
  "/clusterRef": [{ ...INPUT, clusterRef: "cluster" }],
  "/cluster": [7, {}, []].map((cluster) => ({ ...INPUT, cluster })),
  "/managedSources": [{ ...INPUT, managedSources: "a,b" }],
  "/managedSources/1": [{ ...INPUT, managedSources: ["a", 7] }],
  "/provisioningConfig": [{ ...INPUT, provisioningConfig: [] }],
  "/provisioningConfig/noProvisioningRequests": [{ ...INPUT, provisioningConfig: { noProvisioningRequests: "true" } }],
  "/provisioningConfig/managedResourceRefs/0": [{ ...INPUT, provisioningConfig: { managedResourceRefs: ["id"] } }],
  "/provisioningConfig/managedResourceRefs/0/id": [{ ...INPUT, provisioningConfig: { managedResourceRefs: [{ id: 7 }] } }],
  "/provisioningConfig/planInitializerScript/source": [{ ...INPUT, provisioningConfig: { planInitializerScript: { source: 7 } } }],
  "/provisioningConfig/provisioningRequestExpiration": [{ ...INPUT, provisioningConfig: { provisioningRequestExpiration: "7" } }],
  "/beforeProvisioningRule": [{ ...INPUT, beforeProvisioningRule: "rule" }],
};

/** Patches that are refused, by their field. */
const operation = (more) => [{ op: "replace", path: "/attributes/password", value: SECRET, ...more }];
const patches = {
  operations: [undefined, null, 7, "text", {}, { operations: operation({}) }, operation({})[0], [], () => []],
  "/0": [[7], [null], ["text"], [[]]],
  "/0/op": ["add", "remove", "move", "copy", "test", "REPLACE", "", undefined, null, 7].map((op) => operation({ op })),
  "/0/path": ["", "name", "attributes/a", "/", "/id", "/created", "/modified", "/nope", "/attributes/a~2", "/attributes/a~", undefined, null, 7, "/name\ud800"].map((path) => operation({ path })),
  "/0/value": [null, 1.5, Number.NaN, undefined, [[1]], [null], [1.5], 5n].map((value) => operation({ value })),
  "/0/value/inner/again": [operation({ value: cycle() })],
  "/1/op": [[...operation({}), { op: "remove", path: "/description" }]],
  "/0/from": [operation({ from: "/name" })],
};

const queries = {
  query: [null, 7, true, "limit=5", [], () => ({}), Symbol("x")],
  limit: [251, -1, 1.5, Number.NaN, Infinity, -Infinity, 1e9, "5", null, true, {}, 5n].map((limit) => ({ limit })),
  offset: [-1, 1.5, Number.NaN, Infinity, 2 ** 53, "0", null, true].map((offset) => ({ offset })),
  sorters: ["type", "", "name,type", "NAME", "+name", "--name", 7, null, ["type"], ["name", "type"], [7], {}].map((sorters) => ({ sorters })),
  filters: ['nmae eq "x"', "", " ", 'name co "x"', 'name eq "x', 'name EQ "x"', 'name eq "a" and', "name", 'name in ("a")', 'id eq "\ud800"', 7, null, {}, [], true].map((filters) => ({ filters })),
  count: [1, 0, "true", null, {}].map((count) => ({ count })),
  "limt ": [{ limt: 5 }],
  "pageSize ": [{ pageSize: 5 }],
  "query ": [{ query: {} }, { query: undefined }],
  "signal ": [{ signal: AbortSignal.timeout(60_000) }],
};

const calls = {
  options: [null, 7, true, "text", [], () => {}, AbortSignal.timeout(60_000)],
  signal: [null, 7, true, "text", {}, [], { aborted: true }, new AbortController()].map((signal) => ({ signal })),
  timeoutMs: [null, 0, -1, Number.NaN, Infinity, "5", true].map((timeoutMs) => ({ timeoutMs })),
  attemptTimeoutMs: [null, 0, -1, Number.NaN, Infinity, "5", true].map((attemptTimeoutMs) => ({ attemptTimeoutMs })),
  headers: [null, 7, [], { cookie: SECRET }, { Authorization: SECRET }, { "x-a": `${SECRET}\n` }, { "x-a": 7 }, { "": "x" }].map((headers) => ({ headers })),
  onResponse: [null, 7, true, "text", {}].map((onResponse) => ({ onResponse })),
  "client ": [{ client: SECRET }],
  "auth ": [{ auth: { token: SECRET } }, { auth: undefined }],
  "call ": [{ call: 1 }],
  "query ": [{ query: {} }],
  "fetch ": [{ fetch: () => {} }],
  "apiVersion ": [{ apiVersion: "v1" }],
};

const checks = (place) => (value) => ({ ...STATUS_CHECK, [CHECKS[place].slice(1)]: value });
const details = {
  "": [undefined, null, 7, "30", []],
  ...Object.fromEntries(CHECKS.map((field, place) => [
    field,
    [undefined, null, true, {}, 0, -1, 1.5, Number.NaN, Infinity, "", "0", "00", "-1", "1.5", "1e3", "+5", " 5", "5 ", "x", "٥"].map(checks(place)),
  ])),
};

/** One table: the call, by its name, and what it refuses. */
const table = [
  ...Object.entries(withId).flatMap(([method, call]) => [...noSegments, ...siblings].map((id) => row(method, "id", id, (client) => call(client, id)))),
  ...noSegments.map((name) => row("templates.get", "scriptName", name, (client) => client.templates.get(name))),
  ...rows("create", bodies, (client, body) => client.integrations.create(body)),
  ...rows("replace", bodies, (client, body) => client.integrations.replace("an-id", body)),
  ...rows("patch", patches, (client, body) => client.integrations.patch("an-id", body)),
  ...rows("list", queries, (client, query) => client.integrations.list(query)),
  ...rows("statusCheck.update", details, (client, value) => client.statusCheck.update(value)),
  ...operations.flatMap(({ operation: name, call }) => rows(`${name}, options`, calls, (client, options) => call(client, "an-id", options))),
];

function rows(method, cases, call) {
  return Object.entries(cases).flatMap(([field, values]) => values.map((value) => row(method, field.trim(), value, (client) => call(client, value))));
}

function row(method, field, value, call) {
  return { method, field, value, call };
}

/** One test for each method and field: its rows are tried one by one, and all that are wrong are told. */
for (const [claim, group] of grouped(table)) {
  eachWay(`${claim} is refused before anything is sent`, async (kit) => {
    const wrong = [];
    for (const each of group) {
      const said = await complaint(kit, each);
      if (said) wrong.push(`${printable(each.value)}: ${said}`);
    }
    assert.deepEqual(wrong, []);
  });
}

function claimOf({ method, field }) {
  return `${method}: ${field || "what is no body"}`;
}

/** What is wrong with the refusal of a row; nothing where it is right. */
async function complaint(kit, { field, call }) {
  const { client, asked } = scripted(kit, () => json([]));
  let error;
  try {
    const promise = call(client);
    if (typeof promise?.then !== "function") return "no promise came back";
    error = await failureOf(promise);
  } catch (thrown) {
    return thrown.code === "ERR_ASSERTION" ? "it was taken" : `it was thrown, not rejected: ${thrown}`;
  }
  if (asked.length > 0) return `it was sent, then failed: ${error}`;
  if (!(error instanceof kit.ValidationError)) return `it failed with ${error}`;
  if (error.code !== "invalid-argument" || error.name !== "ValidationError") return `it failed as ${error.name}, ${error.code}`;
  if (error.field !== field) return `it names the field ${JSON.stringify(error.field)}: ${error.message}`;
  if (/s3cr3t|t0ken/.test(`${error.message} ${JSON.stringify(error)} ${error.stack}`)) return `it shows a secret: ${error.message}`;
  return undefined;
}

function grouped(all) {
  const groups = new Map();
  for (const each of all) groups.set(claimOf(each), [...(groups.get(claimOf(each)) ?? []), each]);
  return groups;
}

function printable(value) {
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value, (_key, each) => (each === undefined || Number.isNaN(each) ? String(each) : each))?.slice(0, 120);
    } catch {
      return "what JSON cannot hold";
    }
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

eachWay("a filter's refusal says where it is wrong, in UTF-16 units", async (kit) => {
  for (const [filters, position] of [
    ['nmae eq "x"', { start: 0, end: 4 }],
    ['name eq "😀" and nmae eq "x"', { start: 17, end: 21 }],
    ['name EQ "x"', { start: 5, end: 7 }],
    ['name eq "x"   ', undefined],
  ]) {
    const { client } = scripted(kit, () => json([]));
    if (position === undefined) await client.integrations.list({ filters });
    else assert.deepEqual((await failureOf(client.integrations.list({ filters }))).position, position, filters);
  }
});

eachWay("a sorter's refusal says what the API sorts by", async (kit) => {
  const { client } = scripted(kit, () => json([]));
  assert.match((await failureOf(client.integrations.list({ sorters: "modified" }))).message, /name/);
});

eachWay("a list whose URL is too long is refused, one that is not is sent", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  const filters = (length) => `id eq "${"x".repeat(length)}"`;
  assert.equal((await failureOf(client.integrations.list({ filters: filters(8_000) }))).field, "filters");
  assert.equal(asked.length, 0);
  await client.integrations.list({ filters: filters(7_000) });
  assert.equal(asked.length, 1);
});

eachWay("undefined stands for what is not given", async (kit) => {
  const { client } = scripted(kit, () => json([]));
  const nothing = { signal: undefined, timeoutMs: undefined, attemptTimeoutMs: undefined, headers: undefined, onResponse: undefined };
  await client.integrations.list(undefined, nothing);
  await client.types.list(nothing);
});

eachWay("what a patch may carry is taken", async (kit) => {
  const values = ["", "text", true, false, 0, -7, 2 ** 53 - 1, {}, { a: { b: [null, 1.5] } }, [], ["a", 1, {}]];
  const { client, asked } = scripted(kit, () => json({ id: "a", name: "n", type: "t", attributes: {} }));
  for (const value of values) await client.integrations.patch("a", [{ op: "replace", path: "/attributes/a", value }]);
  assert.deepEqual(asked.map(({ body }) => JSON.parse(body)[0].value), values);
});

eachWay("what the token is never reaches a message about headers", async (kit) => {
  const { client } = scripted(kit, () => json([]));
  const { message } = await failureOf(client.types.list({ headers: { "x-token": `${TOKEN}\n` } }));
  assert.match(message, /x-token/);
  assert.doesNotMatch(message, /t0ken/);
});

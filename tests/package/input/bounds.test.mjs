// How large an input may be: builders hold no memory of WebAssembly, and what might not fit into it is refused with an error of
// the package. A file of its own, as it looks at a memory from its start.
import assert from "node:assert/strict";
import test from "node:test";

import { memories } from "../helpers/memories.mjs";

const { ServiceDeskClient, diff, filter, patch } = await import("isc-service-desk");

const held = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

const client = new ServiceDeskClient({ baseUrl: "https://a.example", auth: { token: "t0ken" }, rateLimit: "off", fetch: () => new Promise(() => {}) });

/** What it throws or rejects with. */
async function refusal(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  assert.fail("it must be refused");
}

test("a chain of operations holds each one once, outside of WebAssembly", () => {
  let chain = patch();
  const value = "v".repeat(64 * 1024);
  for (let i = 0; i < 4_000; i++) chain = chain.replace(`/attributes/k${i}`, value);
  assert.equal(chain.length, 4_000);
  const operations = chain.toJSON();
  assert.deepEqual([operations.length, operations[0].path, operations[3_999].path, operations[3_999].value === value], [4_000, "/attributes/k0", "/attributes/k3999", true]);
  assert.ok(held() < 4 << 20, `${held()} bytes`);
});

test("a shorter patch is as it was when a longer one is made of it", () => {
  const one = patch().replace("/name", "a");
  const [left, right] = [one.replace("/description", "b"), one.replace("/type", "c")];
  assert.deepEqual([one, left, right].map((each) => each.toJSON().map(({ path }) => path)), [["/name"], ["/name", "/description"], ["/name", "/type"]]);
  left.toJSON()[0].value = "changed";
  assert.equal(left.toJSON()[0].value, "a");
});

test("filters hold nothing of WebAssembly", () => {
  const value = "v".repeat(30_000);
  const filters = Array.from({ length: 20_000 }, () => filter.name.eq(value));
  assert.equal(`${filters[0].or(filters[1].not())}`.length, 2 * (value.length + '"name eq "'.length) + 8);
  assert.ok(held() < 64 << 20, `${held()} bytes`);
});

const LARGE = "x".repeat(2 ** 28);
const WIDE = "é".repeat(2 ** 28);
const SOME = "v".repeat(8_000_000);
const INPUT = { name: "n", description: "d", type: "t", attributes: {} };

/** An array that throws where it is read. */
const unreadable = () => new Proxy(["a"], { get: (list, name) => (name === "length" ? 1 : name === Symbol.iterator || name === "0" ? assert.fail("unreadable") : Reflect.get(list, name)) });

/** The field of each refusal, and what asks for it. */
const large = [
  ["id", () => client.integrations.get(LARGE)],
  ["id", () => client.integrations.update(WIDE, (now) => now)],
  ["scriptName", () => client.templates.get(WIDE)],
  ["", () => client.integrations.create({ ...INPUT, name: LARGE })],
  ["", () => client.integrations.create({ ...INPUT, attributes: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [at, SOME])) })],
  ["", () => client.integrations.replace("id", { ...INPUT, description: WIDE })],
  ["operations", () => client.integrations.patch("id", [{ op: "replace", path: "/name", value: LARGE }])],
  ["operations", () => client.integrations.patch("id", patch().replace("/attributes/a", SOME).replace("/attributes/b", SOME))],
  ["", () => client.statusCheck.update({ provisioningStatusCheckIntervalMinutes: LARGE, provisioningMaxStatusCheckDays: 1 })],
  ["path", () => patch().replace(`/${LARGE}`, 1)],
  ["value", () => patch().replace("/name", WIDE)],
  ["value", () => filter.name.eq(LARGE)],
  ["values", () => filter.id.in(Array(1_000).fill(SOME))],
  ["values", () => filter.id.in(Array(20_000_000).fill(""))],
  ["values", () => filter.id.in(new Array(2 ** 32 - 1))],
  ["values", () => filter.id.in(unreadable())],
  ["sorters", () => client.integrations.list({ sorters: new Array(2 ** 32 - 1) })],
  ["sorters", () => client.integrations.list({ sorters: unreadable() })],
  ["headers", () => client.types.list({ headers: { "x-a": "y".repeat(16_382) } })],
  ["headers", () => client.types.list({ headers: Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`x${at}`, ""])) })],
  ["clientSecret", () => new ServiceDeskClient({ baseUrl: "https://a.example", auth: { clientId: "i", clientSecret: "s".repeat(65_537) } })],
  ["filters", () => filter.parse(LARGE)],
  ["filters", () => filter.raw(WIDE)],
  ["filters", () => client.integrations.list({ filters: LARGE })],
  ["sorters", () => client.integrations.list({ sorters: Array(20_000_000).fill(0) })],
  ["before", () => diff({ name: WIDE }, {})],
  ["after", () => diff({}, { name: LARGE })],
  ["headers", () => client.types.list({ headers: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`x-${at}`, SOME])) })],
  ["options", () => new ServiceDeskClient({ baseUrl: LARGE, auth: { token: "t0ken" } })],
  ["token", () => new ServiceDeskClient({ baseUrl: "https://a.example", auth: { token: LARGE } })],
];

test("an input that is too large, or cannot be read, is a ValidationError, whatever it is", async () => {
  for (const [field, act] of large) {
    const error = await refusal(act);
    assert.deepEqual([error.name, error.field], ["ValidationError", field], `${act}: ${error.message}`);
    assert.ok(error.message.length < 300, "the message does not repeat it");
  }
  assert.ok(held() < 512 << 20, `${held()} bytes`);
});

/** A value so many levels deep, with this at its end. */
function nested(levels, end) {
  const top = {};
  let at = top;
  for (let level = 1; level < levels; level++) at = at["a-long-name"] = {};
  at.end = typeof end === "function" ? end(top) : end;
  return top;
}

const unwritable = [
  ["a BigInt", nested(3, 1n)],
  ["a BigInt", { list: [1, [2, { a: 1n }]] }],
  ["a cycle", nested(3, (top) => top)],
  ["a toJSON() that throws", nested(3, { toJSON() { throw new Error("no"); } })],
  ["a member that throws", nested(3, { get a() { throw new Error("no"); }, b: 1n })],
  ["nested deeper than 128 levels", nested(4_000, 1n)],
  ["nested deeper than 128 levels", nested(4_000, (top) => top)],
  ["nested deeper than 128 levels", nested(10_000, 1)],
  ["nested deeper than 128 levels", nested(100_000, 1)],
];

test("a body that cannot be written is refused soon, with the reason and a place of bounded length, however deep it is", async () => {
  for (const [why, attributes] of unwritable) {
    const began = performance.now();
    for (const act of [
      () => client.integrations.create({ ...INPUT, attributes }),
      () => client.integrations.patch("i", [{ op: "replace", path: "/attributes", value: attributes }]),
      () => diff({ ...INPUT, attributes }, INPUT),
    ]) {
      const error = await refusal(act);
      assert.match(error.message, new RegExp(`${why.replace(/[()]/g, "\\$&")}$`), `${act}: ${error.message}`);
      assert.ok(error.field.length <= 210 && error.message.length <= 300, error.message);
    }
    // It took seconds for each where each level was written anew.
    assert.ok(performance.now() - began < 1_500, why);
  }
});

test("bodies above 256 MiB on their way at once are refused, and there is room again when calls end", async () => {
  const controller = new AbortController();
  const input = { ...INPUT, name: SOME };
  const calls = Array.from({ length: 40 }, () => client.integrations.create(input, { signal: controller.signal }));
  const outcomes = Promise.allSettled(calls);
  const error = await refusal(() => calls[39]);
  assert.equal(error.name, "ValidationError");
  assert.match(error.message, /256 MiB/);
  controller.abort(new Error("enough"));
  const refused = (await outcomes).filter((outcome) => outcome.reason.name === "ValidationError");
  assert.equal(refused.length, 40 - Math.floor((256 << 20) / JSON.stringify(input).length));
  const again = client.integrations.create(input, { signal: AbortSignal.abort(new Error("at once")) });
  assert.equal((await refusal(() => again)).message, "at once");
});

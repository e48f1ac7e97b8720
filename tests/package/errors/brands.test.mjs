// The error classes across two copies of the package, in users' hands, and by name.
import assert from "node:assert/strict";
import test from "node:test";

import { eachWay, failureOf, json, kits, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

/** How each class is had from the package itself, and which classes an error of it belongs to. */
const ways = {
  ValidationError: [(kit) => thrownBy(() => new kit.ServiceDeskClient())],
  ...Object.fromEntries(Object.entries({
    BadRequestError: 400, UnauthorizedError: 401, ForbiddenError: 403, NotFoundError: 404, ConflictError: 409, RateLimitError: 429, ServerError: 500,
  }).map(([name, status]) => [name, [(kit) => failing(kit, () => json({}, { status })), "ApiError"]])),
  ApiError: [(kit) => failing(kit, () => json({}, { status: 418 }))],
  RedirectError: [(kit) => failing(kit, () => new Response(null, { status: 302 }))],
  TokenError: [(kit) => failing(kit, () => json([]), { auth: { token: () => "" } })],
  NetworkError: [(kit) => failing(kit, () => Promise.reject(new Error("x")))],
  TimeoutError: [(kit) => failing(kit, () => new Promise(() => {}), { timeoutMs: 5 })],
  BadResponseError: [(kit) => failing(kit, () => json("<html>"))],
};

const failing = (kit, respond, options) => failureOf(scripted(kit, respond, options).client.types.list());

/** Every error class that the package exports. */
const classNames = Object.keys(kits[0]).filter((name) => name.endsWith("Error") && !name.startsWith("is"));

for (const name of classNames) ways[name] ??= [(kit) => new kit[name]("made by hand")];

test("every class of the way to it is exported, by each way to load the package", () => {
  for (const kit of kits) for (const name of Object.keys(ways)) assert.equal(typeof kit[name], "function", `${name} by ${kit.way}`);
});

const [first, second] = kits;
for (const [own, other] of [[first, second], [second, first]]) {
  for (const [name, [make, ...above]] of Object.entries(ways)) {
    test(`a ${name} of the copy by ${own.way} is one to the copy by ${other.way}, and nothing else`, async () => {
      const error = await make(own);
      assert.equal(error.constructor, own[name]);
      assert.notEqual(own[name], other[name], "they must be two copies");
      const belongs = new Set([name, ...above, "ServiceDeskError"]);
      for (const each of classNames) {
        assert.equal(error instanceof own[each], belongs.has(each), `own ${each}`);
        assert.equal(error instanceof other[each], belongs.has(each), `other ${each}`);
      }
      assert.ok(own.isServiceDeskError(error) && other.isServiceDeskError(error));
      assert.ok(error instanceof Error);
    });

    test(`${name} keeps its name by ${own.way}`, async () => {
      const error = await make(own);
      assert.equal(error.name, name);
      assert.equal(own[name].prototype.name, name);
      assert.ok(error.stack.startsWith(`${name}: ${error.message}`), error.stack.split("\n")[0]);
      assert.equal(Object.prototype.toString.call(error), "[object Error]");
    });
  }
}

eachWay("a user's subclass has members of its own", (kit) => {
  const [other] = kits.filter(({ way }) => way !== kit.way);
  class Mine extends kit.NotFoundError {}
  class Another extends kit.NotFoundError {}
  const mine = new Mine("gone");
  for (const type of [Mine, kit.NotFoundError, kit.ApiError, kit.ServiceDeskError, Error, other.NotFoundError, other.ApiError, other.ServiceDeskError]) {
    assert.ok(mine instanceof type);
  }
  for (const type of [Another, kit.ConflictError, other.ConflictError]) assert.equal(mine instanceof type, false);
  assert.equal(mine.message, "gone");
  assert.ok(kit.isServiceDeskError(mine));
});

eachWay("an error of the package is no member of a user's subclass", async (kit) => {
  class Mine extends kit.ApiError {}
  class Base extends kit.ServiceDeskError {}
  const error = await failing(kit, () => json({}, { status: 404 }));
  assert.equal(error instanceof Mine, false);
  assert.equal(error instanceof Base, false);
});

eachWay("an error that a user makes has the defaults of its class", (kit) => {
  const cause = new Error("why");
  const error = new kit.ServiceDeskError("what", { cause });
  assert.deepEqual([error.message, error.cause, error.name, error.code], ["what", cause, "ServiceDeskError", "internal"]);
  assert.deepEqual(error.attempts, []);
});

eachWay("foreign values are no errors of the package", (kit) => {
  const foreign = [
    undefined, null, 0, 7, 7n, true, "ServiceDeskError", Symbol("x"), () => {}, {}, [], Object.create(null), new Error("x"), new TypeError("x"),
    new DOMException("x", "AbortError"), { name: "ServiceDeskError", code: "network", attempts: [] }, { name: "ServiceDeskError", message: "x", stack: "" },
    Object.assign(new Error("x"), { name: "ServiceDeskError", code: "network" }), kit.ServiceDeskError, class extends kit.ServiceDeskError {},
  ];
  for (const value of foreign) {
    assert.equal(kit.isServiceDeskError(value), false, String(Object.prototype.toString.call(value)));
    for (const name of classNames) assert.equal(value instanceof kit[name], false, name);
  }
});

eachWay("errors of the sandbox are errors of the client", async (kit) => {
  const error = thrownBy(() => kit.createSandbox({ nope: 1 }));
  for (const each of kits) assert.ok(error instanceof each.ValidationError && each.isServiceDeskError(error));
  const { sandbox } = tenantOf(kit);
  assert.ok(thrownBy(() => sandbox.fault({})) instanceof kit.ValidationError);
  assert.ok((await failureOf(kit.serve({}))) instanceof kit.ValidationError);
});

eachWay("fields that are not known are absent, not undefined", async (kit) => {
  const error = await failing(kit, () => json({}, { status: 404 }));
  const own = Object.keys(error);
  for (const name of own) assert.notEqual(error[name], undefined, name);
  for (const name of ["detailCode", "trackingId", "requestId", "retryAfterMs"]) assert.equal(own.includes(name), false, name);
});

eachWay("a brand is no key that a log would show", async (kit) => {
  const error = await failing(kit, () => json({}, { status: 404 }));
  assert.deepEqual(Object.getOwnPropertySymbols(error), []);
});

for (const [own, other] of [[first, second], [second, first]]) {
  test(`a patch and a filter of the copy by ${other.way} serve a client of the copy by ${own.way}`, async () => {
    const { client } = tenantOf(own);
    const made = await client.integrations.create({ name: "Acme", description: "", type: "Generic SDIM", attributes: {} });
    const changed = await client.integrations.patch(made.id, other.patch().replace("/description", "Tickets"));
    assert.equal(changed.description, "Tickets");
    const { items } = await client.integrations.list({ filters: own.filter.name.eq("acme").and(other.filter.id.eq(made.id)) });
    assert.deepEqual(items.map(({ id }) => id), [made.id]);
  });
}

eachWay("no value makes isServiceDeskError or instanceof throw", (kit) => {
  const no = () => {
    throw new Error("no");
  };
  const hostile = new Proxy({}, Object.fromEntries(["get", "has", "getPrototypeOf", "getOwnPropertyDescriptor", "ownKeys"].map((trap) => [trap, no])));
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const brand = Symbol.for("isc-service-desk.ServiceDeskError");
  for (const value of [hostile, revoked, Object.defineProperty({}, brand, { get: no }), Object.create(hostile), Object.create(revoked)]) {
    assert.equal(kit.isServiceDeskError(value), false);
    for (const name of classNames) assert.equal(value instanceof kit[name], false, name);
    class Mine extends kit.NotFoundError {}
    assert.equal(value instanceof Mine, false);
  }
});

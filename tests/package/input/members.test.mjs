// The members of what the package gives: each can be taken from its object, be replaced by a spy, and be reached through the
// proxies that states of user interfaces are made of; and none shows a credential.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { inspect } from "node:util";

import { QUICK, refusal } from "../helpers/call-kit.mjs";
import { everythingOf, found } from "../helpers/everything.mjs";
import { INPUT, INTEGRATION, STATUS_CHECK, TEMPLATE, eachWay, failureOf, json, operations, scripted, thrownBy } from "../helpers/kits.mjs";

const TYPES = [{ name: "n", type: "t", scriptName: "s" }];
const PATCH = [{ op: "replace", path: "/description", value: "Tickets" }];

/** Answers each operation with a value of its kind. */
function answered({ method, url }) {
  const { pathname, searchParams } = new URL(url);
  if (pathname.endsWith("/oauth/token")) return json({ access_token: "b0ught", token_type: "bearer", expires_in: 749 });
  if (method === "DELETE") return new Response(null, { status: 204 });
  if (pathname.endsWith("/types")) return json(TYPES);
  if (pathname.includes("/templates/")) return json(TEMPLATE);
  if (pathname.endsWith("/status-check-configuration")) return json(STATUS_CHECK);
  if (searchParams.has("limit")) return json([INTEGRATION], { headers: { "x-total-count": "1" } });
  return json(INTEGRATION);
}

const scriptedBy = (kit, options) => scripted(kit, answered, { ...QUICK, ...options });

eachWay("each method of a client works without its object", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  const { list, iterate, get, create, replace, patch, update, delete: remove } = client.integrations;
  const { list: listTypes } = client.types;
  const { get: getTemplate } = client.templates;
  const { get: getStatusCheck, update: updateStatusCheck } = client.statusCheck;
  assert.deepEqual((await list()).items, [INTEGRATION]);
  for (const call of [get, (id) => replace(id, INPUT), (id) => patch(id, PATCH), (id) => update(id, (now) => now)]) {
    assert.deepEqual(await call("an-id"), INTEGRATION);
  }
  assert.deepEqual([await create(INPUT), await remove("an-id")], [INTEGRATION, undefined]);
  assert.deepEqual([await listTypes(), await getTemplate("s"), await getStatusCheck(), await updateStatusCheck(STATUS_CHECK)], [TYPES, TEMPLATE, STATUS_CHECK, STATUS_CHECK]);
  const { pages, [Symbol.asyncIterator]: items } = iterate();
  const [{ next }, pagesOfIt] = [items(), pages()];
  assert.deepEqual((await next()).value, INTEGRATION);
  for await (const page of pagesOfIt) assert.deepEqual(page.items, [INTEGRATION]);
  assert.ok(asked.length >= 12);
});

eachWay("each method of a filter and of a patch works without its object", (kit) => {
  const { filter, patch } = kit;
  const { eq } = filter.name;
  const { in: isIn } = filter.type;
  const { parse, raw } = filter;
  const { and, or, not, matches, toString } = eq("a");
  const texts = [and(eq("b")), or(isIn(["t"])), not(), parse('name eq "x"'), raw("anything")].map(String);
  assert.deepEqual(texts, ['name eq "a" and name eq "b"', 'name eq "a" or type in ("t")', 'not name eq "a"', 'name eq "x"', "anything"]);
  assert.deepEqual([matches({ ...INTEGRATION, name: "a" }), matches(INTEGRATION), toString()], [true, false, 'name eq "a"']);
  const { replace } = patch();
  const { toJSON, length } = replace("/description", "Tickets");
  assert.deepEqual([toJSON(), length], [PATCH, 1]);
});

eachWay("a method that is given to map() is told that an index is no options", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  for (const give of [client.integrations.get, client.templates.get, client.integrations.delete]) {
    const [error] = await Promise.all(["an-id"].map(give).map(failureOf));
    assert.equal(error.constructor, kit.ValidationError, String(error));
    assert.deepEqual([error.field, asked.length], ["options", 0]);
    assert.match(error.message, /options must be an object/);
  }
});

const parts = ["integrations", "types", "templates", "statusCheck"];

eachWay("each method of a client can be replaced by a function of a test, and put back", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  for (const part of parts) {
    for (const name of Object.keys(client[part])) {
      const { [name]: before } = client[part];
      client[part][name] = async () => "of the test";
      assert.equal(await client[part][name]("an-id"), "of the test");
      client[part][name] = before;
    }
    const before = client[part];
    client[part] = "of the test";
    assert.equal(client[part], "of the test");
    client[part] = before;
  }
  assert.equal(asked.length, 0);
  for (const { call, answers } of operations) {
    const given = await call(client, "an-id");
    assert.deepEqual(given?.items ?? given, answers);
  }
});

eachWay("each method of a client, a filter and a patch can be watched by a spy", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  const { filter } = kit;
  const { ServiceDeskClient } = kit;
  for (const object of [...parts.map((part) => client[part]), filter, filter.id, filter.name, filter.type, filter.cluster]) {
    const methods = Object.keys(object).filter((name) => typeof object[name] === "function");
    assert.ok(methods.length > 0);
    for (const name of methods) {
      const spy = mock.method(object, name, () => "of the test");
      assert.deepEqual([object[name]("x"), spy.mock.callCount()], ["of the test", 1]);
      spy.mock.restore();
    }
  }
  assert.equal(asked.length, 0);
  const seen = mock.method(client.types, "list");
  assert.deepEqual(await client.types.list(), TYPES);
  assert.deepEqual([seen.mock.callCount(), asked.length], [1, 1]);
  const one = filter.name.eq("x");
  mock.method(one, "toString", () => "of the test");
  assert.equal(String(one), "of the test");
  // A static one, too.
  const made = mock.method(ServiceDeskClient, "fromEnv", () => client);
  assert.equal(ServiceDeskClient.fromEnv(), client);
  made.mock.restore();
});

eachWay("a spy on one client is none on another", async (kit) => {
  const [first, second] = [scriptedBy(kit), scriptedBy(kit)];
  first.client.types.list = async () => "of the test";
  assert.deepEqual([await first.client.types.list(), await second.client.types.list()], ["of the test", TYPES]);
});

eachWay("what is replaced on the outside changes nothing that a client does inside", async (kit) => {
  const { client, baseUrl, asked } = scriptedBy(kit);
  client.integrations.get = client.integrations.patch = () => assert.fail("it is asked on the outside only");
  await client.integrations.update("an-id", (now) => ({ ...now, name: "another" }));
  client.baseUrl = "https://evil.example";
  await client.types.list();
  assert.deepEqual([...new Set(asked.map(({ url }) => new URL(url).origin))], [baseUrl]);
});

/** A proxy of plain objects, arrays and instances of classes, and of all that is reached through it, as states of Vue are. */
function reactive(value) {
  const isObserved = typeof value === "object" && value !== null && Object.isExtensible(value)
    && ["[object Object]", "[object Array]"].includes(Object.prototype.toString.call(value));
  if (!isObserved) return value;
  return new Proxy(value, { get: (target, name, receiver) => reactive(Reflect.get(target, name, receiver)) });
}

eachWay("a client works in the proxy of a state", async (kit) => {
  const { client, asked, baseUrl } = scriptedBy(kit);
  const state = reactive({ client });
  assert.notEqual(state.client, client);
  for (const { call, answers } of operations) {
    const given = await call(state.client, "an-id");
    assert.deepEqual(given?.items ?? given, answers);
  }
  const updated = await state.client.integrations.update("an-id", (now) => ({ ...now, name: "another" }));
  assert.deepEqual(updated, INTEGRATION);
  const seen = [];
  for await (const each of state.client.integrations.iterate()) seen.push(each);
  for await (const { items } of state.client.integrations.iterate().pages()) seen.push(...items);
  const walk = reactive({ walk: client.integrations.iterate() }).walk;
  for await (const each of walk) seen.push(each);
  assert.deepEqual(seen, [INTEGRATION, INTEGRATION, INTEGRATION]);
  assert.deepEqual([state.client.baseUrl, state.client.apiVersion], [baseUrl, "v1"]);
  assert.ok(state.client instanceof kit.ServiceDeskClient);
  assert.ok(asked.length > 12);
});

eachWay("a client is made of options in the proxy of a state", async (kit) => {
  const { baseUrl } = scriptedBy(kit);
  const state = reactive({ options: { ...QUICK, baseUrl, auth: { token: async () => "t0ken" }, headers: { "x-a": "b" }, fetch: async (request) => answered(request) } });
  const client = new kit.ServiceDeskClient(state.options);
  assert.deepEqual(await client.types.list(reactive({ retry: { attempts: 1 }, headers: { "x-c": "d" } })), TYPES);
});

eachWay("a filter works in the proxy of a state", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  const { filter, Filter } = kit;
  const state = reactive({ query: { filters: filter.name.eq("a"), limit: 5 }, other: filter.raw("anything") });
  const { filters } = state.query;
  assert.notEqual(filters, filter.name.eq("a"));
  assert.deepEqual([String(filters), `${filters.and(state.query.filters)}`], ['name eq "a"', 'name eq "a" and name eq "a"']);
  assert.deepEqual([String(filters.not()), String(filter.id.eq("x").or(filters))], ['not name eq "a"', 'id eq "x" or name eq "a"']);
  assert.deepEqual([filters.matches(reactive({ ...INTEGRATION, name: "a" })), filters instanceof Filter], [true, true]);
  await client.integrations.list(state.query);
  await client.integrations.list({ filters });
  await client.integrations.list({ filters: state.other });
  for await (const each of client.integrations.iterate({ filters })) assert.ok(each);
  const sent = asked.map(({ url }) => new URL(url).searchParams.get("filters"));
  assert.deepEqual(sent, ['name eq "a"', 'name eq "a"', "anything", 'name eq "a"']);
});

eachWay("a patch works in the proxy of a state", async (kit) => {
  const { client, asked } = scriptedBy(kit);
  const { patch, diff } = kit;
  const state = reactive({ patch: patch().replace("/description", "Tickets"), before: { ...INTEGRATION }, after: { ...INTEGRATION, name: "x" } });
  assert.deepEqual([state.patch.length, JSON.stringify(state.patch)], [1, JSON.stringify(PATCH)]);
  const longer = state.patch.replace("/name", "x");
  assert.equal(longer.length, 2);
  await client.integrations.patch("an-id", state.patch);
  await client.integrations.patch("an-id", state.patch.toJSON());
  assert.deepEqual(asked.map(({ body }) => JSON.parse(body)), [PATCH, PATCH]);
  assert.deepEqual(diff(state.before, state.after), diff(INTEGRATION, { ...INTEGRATION, name: "x" }));
});

eachWay("what an error holds can be put into the proxy of a state", async (kit) => {
  const { client } = scripted(kit, () => refusal(404), QUICK);
  const state = reactive({ error: await failureOf(client.integrations.get("an-id")) });
  assert.ok(state.error instanceof kit.NotFoundError && kit.isServiceDeskError(state.error));
  assert.deepEqual([state.error.status, state.error.attempts[0].status], [404, 404]);
});

const SECRET = "s3cr3t-of-the-test";

eachWay("no representation of a client, of its parts or of a walk shows a credential", async (kit) => {
  const headers = { "x-a": `${SECRET}-in-a-header` };
  for (const auth of [{ token: SECRET }, { clientId: "an id", clientSecret: SECRET }, { token: () => SECRET }]) {
    const { client } = scriptedBy(kit, { auth, headers });
    await client.types.list();
    const walk = client.integrations.iterate({ filters: kit.filter.name.eq("x") });
    const loop = walk[Symbol.asyncIterator]();
    await loop.next();
    for (const shown of [client, ...parts.map((part) => client[part]), walk, loop, reactive(client), { ...client }]) {
      assert.deepEqual(found(everythingOf(shown), SECRET), []);
    }
  }
});

eachWay("clients, filters and patches as JSON, in a log, and as a clone", (kit) => {
  const { client } = scriptedBy(kit);
  const filter = kit.filter.name.eq("a");
  const patch = kit.patch().replace("/description", "Tickets");
  assert.equal(JSON.stringify(client), '{"integrations":{},"types":{},"templates":{},"statusCheck":{}}');
  assert.deepEqual([JSON.stringify({ filter }), JSON.stringify(patch)], ['{"filter":"name eq \\"a\\""}', JSON.stringify(PATCH)]);
  const secret = patch.replace("/attributes/password", SECRET);
  assert.deepEqual([inspect(filter), inspect(secret)], ['Filter name eq "a"', 'PatchBuilder ["/description","/attributes/password"]']);
  assert.match(inspect(client), /^ServiceDeskClient \{\n {2}integrations: /);
  assert.doesNotMatch(inspect(client), /baseUrl|apiVersion/);
  assert.deepEqual(Object.keys(client), parts);
  assert.deepEqual([Object.keys(filter), Object.keys(patch)], [[], []]);
  assert.equal(thrownBy(() => structuredClone(client)).name, "DataCloneError");
  assert.deepEqual([structuredClone(filter), structuredClone(patch)], [{}, {}]);
});

eachWay("a class whose constructor is private in the types is not constructed by callers", (kit) => {
  class MyFilter extends kit.Filter {}
  class MyPatch extends kit.PatchBuilder {}
  for (const type of [kit.Filter, kit.PatchBuilder, MyFilter, MyPatch]) {
    for (const args of [[], [["name pr", true]], [undefined, ["name pr", true]], [{ length: 1 }]]) {
      assert.throws(() => new type(...args), { name: "TypeError", message: "a Filter is made by filter, a PatchBuilder by patch()" });
    }
  }
  assert.ok(kit.filter.name.eq("n") instanceof kit.Filter && kit.patch().replace("/name", "n") instanceof kit.PatchBuilder);
});

// Filters, walks over pages, patches and updates, against tenants that answer in every way that is known.
import assert from "node:assert/strict";
import test from "node:test";

import { INTEGRATION, LONG_WALK, TOKEN, eachWay, failureOf, json, kits, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

/** Every item of a loop, at most `most` of them. */
async function all(iterable, most = Infinity) {
  const items = [];
  for await (const item of iterable) if (items.push(item) >= most) break;
  return items;
}

const listRequests = (sandbox) => sandbox.requests.filter(({ method, path }) => method === "GET" && path.endsWith("/v1"));

const behaviours = [{}, { exposeTotal: false }, { pastEnd: 400 }, { exposeTotal: false, pastEnd: 400 }];

behaviours.forEach((behaviour, at) => {
  // What comes of 10 000 requests does not depend on how the package was loaded, and they take seconds: the ways take turns.
  const kit = kits[at % kits.length];
  // Pages of one that end in both ways at once: below, on a shorter list.
  const pageSizes = [...(at < 3 ? [1] : []), 7, 249, 250];
  test(`10 000 integrations are walked to the last, ${pageSizes} a page, with ${JSON.stringify(behaviour)} (${kit.way})`, async () => {
    let asked = 0;
    const fetch = (request) => {
      if (request.method === "GET") asked += 1;
      return sandbox.fetch(request);
    };
    const { client, sandbox } = tenantOf(kit, { ...LONG_WALK, fetch, sandbox: { integrations: 10_000, behaviour } });
    for (const pageSize of pageSizes) {
      asked = 0;
      const names = [];
      const ids = new Set();
      for await (const { id, name } of client.integrations.iterate({ pageSize })) {
        names.push(name);
        ids.add(id);
      }
      assert.deepEqual([names.length, ids.size], [10_000, 10_000]);
      assert.deepEqual(names, [...names].sort());
      // Without a total, the end of full pages is seen behind them: on a page that is empty, or refused.
      const beyond = behaviour.exposeTotal === false && 10_000 % pageSize === 0 ? 1 : 0;
      assert.ok(asked >= Math.ceil(10_000 / pageSize) + beyond && asked <= Math.ceil(10_000 / pageSize) + 1, `asked ${asked} times`);
    }
  });
});

eachWay("a walk asks for the total, by name, one page ahead", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 30 } });
  const pages = client.integrations.iterate({ pageSize: 10 }).pages()[Symbol.asyncIterator]();
  const { value } = await pages.next();
  assert.deepEqual([value.items.length, value.total, value.offset, value.limit], [10, 30, 0, 10]);
  await new Promise(setImmediate);
  assert.deepEqual(listRequests(sandbox).map(({ query }) => query), ["limit=10&count=true&sorters=name", "limit=10&offset=10&count=true&sorters=name"]);
  await pages.return();
  assert.deepEqual(await pages.next(), { done: true, value: undefined });
});

eachWay("a walk goes on from the next of a page, and each loop begins anew", async (kit) => {
  const { client } = tenantOf(kit, { sandbox: { integrations: 25 } });
  const whole = (await all(client.integrations.iterate())).map(({ id }) => id);
  const walk = client.integrations.iterate({ pageSize: 10, sorters: "name", count: false });
  let first;
  for await (const page of walk.pages()) {
    first = page;
    break;
  }
  const rest = (await all(client.integrations.iterate(first.next))).map(({ id }) => id);
  assert.deepEqual([...first.items.map(({ id }) => id), ...rest], whole);
  const [one, other] = await Promise.all([all(walk), all(walk)]);
  assert.deepEqual(one, other);
  assert.equal(one.length, 25);
});

eachWay("the query of the next page is plain JSON, unless its filter is raw", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 25 } });
  const filters = kit.filter.type.in(["ServiceNow SDIM", "Zendesk SDIM"]).and(kit.filter.name.eq("x").not());
  const { next } = await client.integrations.list({ limit: 2, filters });
  assert.equal(next.filters, String(filters));
  const carried = JSON.parse(JSON.stringify(next));
  assert.deepEqual((await client.integrations.list(carried)).items, (await client.integrations.list(next)).items);
  for await (const page of client.integrations.iterate({ pageSize: 2, filters }).pages()) {
    assert.ok([undefined, String(filters)].includes(page.next?.filters));
  }
  const raw = kit.filter.raw('type eq "Zendesk SDIM"');
  const page = await client.integrations.list({ limit: 1, filters: raw });
  assert.equal(page.next.filters, raw);
  assert.equal((await client.integrations.list(page.next)).items.length, 1);
  assert.equal(new Set(sandbox.requests.filter(({ method }) => method === "GET").map(({ query }) => query.includes("filters="))).size, 1);
});

eachWay("a loop stops at max, at a break and at an abort, and asks for no more", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 1000 } });
  assert.equal((await all(client.integrations.iterate({ max: 7, pageSize: 5 }))).length, 7);
  assert.deepEqual(await all(client.integrations.iterate({ max: 0 })), []);
  const before = sandbox.requests.length;
  assert.equal((await all(client.integrations.iterate({ pageSize: 10 }), 3)).length, 3);
  assert.ok(sandbox.requests.length - before <= 2);
  const controller = new AbortController();
  const reason = { why: "enough" };
  const seen = [];
  const aborted = async () => {
    for await (const item of client.integrations.iterate({ pageSize: 10 }, { signal: controller.signal })) {
      if (seen.push(item) === 15) controller.abort(reason);
    }
  };
  assert.equal(await failureOf(aborted()), reason);
  assert.equal(seen.length, 20);
});

eachWay("from the next of any page of a list, a loop takes what is left and no more", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 500 } });
  const ids = sandbox.snapshot().integrations.map(({ id }) => id);
  const query = { filters: kit.filter.type.eq("none").not(), pageSize: 70 };
  const pages = await all(client.integrations.iterate(query).pages());
  const taken = [];
  for (const { items, next } of pages) {
    taken.push(...items.map(({ id }) => id));
    const left = next ? (await all(client.integrations.iterate({ ...next, limit: undefined, pageSize: 250 }))).map(({ id }) => id) : [];
    assert.deepEqual([...taken, ...left].sort(), [...ids].sort(), `after ${taken.length}`);
  }
  assert.equal(taken.length, 500);
  assert.equal(pages.at(-1).next, undefined);
});

eachWay("calls of next that do not wait for each other get different items", async (kit) => {
  const { client } = tenantOf(kit, { sandbox: { integrations: 12 } });
  const loop = client.integrations.iterate({ pageSize: 5 })[Symbol.asyncIterator]();
  const taken = await Promise.all(Array.from({ length: 14 }, () => loop.next()));
  assert.equal(new Set(taken.filter(({ done }) => !done).map(({ value }) => value.id)).size, 12);
  assert.deepEqual(taken.slice(12), [{ done: true, value: undefined }, { done: true, value: undefined }]);
});

eachWay("a failure in the middle is raised, never taken for the end", async (kit) => {
  for (const status of [400, 401, 403, 404, 429, 500]) {
    const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 30 } });
    const seen = [];
    const walk = async () => {
      for await (const page of client.integrations.iterate({ pageSize: 10, prefetch: 0 }).pages()) {
        seen.push(page);
        if (seen.length === 1) sandbox.fault({ on: { method: "GET" }, times: 10, then: { status } });
      }
    };
    const error = await failureOf(walk());
    assert.deepEqual([error.status, seen.length], [status, 1]);
  }
});

eachWay("a loop that changes what its filter looks at comes to every item", async (kit) => {
  for (const [integrations, query] of [[600, {}], [600, { prefetch: 0 }], [40, { pageSize: 10 }], [40, { pageSize: 10, prefetch: 0 }]]) {
    const { client } = tenantOf(kit, { ...LONG_WALK, sandbox: { integrations } });
    const filters = kit.filter.type.eq("none").not();
    const { items: [one] } = await client.integrations.list({ limit: 1 });
    const here = kit.filter.cluster.eq(one.clusterRef.id).and(filters);
    const { total } = await client.integrations.list({ filters: here, limit: 0, count: true });
    const moved = new Set();
    for await (const { id } of client.integrations.iterate({ ...query, filters: here })) {
      await client.integrations.patch(id, kit.patch().replace("/clusterRef", { type: "CLUSTER", id: "another" }));
      moved.add(id);
    }
    assert.ok(total > 250 || integrations === 40);
    assert.equal(moved.size, total);
    assert.deepEqual((await client.integrations.list({ filters: here })).items, []);
  }
});

eachWay("what others delete during a walk hides no item", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { ...LONG_WALK, sandbox: { integrations: 1000 } });
  const ids = sandbox.snapshot().integrations.map(({ id }) => id);
  const found = [];
  for await (const { id } of client.integrations.iterate()) {
    if (found.push(id) === 300) await client.integrations.delete(found[0]);
  }
  assert.deepEqual([...found].sort(), [...ids].sort());
  const strict = failureOf((async () => {
    for await (const { id } of client.integrations.iterate({ strict: true, pageSize: 100 })) await client.integrations.delete(id);
  })());
  assert.equal((await strict).code, "page-drift");
});

const ODD_PAGE = [
  INTEGRATION, { ...INTEGRATION, id: "odd-id", attributes: "text" }, { ...INTEGRATION, id: "third", attributes: null }, { id: "fourth", name: "no type" },
  Object.fromEntries(Object.entries({ ...INTEGRATION, id: "fifth" }).filter(([name]) => name !== "attributes")),
];
const ODD_RECORDS = [
  { index: 1, path: "/attributes", message: "/attributes must be an object, got a string", value: ODD_PAGE[1] },
  { index: 3, path: "/type", message: "/type must be a string, got nothing", value: ODD_PAGE[3] },
];

eachWay("an odd record fails its page and is named", async (kit) => {
  const { client } = scripted(kit, () => json(ODD_PAGE));
  const error = await failureOf(client.integrations.list());
  assert.ok(error instanceof kit.BadResponseError);
  assert.equal(error.path, "/1/attributes");
  assert.match(error.message, /\/1\/attributes must be an object, got a string, in the record "odd-id"$/);
  assert.equal((await failureOf(all(client.integrations.iterate({ invalid: "throw" })))).path, "/1/attributes");
  // What a record is called comes from the server, and may hold a secret.
  const echoing = scripted(kit, () => json([{ name: `${TOKEN}\u202e` }]));
  assert.match((await failureOf(echoing.client.integrations.list())).message, /in the record "\[redacted\]\\u\{202e\}"$/);
});

eachWay("odd records are kept apart where that is asked for, and the others are items", async (kit) => {
  const { client, asked } = scripted(kit, () => json(ODD_PAGE, { headers: { "x-total-count": "5" } }));
  const sound = [ODD_PAGE[0], ODD_PAGE[2], ODD_PAGE[4]];
  const page = await client.integrations.list({ invalid: "keep" });
  assert.deepEqual([page.items, page.invalid], [sound, ODD_RECORDS]);
  assert.ok(!asked[0].url.includes("invalid"));
  assert.deepEqual(await all(client.integrations.iterate({ invalid: "keep" })), sound);
  const pages = await all(client.integrations.iterate({ invalid: "keep" }).pages());
  assert.deepEqual(pages.map(({ items, invalid, total }) => [items, invalid, total]), [[sound, ODD_RECORDS, 5]]);
  const { client: fine } = scripted(kit, () => json([INTEGRATION]));
  assert.deepEqual((await fine.integrations.list({ invalid: "keep" })).invalid, []);
  assert.equal("invalid" in (await fine.integrations.list()), false);
  const { client: none } = scripted(kit, () => json({ items: [] }));
  assert.ok((await failureOf(none.integrations.list({ invalid: "keep" }))) instanceof kit.BadResponseError);
  assert.equal((await failureOf(client.integrations.list({ invalid: "kept" }))).field, "invalid");
});

eachWay("pages with odd records are paged by what was received, and the next page keeps them too", async (kit) => {
  const rows = Array.from({ length: 7 }, (_, at) => (at % 3 === 1 ? { odd: at } : { ...INTEGRATION, id: `id-${at}` }));
  const { client } = scripted(kit, ({ url }) => {
    const { searchParams } = new URL(url);
    const offset = Number(searchParams.get("offset") ?? 0);
    return json(rows.slice(offset, offset + Number(searchParams.get("limit"))), { headers: { "x-total-count": "7" } });
  });
  let query = { limit: 2, invalid: "keep", count: true };
  const seen = [];
  while (query) {
    const { items, invalid, next } = await client.integrations.list(query);
    seen.push([items.length, invalid.length]);
    query = next;
  }
  assert.deepEqual(seen, [[1, 1], [2, 0], [1, 1], [1, 0]]);
  const pages = await all(client.integrations.iterate({ pageSize: 2, invalid: "keep" }).pages());
  assert.deepEqual(pages.flatMap(({ invalid }) => invalid.map(({ value }) => value.odd)), [1, 4]);
  const rest = await all(client.integrations.iterate(pages[0].next).pages());
  assert.deepEqual(rest.flatMap(({ items }) => items.length), [2, 1, 1]);
  assert.equal((await all(client.integrations.iterate({ pageSize: 1, invalid: "keep" }))).length, 5);
});

eachWay("a server that ignores the offset is drift, not an endless list", async (kit) => {
  const page = Array.from({ length: 2 }, (_, at) => ({ ...INTEGRATION, id: `i${at}` }));
  const { client } = scripted(kit, () => json(page));
  const error = await failureOf(all(client.integrations.iterate({ pageSize: 2 })));
  assert.ok(error instanceof kit.PageDriftError);
  assert.equal(error.code, "page-drift");
});

eachWay("an empty in is an empty page without a request, and a long one says how many of its values fit", async (kit) => {
  const { client, sandbox } = tenantOf(kit, { sandbox: { integrations: 600 } });
  const none = kit.filter.id.in([]);
  assert.deepEqual(await client.integrations.list({ filters: none, count: true }), { items: [], offset: 0, limit: 250, total: 0 });
  assert.deepEqual(await all(client.integrations.iterate({ filters: none.and(kit.filter.name.eq("a")) })), []);
  assert.equal(sandbox.requests.length, 0);
  const ids = sandbox.snapshot().integrations.map(({ id }) => id);
  const many = { filters: kit.filter.id.in(ids) };
  const error = await failureOf(client.integrations.list(many));
  assert.equal(error.field, "filters");
  const fitting = Number(/: (\d+) of the 600 values fit into one call$/.exec(error.message)?.[1]);
  assert.equal(thrownBy(() => client.integrations.iterate(many)).field, "filters");
  assert.equal(sandbox.requests.length, 0);
  const some = { filters: kit.filter.id.in(ids.slice(0, fitting - 1)) };
  assert.equal((await client.integrations.list(some)).items.length, fitting - 1);
  assert.equal((await all(client.integrations.iterate(some))).length, fitting - 1);
});

eachWay("bad queries of a walk are refused at once", async (kit) => {
  const { client, sandbox } = tenantOf(kit);
  const fields = [
    [{ pageSize: 0 }, "pageSize"], [{ pageSize: 251 }, "pageSize"], [{ prefetch: 2 }, "prefetch"], [{ max: -1 }, "max"], [{ pagesize: 5 }, "pagesize"],
    [{ filters: "name co \"a\"" }, "filters"], [{ sorters: "type" }, "sorters"], [{ strict: 1 }, "strict"], [null, "query"], ["name", "query"],
  ];
  for (const [query, field] of fields) {
    const error = thrownBy(() => client.integrations.iterate(query));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.equal(error.field, field);
  }
  assert.equal(thrownBy(() => client.integrations.iterate({}, { timeoutMs: 0 })).field, "timeoutMs");
  assert.equal(sandbox.requests.length, 0);
});

eachWay("filters are built, printed, parsed and judged alike", async (kit) => {
  const { filter } = kit;
  const mine = filter.type.in(["ServiceNow SDIM", "Generic SDIM"]).and(filter.name.eq('a "b" \\ c').not()).or(filter.cluster.eq("x"));
  const text = 'type in ("ServiceNow SDIM","Generic SDIM") and not name eq "a \\"b\\" \\\\ c" or cluster eq "x"';
  assert.equal(String(mine), text);
  assert.equal(`${filter.parse(text)}`, text);
  assert.ok(mine.matches({ name: "n", type: "generic sdim", attributes: {} }));
  assert.ok(!mine.matches({ name: 'A "B" \\ C', type: "Generic SDIM", attributes: {} }));
  assert.ok(mine.matches({ name: "n", type: "t", attributes: {}, clusterRef: { id: "X" } }));
  assert.equal(String(filter.raw("new co 1").and(filter.id.eq("1"))), '(new co 1) and id eq "1"');
  for (const bad of [() => filter.id.eq(7), () => filter.id.in("a"), () => filter.id.in([null]), () => filter.parse("id eq"), () => filter.raw(" "), () => mine.and("x")]) {
    assert.ok(thrownBy(bad) instanceof kit.ValidationError);
  }
});

test("a filter of one copy of the package is a filter of the other", async () => {
  const [one, other] = kits;
  const { client, sandbox } = tenantOf(one);
  await client.integrations.list({ filters: other.filter.name.eq("a").and(other.filter.raw("b pr")) }).catch(() => {});
  assert.equal(decodeURIComponent(sandbox.requests.at(-1).query), 'limit=250&filters=name eq "a" and (b pr)');
  assert.equal(String(one.filter.id.eq("1").or(other.filter.raw("x"))), 'id eq "1" or (x)');
});

eachWay("patches are immutable, checked and sent as they print", async (kit) => {
  const { client, sandbox } = tenantOf(kit);
  const [{ id }] = (await client.integrations.list()).items;
  const one = kit.patch().replace("/description", "x");
  const two = one.replace("/attributes/url", "https://a.example");
  assert.deepEqual([one.length, two.length], [1, 2]);
  await client.integrations.patch(id, two);
  assert.deepEqual(sandbox.requests.at(-1).body, two.toJSON());
  assert.deepEqual(JSON.parse(JSON.stringify(two)), two.toJSON());
  for (const [path, value, field] of [
    ["/id", "x", "path"], ["", {}, "path"], ["description", "x", "path"], ["/nope", 1, "path"], ["/description", 7, "value"], ["/attributes/a", null, "value"],
    ["/attributes/a", 1.5, "value"], ["/attributes/a", undefined, "value"], ["/attributes/a", [[1]], "value"], ["/attributes/a", 1n, "value"],
  ]) {
    assert.equal(thrownBy(() => kit.patch().replace(path, value)).field, field, `${path} ${String(value)}`);
  }
  assert.equal((await failureOf(client.integrations.patch(id, kit.patch()))).field, "operations");
});

eachWay("a difference says the deepest patch, or that it takes a PUT, and hides secrets", async (kit) => {
  const before = { name: "n", description: "d", type: "t", attributes: { url: "a", password: "old-pass", deep: { a: 1, b: [] } } };
  const after = structuredClone(before);
  Object.assign(after.attributes, { url: "b", password: "new-pass" });
  after.attributes.deep.a = 2;
  const { patch, needsReplace, changes } = kit.diff(before, after);
  assert.equal(needsReplace, false);
  assert.deepEqual(patch.map(({ path }) => path), ["/attributes/url", "/attributes/password", "/attributes/deep/a"]);
  assert.doesNotMatch(JSON.stringify(changes), /-pass/);
  assert.deepEqual(changes.map(({ secret }) => secret), [false, true, false]);
  assert.equal(kit.diff(before, { ...before, ownerRef: { id: "o" } }).needsReplace, true);
  assert.deepEqual(kit.diff(before, structuredClone(before)), { patch: [], needsReplace: false, changes: [], atRisk: [] });
  assert.equal(thrownBy(() => kit.diff(7, before)).field, "before");
});

eachWay("update sends the smallest patch, a PUT where it must, and nothing where nothing changed", async (kit) => {
  const { client, sandbox } = tenantOf(kit);
  const { id } = (await client.integrations.list()).items[0];
  const writes = () => sandbox.requests.filter(({ method }) => method !== "GET" && method !== "POST").map(({ method, body }) => [method, body]);
  const infos = [];
  const same = await client.integrations.update(id, (now) => now, { onResponse: (info) => infos.push(info) });
  assert.equal(same.id, id);
  assert.deepEqual([writes(), infos.length], [[], 1]);
  await client.integrations.update(id, (now) => {
    now.attributes.url = "https://b.example";
    return now;
  });
  assert.deepEqual(writes(), [["PATCH", [{ op: "replace", path: "/attributes/url", value: "https://b.example" }]]]);
  const owned = await client.integrations.update(id, async (now) => ({ ...now, beforeProvisioningRule: { type: "RULE", id: "r" }, managedSources: undefined }), {
    hiddenSecrets: "send-back",
  });
  assert.equal(owned.beforeProvisioningRule.id, "r");
  assert.equal(owned.attributes.url, "https://b.example");
});

eachWay("update starts over when the integration moved, and gives up honestly", async (kit) => {
  const { client } = tenantOf(kit);
  const { id } = (await client.integrations.list()).items[0];
  let seen = 0;
  const meddle = async (now, times, description) => {
    if (seen++ < times) await client.integrations.patch(id, kit.patch().replace("/name", `meddled ${seen}`));
    return { ...now, description };
  };
  const won = await client.integrations.update(id, (now) => meddle(now, 3, "mine"));
  assert.deepEqual([seen, won.description, won.name], [4, "mine", "meddled 3"]);
  seen = 0;
  const error = await failureOf(client.integrations.update(id, (now) => meddle(now, 9, "never written")));
  assert.ok(error instanceof kit.EditConflictError);
  assert.deepEqual([error.code, seen, error.attempts.length], ["edit-conflict", 4, 5]);
  assert.equal((await client.integrations.get(id)).description, "mine");
});

eachWay("what change throws passes through, and what it gives is checked", async (kit) => {
  const { client, sandbox } = tenantOf(kit);
  const { id } = (await client.integrations.list()).items[0];
  const thrown = { mine: true };
  assert.equal(await failureOf(client.integrations.update(id, () => { throw thrown; })), thrown);
  assert.equal(await failureOf(client.integrations.update(id, () => Promise.reject(thrown))), thrown);
  for (const given of [undefined, null, 7, [], "x"]) {
    assert.ok((await failureOf(client.integrations.update(id, () => given))) instanceof kit.ValidationError, String(given));
  }
  assert.equal((await failureOf(client.integrations.update(id, "x"))).field, "change");
  const late = await failureOf(client.integrations.update(id, () => new Promise(() => {}), { timeoutMs: 30 }));
  assert.deepEqual([late.code, late.limit], ["timeout", "call"]);
  const aborted = client.integrations.update(id, () => new Promise(() => {}), { signal: AbortSignal.timeout(30) });
  assert.equal((await failureOf(aborted)).name, "TimeoutError");
  assert.ok(sandbox.requests.every(({ method }) => method === "GET" || method === "POST"));
});

eachWay("a deep pointer that the server refuses is tried once more as a whole field, where nothing is hidden", async (kit) => {
  const { client, sandbox } = tenantOf(kit);
  const { id } = (await client.integrations.list()).items[0];
  sandbox.fault({ on: { method: "PATCH" }, then: { status: 403 } });
  const infos = [];
  const changed = await client.integrations.update(id, (now) => ({ ...now, attributes: { ...now.attributes, url: "https://c.example" } }), {
    hiddenSecrets: "none",
    onResponse: (info) => infos.push(info),
  });
  assert.equal(changed.attributes.url, "https://c.example");
  const patches = sandbox.requests.filter(({ method }) => method === "PATCH");
  assert.deepEqual(patches.map(({ status, body }) => [status, body[0].path]), [[403, "/attributes/url"], [200, "/attributes"]]);
  assert.deepEqual(infos[0].attempts.map(({ status }) => status), [200, 200, 403, 200]);
});

eachWay("what is no query is refused by iterate() as by list()", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  for (const query of [kit.filter.name.eq("x"), [], new Map([["max", 1]])]) {
    assert.ok(thrownBy(() => client.integrations.iterate(query)) instanceof kit.ValidationError);
    assert.ok(await failureOf(client.integrations.list(query)) instanceof kit.ValidationError);
  }
  assert.equal(asked.length, 0);
});

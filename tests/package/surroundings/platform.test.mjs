// What a page may have put in the place of the platform's, or given every object and array: calls end as they would without.
import assert from "node:assert/strict";

import { bounded, inTurn } from "../helpers/call-kit.mjs";
import { INPUT, INTEGRATION, eachWay, failureOf, json, scripted } from "../helpers/kits.mjs";

/** Runs with a property of an object or prototype, which is taken back. */
async function having(object, name, value, run) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { configurable: true, enumerable: false, writable: true, value });
  try {
    return await run();
  } finally {
    if (before === undefined) delete object[name];
    else Object.defineProperty(object, name, before);
  }
}

for (const [name, value] of Object.entries({ error: {}, thrown: 0, page: {}, pages: [0], failedPage: 0, keep: [], report: {}, tokenRequests: [0], cause: {} })) {
  eachWay(`a member ${name} of every object changes nothing that a call ends with`, async (kit) => {
    const answer = { ...INTEGRATION, id: "made" };
    const respond = (request) => (request.url.endsWith("/oauth/token") ? json({ access_token: "t", token_type: "bearer", expires_in: 749 }) : request.url.endsWith("/gone") ? json({}, { status: 404 }) : json(answer));
    const { client } = scripted(kit, respond, { auth: { clientId: "id", clientSecret: "secret" } });
    await having(Object.prototype, name, value, async () => {
      assert.equal((await bounded(client.integrations.create(INPUT))).id, "made");
      assert.equal((await bounded(client.integrations.get("made"))).name, INTEGRATION.name);
      assert.equal((await bounded(failureOf(client.integrations.get("gone")))).code, "not-found");
      assert.equal(String(kit.filter.name.eq("a")), 'name eq "a"');
    });
    assert.equal((await bounded(client.integrations.get("made"))).id, "made");
  });
}

eachWay("a signal of every object, which the platform itself takes for one, ends with that the failures of a client", async (kit) => {
  const respond = (request) => (request.url.endsWith("/oauth/token") ? json({ access_token: "t", token_type: "bearer", expires_in: 749 }) : json([]));
  const { client } = scripted(kit, respond, { auth: { clientId: "id", clientSecret: "secret" } });
  await having(Object.prototype, "signal", "x", () => bounded(client.types.list().catch(() => {})));
  assert.deepEqual(await bounded(client.types.list({ timeoutMs: "none" })), []);
});

eachWay("a toJSON of every array takes nothing from a query", async (kit) => {
  const { client, asked } = scripted(kit, () => json("[]"));
  await having(Array.prototype, "toJSON", () => "[]", async () => {
    for await (const item of client.integrations.iterate({ filters: 'name eq "a"' })) assert.fail(item);
    await client.types.list();
  });
  assert.match(decodeURIComponent(asked[0].url), /name eq "a"/);
  assert.match(asked[1].url, /types$/);
});

eachWay("options from a class may have a signal that is none, or is heard in every loop", async (kit) => {
  class None {
    get signal() {
      return null;
    }
  }
  const { client } = scripted(kit, () => json([]));
  assert.deepEqual(await client.types.list(new None()), []);
  const controller = new AbortController();
  class Aborted {
    get signal() {
      return controller.signal;
    }
  }
  const loops = client.integrations.iterate({}, new Aborted());
  for await (const item of loops) assert.fail(item);
  controller.abort("enough");
  assert.equal(await failureOf(loops[Symbol.asyncIterator]().next()), "enough");
});

eachWay("a setTimeout that throws ends its call alone, also the first of a queue", async (kit) => {
  const { client } = scripted(kit, () => json([]), { rateLimit: { requests: 1, perMs: 50 } });
  await client.types.list();
  const failed = await having(globalThis, "setTimeout", () => { throw new Error("no timers"); }, () => failureOf(client.types.list()));
  assert.match(String(failed), /no timers/);
  assert.deepEqual(await bounded(client.types.list({ timeoutMs: "none" })), []);
});

eachWay("a clearTimeout that throws, or that calls the package, keeps no call from its end", async (kit) => {
  const { client } = scripted(kit, inTurn([503], () => json([])), { retry: { baseDelayMs: 0 }, rateLimit: { requests: 3, perMs: 50 } });
  for (const clear of [() => { throw new Error("no timers"); }, () => String(kit.filter.id.eq("x"))]) {
    await having(globalThis, "clearTimeout", clear, async () => {
      assert.deepEqual(await Promise.all([1, 2, 3, 4].map(() => client.types.list())), [[], [], [], []]);
    });
  }
});

eachWay("a list that needs no request hears its signal", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  const filters = kit.filter.id.in([]);
  assert.equal(await failureOf(client.integrations.list({ filters }, { signal: AbortSignal.abort("enough") })), "enough");
  assert.deepEqual((await client.integrations.list({ filters })).items, []);
  assert.equal(asked.length, 0);
});

eachWay("an update whose function is not done in time tells its history", async (kit) => {
  const { client } = scripted(kit, () => json({ ...INTEGRATION, id: "made" }));
  const error = await bounded(failureOf(client.integrations.update("made", () => new Promise(() => {}), { timeoutMs: 50 })));
  assert.deepEqual([error.code, error.attempts.map(({ status }) => status)], ["timeout", [200]]);
});

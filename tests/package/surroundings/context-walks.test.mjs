// In which async context the pages of a walk are asked for: in that of the step that began to.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";

import { QUICK, bounded, refusal, sleep } from "../helpers/call-kit.mjs";
import { INTEGRATION, eachWay, json, scripted } from "../helpers/kits.mjs";

const context = new AsyncLocalStorage();
const user = () => context.getStore();

const TOTAL = 7;

/** A list of so many that a user sees, two on a page. */
const QUERY = Object.freeze({ pageSize: 2 });

const rows = (name) => Array.from({ length: TOTAL }, (_, index) => ({ ...INTEGRATION, id: `${name}-${index}`, name }));

/**
 * A list of each user's own; `asked` tells of each request which page it is, the user of its token and its context. The first
 * answer to each user is a 503.
 */
function lister(kit, options = {}) {
  const asked = [];
  const met = new Set();
  const respond = async (request) => {
    const name = request.headers.get("authorization").replace("Bearer token-of-", "");
    const offset = Number(new URL(request.url).searchParams.get("offset"));
    asked.push([offset, name, user()]);
    await sleep(1);
    const [own] = name.split(".");
    if (!met.has(own)) return met.add(own) && refusal(503);
    return json(rows(name).slice(offset, offset + 2), { headers: { "x-total-count": String(TOTAL) } });
  };
  const token = async () => `token-of-${user()}`;
  return { ...scripted(kit, respond, { ...QUICK, auth: { token }, ...options }), asked };
}

/** What a walk gives in a user's context: every item, or every page. */
async function walked(name, open) {
  const found = [];
  await context.run(name, async () => {
    for await (const each of open()) found.push(...(each.items ?? [each]));
  });
  return found;
}

/** The steps of a walk, each in a context of its own that names it; of each page, the step that began to ask for it. */
async function begunBy(asked, name, walkable) {
  const walk = walkable[Symbol.asyncIterator]();
  for (let step = 1, isDone = false; !isDone; step += 1) {
    ({ done: isDone } = await context.run(`${name}.${step}`, () => walk.next()));
    // What is fetched ahead has come when the next step begins.
    await sleep(10);
  }
  const own = asked.filter(([, , by]) => by.startsWith(`${name}.`));
  return own.map(([offset, , by]) => `${offset} by ${by.replace(`${name}.`, "")}`);
}

const ways = {
  "items": (client, options) => client.integrations.iterate(QUERY, options),
  "pages": (client, options) => client.integrations.iterate(QUERY, options).pages(),
};
/** Of seven items, two on a page: the step that began to ask for each page, the first of which is asked for twice. */
const BEGUN = {
  items: ["0 by 1", "0 by 1", "2 by 1", "4 by 3", "6 by 5"],
  pages: ["0 by 1", "0 by 1", "2 by 1", "4 by 2", "6 by 3"],
};

const limits = { "": {}, ", also where they wait for room": { rateLimit: { requests: 3, perMs: 20 } } };

for (const [what, open] of Object.entries(ways)) {
  for (const [when, limit] of Object.entries(limits)) {
    eachWay(`walks over ${what} at the same time each have the token of their own context${when}`, async (kit) => {
      const { client, asked } = lister(kit, limit);
      const names = ["ann", "bob", "cid", "dan"];
      const found = await bounded(Promise.all(names.map((name) => walked(name, () => open(client)))));
      assert.deepEqual(found, names.map(rows));
      assert.deepEqual(asked.filter(([, token, by]) => token !== by), []);
      assert.equal(asked.length, names.length * (1 + Math.ceil(TOTAL / 2)));
    });
  }

  eachWay(`of walks over ${what} that are stepped through in turn, each page is asked for in the context of its own walk's step`, async (kit) => {
    const { client, asked } = lister(kit);
    const all = await Promise.all(["ann", "bob"].map((name) => begunBy(asked, name, open(client))));
    assert.deepEqual(asked.filter(([, token, by]) => token !== by), []);
    assert.deepEqual(all, [BEGUN[what], BEGUN[what]]);
  });
}

// Calls and walks that overlap: what becomes of one, its end, its failure, its being left, is nothing to another.
import assert from "node:assert/strict";

import { QUICK, bounded, refusal, sleep, until } from "../helpers/call-kit.mjs";
import { INTEGRATION, eachWay, failureOf, json, scripted } from "../helpers/kits.mjs";

const TOTAL = 20;
const rows = Array.from({ length: TOTAL }, (_, index) => ({ ...INTEGRATION, id: `id-${index}` }));

/** How often a client must begin what it does until a number is used again that it gives to its work. */
const OFTEN = 8;

/** A list, two on a page; `answer` may answer another thing than the page at an offset. One integration answers slowly. */
function lister(kit, { answer = () => undefined, ...options } = {}) {
  const respond = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.endsWith("/slow")) await sleep(40);
    if (!searchParams.has("limit")) return json(INTEGRATION);
    const offset = Number(searchParams.get("offset"));
    return (await answer(offset)) ?? json(rows.slice(offset, offset + 2), { headers: { "x-total-count": String(TOTAL) } });
  };
  return scripted(kit, respond, { ...QUICK, ...options });
}

const QUERY = Object.freeze({ pageSize: 2 });

async function walked(iterable) {
  const found = [];
  for await (const each of iterable) found.push(each);
  return found;
}

for (const rateLimit of [{ requests: 1, perMs: 5 }, { requests: 3, perMs: 10 }, { requests: 1_000, perMs: 10, concurrency: 1 }]) {
  eachWay(`walks that wait for room at the same time all end, with ${JSON.stringify(rateLimit)}`, async (kit) => {
    const { client, asked } = lister(kit, { rateLimit });
    const walks = Array.from({ length: 4 }, () => walked(client.integrations.iterate(QUERY)));
    assert.deepEqual(await bounded(Promise.all(walks)), walks.map(() => rows));
    assert.equal(asked.length, 4 * (TOTAL / 2));
  });

  eachWay(`calls that begin whenever another ends all end, with ${JSON.stringify(rateLimit)}`, async (kit) => {
    const calls = [];
    const onEvent = ({ type }) => {
      if (type === "response" && calls.length < 20) calls.push(client.integrations.get("an-id"), client.integrations.get("an-id"));
    };
    const { client } = lister(kit, { rateLimit, onEvent });
    await bounded(client.integrations.get("an-id"));
    for (const call of calls) assert.deepEqual(await bounded(call), INTEGRATION);
    assert.ok(calls.length >= 20);
  });
}

eachWay("a walk that is left ends no call, also where some of its pages had come", async (kit) => {
  const { client } = lister(kit);
  for (const prefetch of [0, 1]) {
    let calls = [];
    for await (const each of client.integrations.iterate({ ...QUERY, prefetch })) {
      assert.equal(each.id, "id-0");
      await sleep(10);
      calls = Array.from({ length: OFTEN }, () => client.integrations.get("slow"));
      await sleep(5);
      break;
    }
    assert.deepEqual(await bounded(Promise.all(calls)), calls.map(() => INTEGRATION));
  }
});

eachWay("a walk that fails ends no call, and no other walk", async (kit) => {
  const answer = async (offset) => (offset === 4 ? refusal(403) : sleep(2));
  const { client } = lister(kit, { answer });
  for (const prefetch of [0, 1]) {
    const calls = [];
    const failing = failureOf((async () => {
      for await (const { items } of client.integrations.iterate({ ...QUERY, prefetch }).pages()) {
        await sleep(10);
        calls.push(client.integrations.get("slow"), client.integrations.get(items[0].id));
      }
    })());
    assert.equal((await bounded(failing)).constructor, kit.ForbiddenError);
    assert.deepEqual(await bounded(Promise.all(calls)), calls.map(() => INTEGRATION));
  }
});

eachWay("a page that failed ahead of the loop is thrown when its turn comes, also where other tasks have begun since", async (kit) => {
  for (const prefetch of [0, 1]) {
    for (const failing of [4, 6, 8]) {
      // It fails at once, while the loop works on the page before it.
      const answer = (offset) => (offset === failing ? refusal(403, { "slpt-request-id": `of-${offset}` }) : sleep(10));
      const { client } = lister(kit, { answer });
      const calls = [];
      const found = [];
      const error = await bounded(failureOf((async () => {
        for await (const each of client.integrations.iterate({ ...QUERY, prefetch })) {
          found.push(each);
          calls.push(client.integrations.get("an-id"));
          await sleep(3);
        }
      })()));
      assert.equal(error?.constructor, kit.ForbiddenError, `${error} with ${prefetch} ahead, of which that at ${failing} fails`);
      assert.deepEqual([error.requestId, found], [`of-${failing}`, rows.slice(0, failing)]);
      await Promise.all(calls);
    }
  }
});

eachWay("an abort ends its own call alone, also where that has just ended", async (kit) => {
  const { client } = lister(kit);
  for (let round = 0; round < OFTEN; round += 1) {
    const controller = new AbortController();
    await client.integrations.get("an-id", { signal: controller.signal });
    const calls = Array.from({ length: OFTEN }, () => client.integrations.get("slow"));
    await sleep(1);
    controller.abort("enough");
    assert.deepEqual(await bounded(Promise.all(calls)), calls.map(() => INTEGRATION));
  }
});

eachWay("a loop that is left while its steps wait ends them, and no walk that has begun since", async (kit) => {
  const { client, asked } = lister(kit, { answer: () => sleep(10) });
  for (const open of [(iterable) => iterable, (iterable) => iterable.pages()]) {
    const controller = new AbortController();
    const left = open(client.integrations.iterate(QUERY, { signal: controller.signal }))[Symbol.asyncIterator]();
    const steps = [left.next(), left.next()];
    const before = asked.length;
    await until(() => asked.length > before);
    assert.deepEqual(await left.return("enough"), { done: true, value: "enough" });
    const other = walked(client.integrations.iterate(QUERY));
    const end = { done: true, value: undefined };
    assert.deepEqual(await bounded(Promise.all([...steps, left.next()])), [end, end, end]);
    controller.abort("too late");
    assert.deepEqual(await bounded(other), rows);
  }
});

eachWay("a loop that is left at once asks for nothing", async (kit) => {
  const { client, asked } = lister(kit);
  const left = client.integrations.iterate(QUERY)[Symbol.asyncIterator]();
  const step = left.next();
  await left.return();
  assert.deepEqual(await bounded(step), { done: true, value: undefined });
  await sleep(5);
  assert.equal(asked.length, 0);
});

// The limit of requests: how many start in any window as the fetch sees them, in which order, for whom, and how a wait ends.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import { QUICK, bounded, inTurn, isToken, refusal, sleep, timed, until } from "../helpers/call-kit.mjs";
import { INTEGRATION, TOKEN, eachWay, failureOf, json, tenantOf } from "../helpers/kits.mjs";

/** Sums of fractions of a millisecond are not exact. */
const SLACK_MS = 0.01;

const oauth = () => json({ access_token: "bought", token_type: "bearer", expires_in: 749 });

// The first Request of a process loads much code: what is measured here begins after that.
new Request("https://warm-up.example");

let origins = 0;
const origin = () => `https://rate-${++origins}.example`;

/** A fetch that writes down when each request started; token requests are answered and left out. */
function recorder(respond = () => json([])) {
  const starts = [];
  const fetch = async (request) => {
    if (isToken(request)) return oauth();
    starts.push({ at: performance.now(), id: new URL(request.url).pathname.split("/").at(-1) });
    return respond(request, starts.length);
  };
  return { fetch, starts };
}

function clientOf(kit, fetch, rateLimit, options = {}) {
  return new kit.ServiceDeskClient({ ...QUICK, baseUrl: origin(), auth: { token: TOKEN }, fetch, rateLimit, ...options });
}

/** Never more than `requests` in any `perMs`. */
function assertRate(starts, { requests, perMs }) {
  for (let index = requests; index < starts.length; index += 1) {
    const ms = starts[index].at - starts[index - requests].at;
    assert.ok(ms >= perMs - SLACK_MS, `requests ${index - requests + 1} to ${index + 1} within ${ms} ms`);
  }
}

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, index) => call(index)));

eachWay("in any window no more start than are allowed, first come first served", async (kit) => {
  const limit = { requests: 5, perMs: 200 };
  const { fetch, starts } = recorder(() => json(INTEGRATION));
  const client = clientOf(kit, fetch, limit);
  const { ms } = await timed(() => times(13, (index) => client.integrations.get(`id-${index}`)));
  assertRate(starts, limit);
  assert.deepEqual(starts.map(({ id }) => id), Array.from({ length: 13 }, (_, index) => `id-${index}`));
  assert.ok(ms < 1_500, `the window slides: ${ms} ms`);
});

eachWay("the window slides: what started late counts late", async (kit) => {
  const limit = { requests: 3, perMs: 200 };
  const { fetch, starts } = recorder();
  const client = clientOf(kit, fetch, limit);
  await client.types.list();
  await sleep(120);
  await times(6, () => client.types.list());
  assertRate(starts, limit);
  assert.ok(starts[3].at - starts[1].at < 195, "the first one made room while the others still counted");
});

eachWay("a start counts when the request is sent, not when its turn came: a slow token makes no burst", async (kit) => {
  const limit = { requests: 4, perMs: 250 };
  const { fetch, starts } = recorder();
  let asked = 0;
  const token = async () => {
    if ((asked += 1) <= 4) await sleep(120);
    return TOKEN;
  };
  const client = clientOf(kit, fetch, limit, { auth: { token } });
  await times(8, () => client.types.list());
  assertRate(starts, limit);
});

const tokenFunction = () => TOKEN;
/** Who asks: two clients of one key, each with their own options. */
const shared = {
  "the same token": [{ auth: { token: TOKEN } }, { auth: { token: TOKEN } }],
  "the same token function": [{ auth: { token: tokenFunction } }, { auth: { token: tokenFunction } }],
  "the same client id": [{ auth: { clientId: "id", clientSecret: "one" } }, { auth: { clientId: "id", clientSecret: "two" } }],
  "the same origin under another path": [{}, { path: "/proxy" }],
};
for (const [what, both] of Object.entries(shared)) {
  eachWay(`two clients with ${what} share one limit`, async (kit) => {
    const limit = { requests: 4, perMs: 200 };
    const { fetch, starts } = recorder();
    const baseUrl = origin();
    const [one, two] = both.map(({ path = "", ...options }) => clientOf(kit, fetch, limit, { ...options, baseUrl: baseUrl + path }));
    await times(10, (index) => (index % 2 ? one : two).types.list());
    assertRate(starts, limit);
  });
}

eachWay("two clients of one plugin share one limit", async (kit, context) => {
  const limit = { requests: 4, perMs: 200 };
  const { fetch, starts } = recorder();
  const baseurl = origin();
  globalThis.sailpointConfig = () => ({ baseurl, accessToken: TOKEN });
  context.after(() => delete globalThis.sailpointConfig);
  const [one, two] = [0, 1].map(() => kit.ServiceDeskClient.fromPlugin({ fetch, rateLimit: limit, retry: "off" }));
  await times(10, (index) => (index % 2 ? one : two).types.list());
  assertRate(starts, limit);
});

eachWay("others are not held up: another token, function, client id, version or origin", async (kit) => {
  const limit = { requests: 1, perMs: 5_000 };
  const { fetch, starts } = recorder();
  const baseUrl = origin();
  const others = [
    {}, { auth: { token: "another" } }, { auth: { token: () => TOKEN } }, { auth: { token: () => TOKEN } }, { auth: { clientId: "a", clientSecret: "s" } },
    { auth: { clientId: "b", clientSecret: "s" } }, { apiVersion: "v3" }, { apiVersion: "beta" }, { baseUrl: origin() },
  ];
  const { ms } = await timed(() => Promise.all(others.map((options) => clientOf(kit, fetch, limit, { baseUrl, ...options }).types.list())));
  assert.ok(ms < 1_000 && starts.length === others.length, `${starts.length} requests in ${ms} ms`);
});

eachWay("of two limits on one key the strictest holds for both", async (kit) => {
  const strict = { requests: 3, perMs: 200 };
  const { fetch, starts } = recorder();
  const baseUrl = origin();
  const [one, two] = [strict, { requests: 50, perMs: 200 }].map((limit) => clientOf(kit, fetch, limit, { baseUrl }));
  await times(10, (index) => (index % 2 ? one : two).types.list());
  assertRate(starts, strict);
});

eachWay("no more are on their way than are allowed, until their bodies are read", async (kit) => {
  let flying = 0;
  let most = 0;
  const { fetch, starts } = recorder(() => {
    most = Math.max(most, (flying += 1));
    return new Response(new ReadableStream({
      async pull(controller) {
        await sleep(15);
        flying -= 1;
        controller.enqueue(new TextEncoder().encode("[]"));
        controller.close();
      },
    }, { highWaterMark: 0 }));
  });
  const client = clientOf(kit, fetch, { requests: 1_000, perMs: 1_000, concurrency: 2 });
  await times(9, () => client.types.list());
  assert.deepEqual([most, starts.length, flying], [2, 9, 0]);
});

eachWay("a failure, a timeout and an abort make room for the next one", async (kit) => {
  const controller = new AbortController();
  const { fetch, starts } = recorder(inTurn([() => Promise.reject(new Error("down")), () => new Promise(() => {}), () => new Promise(() => {})], () => json([])));
  const client = clientOf(kit, fetch, { requests: 1_000, perMs: 1_000, concurrency: 1 }, { retry: "off" });
  const calls = [{}, { attemptTimeoutMs: 30 }, { signal: controller.signal }, {}].map((options) => client.types.list(options).then(() => "works", (error) => error?.name ?? error));
  await until(() => starts.length === 3);
  controller.abort("enough");
  assert.deepEqual(await bounded(Promise.all(calls)), ["NetworkError", "TimeoutError", "enough", "works"]);
});

eachWay("an abort of a call that waits settles it at once and frees its place", async (kit) => {
  const { fetch, starts } = recorder();
  const client = clientOf(kit, fetch, { requests: 1, perMs: 300 });
  const controller = new AbortController();
  const first = client.types.list();
  const second = failureOf(client.types.list({ signal: controller.signal }));
  const third = client.types.list();
  await first;
  await sleep(20);
  const { value, ms } = await timed(() => {
    controller.abort("enough");
    return second;
  });
  assert.ok(value === "enough" && ms < 100, `${String(value)} after ${ms} ms`);
  await third;
  const gap = starts[1].at - starts[0].at;
  assert.ok(starts.length === 2 && gap >= 300 - SLACK_MS && gap < 550, `${starts.length} requests, ${gap} ms apart`);
  assert.deepEqual(getEventListeners(controller.signal, "abort"), []);
});

eachWay("the deadline ends a wait for room", async (kit) => {
  const { fetch, starts } = recorder();
  const client = clientOf(kit, fetch, { requests: 1, perMs: 10_000 });
  await client.types.list();
  const error = await bounded(failureOf(client.types.list({ timeoutMs: 80 })));
  assert.ok(error instanceof kit.TimeoutError, String(error));
  assert.deepEqual([error.limit, error.attempts, starts.length], ["call", [], 1]);
});

eachWay("retries take their places too, token requests do not", async (kit) => {
  const limit = { requests: 2, perMs: 200 };
  const { fetch, starts } = recorder(inTurn([500, 500, 500], () => json([])));
  await clientOf(kit, fetch, limit).types.list();
  assert.equal(starts.length, 4);
  assertRate(starts, limit);
  const bought = recorder();
  const client = clientOf(kit, bought.fetch, { requests: 1, perMs: 10_000 }, { auth: { clientId: "id", clientSecret: "secret" } });
  const { ms } = await timed(() => client.types.list());
  assert.ok(ms < 1_000, `${ms} ms`);
});

eachWay("a wait for room is an event", async (kit) => {
  const events = [];
  const { fetch } = recorder();
  const client = clientOf(kit, fetch, { requests: 1, perMs: 100 }, { onEvent: (event) => events.push(event) });
  await times(2, () => client.types.list());
  const waits = events.filter(({ type }) => type === "wait");
  assert.deepEqual(waits.map(({ operation, reason }) => [operation, reason]), [["getServiceDeskIntegrationTypes", "rate-limit"]]);
  assert.ok(waits[0].waitMs > 0 && waits[0].waitMs <= 101, String(waits[0].waitMs));
});

/** A server that answers the first request with 429, and good ones after that. */
function busy(kit, retryAfter, options = {}) {
  const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  const record = recorder(inTurn([() => refusal(429, headers)], () => json([])));
  const baseUrl = origin();
  const make = (more = {}) => clientOf(kit, record.fetch, undefined, { baseUrl, ...options, ...more });
  return { ...record, make };
}

eachWay("a 429 with Retry-After holds back every call on its key, and no other", async (kit) => {
  const { starts, make } = busy(kit, "1");
  const [client, sibling] = [make(), make()];
  const first = client.types.list();
  await until(() => starts.length === 1);
  await sleep(10);
  const held = [first, client.types.list(), sibling.types.list()];
  const { ms } = await timed(() => Promise.all([{ auth: { token: "another" } }, { apiVersion: "v3" }, { rateLimit: "off" }].map((options) => make(options).types.list())));
  assert.ok(ms < 500, `others were held for ${ms} ms`);
  await Promise.all(held);
  const late = starts.filter(({ at }) => at - starts[0].at > 500);
  assert.equal(late.length, 3);
  for (const { at } of late) assert.ok(at - starts[0].at >= 1_000 - SLACK_MS, `${at - starts[0].at} ms`);
});

eachWay("a call that may not be held for so long fails at once, without a request", async (kit) => {
  const { starts, make } = busy(kit, "30");
  const client = make();
  const first = failureOf(client.types.list({ retry: "off" }));
  assert.ok((await first) instanceof kit.RateLimitError);
  for (const options of [{ timeoutMs: 5_000 }, { retry: { maxRetryAfterMs: 1_000 } }, { retry: { maxRetryAfterMs: 0 } }]) {
    const { value: error, ms } = await timed(() => bounded(failureOf(client.types.list(options))));
    assert.equal(error.constructor, kit.RateLimitError, String(error));
    assert.deepEqual([error.code, error.attempts, error.operation], ["rate-limited", [], "getServiceDeskIntegrationTypes"]);
    assert.ok(error.retryAfterMs > 20_000 && error.retryAfterMs <= 30_000, String(error.retryAfterMs));
    assert.ok(ms < 500, `${ms} ms`);
  }
  assert.equal(starts.length, 1);
  assert.deepEqual(await make({ rateLimit: "off" }).types.list(), []);
});

eachWay("a held call can be aborted, and nothing is left of it", async (kit) => {
  const { starts, make } = busy(kit, "15");
  const client = make();
  await failureOf(client.types.list({ retry: "off" }));
  const controller = new AbortController();
  const held = failureOf(client.types.list({ signal: controller.signal }));
  await sleep(10);
  controller.abort("enough");
  assert.equal(await bounded(held, 500), "enough");
  assert.deepEqual([starts.length, getEventListeners(controller.signal, "abort").length], [1, 0]);
});

eachWay("a 429 without a Retry-After, or another status with one, holds nobody", async (kit) => {
  for (const answer of [() => refusal(429), () => refusal(429, { "retry-after": "soon" }), () => refusal(503, { "retry-after": "30" })]) {
    const { fetch } = recorder(inTurn([answer], () => json([])));
    const client = clientOf(kit, fetch, undefined);
    await failureOf(client.types.list({ retry: "off" }));
    const { ms } = await timed(() => client.types.list());
    assert.ok(ms < 1_000, `${ms} ms`);
  }
});

eachWay("without options a hundred requests start at once, and the next one waits", async (kit) => {
  const { fetch, starts } = recorder();
  const controller = new AbortController();
  const client = clientOf(kit, fetch, undefined);
  const calls = Array.from({ length: 103 }, () => client.types.list({ signal: controller.signal }).catch((reason) => reason));
  await bounded(Promise.all(calls.slice(0, 100)));
  await sleep(50);
  assert.equal(starts.length, 100);
  controller.abort("enough");
  assert.deepEqual(await Promise.all(calls.slice(100)), ["enough", "enough", "enough"]);
});

eachWay("a limit that is off limits nothing", async (kit) => {
  const { fetch, starts } = recorder();
  const client = clientOf(kit, fetch, "off");
  const { ms } = await timed(() => times(300, () => client.types.list()));
  assert.ok(starts.length === 300 && ms < 5_000, `${ms} ms`);
});

eachWay("a tenant with the same limit never has to refuse", async (kit) => {
  const { sandbox, client } = tenantOf(kit, { ...QUICK, sandbox: { rateLimit: { requests: 5, perMs: 150 } }, rateLimit: { requests: 5, perMs: 170 } });
  await times(17, () => client.types.list());
  const statuses = sandbox.requests.filter(({ path }) => path !== "/oauth/token").map(({ status }) => status);
  assert.deepEqual(statuses, Array.from({ length: 17 }, () => 200));
});

// What is sent again and what is not, how long is waited before, and what the history says of it. Creates have a file of their own.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import { QUICK, bounded, dyingBody, failedFetch, good, inTurn, refusal, silent, sleep, timed } from "../helpers/call-kit.mjs";
import { INTEGRATION, eachWay, failureOf, json, operations, scripted } from "../helpers/kits.mjs";

const RETRIED = [408, 425, 429, 500, 502, 503, 504];
const NOT_RETRIED = [400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 415, 418, 422, 451, 499, 501, 505, 507, 511, 599];

/** How the history calls what happened. */
const REASONS = { 408: "timeout", 425: "server-error", 429: "rate-limited", 500: "server-error", 502: "server-error", 503: "server-error", 504: "server-error" };

/** Failures of the network, however a fetch tells them. */
const transports = {
  "rejects": () => Promise.reject(failedFetch("ECONNRESET")),
  "throws": () => { throw failedFetch("EPIPE"); },
  "rejects with a string": () => Promise.reject("of the fetch"),
  "gives no Response": () => undefined,
  "gives a body that dies": () => dyingBody(),
  "gives an error whose body dies": () => dyingBody(404),
};

const list = () => json([]);
const quick = (kit, respond, options = {}) => scripted(kit, respond, { ...QUICK, ...options });

for (const each of operations.filter(({ method }) => method !== "POST")) {
  const { operation, call } = each;

  eachWay(`${operation}: the statuses that pass are retried, with the very same request`, async (kit) => {
    for (const status of RETRIED) {
      let info;
      const { client, asked } = quick(kit, inTurn([status], () => good(each)));
      await call(client, "an-id", { onResponse: (told) => (info = told) });
      assert.equal(asked.length, 2, `${status}`);
      assert.deepEqual(asked[1], asked[0]);
      assert.deepEqual(info.attempts.map((attempt) => [attempt.status, attempt.retryReason]), [[status, REASONS[status]], [each.status, undefined]]);
      assert.equal(info.attempts[0].requestId, `id-${status}`);
    }
  });

  eachWay(`${operation}: other statuses are not`, async (kit) => {
    for (const status of NOT_RETRIED) {
      const { client, asked } = quick(kit, () => refusal(status));
      const error = await failureOf(call(client, "an-id"));
      assert.deepEqual([error.status, asked.length, error.attempts.length], [status, 1, 1]);
      assert.equal(error.attempts[0].retryReason, undefined);
    }
  });

  eachWay(`${operation}: failures of the network are retried`, async (kit) => {
    for (const [what, fail] of Object.entries(transports)) {
      let info;
      const { client, asked } = quick(kit, inTurn([fail], () => good(each)));
      await call(client, "an-id", { onResponse: (told) => (info = told) });
      assert.deepEqual([asked.length, info.attempts[0].retryReason], [2, "network"], what);
      assert.deepEqual(asked[1], asked[0], what);
    }
  });
}

eachWay("an attempt that takes too long is retried", async (kit) => {
  let info;
  const { client, asked } = quick(kit, inTurn([silent], list), { attemptTimeoutMs: 50 });
  await client.types.list({ onResponse: (told) => (info = told), attemptTimeoutMs: 50 });
  assert.equal(asked.length, 2);
  assert.equal(info.attempts[0].retryReason, "timeout");
  assert.ok(info.attempts[0].durationMs >= 48);
});

eachWay("four attempts are made, or as many as are allowed; the last failure is thrown", async (kit) => {
  for (const [attempts, expected] of [[undefined, 4], [1, 1], [2, 2], [7, 7]]) {
    const { client, asked } = quick(kit, () => refusal(503), { retry: { baseDelayMs: 0, attempts } });
    const error = await failureOf(client.types.list());
    assert.ok(error instanceof kit.ServerError);
    assert.deepEqual([asked.length, error.attempts.length], [expected, expected]);
  }
});

eachWay("the failure that is thrown is the last one, with the whole history", async (kit) => {
  const cause = failedFetch("ECONNRESET");
  const { client } = quick(kit, inTurn([429, () => Promise.reject(new Error("first")), 408, silent, 425], () => Promise.reject(cause)), { retry: { baseDelayMs: 0, attempts: 6 }, attemptTimeoutMs: 50 });
  const error = await failureOf(client.types.list());
  assert.equal(error.constructor, kit.NetworkError);
  assert.equal(error.cause, cause);
  assert.deepEqual(error.attempts.map(({ status, retryReason }) => [status, retryReason]), [
    [429, "rate-limited"], [undefined, "network"], [408, "timeout"], [undefined, "timeout"], [425, "server-error"], [undefined, undefined],
  ]);
  for (const { waitedMs } of error.attempts.slice(0, -1)) assert.ok(waitedMs >= 0);
  assert.equal(error.attempts.at(-1).waitedMs, undefined);
  const starts = error.attempts.map(({ startedAtMs }) => startedAtMs);
  assert.deepEqual(starts, starts.toSorted((a, b) => a - b));
  for (const [respond, name] of [[() => refusal(429), "RateLimitError"], [() => refusal(408), "ApiError"], [silent, "TimeoutError"]]) {
    const last = await failureOf(quick(kit, inTurn([500], respond), { retry: { baseDelayMs: 0, attempts: 2 }, attemptTimeoutMs: 50 }).client.types.list());
    assert.equal(last.constructor, kit[name]);
    if (name === "TimeoutError") assert.equal(last.limit, "attempt");
  }
});

eachWay("a call's retry overrides single members of the client's, or turns it off and on", async (kit) => {
  for (const [ofClient, ofCall, expected] of [
    [{ attempts: 2, baseDelayMs: 0 }, { attempts: 3 }, 3],
    [{ attempts: 3, baseDelayMs: 60_000_000 }, { baseDelayMs: 0 }, 3],
    [{ attempts: 3, baseDelayMs: 0 }, { attempts: undefined }, 3],
    [{ attempts: 3, baseDelayMs: 0 }, undefined, 3],
    [{ attempts: 3, baseDelayMs: 0 }, "off", 1],
    ["off", undefined, 1],
    ["off", { attempts: 2, baseDelayMs: 0 }, 2],
  ]) {
    const { client, asked } = scripted(kit, () => refusal(500), { rateLimit: "off", retry: ofClient, timeoutMs: 5_000 });
    await failureOf(client.types.list({ retry: ofCall }));
    assert.equal(asked.length, expected, JSON.stringify([ofClient, ofCall]));
  }
});

eachWay("waits grow to their cap and are drawn at random; each is an event and stands in the history", async (kit) => {
  const events = [];
  const { client } = scripted(kit, () => refusal(500), { rateLimit: "off", retry: { attempts: 6, baseDelayMs: 4, maxDelayMs: 16 }, onEvent: (event) => events.push(event) });
  const error = await failureOf(client.types.list());
  const waits = events.filter(({ type }) => type === "wait");
  assert.equal(waits.length, 5);
  for (const [index, { operation, reason, waitMs }] of waits.entries()) {
    assert.deepEqual([operation, reason], ["getServiceDeskIntegrationTypes", "retry"]);
    assert.ok(waitMs >= 0 && waitMs <= Math.min(16, 4 * 2 ** index), `${index}: ${waitMs}`);
    assert.ok(error.attempts[index].waitedMs >= waitMs - 1);
  }
  assert.ok(new Set(waits.map(({ waitMs }) => waitMs)).size > 1, "the waits are drawn");
});

eachWay("without options the first wait is at most half a second", async (kit) => {
  const waits = [];
  const { client } = scripted(kit, inTurn([500], list), { retry: {}, onEvent: (event) => event.type === "wait" && waits.push(event.waitMs) });
  await client.types.list();
  assert.ok(waits.length === 1 && waits[0] >= 0 && waits[0] <= 500, String(waits));
});

/** The forms of a date in HTTP. */
const weekday = (date) => date.toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });
const forms = {
  "IMF": (date) => date.toUTCString(),
  "RFC 850": (date) => date.toUTCString().replace(/^\w+, (\d+) (\w+) \d\d(\d+)/, `${weekday(date)}, $1-$2-$3`),
  "asctime": (date) => date.toUTCString().replace(/^(\w+), 0?(\d+) (\w+) (\d+) ([\d:]+) GMT$/, (_all, name, day, month, year, time) => `${name} ${month} ${day.padStart(2)} ${time} ${year}`),
};

eachWay("a Retry-After is never undercut, whatever status it comes with", async (kit) => {
  const runs = RETRIED.map(async (status) => {
    const events = [];
    const starts = [];
    const { client } = quick(kit, (_request, number) => {
      starts.push(performance.now());
      return number === 1 ? refusal(status, { "retry-after": "1" }) : list();
    }, { onEvent: (event) => events.push(event) });
    await client.types.list();
    assert.ok(starts[1] - starts[0] >= 999, `${status}: ${starts[1] - starts[0]} ms`);
    const [{ reason, waitMs }, ...more] = events.filter(({ type }) => type === "wait");
    assert.deepEqual([reason, more], ["retry-after", []]);
    assert.ok(waitMs >= 999 && waitMs < 2_000, `${status}: ${waitMs}`);
  });
  await Promise.all(runs);
});

eachWay("a Retry-After that is a date is waited for", async (kit) => {
  const runs = Object.entries(forms).map(async ([form, written]) => {
    const date = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 1_000);
    let second;
    const { client } = quick(kit, (_request, number) => {
      if (number === 2) second = Date.now();
      return number === 1 ? refusal(503, { "retry-after": written(date) }) : list();
    });
    await client.types.list();
    assert.ok(second >= date.getTime() - 1, `${form}: ${date.getTime() - second} ms too early`);
  });
  await Promise.all(runs);
});

eachWay("a Retry-After of nothing, or of the past, is no wait; one that is none counts as absent", async (kit) => {
  for (const value of [
    "0", "00", new Date(0).toUTCString(),
    "-1", "1.5", "1e3", "+5", "soon", "", "0x10", "5 s", "5;", "2099-01-01", "5, 5", "Sun, 06 Nov 2094 08:49:37 UTC", "Sun, 32 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 2094 25:49:37 GMT",
  ]) {
    for (const status of [429, 503]) {
      const { client, asked } = quick(kit, inTurn([() => refusal(status, { "retry-after": value })], list));
      const { ms } = await timed(() => client.types.list());
      assert.ok(asked.length === 2 && ms < 900, `${value}: ${asked.length} requests, ${ms} ms`);
    }
  }
});

eachWay("a Retry-After that is too long fails the call at once, and says how long", async (kit) => {
  for (const [retryAfter, options] of [
    ["3600", {}], ["61", {}], ["61", { timeoutMs: "none" }], ["1", { retry: { maxRetryAfterMs: 999 } }], ["1", { retry: { maxRetryAfterMs: 0 } }],
    ["1", { timeoutMs: 500 }], ["1", { timeoutMs: 1_000 }],
  ]) {
    for (const [status, name] of [[429, "RateLimitError"], [503, "ServerError"], [500, "ServerError"], [408, "ApiError"]]) {
      const { client, asked } = quick(kit, () => refusal(status, { "retry-after": retryAfter }));
      const { value: error, ms } = await timed(() => failureOf(client.types.list(options)));
      assert.equal(error.constructor, kit[name], `${error}`);
      assert.deepEqual([error.status, error.retryAfterMs, asked.length], [status, Number(retryAfter) * 1_000, 1]);
      assert.ok(ms < 400, `${JSON.stringify(options)}: ${ms} ms`);
    }
  }
});

eachWay("a wait that would end after the deadline is not begun", async (kit) => {
  const far = Number.MAX_SAFE_INTEGER;
  const { client, asked } = scripted(kit, () => refusal(502), { rateLimit: "off", retry: { baseDelayMs: far, maxDelayMs: far }, timeoutMs: 2_000 });
  const { value: error, ms } = await timed(() => failureOf(client.types.list()));
  assert.ok(error instanceof kit.ServerError);
  assert.ok(asked.length === 1 && ms < 1_000, `${ms} ms`);
});

eachWay("the deadline in a later attempt is the call's, with the history before it", async (kit) => {
  const { client, asked } = quick(kit, inTurn([503], silent));
  const error = await failureOf(client.types.list({ timeoutMs: 100 }));
  assert.ok(error instanceof kit.TimeoutError, String(error));
  assert.deepEqual([error.limit, asked.length], ["call", 2]);
  assert.deepEqual(error.attempts.map(({ retryReason }) => retryReason), ["server-error", undefined]);
});

eachWay("an abort in a wait settles at once and leaves nothing behind", async (kit) => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const controller = new AbortController();
  let waits;
  const waiting = new Promise((resolve) => (waits = resolve));
  const { client, asked } = quick(kit, () => refusal(503, { "retry-after": "19" }), { onEvent: ({ type }) => type === "wait" && waits() });
  const before = timers();
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  await bounded(waiting);
  const { value, ms } = await timed(() => {
    controller.abort("enough");
    return failed;
  });
  assert.ok(value === "enough" && ms < 500, `${String(value)} after ${ms} ms`);
  await sleep(5);
  assert.deepEqual([asked.length, getEventListeners(controller.signal, "abort").length], [1, 0]);
  assert.ok(timers() <= before, "a timer is left");
});

eachWay("a body that is given up is cancelled, also where fetch hears no abort", async (kit) => {
  let cancelled = 0;
  const stuck = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void (cancelled += 1) }, { highWaterMark: 0 }));
  const { client } = quick(kit, (_request, number) => (number === 1 ? stuck() : (assert.equal(cancelled, 1), list())), { attemptTimeoutMs: 30 });
  assert.deepEqual(await client.types.list(), []);
  const controller = new AbortController();
  const failed = failureOf(quick(kit, stuck).client.types.list({ signal: controller.signal }));
  await sleep(10);
  controller.abort("enough");
  assert.equal(await failed, "enough");
  await sleep(0);
  assert.equal(cancelled, 2);
});

eachWay("the body of a failure is read or cancelled before the next attempt", async (kit) => {
  let open = 0;
  const endless = () => new Response(new ReadableStream({
    start: () => void (open += 1),
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    cancel: () => void (open -= 1),
  }), { status: 503 });
  const seen = [];
  const { client } = quick(kit, (_request, number) => {
    seen.push(open);
    return number < 3 ? endless() : list();
  });
  await client.types.list();
  assert.deepEqual([seen, open], [[0, 0, 0], 0]);
});

eachWay("each request of a walk and of update() is retried for itself", async (kit) => {
  const page = (offset) => Array.from({ length: 2 }, (_, index) => ({ ...INTEGRATION, id: `id-${offset + index}`, name: `n-${offset + index}` }));
  const { client, asked } = quick(kit, (request, number) => {
    if (number % 2 === 1) return refusal(503);
    return json(page(Number(new URL(request.url).searchParams.get("offset") ?? 0)), { headers: { "x-total-count": "6" } });
  });
  const ids = [];
  for await (const { id } of client.integrations.iterate({ pageSize: 2, prefetch: 0 })) ids.push(id);
  assert.deepEqual([ids.length, new Set(ids).size, asked.length], [6, 6, 6]);

  const current = { ...INTEGRATION, description: "before" };
  const edited = quick(kit, (request, number) => {
    if (number % 2 === 1) return refusal(500);
    return json(request.method === "GET" ? current : { ...current, description: "after" });
  });
  const { description } = await edited.client.integrations.update(INTEGRATION.id, (now) => ({ ...now, description: "after" }));
  assert.equal(description, "after");
  assert.deepEqual(edited.asked.map(({ method }) => method), ["GET", "GET", "GET", "GET", "PATCH", "PATCH"]);
});

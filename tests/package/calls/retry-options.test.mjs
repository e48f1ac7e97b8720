// What retry, rateLimit and onEvent refuse: the constructor at once, a call before anything is sent, each with the field's name.
import assert from "node:assert/strict";

import { TOKEN, eachWay, failureOf, json, operations, scripted, thrownBy } from "../helpers/kits.mjs";

const wholeNumbers = [0, -1, 1.5, Number.NaN, Infinity, "4", null, true, {}, [], [4], 5n, Symbol("x"), () => 4];
const delays = [-1, -0.5, Number.NaN, Infinity, -Infinity, "5", "none", null, true, {}, [], 5n, Symbol("x"), () => 5];

/** Retry options that are wrong, by the field that says so; the same for a client and for a call. */
const retries = {
  retry: [null, true, false, 0, 4, "on", "OFF", "", [], [4], () => ({}), Symbol("x"), 5n].map((retry) => retry),
  attempts: [...wholeNumbers, 101, 2 ** 53].map((attempts) => ({ attempts })),
  ...Object.fromEntries(["baseDelayMs", "maxDelayMs", "maxRetryAfterMs"].map((name) => [name, delays.map((value) => ({ [name]: value }))])),
  retries: [{ retries: 3 }, { retries: undefined }],
  baseDelay: [{ attempts: 2, baseDelay: 5 }],
};

const limit = { requests: 5, perMs: 1_000 };
const rateLimits = {
  rateLimit: [null, true, false, 0, 100, "on", "OFF", "none", [], [100, 10_000], () => ({}), Symbol("x")],
  requests: [...wholeNumbers, 10_001].map((requests) => ({ ...limit, requests })),
  perMs: [0, ...delays].map((perMs) => ({ ...limit, perMs })),
  concurrency: wholeNumbers.map((concurrency) => ({ ...limit, concurrency })),
  per: [{ ...limit, per: 5 }],
  window: [{ ...limit, window: undefined }],
};

/** For the names of tests: what JSON leaves out. */
const shown = (value) => JSON.stringify(value, (_key, each) => {
  if (typeof each === "number" || each === undefined) return String(each);
  return ["symbol", "bigint", "function"].includes(typeof each) ? `a ${typeof each}` : each;
});

const base = { baseUrl: "https://acme.example", auth: { token: TOKEN } };

function assertRefused(kit, error, field) {
  assert.ok(error instanceof kit.ValidationError, String(error));
  assert.deepEqual([error.name, error.code, error.field, error.attempts], ["ValidationError", "invalid-argument", field, []]);
  assert.match(error.message, new RegExp(field));
}

for (const [option, fields] of Object.entries({ retry: retries, rateLimit: rateLimits, onEvent: { onEvent: [null, true, 7, "log", {}, [], Symbol("x")] } })) {
  for (const [field, cases] of Object.entries(fields)) {
    eachWay(`${option}: ${field} is refused by the constructor`, (kit) => {
      for (const wrong of cases) {
        assertRefused(kit, thrownBy(() => new kit.ServiceDeskClient({ ...base, [option]: wrong }), shown(wrong)), field);
      }
    });
  }
}

for (const [field, cases] of Object.entries(retries)) {
  eachWay(`retry: ${field} is refused by a call, before anything is sent`, async (kit) => {
    const { client, asked } = scripted(kit, () => json([]));
    for (const wrong of cases) assertRefused(kit, await failureOf(client.types.list({ retry: wrong })), field);
    assert.equal(asked.length, 0);
  });
}

for (const { operation, call } of operations) {
  eachWay(`${operation} checks its retry, and takes no rateLimit and no onEvent`, async (kit) => {
    const { client, asked } = scripted(kit, () => json([]));
    for (const [wrong, field] of [[{ retry: { attempts: 0 } }, "attempts"], [{ retry: "on" }, "retry"], [{ rateLimit: "off" }, "rateLimit"], [{ onEvent: () => {} }, "onEvent"]]) {
      assertRefused(kit, await failureOf(call(client, "an-id", wrong)), field);
    }
    assert.equal(asked.length, 0);
  });
}

eachWay("an unknown member is told the name that was meant", (kit) => {
  for (const [options, meant] of [
    [{ retry: { attempt: 3 } }, "attempts"], [{ retry: { baseDelay: 3 } }, "baseDelayMs"], [{ retry: { maxRetryAfter: 3 } }, "maxRetryAfterMs"],
    [{ rateLimit: { ...limit, request: 3 } }, "requests"], [{ ratelimit: "off" }, "rateLimit"], [{ onevent: () => {} }, "onEvent"],
  ]) {
    assert.match(thrownBy(() => new kit.ServiceDeskClient({ ...base, ...options })).message, new RegExp(`\`${meant}\``));
  }
});

eachWay("what makes sense is taken: fractions of delays, nothing, undefined, the ends of the ranges", async (kit) => {
  for (const options of [
    { retry: undefined, rateLimit: undefined, onEvent: undefined }, { retry: "off", rateLimit: "off", onEvent: () => {} }, { retry: {} },
    { retry: { attempts: 1, baseDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 } }, { retry: { attempts: 100, baseDelayMs: 0.5, maxDelayMs: 1e300, maxRetryAfterMs: 2 ** 53 } },
    { retry: { attempts: undefined, baseDelayMs: undefined, maxDelayMs: undefined, maxRetryAfterMs: undefined } }, { retry: { baseDelayMs: 100, maxDelayMs: 1 } },
    { rateLimit: { requests: 1, perMs: 0.5 } }, { rateLimit: { requests: 10_000, perMs: 2 ** 53, concurrency: 1 } }, { rateLimit: { ...limit, concurrency: undefined } },
    { onEvent: async () => {} }, { onEvent: class {} },
  ]) {
    const { client } = scripted(kit, () => json([]), options);
    assert.deepEqual(await client.types.list({ retry: options.retry }), [], shown(options));
  }
});

eachWay("options are read once: what is changed later does not count", async (kit) => {
  const retry = { attempts: 2, baseDelayMs: 0 };
  const { client, asked } = scripted(kit, () => json({}, { status: 503 }), { retry });
  retry.attempts = 50;
  await failureOf(client.types.list());
  assert.equal(asked.length, 2);
});

// Requests that overlap in one isolate of workerd, and share one client. A request that was answered loses its timers, its
// fetches and its promises: so each has its own, and shares with others only what is finished, a token or the moments of requests.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { assertAnswered, overlapping, queue } from "./helpers/overlap-kit.mjs";

/** Before and after a promise that another request settles goes on in its own request. */
const DATES = ["2024-09-01", "2026-07-01"];

/** What a busy machine may add. */
const MARGIN_MS = 1_500;

/** How long others may take to see that a request has gone with its place in the queue. */
const PATIENCE_MS = 3_000;

/** The longest that a call may wait for its token. */
const TOKEN_MS = 6_000;

const LATENCY_MS = 200;
const STALL_MS = 600;

const listsOf = ({ requests }) => requests.filter(({ method }) => method === "GET");
const tokensOf = ({ requests }) => requests.filter(({ path }) => path === "/oauth/token");

/** First come, first served; those that go at once may pass each other on their way. */
function assertInTurn(sandbox) {
  const offsets = listsOf(sandbox).map(({ query }) => Number(/offset=(\d+)/.exec(query)?.[1] ?? 0));
  const served = offsets.filter((offset) => offset > 0);
  const isNear = served.every((offset, index) => Math.abs(offset - index - 1) <= 2);
  assert.ok(isNear, `they went in the order ${served}`);
}

const slowTokens = (sandbox) => sandbox.fault({ on: "token", times: 1_000, then: { stallMs: STALL_MS } });
const credentialsOf = (tokenTtlSeconds) => ({ clientId: "id", clientSecret: "secret", tokenTtlSeconds });
const busy = { on: { method: "GET" }, then: { status: 429, headers: { "Retry-After": "1" } } };

/** Three go; eight wait for room when they are held back, and take three windows after that. */
const HELD_MS = 1_000 + 3 * (500 + LATENCY_MS) + MARGIN_MS;

const CASES = [
  {
    claim: "calls that wait for room each get their turn",
    rateLimit: { requests: 5, perMs: 1_000 },
    tenant: { latencyMs: LATENCY_MS, rateLimit: { requests: 5, perMs: 800 } },
    async run({ sandbox, ask }) {
      assertAnswered([await ask({ tasks: 3 })], MARGIN_MS);
      // Two go, three when the window of the first three ends, then two, and one in the window after that.
      assertAnswered(await queue(ask, 8), 2 * 1_000 + 3 * LATENCY_MS + MARGIN_MS);
      assertInTurn(sandbox);
      assert.ok(listsOf(sandbox).every(({ status }) => status === 200), "the limit holds");
    },
  },
  {
    claim: "calls that a 429 holds back go when it has passed",
    rateLimit: { requests: 3, perMs: 500 },
    tenant: { latencyMs: LATENCY_MS },
    async run({ sandbox, ask }) {
      await ask();
      sandbox.fault(busy);
      assertAnswered(await queue(ask, 11), HELD_MS);
      assert.equal(listsOf(sandbox).filter(({ status }) => status === 429).length, 1);
    },
  },
  {
    claim: "calls that a 429 holds back go although the request that was told has ended",
    rateLimit: { requests: 3, perMs: 500 },
    tenant: { latencyMs: LATENCY_MS },
    async run({ sandbox, ask }) {
      await ask();
      sandbox.fault(busy);
      const told = ask({ options: { retry: "off" } });
      await sleep(20);
      assertAnswered(await queue(ask, 10), HELD_MS);
      assert.match((await told).answer, /^RateLimitError/);
    },
  },
  {
    claim: "requests that leave the queue, at its head and its end, let the others pass",
    rateLimit: { requests: 1, perMs: 1_000 },
    async run({ ask }) {
      assertAnswered([await ask()], MARGIN_MS);
      const [head, between, end] = [{ leaveAfterMs: 200 }, {}, { leaveAfterMs: 200 }].map(async (task, place) => {
        await sleep(20 * place);
        return ask(task);
      });
      assert.deepEqual([(await head).answer, (await end).answer], ["left", "left"]);
      assertAnswered([await between], 1_000 + PATIENCE_MS);
      assertAnswered([await ask()], 1_000 + PATIENCE_MS);
    },
  },
  {
    claim: "a renewal that ends with its request keeps no later one waiting",
    tenant: { credentials: credentialsOf(2) },
    async run({ sandbox, ask }) {
      slowTokens(sandbox);
      const end = performance.now() + 4_500;
      const answers = [];
      while (performance.now() < end) {
        answers.push(await ask());
        await sleep(60);
      }
      assertAnswered(answers, STALL_MS + 3_000);
      assert.ok(tokensOf(sandbox).length > 2, "a renewal was lost, and another token bought");
    },
  },
  {
    claim: "a token request that leaves with its request keeps no other waiting",
    async run({ sandbox, ask }) {
      slowTokens(sandbox);
      const leaving = ask({ leaveAfterMs: 100 });
      await sleep(20);
      assertAnswered(await queue(ask, 2), STALL_MS + MARGIN_MS);
      assert.equal((await leaving).answer, "left");
      assert.equal(tokensOf(sandbox).length, 3);
    },
  },
  {
    claim: "requests without a token each ask for one, and later ones share what has come",
    async run({ sandbox, ask }) {
      sandbox.fault({ on: "token", times: 1_000, then: { stallMs: 3_000 } });
      assertAnswered(await queue(ask, 4, { calls: 2 }), 3_000 + MARGIN_MS);
      assertAnswered(await queue(ask, 4), MARGIN_MS);
      assert.equal(tokensOf(sandbox).length, 4);
    },
  },
  {
    claim: "a token endpoint that asks a request to wait is asked once more, when the wait is over",
    async run({ sandbox, ask }) {
      sandbox.fault({ on: "token", then: { status: 429, headers: { "Retry-After": "3" } } });
      slowTokens(sandbox);
      assertAnswered(await queue(ask, 4), 3_000 + 2 * MARGIN_MS);
      assert.equal(tokensOf(sandbox).length, 5);
    },
  },
  {
    claim: "an abort ends the one call that waits for a token, and no other",
    async run({ sandbox, ask }) {
      slowTokens(sandbox);
      const buying = ask();
      await sleep(20);
      const [aborted, waiting] = await Promise.all([ask({ abortAfterMs: 100 }), ask()]);
      assert.equal(aborted.answer, "enough");
      assertAnswered([await buying, waiting], STALL_MS + MARGIN_MS);
      assert.equal(tokensOf(sandbox).length, 3);
    },
  },
  {
    claim: "thirty requests work while their tokens expire under them",
    tenant: { latencyMs: 100, credentials: credentialsOf(2) },
    async run({ sandbox, ask }) {
      slowTokens(sandbox);
      assertAnswered(await queue(ask, 30, { calls: 3, gapMs: 80 }), 3 * 100 + TOKEN_MS);
      assert.ok(tokensOf(sandbox).length > 1, "a token expired");
    },
  },
  {
    claim: "a request that leaves with its call on its way makes room when the time of its attempt is over",
    rateLimit: { requests: 100, perMs: 10_000, concurrency: 1 },
    tenant: { latencyMs: LATENCY_MS },
    async run({ ask }) {
      await ask();
      const leaving = ask({ leaveAfterMs: 100, options: { attemptTimeoutMs: 1_000 } });
      await sleep(20);
      assertAnswered(await queue(ask, 2), 1_000 + 2 * LATENCY_MS + MARGIN_MS);
      assert.equal((await leaving).answer, "left");
    },
  },
];

for (const date of DATES) overlapping(date, CASES);

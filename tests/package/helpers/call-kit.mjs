// What tests of retries, creates, rates and tokens share: quick options, answers, failures of a network, clocks.
import assert from "node:assert/strict";

import { json } from "./kits.mjs";

/** No waits but those that a server asks for, and no limit but its own. */
export const QUICK = Object.freeze({ retry: Object.freeze({ baseDelayMs: 0 }), rateLimit: "off", timeoutMs: 20_000 });

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A good answer to an operation. */
export const good = ({ answers, status }) => (answers === undefined ? new Response(null, { status }) : json(answers, { status }));

/** A status with a request id of its own. */
export const refusal = (status, headers = {}) => json({ detailMessage: "of the test" }, { status, headers: { "slpt-request-id": `id-${status}`, ...headers } });

/** What Node's fetch rejects with where a connection fails. */
export const failedFetch = (code) => new TypeError("fetch failed", { cause: Object.assign(new Error(`connect ${code}`), { code }) });

/** A fetch that never answers, and rejects on abort as the platform's does. */
export const silent = (request) => new Promise((_resolve, reject) => {
  const { signal } = request;
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
});

/** A body of the right length that dies while it is read. */
export const dyingBody = (status = 200) => new Response(new ReadableStream({
  start: (controller) => controller.enqueue(new TextEncoder().encode("[")),
  pull: (controller) => controller.error(new TypeError("terminated")),
}), { status });

/** The settled promise; a test must not wait longer for one that never settles. */
export async function bounded(promise, ms = 5_000) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `not settled within ${ms} ms` })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something is so. */
export async function until(holds, ms = 5_000) {
  const end = performance.now() + ms;
  while (!holds()) {
    assert.ok(performance.now() < end, `not so within ${ms} ms: ${holds}`);
    await new Promise(setImmediate);
  }
}

/** How long `run` takes, and what it gives. */
export async function timed(run) {
  const before = performance.now();
  const value = await run();
  return { value, ms: performance.now() - before };
}

/** Rejections that nobody handles, until the test ends. */
export function unhandled(context) {
  const reasons = [];
  const listen = (reason) => reasons.push(reason);
  process.on("unhandledRejection", listen);
  context.after(() => process.off("unhandledRejection", listen));
  return reasons;
}

/** The first answers as they are listed, each a function of the request or a status; then `last` for ever. */
export const inTurn = (list, last) => (request, number) => {
  const next = list[number - 1] ?? last;
  return typeof next === "number" ? refusal(next) : next(request, number);
};

export const isToken = (request) => new URL(request.url).pathname === "/oauth/token";

// What tests of overlapping requests share: an isolate whose requests have one client, and a tenant behind a real port,
// since workerd ties I/O to the request that began it.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

import { WRANGLER, worker } from "./workers.mjs";

/** A call that waits in vain fails after this, which is longer than any test allows, and what it breaks is in the log. */
const CALL_MS = 6_500;

/** What is not answered by then is not waited for. */
const NEVER_MS = 8_000;

/** What workerd says of code that broke, whichever request was told; it says so only where it is verbose. */
const BROKEN = /(?<=uncaught exception; ).*?(?=\. |$)/gm;

/** The words of an exception that a test throws last: all that came before it is in the log when it is. */
const LAST = "the end of the test";

/** A worker and its tenant; `options` are those of the client. */
async function isolate(context, compatibilityDate, { tenant = {}, ...options }) {
  const sandbox = createSandbox({ integrations: 3, ...tenant });
  const served = await serve(sandbox);
  context.after(() => served.close());
  let log = "";
  const keep = (stream) => stream.setEncoding("utf8").on("data", (text) => (log += text));
  const { fetch } = await worker(context, "workers/overlap.mjs", WRANGLER, {
    bindings: { OPTIONS: { baseUrl: served.url, auth: sandbox.credentials, timeoutMs: CALL_MS, ...options } },
    compatibilityDate,
    verbose: true,
    handleRuntimeStdio: (...streams) => streams.forEach(keep),
  });
  await fetch({ tasks: 0 });
  return { sandbox, fetch, log: () => log };
}

/** Each thing once that broke in the worker. */
async function broken({ fetch, log }) {
  await fetch({ tasks: 0, breaks: LAST });
  for (const end = performance.now() + NEVER_MS; !log().includes(LAST); await sleep(10)) {
    assert.ok(performance.now() < end, "workerd does not log what breaks");
  }
  return [...new Set(log().match(BROKEN))].filter((text) => !text.includes(LAST));
}

/** What a request was answered, and after how many milliseconds. */
async function ask(fetch, task) {
  const began = performance.now();
  const answered = fetch(task).then(async (response) => {
    const text = await response.text();
    return response.ok ? String(JSON.parse(text)) : `${response.status} ${text.split("\n")[0]}`;
  });
  const answer = await Promise.race([answered.catch(String), sleep(NEVER_MS, "no answer", { ref: false })]);
  return { answer, ms: Math.round(performance.now() - began) };
}

/** Tests in workerd of this compatibility date, beside each other: they do little but wait. */
export function overlapping(date, cases) {
  suite(`Cloudflare Workers, compatible with ${date}`, { concurrency: 4 }, () => {
    for (const { claim, run, ...options } of cases) {
      test(claim, async (context) => {
        const isolated = await isolate(context, date, options);
        const running = run({ sandbox: isolated.sandbox, ask: (task = {}) => ask(isolated.fetch, task) });
        const failure = await running.then(() => undefined, (error) => error);
        const told = [...(failure === undefined ? [] : [failure.message]), ...(await broken(isolated))];
        if (told.length > 0) throw new Error(told.join("\n"), { cause: failure });
      });
    }
  });
}

/** Requests one after another, so that they come in this order; the offset of a list tells whose it is. */
export async function queue(ask, count, { gapMs = 20, ...task } = {}) {
  const asked = [];
  for (let offset = 1; offset <= count; offset += 1) {
    asked.push(ask({ ...task, offset }));
    await sleep(gapMs);
  }
  return Promise.all(asked);
}

/** Each request was answered in time, and all its calls work. */
export function assertAnswered(requests, withinMs) {
  const isWrong = ({ answer, ms }) => answer.split(",").some((outcome) => outcome !== "works") || ms > withinMs;
  const wrong = requests.map(({ answer, ms }, index) => `request ${index + 1}: ${answer} after ${ms} ms`);
  const told = wrong.filter((_text, index) => isWrong(requests[index]));
  assert.ok(told.length === 0, `of ${requests.length} that must work within ${withinMs} ms, ${told.join("; ")}`);
}

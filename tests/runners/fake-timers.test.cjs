// Calls under the fake timers of Jest, with all that they fake unless told otherwise: queueMicrotask too.
/* global afterEach, beforeEach, expect, jest, test */
const { TimeoutError, ...entries } = { ...require("isc-service-desk"), ...require("isc-service-desk/sandbox") };
const { tenant } = require("./main-job.cjs");

const GET = { method: "GET" };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Whether the promise is settled by now. */
function watched(promise) {
  const state = { isSettled: false };
  const settle = () => (state.isSettled = true);
  promise.then(settle, settle);
  return state;
}

test("a call settles", async () => {
  const { client } = tenant(entries);
  const { items } = await client.integrations.list();
  expect(items).toHaveLength(3);
});

test("a walk ends", async () => {
  const { client } = tenant(entries);
  const names = [];
  for await (const { name } of client.integrations.iterate({ pageSize: 1 })) names.push(name);
  expect(names).toHaveLength(3);
});

test("a call that nobody waits for does not spoil the calls under real timers", async () => {
  const { client } = tenant(entries);
  const forgotten = client.types.list();
  jest.useRealTimers();
  await expect(client.types.list()).resolves.not.toHaveLength(0);
  await expect(forgotten).resolves.not.toHaveLength(0);
});

test("the wait before a retry is over when the time is advanced, and not before", async () => {
  const { client, sandbox } = tenant(entries);
  sandbox.fault({ on: GET, then: { status: 503, headers: { "retry-after": "10" } } });
  const call = client.types.list();
  const state = watched(call);
  await jest.advanceTimersByTimeAsync(9_999);
  expect([state.isSettled, sandbox.requests.length]).toEqual([false, 1]);
  await jest.advanceTimersByTimeAsync(10_000);
  expect([state.isSettled, sandbox.requests.length]).toEqual([true, 2]);
  await expect(call).resolves.not.toHaveLength(0);
});

test("an attempt's timeout comes when the time is advanced, and not before", async () => {
  const { client, sandbox } = tenant(entries, { attemptTimeoutMs: 1_000, retry: "off" });
  sandbox.fault({ on: GET, then: { stallMs: 60_000 } });
  const call = client.types.list();
  const state = watched(call);
  await jest.advanceTimersByTimeAsync(999);
  expect(state.isSettled).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(state.isSettled).toBe(true);
  await expect(call).rejects.toBeInstanceOf(TimeoutError);
});

test("a wait for room is over when the time is advanced, and not before", async () => {
  const { client, sandbox } = tenant(entries, { rateLimit: { requests: 1, perMs: 10_000 } });
  await client.types.list();
  const call = client.types.list();
  const state = watched(call);
  await jest.advanceTimersByTimeAsync(9_000);
  expect([state.isSettled, sandbox.requests.length]).toEqual([false, 1]);
  await jest.advanceTimersByTimeAsync(2_000);
  expect([state.isSettled, sandbox.requests.length]).toEqual([true, 2]);
});

test("an aborted call rejects", async () => {
  const { client, sandbox } = tenant(entries);
  sandbox.fault({ on: GET, then: { stallMs: 60_000 } });
  const controller = new AbortController();
  const call = client.types.list({ signal: controller.signal });
  controller.abort(new Error("left the page"));
  await expect(call).rejects.toThrow("left the page");
});

// Limits of time and the caller's abort: how a call ends early, with what, and that nothing of it is left.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf } from "../helpers/kits.mjs";

/** A fetch that never answers, and rejects on abort as the platform's does. */
const silent = (request) => new Promise((_resolve, reject) => {
  request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
});

/** A fetch that never answers and does not hear an abort. */
const deaf = () => new Promise(() => {});

/** A body that never ends. */
const endless = () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("[")) }));

const FAST = 40;

for (const [what, respond] of [["never answers", silent], ["does not hear an abort", deaf], ["never ends its body", endless]]) {
  eachWay(`attemptTimeoutMs ends an attempt whose fetch ${what}`, async (kit) => {
    const { client } = scripted(kit, respond);
    const error = await failureOf(client.types.list({ attemptTimeoutMs: FAST }));
    assert.equal(error.constructor, kit.TimeoutError, String(error));
    assert.deepEqual([error.name, error.code, error.limit, error.operation], ["TimeoutError", "timeout", "attempt", "getServiceDeskIntegrationTypes"]);
    assert.ok(error.attempts.length >= 1 && error.attempts[0].durationMs >= FAST - 2);
    assert.match(error.message, new RegExp(String(FAST)));
  });

  eachWay(`timeoutMs ends a call whose fetch ${what}`, async (kit) => {
    const { client } = scripted(kit, respond);
    const error = await failureOf(client.types.list({ timeoutMs: FAST }));
    assert.ok(error instanceof kit.TimeoutError, String(error));
    assert.equal(error.limit, "call");
  });

  eachWay(`an abort ends a call whose fetch ${what}`, async (kit) => {
    const { client, asked } = scripted(kit, respond);
    const controller = new AbortController();
    const reason = { any: "object" };
    const failed = failureOf(client.types.list({ signal: controller.signal, timeoutMs: 5_000 }));
    while (asked.length === 0) await new Promise(setImmediate);
    controller.abort(reason);
    assert.equal(await failed, reason);
  });
}

eachWay("a body that stalls is ended by attemptTimeoutMs", async (kit) => {
  const { sandbox, client } = tenantOf(kit, { attemptTimeoutMs: FAST });
  await client.statusCheck.get({ attemptTimeoutMs: "none" });
  sandbox.fault({ on: { method: "GET" }, times: 10, then: { stallMs: 60_000 } });
  const error = await failureOf(client.integrations.list());
  assert.ok(error instanceof kit.TimeoutError, String(error));
  assert.equal(error.limit, "attempt");
});

eachWay("over a port, a body that stalls is ended by attemptTimeoutMs", async (kit) => {
  const sandbox = kit.createSandbox();
  const served = await kit.serve(sandbox);
  try {
    const client = new kit.ServiceDeskClient({ baseUrl: served.url, auth: { token: sandbox.token() }, attemptTimeoutMs: 300 });
    sandbox.fault({ on: { method: "GET" }, times: 10, then: { stallMs: 60_000 } });
    const error = await failureOf(client.integrations.list());
    assert.ok(error instanceof kit.TimeoutError, String(error));
  } finally {
    await served.close();
  }
});

eachWay("the options of a call go before the client's", async (kit) => {
  const { client } = scripted(kit, silent, { timeoutMs: FAST, attemptTimeoutMs: "none" });
  assert.equal((await failureOf(client.types.list())).limit, "call");
  assert.equal((await failureOf(client.types.list({ attemptTimeoutMs: FAST, timeoutMs: "none" }))).limit, "attempt");
});

eachWay("an attempt that is given up is aborted at the fetch", async (kit) => {
  for (const options of [{ attemptTimeoutMs: FAST }, { timeoutMs: FAST }]) {
    // The requests: what `scripted` makes of them loses its signal's abort where nobody holds it.
    const requests = [];
    const { client } = scripted(kit, (request) => {
      requests.push(request);
      return silent(request);
    });
    await failureOf(client.types.list(options));
    assert.deepEqual(requests.map(({ signal }) => signal.aborted), requests.map(() => true));
    assert.ok(requests.length > 0);
  }
});

eachWay("an attempt that is given up is aborted at a fetch that kept the signal alone, whatever was collected meanwhile", async (kit) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  let signal;
  const fetch = (request) => {
    ({ signal } = request);
    return new Promise(() => {});
  };
  const client = new kit.ServiceDeskClient({ baseUrl: "https://kept.example", auth: { token: TOKEN }, fetch });
  const call = failureOf(client.types.list({ attemptTimeoutMs: 100, retry: "off" }));
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  assert.equal((await call).name, "TimeoutError");
  assert.equal(signal.aborted, true);
});

eachWay("an answer in time is not touched by limits, nor by limits above what a timer takes", async (kit) => {
  for (const limit of ["none", 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const { client } = scripted(kit, () => json([]), { timeoutMs: limit, attemptTimeoutMs: limit });
    assert.deepEqual(await client.types.list(), []);
  }
});

eachWay("timeoutMs bounds the wait for the token function too", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]), { auth: { token: () => new Promise(() => {}) } });
  const error = await failureOf(client.types.list({ timeoutMs: FAST }));
  assert.ok(error instanceof kit.TimeoutError, String(error));
  assert.deepEqual([error.limit, asked.length, error.attempts.length], ["call", 0, 0]);
});

eachWay("timeoutMs bounds the wait for the token endpoint too", async (kit) => {
  const { client } = scripted(kit, silent, { auth: { clientId: "id", clientSecret: "secret" } });
  const error = await failureOf(client.types.list({ timeoutMs: FAST }));
  assert.ok(error instanceof kit.TimeoutError, String(error));
  assert.equal(error.limit, "call");
});

/** Reasons that are no errors too. */
const reasons = [new Error("of the caller"), "text", 7, null, { any: "object" }, Symbol("reason")];

for (const { operation, call } of operations) {
  eachWay(`${operation}: a signal that fired before rejects with its very reason, and nothing is sent`, async (kit) => {
    for (const reason of reasons) {
      const { client, asked } = scripted(kit, () => json([]));
      let told = 0;
      assert.equal(await failureOf(call(client, "an-id", { signal: AbortSignal.abort(reason), onResponse: () => (told += 1) })), reason);
      assert.deepEqual([asked.length, told], [0, 0]);
    }
  });

  eachWay(`${operation}: a signal that fires in between rejects with its very reason`, async (kit) => {
    const { client, asked } = scripted(kit, silent);
    const controller = new AbortController();
    const failed = failureOf(call(client, "an-id", { signal: controller.signal }));
    while (asked.length === 0) await new Promise(setImmediate);
    controller.abort();
    assert.equal(await failed, controller.signal.reason);
    assert.equal(controller.signal.reason.name, "AbortError");
  });
}

eachWay("an abort while the token function works rejects at once", async (kit) => {
  const controller = new AbortController();
  let given;
  const token = (request) => {
    given = request;
    return new Promise(() => {});
  };
  const { client, asked } = scripted(kit, () => json([]), { auth: { token } });
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  while (!given) await new Promise(setImmediate);
  controller.abort("enough");
  assert.deepEqual([await failed, asked.length], ["enough", 0]);
  assert.deepEqual([given.forceRefresh, given.signal], [false, controller.signal]);
});

eachWay("an abort while the token is requested rejects that call alone", async (kit) => {
  const { sandbox } = tenantOf(kit);
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.endsWith("/oauth/token")) await opened;
    return sandbox.fetch(request);
  };
  const client = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch });
  const controller = new AbortController();
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  const other = client.types.list();
  await new Promise(setImmediate);
  controller.abort("enough");
  assert.equal(await failed, "enough");
  open();
  assert.equal((await other).length, 10);
  assert.deepEqual(sandbox.requests.map(({ path }) => path.split("/").at(-1)), ["token", "types"]);
});

eachWay("a token request that every caller has given up is aborted, and the next call makes another", async (kit) => {
  const bought = [];
  const { client } = scripted(kit, (request) => {
    if (!request.url.endsWith("/oauth/token")) return json([]);
    bought.push(request.signal);
    return bought.length === 1 ? silent(request) : json({ access_token: "t", token_type: "bearer", expires_in: 749 });
  }, { auth: { clientId: "id", clientSecret: "secret" } });
  const [one, other] = [new AbortController(), new AbortController()];
  const failed = [one, other].map(({ signal }) => failureOf(client.types.list({ signal })));
  while (bought.length === 0) await new Promise(setImmediate);
  one.abort("one");
  assert.equal(await failed[0], "one");
  assert.equal(bought[0].aborted, false, "the other caller waits for it");
  other.abort("other");
  assert.equal(await failed[1], "other");
  await new Promise(setImmediate);
  assert.equal(bought[0].aborted, true);
  assert.deepEqual(await client.types.list(), []);
  assert.equal(bought.length, 2);
});

eachWay("a call that begins while the last caller of a token request gives up gets a request of its own", async (kit) => {
  let bought = 0;
  const { client } = scripted(kit, (request) => {
    if (!request.url.endsWith("/oauth/token")) return json([]);
    return (bought += 1) === 1 ? silent(request) : json({ access_token: "t", token_type: "bearer", expires_in: 749 });
  }, { auth: { clientId: "id", clientSecret: "secret" } });
  const controller = new AbortController();
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  while (bought === 0) await new Promise(setImmediate);
  controller.abort("enough");
  const next = client.types.list();
  assert.equal(await failed, "enough");
  assert.deepEqual(await next, []);
});

eachWay("AbortSignal.timeout and AbortSignal.any work as they do for fetch", async (kit) => {
  const { client } = scripted(kit, silent);
  const late = await failureOf(client.types.list({ signal: AbortSignal.timeout(FAST) }));
  assert.equal(late.name, "TimeoutError");
  assert.ok(late instanceof DOMException);
  const controller = new AbortController();
  const failed = failureOf(client.types.list({ signal: AbortSignal.any([controller.signal, AbortSignal.timeout(60_000)]) }));
  controller.abort("any");
  assert.equal(await failed, "any");
});

eachWay("an abort after the end does nothing", async (kit) => {
  const { client } = scripted(kit, () => json([]));
  const controller = new AbortController();
  assert.deepEqual(await client.types.list({ signal: controller.signal }), []);
  controller.abort();
  await new Promise(setImmediate);
});

eachWay("no listener is left on the caller's signal", async (kit) => {
  const controller = new AbortController();
  const { signal } = controller;
  for (const [respond, options] of [[() => json([]), {}], [() => json({}, { status: 404 }), {}], [() => Promise.reject(new Error("x")), {}], [silent, { timeoutMs: FAST }], [silent, { attemptTimeoutMs: FAST }]]) {
    const { client } = scripted(kit, respond);
    await client.types.list({ signal, ...options }).catch(() => {});
    await new Promise(setImmediate);
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  }
});

eachWay("what an aborted fetch does later hurts nobody", async (kit) => {
  let fail;
  const { client, asked } = scripted(kit, () => new Promise((_resolve, reject) => (fail = reject)));
  const controller = new AbortController();
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  while (asked.length === 0 || !fail) await new Promise(setImmediate);
  controller.abort("enough");
  assert.equal(await failed, "enough");
  fail(new Error("too late"));
  await new Promise((resolve) => setTimeout(resolve, 5));
});

eachWay("the reason of an abort is not dressed up as an error of ours", async (kit) => {
  const reason = await failureOf(scripted(kit, silent).client.types.list({ signal: AbortSignal.abort() }));
  assert.equal(kit.isServiceDeskError(reason), false);
  assert.doesNotMatch(JSON.stringify(reason), new RegExp(TOKEN));
});

eachWay("an abort from within fetch leaves no rejection that nobody handles", async (kit) => {
  const unheard = [];
  const listen = (reason) => unheard.push(reason);
  process.on("unhandledRejection", listen);
  const controller = new AbortController();
  const { client } = scripted(kit, (request) => {
    const answer = silent(request);
    controller.abort("enough");
    return answer;
  });
  assert.equal(await failureOf(client.types.list({ signal: controller.signal })), "enough");
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", listen);
  assert.deepEqual(unheard, []);
});

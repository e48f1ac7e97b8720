// A caller's fetch may do anything: every promise settles, with the right failure, and the client works afterwards.
import assert from "node:assert/strict";

import { QUICK, bounded, sleep, unhandled, until } from "../helpers/call-kit.mjs";
import { hostile } from "../helpers/hostile-fetches.mjs";
import { INPUT, INTEGRATION, TOKEN, eachWay, failureOf, json } from "../helpers/kits.mjs";

const ATTEMPT_MS = 60;
const LIMITS = { timeoutMs: 20_000, attemptTimeoutMs: 20_000 };

let clients = 0;

/** A client whose fetch is `fetch` as it is, with nothing in between. */
const clientOf = (kit, fetch, options = {}) =>
  new kit.ServiceDeskClient({ ...QUICK, ...LIMITS, baseUrl: `https://hostile-${++clients}.example`, auth: { token: TOKEN }, fetch, ...options });

/** What comes of a call: its result, or its failure. */
const outcomeOf = (promise, ms = 5_000) => bounded(promise.then((value) => ({ name: "works", value }), (error) => ({ name: error?.name, error })), ms);

for (const [what, fetch, expected, { cause } = {}] of hostile) {
  const late = expected.includes("TimeoutError") ? { attemptTimeoutMs: ATTEMPT_MS } : {};

  eachWay(`a fetch that ${what} settles the call (${expected.join(" or ")}), and leaves the client working`, async (kit, context) => {
    const rejections = unhandled(context);
    let broken = true;
    let calls = 0;
    const body = (request) => JSON.stringify(request.method === "POST" ? INTEGRATION : []);
    const client = clientOf(kit, (request) => {
      calls += 1;
      return broken ? fetch(body(request), request) : json(body(request));
    });

    const once = await outcomeOf(client.types.list({ retry: "off", ...late }));
    assert.ok(expected.includes(once.name), `${once.name}: ${once.error}`);
    if (once.error) {
      assert.equal(once.error.constructor, kit[once.name]);
      assert.deepEqual([once.error.operation, once.error.attempts.length], ["getServiceDeskIntegrationTypes", 1]);
      assert.doesNotMatch(once.error.message, new RegExp(TOKEN));
    }
    if (once.name === "NetworkError" && cause !== undefined) assert.equal(once.error.cause, cause);

    calls = 0;
    const twice = await outcomeOf(client.types.list({ retry: { attempts: 2 }, ...late }));
    assert.equal(twice.name, once.name);
    assert.equal(calls, ["NetworkError", "TimeoutError"].includes(twice.name) ? 2 : 1, "requests");

    // Whatever it was, a create does not know what became of it.
    const created = await outcomeOf(client.integrations.create(INPUT, { retry: "off", ...late }));
    if (once.name === "works") assert.equal(created.name, "works", String(created.error));
    else assert.deepEqual([created.name, created.error.cause?.constructor], ["UnknownOutcomeError", kit[once.name]], String(created.error));

    broken = false;
    assert.deepEqual(await bounded(client.types.list()), []);
    await sleep(0);
    assert.deepEqual(rejections, []);
  });
}

eachWay("a token endpoint behind such a fetch is a TokenError, and the next call asks again", async (kit, context) => {
  const rejections = unhandled(context);
  const wrong = [];
  const oauth = JSON.stringify({ access_token: "bought", token_type: "bearer", expires_in: 749 });
  for (const [what, fetch, expected] of hostile) {
    const late = expected.includes("TimeoutError") ? { attemptTimeoutMs: ATTEMPT_MS } : {};
    let broken = true;
    const respond = (request) => {
      if (!request.url.endsWith("/oauth/token")) return json([]);
      return broken ? fetch(oauth, request) : json(oauth);
    };
    const client = clientOf(kit, respond, { auth: { clientId: "id", clientSecret: "secret" }, retry: "off", ...late });
    const { name, error } = await outcomeOf(client.types.list(), 2_000).catch((late) => ({ name: late.message, error: late }));
    if (!(expected.includes("works") && name === "works") && !(error instanceof kit.TokenError)) wrong.push(`${what}: ${name}`);
    broken = false;
    if ((await outcomeOf(client.types.list(), 2_000).catch(() => ({ name: "late" }))).name !== "works") wrong.push(`${what}: the next call fails`);
  }
  await sleep(0);
  assert.deepEqual([wrong, rejections], [[], []]);
});

eachWay("a token function that fails in any of these ways is a TokenError, and the next call works", async (kit, context) => {
  const rejections = unhandled(context);
  const wrong = [];
  for (const [what, fail] of hostile.filter(([name]) => /^(rejects|throws|gives a thenable that (throws|rejects)|gives a revoked)/.test(name))) {
    let broken = true;
    const client = clientOf(kit, () => json([]), { auth: { token: () => (broken ? fail(TOKEN, new Request("https://x.example")) : TOKEN) } });
    const { name, error } = await outcomeOf(client.types.list(), 2_000).catch((late) => ({ name: late.message, error: late }));
    if (!(error instanceof kit.TokenError)) wrong.push(`${what}: ${name}`);
    broken = false;
    if ((await outcomeOf(client.types.list(), 2_000).catch(() => ({ name: "late" }))).name !== "works") wrong.push(`${what}: the next call fails`);
  }
  await sleep(0);
  assert.deepEqual([wrong, rejections], [[], []]);
});

eachWay("a signal may be aborted with any of these reasons", async (kit) => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const reason of [null, 7, Symbol("reason"), Object.freeze({}), new Proxy({}, { get() { throw new Error("no"); } }), proxy]) {
    const controller = new AbortController();
    const client = clientOf(kit, () => new Promise(() => {}));
    const settled = client.types.list({ signal: controller.signal }).then(() => assert.fail("it must fail"), (reason) => [reason]);
    await sleep(1);
    controller.abort(reason);
    assert.ok((await bounded(settled))[0] === controller.signal.reason);
  }
});

eachWay("a fetch that answers after the caller's abort, or after the attempt was given up, hurts nobody", async (kit, context) => {
  const rejections = unhandled(context);
  for (const end of [(settle) => settle.resolve(json([])), (settle) => settle.reject(new Error("too late")), (settle) => settle.resolve(7)]) {
    const waiting = [];
    const client = clientOf(kit, () => new Promise((resolve, reject) => waiting.push({ resolve, reject })), { retry: "off" });
    const controller = new AbortController();
    const aborted = failureOf(client.types.list({ signal: controller.signal }));
    await until(() => waiting.length === 1);
    controller.abort("enough");
    assert.equal(await bounded(aborted), "enough");
    const timedOut = await bounded(failureOf(client.types.list({ attemptTimeoutMs: 30 })));
    assert.ok(timedOut instanceof kit.TimeoutError);
    waiting.forEach(end);
    const good = client.types.list();
    await until(() => waiting.length === 3);
    waiting[2].resolve(json([]));
    assert.deepEqual(await bounded(good), []);
  }
  await sleep(5);
  assert.deepEqual(rejections, []);
});

eachWay("a fetch that aborts the caller's signal itself rejects the call with the reason", async (kit) => {
  const controller = new AbortController();
  const client = clientOf(kit, () => {
    controller.abort("from within");
    return json([]);
  });
  assert.equal(await bounded(failureOf(client.types.list({ signal: controller.signal }))), "from within");
  assert.deepEqual(await bounded(client.types.list()), []);
});

eachWay("a fetch may call the client again, at once or later, as deep as it likes", async (kit) => {
  for (const wait of [async () => {}, () => sleep(1)]) {
    const inner = [];
    let depth = 0;
    const client = clientOf(kit, (request) => {
      if ((depth += 1) > 5) return json([]);
      // Called before this fetch has given anything back.
      const nested = client.types.list();
      inner.push(nested);
      return wait().then(() => nested).then(() => json(request.method === "GET" ? [] : INTEGRATION));
    });
    assert.deepEqual(await bounded(client.types.list()), []);
    assert.deepEqual(await bounded(Promise.all(inner)), inner.map(() => []));
  }
});

eachWay("a fetch that spoils its Request spoils no later one", async (kit) => {
  const seen = [];
  const client = clientOf(kit, async (request) => {
    seen.push([request.method, request.url, Object.fromEntries(request.headers), await request.text()]);
    for (const name of [...request.headers.keys()]) request.headers.delete(name);
    request.headers.set("authorization", "Bearer of-another");
    for (const name of ["url", "method", "signal"]) Object.defineProperty(request, name, { value: "spoilt" });
    if (seen.length < 3) throw new Error("down");
    return json(INTEGRATION);
  });
  await bounded(client.integrations.replace("an-id", INPUT));
  assert.equal(seen.length, 3);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
  assert.equal(seen[0][2].authorization, `Bearer ${TOKEN}`);
  assert.deepEqual(JSON.parse(seen[0][3]), INPUT);
});

eachWay("a fetch that gives one Response twice answers the first call and fails or empties the second", async (kit) => {
  const only = json([]);
  const client = clientOf(kit, () => only, { retry: "off" });
  assert.deepEqual(await bounded(client.types.list()), []);
  const { name } = await outcomeOf(client.types.list());
  assert.ok(["NetworkError", "BadResponseError"].includes(name), name);
});

eachWay("the cause of a failure is what fetch threw, itself", async (kit) => {
  for (const reason of [new Error("of the fetch"), Object.freeze({ any: "object" }), Object.create(null), [], () => {}, new Map()]) {
    const client = clientOf(kit, () => Promise.reject(reason), { retry: "off" });
    assert.equal((await bounded(failureOf(client.types.list()))).cause, reason);
  }
});

eachWay("a Response that comes when its call has ended is let go, though fetch hears no abort", async (kit) => {
  let answer;
  const client = clientOf(kit, () => new Promise((resolve) => { answer = resolve; }));
  const controller = new AbortController();
  const call = failureOf(client.types.list({ signal: controller.signal }));
  await until(() => answer !== undefined);
  controller.abort("gone");
  assert.equal(await bounded(call), "gone");
  const cancelled = new Promise((resolve) => {
    answer(new Response(new ReadableStream({ cancel: () => resolve("cancelled") })));
  });
  assert.equal(await bounded(cancelled), "cancelled");
});

eachWay("a stream may give the same memory again for its next chunk", async (kit) => {
  const text = JSON.stringify([INTEGRATION]);
  const memory = new Uint8Array(7);
  const client = clientOf(kit, async () => {
    let rest = new TextEncoder().encode(text);
    const read = async () => {
      if (rest.length === 0) return { done: true };
      const chunk = rest.subarray(0, memory.length);
      rest = rest.subarray(memory.length);
      memory.fill(0);
      memory.set(chunk);
      return { done: false, value: memory.subarray(0, chunk.length) };
    };
    return { status: 200, headers: [["content-type", "application/json"]], body: { getReader: () => ({ read }) } };
  });
  assert.deepEqual((await bounded(client.integrations.list())).items, [INTEGRATION]);
});

for (const [what, take] of [
  ["given away", (buffer) => structuredClone(buffer, { transfer: [buffer] })],
  ["made smaller", (buffer) => buffer.resize(0)],
]) {
  eachWay(`a body whose memory is ${what} while the call goes on settles it`, async (kit) => {
    for (let steps = 0; steps < 16; steps += 1) {
      const buffer = new ArrayBuffer(2, { maxByteLength: 2 });
      new Uint8Array(buffer).set([91, 93]);
      const arrayBuffer = async () => {
        (async () => {
          for (let step = 0; step < steps; step += 1) await undefined;
          take(buffer);
        })();
        return buffer;
      };
      const client = clientOf(kit, async () => ({ status: 200, headers: [], arrayBuffer }), { retry: "off" });
      const { name } = await outcomeOf(client.types.list());
      assert.ok(["works", "NetworkError", "BadResponseError"].includes(name), `${steps}: ${name}`);
      assert.deepEqual(await outcomeOf(clientOf(kit, () => json([])).types.list()), { name: "works", value: [] });
    }
  });
}

eachWay("a stream that breaks when its request is aborted is cancelled before", async (kit) => {
  const log = [];
  const client = clientOf(kit, (request) => {
    const start = (controller) => {
      request.signal.addEventListener("abort", () => {
        log.push("aborted");
        controller.error(new Error("aborted"));
      });
    };
    return new Response(new ReadableStream({ start, cancel: () => void log.push("cancelled") }));
  }, { retry: "off", attemptTimeoutMs: ATTEMPT_MS });
  assert.equal((await outcomeOf(client.types.list())).name, "TimeoutError");
  assert.deepEqual(log, ["cancelled", "aborted"]);
});

eachWay("a reader that was cancelled is not asked again", async (kit) => {
  const log = [];
  const controller = new AbortController();
  const read = async () => {
    // The thousandth chunk is followed by a pause.
    if (log.push("read") === 1_000) setTimeout(() => controller.abort(), 0);
    return { done: false, value: new Uint8Array([32]) };
  };
  const cancel = async () => void log.push("cancel");
  const client = clientOf(kit, async () => ({ status: 200, headers: [], body: { getReader: () => ({ read, cancel }) } }));
  await bounded(failureOf(client.types.list({ signal: controller.signal })));
  await sleep(20);
  assert.equal(log.at(-1), "cancel");
  assert.equal(log.filter((entry) => entry === "cancel").length, 1);
});

eachWay("what an end of a stream holds besides is not looked at", async (kit) => {
  let parts = 0;
  const read = async () => ((parts += 1) === 1 ? { done: false, value: new Uint8Array([91, 93]) } : { done: true, get value() { throw new Error("trap"); } });
  const client = clientOf(kit, async () => ({ status: 200, headers: [], body: { getReader: () => ({ read }) } }));
  assert.deepEqual(await bounded(client.types.list()), []);
});

eachWay("a header that no server can send is none, and hides no other", async (kit) => {
  const headers = [["slpt-request-id", "one\ntwo"], ["a\nb", "c"], ["", ""], ["x-total-count", "1"]];
  const client = clientOf(kit, async () => ({ status: 200, headers, text: async () => JSON.stringify([INTEGRATION]) }));
  let seen;
  await bounded(client.integrations.list({}, { onResponse: (info) => (seen = info) }));
  assert.deepEqual([seen.requestId, seen.headers], [undefined, { "": "", "x-total-count": "1" }]);
});

/** Runs with something else in the place of a global. */
async function withGlobal(name, value, run) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  try {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    await run();
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

const trap = function () {
  throw new Error("trap");
};

for (const name of ["AbortController", "Headers", "Request"]) {
  for (const [what, value, told] of [["has no", undefined, name], ["cannot make a", trap, /trap|Headers/]]) {
    eachWay(`a runtime that ${what} ${name} is told so at once: nothing was sent, and nothing is in doubt`, async (kit) => {
      let sent = 0;
      const client = clientOf(kit, () => (sent += 1));
      await withGlobal(name, value, async () => {
        for (const call of [() => client.types.list(), () => client.integrations.create(INPUT)]) {
          const error = await bounded(failureOf(call()));
          assert.equal(error.name, "NetworkError", String(error));
          assert.match(error.message, / was not sent: /);
          assert.match(error.message, new RegExp(told));
          assert.equal(error.attempts.length, 1);
        }
      });
      assert.equal(sent, 0);
    });
  }
}

eachWay("Headers that do not take a field keep no call from its end", async (kit) => {
  let sent = 0;
  for (const bad of ["accept", "authorization", "x-own"]) {
    const client = clientOf(kit, () => (sent += 1), { headers: { "x-own": "1" } });
    const Picky = class extends Headers { set(name, value) { return name === bad ? trap() : super.set(name, value); } };
    await withGlobal("Headers", Picky, async () => {
      const error = await bounded(failureOf(client.types.list()));
      assert.equal(error.name, "NetworkError", String(error));
      assert.match(error.message, / was not sent: .*Headers/);
    });
  }
  assert.equal(sent, 0);
});

eachWay("a runtime that has no fetch is told so at once, with the option that gives one", async (kit) => {
  const client = new kit.ServiceDeskClient({ baseUrl: "https://a.example", auth: { token: TOKEN } });
  await withGlobal("fetch", undefined, async () => {
    const error = await bounded(failureOf(client.types.list()));
    assert.equal(error.name, "NetworkError");
    assert.match(error.message, /was not sent: this runtime has no fetch: give one as the option fetch$/);
    assert.equal(error.attempts.length, 1);
  });
});

eachWay("an abort that throws keeps no call from its end", async (kit) => {
  const Throwing = class extends AbortController { abort() { trap(); } };
  const silent = clientOf(kit, () => new Promise(() => {}), { retry: "off", attemptTimeoutMs: ATTEMPT_MS });
  await withGlobal("AbortController", Throwing, async () => {
    assert.equal((await outcomeOf(silent.types.list())).name, "TimeoutError");
  });
});

eachWay("a page's own setTimeout may hand no arguments on, and its clearTimeout may do nothing", async (kit) => {
  const { setTimeout: own } = globalThis;
  const limits = { retry: { attempts: 2, baseDelayMs: 1 }, timeoutMs: 500, attemptTimeoutMs: ATTEMPT_MS };
  const silent = clientOf(kit, () => new Promise(() => {}), limits);
  const quick = clientOf(kit, () => json([]), limits);
  await withGlobal("setTimeout", (run, ms) => own(run, ms), () => withGlobal("clearTimeout", () => {}, async () => {
    const ends = [1, 2, 3].map(() => outcomeOf(silent.types.list()));
    for (let call = 0; call < 50; call += 1) assert.deepEqual(await quick.types.list(), []);
    assert.deepEqual((await Promise.all(ends)).map(({ name }) => name), ends.map(() => "TimeoutError"));
    // What was not cleared fires now, when others wait.
    const later = outcomeOf(silent.types.list());
    await sleep(2 * ATTEMPT_MS);
    assert.equal((await later).name, "TimeoutError");
  }));
});

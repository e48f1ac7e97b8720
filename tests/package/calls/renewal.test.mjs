// How tokens are renewed: after a 401, before they are too old, once for all calls; and what a failing token endpoint does.
import assert from "node:assert/strict";

import { QUICK, bounded, failedFetch, inTurn, isToken, refusal, silent, sleep, timed, unhandled, until } from "../helpers/call-kit.mjs";
import { INPUT, TOKEN, eachWay, failureOf, json, scripted } from "../helpers/kits.mjs";

const credentials = { auth: { clientId: "an id", clientSecret: "a secret" } };
const oauth = (number, more = {}) => json({ access_token: `bought-${number}`, token_type: "bearer", expires_in: 749, ...more });
const list = () => json([]);

/** A tenant and its token endpoint, each with answers of its own by number; `sold` counts token requests. */
function selling(kit, tokens, api, options = {}) {
  const count = { sold: 0, asked: 0 };
  const carried = [];
  const respond = (request) => {
    if (isToken(request)) return tokens(request, (count.sold += 1));
    carried.push(request.headers.get("authorization").replace("Bearer ", ""));
    return api(request, (count.asked += 1));
  };
  const { client } = scripted(kit, respond, { ...QUICK, ...credentials, ...options });
  return { client, count, carried };
}

/** Takes the tokens that it is told to, and no other. */
const only = (accepted) => (request) => (accepted().includes(request.headers.get("authorization").replace("Bearer ", "")) ? list() : refusal(401));

const sells = (_request, number) => oauth(number);

eachWay("a rejected token of client credentials is replaced once, and the call goes on", async (kit) => {
  for (const retry of [{ baseDelayMs: 0 }, { attempts: 1 }, "off"]) {
    let info;
    const { client, count, carried } = selling(kit, sells, inTurn([401], list), { retry });
    await client.types.list({ onResponse: (told) => (info = told) });
    assert.deepEqual([count, carried], [{ sold: 2, asked: 2 }, ["bought-1", "bought-2"]]);
    assert.deepEqual(info.attempts.map(({ status, retryReason }) => [status, retryReason]), [[401, "unauthorized"], [200, undefined]]);
    await client.types.list();
    assert.deepEqual([count.sold, carried.at(-1)], [2, "bought-2"]);
  }
});

eachWay("a token function is asked again, and told that it must not give the same", async (kit) => {
  for (const retry of [{ baseDelayMs: 0 }, "off"]) {
    const given = [];
    const token = ({ forceRefresh }) => `of-the-function-${given.push(forceRefresh)}`;
    const { client, carried } = selling(kit, sells, inTurn([401], list), { auth: { token }, retry });
    await client.types.list();
    assert.deepEqual(given, [false, true]);
    assert.deepEqual(carried, ["of-the-function-1", "of-the-function-2"]);
  }
});

eachWay("a second 401 is an UnauthorizedError, with both in the history", async (kit) => {
  const tokenFunction = { auth: { token: () => TOKEN } };
  for (const [options, sold] of [[{}, 2], [tokenFunction, 0]]) {
    const { client, count } = selling(kit, sells, () => refusal(401), options);
    const error = await failureOf(client.types.list());
    assert.equal(error.constructor, kit.UnauthorizedError, String(error));
    assert.deepEqual(error.attempts.map(({ status, retryReason }) => [status, retryReason]), [[401, "unauthorized"], [401, undefined]]);
    assert.deepEqual(count, { sold, asked: 2 });
  }
});

eachWay("a token that was given as it is cannot be renewed", async (kit) => {
  const { client, count } = selling(kit, sells, () => refusal(401), { auth: { token: TOKEN } });
  const error = await failureOf(client.types.list());
  assert.deepEqual([error.constructor, error.attempts.length, count], [kit.UnauthorizedError, 1, { sold: 0, asked: 1 }]);
});

eachWay("the renewal is outside of the budget of attempts, before and after other failures", async (kit) => {
  for (const [answers, requests] of [[[503, 401], 3], [[401, 503], 3]]) {
    const { client, count } = selling(kit, sells, inTurn(answers, list), { retry: { attempts: 2, baseDelayMs: 0 } });
    assert.deepEqual(await client.types.list(), []);
    assert.deepEqual(count, { sold: 2, asked: requests });
  }
  const { client, count } = selling(kit, sells, inTurn([401, 503, 401], list));
  assert.ok((await failureOf(client.types.list())) instanceof kit.UnauthorizedError);
  assert.deepEqual(count, { sold: 2, asked: 3 });
});

eachWay("a create whose token was rejected is sent again: nothing happened", async (kit) => {
  const { client, count } = selling(kit, sells, inTurn([401], () => json({ ...INPUT, id: "made-1" })), { retry: "off" });
  assert.equal((await client.integrations.create(INPUT)).id, "made-1");
  assert.equal(count.asked, 2);
});

eachWay("a hundred calls with one rejected token make one renewal", async (kit) => {
  const slowly = async (_request, number) => {
    await sleep(5);
    return oauth(number);
  };
  const bought = selling(kit, slowly, only(() => ["bought-2"]));
  await Promise.all(Array.from({ length: 100 }, () => bought.client.types.list()));
  assert.deepEqual(bought.count, { sold: 2, asked: 200 });

  const given = [];
  const token = async ({ forceRefresh }) => {
    given.push(forceRefresh);
    const answer = given.includes(true) ? "new" : "old";
    await sleep(5);
    return answer;
  };
  const asked = selling(kit, sells, only(() => ["new"]), { auth: { token, shared: true } });
  await Promise.all(Array.from({ length: 100 }, () => asked.client.types.list()));
  assert.equal(given.filter(Boolean).length, 1);
  assert.equal(asked.count.asked, 200);
});

eachWay("of a hundred calls with rejected tokens each asks its token function for itself, unless they are said to be shared", async (kit) => {
  for (const more of [{}, { shared: false }, { shared: undefined }]) {
    const given = [];
    const token = async ({ forceRefresh }) => {
      const answer = `${forceRefresh ? "new" : "old"}-${given.push(forceRefresh)}`;
      await sleep(5);
      return answer;
    };
    const api = (request) => (request.headers.get("authorization").includes("new-") ? list() : refusal(401));
    const { client, count, carried } = selling(kit, sells, api, { auth: { token, ...more } });
    await Promise.all(Array.from({ length: 100 }, () => client.types.list()));
    assert.deepEqual([given.length, given.filter(Boolean).length, count.asked], [200, 100, 200]);
    // No token was carried twice: each call has its own.
    assert.equal(new Set(carried).size, 200);
  }
});

eachWay("a renewal that is shared is asked for again when its token was refused, too", async (kit) => {
  const given = [];
  const token = async ({ forceRefresh }) => {
    given.push(forceRefresh);
    await sleep(2);
    return forceRefresh ? "new" : "old";
  };
  let accepted = ["new"];
  const { client } = selling(kit, sells, only(() => accepted), { auth: { token, shared: true } });
  for (const renewals of [1, 2]) {
    await Promise.all(Array.from({ length: 10 }, () => client.types.list()));
    assert.equal(given.filter(Boolean).length, renewals);
  }
  accepted = [];
  const errors = await Promise.all(Array.from({ length: 10 }, () => failureOf(client.types.list())));
  assert.deepEqual(errors.map(({ constructor }) => constructor), errors.map(() => kit.UnauthorizedError));
  assert.equal(given.filter(Boolean).length, 3);
});

eachWay("a renewal that is shared and fails is a TokenError of each call, with what was thrown", async (kit) => {
  const cause = new Error("of the function");
  let forced = 0;
  const token = async ({ forceRefresh }) => {
    if (!forceRefresh) return TOKEN;
    forced += 1;
    await sleep(5);
    throw cause;
  };
  const { client } = selling(kit, sells, () => refusal(401), { auth: { token, shared: true } });
  const errors = await Promise.all(Array.from({ length: 10 }, () => failureOf(client.types.list())));
  for (const error of errors) assert.deepEqual([error.constructor, error.cause], [kit.TokenError, cause]);
  assert.equal(new Set(errors).size, 10);
  assert.equal(forced, 1);
});

eachWay("a renewal that is shared goes on without the call that began it, whose signal it is not given", async (kit) => {
  const controller = new AbortController();
  const given = [];
  const token = async ({ forceRefresh, signal }) => {
    given.push([forceRefresh, signal]);
    if (!forceRefresh) return "old";
    await sleep(20);
    return "new";
  };
  const { client } = selling(kit, sells, only(() => ["new"]), { auth: { token, shared: true } });
  const { signal } = controller;
  const left = failureOf(client.types.list({ signal }));
  const others = Promise.all(Array.from({ length: 10 }, () => client.types.list()));
  await until(() => given.some(([forced]) => forced));
  controller.abort("enough");
  assert.equal(await bounded(left), "enough");
  assert.equal((await bounded(others)).length, 10);
  assert.deepEqual(given.filter(([forced]) => forced), [[true, undefined]]);
  assert.deepEqual(given[0], [false, signal]);
});

eachWay("a renewal that is not shared is given the signal of its call", async (kit) => {
  const given = [];
  const token = ({ forceRefresh, signal }) => (given.push([forceRefresh, signal]), forceRefresh ? "new" : "old");
  const { client } = selling(kit, sells, only(() => ["new"]), { auth: { token } });
  const { signal } = new AbortController();
  await client.types.list({ signal });
  assert.deepEqual(given, [[false, signal], [true, signal]]);
});

eachWay("a 401 that comes late finds the new token there", async (kit) => {
  const late = [];
  const api = (request) => {
    if (request.headers.get("authorization") !== "Bearer bought-1") return list();
    return new Promise((resolve) => late.push(() => resolve(refusal(401))));
  };
  const { client, count } = selling(kit, sells, api);
  const [first, second] = [client.types.list(), client.types.list()];
  await until(() => late.length === 2);
  late[0]();
  await first;
  late[1]();
  assert.deepEqual(await bounded(second), []);
  assert.deepEqual(count, { sold: 2, asked: 4 });
});

eachWay("a renewal that fails is a TokenError of the call, after its 401", async (kit) => {
  const refused = selling(kit, inTurn([sells], () => json({ error: "invalid_client" }, { status: 401 })), () => refusal(401));
  const error = await failureOf(refused.client.types.list());
  assert.equal(error.constructor, kit.TokenError, String(error));
  assert.deepEqual([error.oauthError, refused.count.asked], ["invalid_client", 1]);
  const cause = new Error("of the function");
  const token = ({ forceRefresh }) => {
    if (forceRefresh) throw cause;
    return TOKEN;
  };
  const thrown = await failureOf(selling(kit, sells, () => refusal(401), { auth: { token } }).client.types.list());
  assert.deepEqual([thrown.constructor, thrown.cause], [kit.TokenError, cause]);
});

/** What may come instead of a token, and is not told. */
const wrong = { "a number": 5_737_373, "an object": { accessToken: "s3cr3t" }, "nothing": undefined, "null": null, "an empty string": "", "a line break": "s3cr3t\n", "letters of no header": "s3cr3té" };
for (const [what, value] of Object.entries(wrong)) {
  eachWay(`a token function that gives ${what} after a 401 is named, its value is not`, async (kit) => {
    const { client, count } = selling(kit, sells, () => refusal(401), { auth: { token: ({ forceRefresh }) => (forceRefresh ? value : TOKEN) } });
    const error = await failureOf(client.types.list());
    assert.equal(error.constructor, kit.TokenError, String(error));
    assert.match(error.message, /token function/);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${error.stack}`, /5737373|s3cr3t/);
    assert.equal(count.asked, 1);
  });
}

/** Failures of the token endpoint that pass. */
const passing = {
  ...Object.fromEntries([408, 425, 429, 500, 502, 503, 504].map((status) => [`a ${status}`, () => refusal(status)])),
  "a 429 with Retry-After": () => refusal(429, { "retry-after": "0" }),
  "a dead connection": () => Promise.reject(failedFetch("ECONNRESET")),
  "silence": silent,
};
for (const [what, fail] of Object.entries(passing)) {
  eachWay(`the token endpoint is asked again after ${what}, as often as any call`, async (kit) => {
    const slow = what === "silence" ? { attemptTimeoutMs: 50 } : {};
    const { client, count } = selling(kit, inTurn([fail, fail], sells), list, slow);
    assert.deepEqual(await client.types.list(), []);
    assert.deepEqual(count, { sold: 3, asked: 1 });
    for (const [retry, requests] of [[{ baseDelayMs: 0, attempts: 2 }, 2], ["off", 1]]) {
      const always = selling(kit, () => fail(new Request("https://x.example")), list, { ...slow, retry });
      const error = await bounded(failureOf(always.client.types.list({ timeoutMs: 3_000 })));
      if (what !== "silence") assert.equal(error.constructor, kit.TokenError, String(error));
      assert.deepEqual(always.count, { sold: requests, asked: 0 });
    }
  });
}

eachWay("the token endpoint is not asked again after a refusal or a bad answer", async (kit) => {
  for (const answer of [() => refusal(400), () => refusal(401), () => refusal(403), () => refusal(404), () => refusal(501), () => refusal(307, { location: "/" }), () => new Response("<html></html>"), () => json({})]) {
    const { client, count } = selling(kit, answer, list);
    const error = await failureOf(client.types.list());
    assert.equal(error.constructor, kit.TokenError);
    assert.match(error.message, /token endpoint/);
    assert.deepEqual(count, { sold: 1, asked: 0 });
  }
});

eachWay("a Retry-After of the token endpoint that is too long fails the call at once", async (kit) => {
  const { client, count } = selling(kit, () => refusal(429, { "retry-after": "3600" }), list);
  const { value: error, ms } = await timed(() => failureOf(client.types.list()));
  assert.deepEqual([error.constructor, error.status, count.sold], [kit.TokenError, 429, 1]);
  assert.ok(ms < 1_000, `${ms} ms`);
});

/** When a token of one second is renewed in the background, and when a call waits for the new one. */
const BACKGROUND = [0.8, 0.95];
const window = ([from, to]) => (from + 0.02) * 1_000 + ((to - from - 0.02) * 1_000) / 4;

/** Does `run` with a client whose token is `share` old; anew where the machine was too busy to be there in time. */
async function aged(make, run) {
  for (let round = 1; ; round += 1) {
    const sale = make();
    const before = performance.now();
    await sale.client.types.list();
    await sleep(window(BACKGROUND) - (performance.now() - before));
    if (performance.now() - before < BACKGROUND[1] * 1_000 - 50) return run(sale, before);
    assert.ok(round < 10, "this machine is never in time");
  }
}

eachWay("a token near its end is used once more while a new one is bought in the background", async (kit) => {
  let release;
  const opened = new Promise((resolve) => (release = resolve));
  const tokens = (_request, number) => (number % 2 ? oauth(number, { expires_in: 1 }) : opened.then(() => oauth(number)));
  await aged(() => selling(kit, tokens, list), async ({ client, count, carried }) => {
    await bounded(Promise.all([client.types.list(), client.types.list()]), 500);
    await until(() => count.sold === 2);
    assert.deepEqual(carried, ["bought-1", "bought-1", "bought-1"]);
    release();
    await sleep(20);
    await client.types.list();
    assert.deepEqual([count.sold, carried.at(-1)], [2, "bought-2"]);
  });
});

eachWay("a renewal in the background that fails is silent, made once, and not tried again at once", async (kit, context) => {
  const rejections = unhandled(context);
  for (const fail of [() => refusal(500), () => Promise.reject(failedFetch("ECONNRESET")), () => refusal(401)]) {
    const events = [];
    const make = () => selling(kit, (_request, number) => (number === 1 ? oauth(1, { expires_in: 1 }) : number === 2 ? fail() : oauth(number)), list, { onEvent: (event) => events.push(event.type) });
    await aged(make, async ({ client, count, carried }, before) => {
      assert.deepEqual(await client.types.list(), []);
      await until(() => count.sold === 2);
      await sleep(5);
      assert.deepEqual(await client.types.list(), []);
      await sleep(5);
      if (performance.now() - before < 940) assert.deepEqual([count.sold, carried.at(-1)], [2, "bought-1"]);
      // Now it is too old to be used: this call waits for a new one.
      await sleep(1_000 - (performance.now() - before));
      assert.deepEqual(await client.types.list(), []);
      assert.deepEqual([count.sold, carried.at(-1)], [3, "bought-3"]);
    });
  }
  assert.deepEqual(rejections, []);
});

eachWay("the life of a token is counted from when it was asked for", async (kit) => {
  const tokens = async (_request, number) => {
    if (number === 1) await sleep(500);
    return oauth(number, { expires_in: 1 });
  };
  const { client, count, carried } = selling(kit, tokens, list);
  const before = performance.now();
  await client.types.list();
  await sleep(990 - (performance.now() - before));
  await client.types.list();
  assert.deepEqual([count.sold, carried], [2, ["bought-1", "bought-2"]]);
});

eachWay("a token that came after failures is as young as the request that brought it", async (kit) => {
  const tokens = async (_request, number) => {
    if (number > 1) return oauth(number, { expires_in: 1 });
    await sleep(600);
    return refusal(503);
  };
  const { client, count } = selling(kit, tokens, list);
  await client.types.list();
  await sleep(300);
  await client.types.list();
  assert.equal(count.sold, 2);
});

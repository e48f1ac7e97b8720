// What onEvent is told of a call: exactly what happened, in order, with no secret in it; and nothing that it does harms a call.
import assert from "node:assert/strict";

import { QUICK, bounded, failedFetch, good, inTurn, isToken, refusal, sleep, unhandled, until } from "../helpers/call-kit.mjs";
import { everythingOf, found } from "../helpers/everything.mjs";
import { INPUT, TOKEN, eachWay, failureOf, json, operations, scripted } from "../helpers/kits.mjs";

const credentials = { auth: { clientId: "an id", clientSecret: "a s3cr3t of the test" } };
const BOUGHT = "b0ught-t0ken-of-the-test";
const oauth = (more = {}) => json({ access_token: BOUGHT, token_type: "bearer", expires_in: 749, ...more });
const TYPES = "getServiceDeskIntegrationTypes";

/** Waits that are not nothing, so that each is told. */
const WAITS = { retry: { baseDelayMs: 4 } };

/** A server that answers `respond`, sells tokens, and the events of its client. */
function watched(kit, respond, options = {}) {
  const events = [];
  let count = 0;
  const answer = (request) => (isToken(request) ? oauth() : respond(request, (count += 1)));
  const made = scripted(kit, answer, { ...QUICK, ...WAITS, onEvent: (event) => events.push(event), ...options });
  return { ...made, events, url: (path) => `${made.baseUrl}/service-desk-integrations/v1${path}` };
}

/** Events without what the clock decides, which is checked here. */
const plain = (events) => events.map(({ durationMs, waitMs, ...event }) => {
  assert.equal(durationMs !== undefined, ["response", "token"].includes(event.type), event.type);
  assert.equal(waitMs !== undefined, event.type === "wait");
  for (const ms of [durationMs, waitMs]) assert.ok(ms === undefined || (ms >= 0 && ms < 5_000), String(ms));
  return event;
});

const asks = (attempt, url, more = {}) => ({ type: "request", operation: TYPES, attempt, method: "GET", url, ...more });
const answered = (attempt, status, more = {}) => ({ type: "response", operation: TYPES, attempt, status, ...more });
const refused = (attempt, status, more = {}) => answered(attempt, status, { requestId: `id-${status}`, ...more });
const waits = (reason, operation = TYPES) => ({ type: "wait", operation, reason });
const list = () => json([]);

for (const each of operations) {
  eachWay(`${each.operation}: a call that works is a request and its response`, async (kit) => {
    const { client, asked, events } = watched(kit, () => good(each));
    await each.call(client, "an-id");
    assert.deepEqual(plain(events), [
      { type: "request", operation: each.operation, attempt: 1, method: each.method, url: asked[0].url },
      { type: "response", operation: each.operation, attempt: 1, status: each.status },
    ]);
  });
}

eachWay("a call that is retried tells each attempt and each wait", async (kit) => {
  const { client, events, url } = watched(kit, inTurn([503, () => Promise.reject(failedFetch("ECONNRESET")), 500], list));
  await client.types.list();
  assert.deepEqual(plain(events), [
    asks(1, url("/types")), refused(1, 503), waits("retry"),
    asks(2, url("/types")), waits("retry"),
    asks(3, url("/types")), refused(3, 500), waits("retry"),
    asks(4, url("/types")), answered(4, 200),
  ]);
});

eachWay("a failure tells as much as a success", async (kit) => {
  const { client, events, url } = watched(kit, () => refusal(404));
  await failureOf(client.types.list());
  assert.deepEqual(plain(events), [asks(1, url("/types")), refused(1, 404)]);
});

eachWay("a wait for a server that asked for it is told as such", async (kit) => {
  const { client, events, url } = watched(kit, inTurn([() => refusal(503, { "retry-after": "1" })], list));
  await client.types.list();
  assert.deepEqual(plain(events), [asks(1, url("/types")), refused(1, 503), waits("retry-after"), asks(2, url("/types")), answered(2, 200)]);
  assert.ok(events[2].waitMs >= 999, String(events[2].waitMs));
});

eachWay("a call that waits for room tells it before its request", async (kit) => {
  const { client, events, url } = watched(kit, list, { rateLimit: { requests: 1, perMs: 60 } });
  await client.types.list();
  await client.types.list();
  assert.deepEqual(plain(events), [asks(1, url("/types")), answered(1, 200), waits("rate-limit"), asks(1, url("/types")), answered(1, 200)]);
});

eachWay("a create that is found again tells how", async (kit) => {
  const { operation } = operations.find(({ method }) => method === "POST");
  const held = { ...INPUT, id: "made-1", created: new Date().toISOString() };
  const { client, events, url } = watched(kit, (request) => (request.method === "POST" ? refusal(502) : json([held])));
  await client.integrations.create(INPUT);
  // Whose operation the look-up is, is not promised.
  const [first, second, wait, third, fourth, last] = plain(events);
  assert.deepEqual([first, second, wait], [
    { type: "request", operation, attempt: 1, method: "POST", url: url("") },
    { type: "response", operation, attempt: 1, status: 502, requestId: "id-502" },
    waits("retry", operation),
  ]);
  assert.deepEqual([third.type, third.method, third.attempt, fourth.type, fourth.status, fourth.attempt], ["request", "GET", 2, "response", 200, 2]);
  assert.equal(third.url, `${url("")}?limit=250&filters=name%20eq%20%22Acme%20ServiceNow%22`);
  assert.deepEqual([last, events.length], [{ type: "reconciled", operation, id: "made-1" }, 6]);
});

eachWay("a token that is bought, or bought anew, is told", async (kit) => {
  const { client, events, url } = watched(kit, inTurn([401], list), credentials);
  await client.types.list();
  assert.deepEqual(plain(events).filter(({ type }) => type !== "wait"), [
    { type: "token", reason: "missing" }, asks(1, url("/types")), refused(1, 401),
    { type: "token", reason: "rejected" }, asks(2, url("/types")), answered(2, 200),
  ]);
});

eachWay("a token that is renewed before its end is told", async (kit) => {
  const { client, events } = watched(kit, list, credentials);
  const short = scripted(kit, (request) => (isToken(request) ? oauth({ expires_in: 1 }) : json([])), { ...QUICK, ...credentials, onEvent: (event) => events.push(event) });
  await short.client.types.list();
  await sleep(970);
  await short.client.types.list();
  await until(() => events.filter(({ type }) => type === "token").length === 2);
  assert.deepEqual(plain(events).filter(({ type }) => type === "token").map(({ reason }) => reason), ["missing", "expiring"]);
  assert.ok(client);
});

eachWay("an endpoint whose end is announced is told once for each answer", async (kit) => {
  const { client, events, url } = watched(kit, () => json([], { headers: { "x-deprecated": "true" } }));
  await client.types.list();
  const told = plain(events);
  assert.deepEqual(told.filter(({ type }) => type === "deprecated"), [{ type: "deprecated", operation: TYPES, url: url("/types") }]);
  assert.deepEqual(told.filter(({ type }) => type !== "deprecated"), [asks(1, url("/types")), answered(1, 200)]);
});

eachWay("each call counts its own attempts, also where many are on their way", async (kit) => {
  const { client, events } = watched(kit, (_request, number) => (number <= 20 ? refusal(503) : list()));
  await Promise.all(Array.from({ length: 20 }, () => client.types.list()));
  const count = (type, attempt) => events.filter((event) => event.type === type && event.attempt === attempt).length;
  assert.deepEqual([count("request", 1), count("response", 1), count("request", 2), count("response", 2)], [20, 20, 20, 20]);
});

eachWay("everything is told before the call settles, and nothing after", async (kit) => {
  const { client, events } = watched(kit, inTurn([503], list));
  await client.types.list();
  const { length } = events;
  await sleep(10);
  assert.deepEqual([length, events.length, events.at(-1).status], [5, 5, 200]);
});

eachWay("an event is plain data that the listener may keep or change", async (kit) => {
  const { client, events, asked } = watched(kit, inTurn([503], list), {
    onEvent: (event) => {
      events.push(structuredClone(event));
      for (const key of Object.keys(event)) {
        try {
          event[key] = "changed";
        } catch {
          // It may be frozen.
        }
      }
    },
  });
  await client.types.list();
  assert.equal(asked[0].url, asked[1].url);
  for (const event of events) assert.deepEqual(JSON.parse(JSON.stringify(event)), event);
});

eachWay("no event shows a secret, whatever a server or a network echoes", async (kit) => {
  const PASSWORD = "hunter2-of-the-test";
  const input = { ...INPUT, attributes: { url: "https://acme.example", password: PASSWORD } };
  const echo = (status) => json({ detailMessage: `${BOUGHT} ${PASSWORD}` }, { status, headers: { "slpt-request-id": BOUGHT, "x-echo": `${BOUGHT} ${PASSWORD}` } });
  const answers = inTurn([() => echo(503), () => Promise.reject(new Error(`cannot send ${BOUGHT}`)), () => echo(401)], () => json({ ...input, id: "an-id" }));
  const { client, events } = watched(kit, answers, credentials);
  await client.integrations.replace("an-id", input);
  await failureOf(watched(kit, () => echo(400), { ...credentials, onEvent: (event) => events.push(event) }).client.integrations.create(input));
  assert.ok(events.length > 8);
  assert.deepEqual(found(everythingOf(events), BOUGHT, credentials.auth.clientSecret, PASSWORD), []);
});

/** What a listener may do besides listening. */
const listeners = {
  "throws": () => { throw new Error("of the listener"); },
  "throws undefined": () => { throw undefined; },
  "rejects": () => Promise.reject(new Error("of the listener")),
  "is async and throws": async () => { throw "of the listener"; },
  "never settles": () => new Promise(() => {}),
  "gives a thenable that throws": () => ({ then() { throw new Error("of the listener"); } }),
  "gives a thenable that rejects": () => ({ then: (_resolve, reject) => reject(new Error("of the listener")) }),
  "gives what throws when it is read": () => ({ get then() { throw new Error("of the listener"); } }),
  "gives anything else": () => 7,
};
for (const [what, onEvent] of Object.entries(listeners)) {
  eachWay(`a listener that ${what} does no harm`, async (kit, context) => {
    const rejections = unhandled(context);
    let told = 0;
    const listener = (event) => {
      told += 1;
      return onEvent(event);
    };
    const { client } = watched(kit, inTurn([401, 503], list), { ...credentials, onEvent: listener });
    assert.deepEqual(await bounded(client.types.list()), []);
    assert.ok(told >= 8, `${told} events`);
    assert.deepEqual(await bounded(client.types.list()), []);
    await sleep(5);
    assert.deepEqual(rejections, []);
  });
}

eachWay("a listener may call the client, and end the call that it listens to", async (kit) => {
  const inner = [];
  const { client } = watched(kit, list, {
    onEvent: ({ type }) => {
      if (type === "request" && inner.length < 3) inner.push(client.types.list());
    },
  });
  assert.deepEqual(await bounded(client.types.list()), []);
  assert.deepEqual(await bounded(Promise.all(inner)), [[], [], []]);
  for (const end of ["request", "response", "wait"]) {
    const controller = new AbortController();
    const ended = watched(kit, () => refusal(503), { onEvent: ({ type }) => type === end && controller.abort("enough") });
    assert.equal(await bounded(failureOf(ended.client.types.list({ signal: controller.signal }))), "enough", end);
  }
});

eachWay("a call that a listener aborts before its request sends nothing", async (kit) => {
  const controller = new AbortController();
  const { client, asked } = watched(kit, list, { onEvent: ({ type }) => type === "request" && controller.abort("enough") });
  assert.equal(await bounded(failureOf(client.types.list({ signal: controller.signal }))), "enough");
  assert.equal(asked.length, 0);
});

eachWay("a client without a listener makes the same calls", async (kit) => {
  const { client, asked } = watched(kit, inTurn([503], list), { onEvent: undefined, auth: { token: TOKEN } });
  assert.deepEqual([await client.types.list(), asked.length], [[], 2]);
});

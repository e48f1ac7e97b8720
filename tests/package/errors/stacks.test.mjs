// The stack of each failure: it says what failed, and names the line of the caller's program, however late the failure comes and
// however it is waited for.
import assert from "node:assert/strict";

import { QUICK, bounded, failedFetch, inTurn, isToken, refusal, sleep } from "../helpers/call-kit.mjs";
import { INPUT, INTEGRATION, eachWay, failureOf, json, operations, scripted, thrownBy } from "../helpers/kits.mjs";

/** What a caller's program does, by the name that its stacks must have. */
function inTheProgramOfTheCaller(act) {
  return act();
}

/** The next thing that it does, in a function of another name. */
function laterInTheProgramOfTheCaller(act) {
  return act();
}

async function loopInTheProgramOfTheCaller(walk) {
  for await (const each of walk) assert.ok(each);
}

/** An error of the package whose stack begins as the platform's do, and names the function that made it. */
function assertTold(kit, error, type, place = inTheProgramOfTheCaller) {
  assert.equal(error?.constructor, kit[type], `${error?.stack ?? error}`);
  const head = `${type}: ${error.message}\n`;
  assert.ok(error.stack.startsWith(head), error.stack);
  const frames = error.stack.slice(head.length).split("\n");
  assert.deepEqual(frames.filter((frame) => !/^ {4}at /.test(frame)), [], error.stack);
  assert.ok(frames.some((frame) => frame.includes(place.name)), error.stack);
}

const credentials = { auth: { clientId: "an id", clientSecret: "a secret" } };
const silence = () => new Promise(() => {});

/** Each way for a call to fail: what the server does, what is asked of the client, the options. */
const failures = {
  "a refusal": ["NotFoundError", () => refusal(404)],
  "a refusal after a retry": ["NotFoundError", inTurn([503], () => refusal(404))],
  "a refusal that has waited for room": ["NotFoundError", () => refusal(404), { rateLimit: { requests: 1, perMs: 10 } }],
  "a failure that lasts": ["ServerError", () => refusal(503)],
  "a lost connection": ["NetworkError", () => Promise.reject(failedFetch("ECONNRESET"))],
  "silence": ["TimeoutError", silence, { timeoutMs: 20 }],
  "an answer that is none": ["BadResponseError", () => json({ id: 7 })],
  "a redirect": ["RedirectError", () => refusal(302, { location: "/" })],
  "a token that is refused": ["UnauthorizedError", () => refusal(401)],
  "a token function that throws": ["TokenError", silence, { auth: { token: () => { throw new Error("of the function"); } } }],
  "a token function that gives no text": ["TokenError", silence, { auth: { token: async () => 7 } }],
  "a token that is not sold": ["TokenError", (request) => (isToken(request) ? refusal(400) : silence()), credentials],
  "a token endpoint that is not there": ["TokenError", () => Promise.reject(failedFetch("ECONNREFUSED")), credentials],
  "an option that is wrong": ["ValidationError", silence, {}, { timeout: 5 }],
};

/** How a caller may wait for a call. */
const waits = {
  "awaited": async (call) => failureOf((async () => await call())()),
  "only caught": (call) => new Promise((resolve) => { call().catch(resolve); }),
  "one of many": (call) => failureOf(Promise.all([sleep(1), call(), sleep(1)])),
  "begun before it is waited for": async (call) => {
    const settled = Promise.allSettled([call()]);
    await sleep(30);
    return (await settled)[0].reason;
  },
};

for (const [what, [type, respond, options = {}, callOptions = undefined]] of Object.entries(failures)) {
  eachWay(`after ${what} the stack names the caller's line, however the call is waited for`, async (kit) => {
    for (const wait of Object.values(waits)) {
      const { client } = scripted(kit, respond, { ...QUICK, ...options });
      const call = () => inTheProgramOfTheCaller(() => client.integrations.get("an-id", callOptions));
      assertTold(kit, await bounded(wait(call)), type);
    }
  });
}

for (const { operation, call } of operations) {
  eachWay(`${operation}: the stack names the caller's line`, async (kit) => {
    const { client } = scripted(kit, () => refusal(403), QUICK);
    const error = await failureOf(inTheProgramOfTheCaller(() => call(client, "an-id")));
    assertTold(kit, error, "ForbiddenError");
  });
}

eachWay("of calls at once that share a token request that fails, each has its own line", async (kit) => {
  const { client } = scripted(kit, () => sleep(5).then(() => refusal(400)), { ...QUICK, ...credentials });
  const here = inTheProgramOfTheCaller(() => failureOf(client.types.list()));
  const there = laterInTheProgramOfTheCaller(() => failureOf(client.types.list()));
  assertTold(kit, await here, "TokenError");
  assertTold(kit, await there, "TokenError", laterInTheProgramOfTheCaller);
  assert.ok(!(await there).stack.includes(inTheProgramOfTheCaller.name));
});

eachWay("a create whose outcome is unknown names the caller's line, and so does its cause", async (kit) => {
  const { client } = scripted(kit, (request) => (request.method === "POST" ? refusal(502) : json([])), QUICK);
  const error = await failureOf(inTheProgramOfTheCaller(() => client.integrations.create(INPUT)));
  assertTold(kit, error, "UnknownOutcomeError");
  assertTold(kit, error.cause, "ServerError");
});

const updates = {
  "reads what is refused": ["ForbiddenError", () => refusal(403), (now) => now],
  "writes what is refused": ["BadRequestError", (request) => (request.method === "GET" ? json(INTEGRATION) : refusal(400)), (now) => ({ ...now, name: "x" })],
  "is changed to what is no integration": ["ValidationError", () => json(INTEGRATION), () => 7],
  "meets another change each time": ["EditConflictError", (_request, number) => json({ ...INTEGRATION, name: `n-${number}` }), (now) => ({ ...now, name: "x" })],
};
for (const [what, [type, respond, change]] of Object.entries(updates)) {
  eachWay(`an update that ${what} names the caller's line`, async (kit) => {
    const { client } = scripted(kit, respond, QUICK);
    const error = await failureOf(inTheProgramOfTheCaller(() => client.integrations.update("an-id", change)));
    assertTold(kit, error, type);
  });
}

/** A list of eight, two on a page, whose page at an offset is refused. */
function breaking(kit, failing, options = {}) {
  const rows = Array.from({ length: 8 }, (_, index) => ({ ...INTEGRATION, id: `id-${index}` }));
  const respond = (request) => {
    const offset = Number(new URL(request.url).searchParams.get("offset"));
    return offset === failing ? refusal(403) : json(rows.slice(offset, offset + 2), { headers: { "x-total-count": "8" } });
  };
  return scripted(kit, respond, { ...QUICK, ...options }).client;
}

const ways = {
  items: (client, query = { pageSize: 2 }) => client.integrations.iterate(query),
  pages: (client, query = { pageSize: 2 }) => client.integrations.iterate(query).pages(),
};
for (const [what, open] of Object.entries(ways)) {
  eachWay(`a loop over ${what} names the caller's line, whichever page fails`, async (kit) => {
    for (const failing of [0, 2, 4, 6]) {
      const client = breaking(kit, failing);
      assertTold(kit, await failureOf(loopInTheProgramOfTheCaller(open(client))), "ForbiddenError", loopInTheProgramOfTheCaller);
    }
  });

  eachWay(`a step over ${what} that fails names the line of that step`, async (kit) => {
    const client = breaking(kit, 2);
    const walk = inTheProgramOfTheCaller(() => open(client))[Symbol.asyncIterator]();
    const first = what === "items" ? 2 : 1;
    for (let step = 0; step < first; step += 1) await inTheProgramOfTheCaller(() => walk.next());
    // The page that fails was fetched ahead.
    await sleep(10);
    const error = await failureOf(laterInTheProgramOfTheCaller(() => walk.next()));
    assertTold(kit, error, "ForbiddenError", laterInTheProgramOfTheCaller);
    assert.ok(!error.stack.includes(inTheProgramOfTheCaller.name), error.stack);
  });

  eachWay(`of steps over ${what} that do not wait for each other each names its own line`, async (kit) => {
    const client = breaking(kit, 0, { timeoutMs: 50 });
    const walk = open(client)[Symbol.asyncIterator]();
    const first = inTheProgramOfTheCaller(() => failureOf(walk.next()));
    const second = laterInTheProgramOfTheCaller(() => walk.next());
    assertTold(kit, await first, "ForbiddenError");
    assert.deepEqual(await second, { done: true, value: undefined });
  });

  eachWay(`a walk over ${what} that is asked for wrongly names the caller's line`, (kit) => {
    const client = breaking(kit, 0);
    for (const query of [{ pageSize: 0 }, { filters: 'nmae eq "x"' }, { nope: 1 }, 7]) {
      assertTold(kit, thrownBy(() => inTheProgramOfTheCaller(() => open(client, query))), "ValidationError");
    }
  });
}

eachWay("a list that drifts names the line of the step", async (kit) => {
  const { client } = scripted(kit, () => json([INTEGRATION, INTEGRATION], { headers: { "x-total-count": "8" } }), QUICK);
  const walk = client.integrations.iterate({ pageSize: 2, strict: true })[Symbol.asyncIterator]();
  const error = await failureOf(inTheProgramOfTheCaller(() => walk.next()));
  assertTold(kit, error, "PageDriftError");
});

/** What is refused at once, of each name that the package exports. */
const wrong = {
  "new ServiceDeskClient()": ({ ServiceDeskClient }) => new ServiceDeskClient({ tenant: "a b", auth: { token: "t" } }),
  "new ServiceDeskClient() with nothing": ({ ServiceDeskClient }) => new ServiceDeskClient(),
  "ServiceDeskClient.fromEnv()": ({ ServiceDeskClient }) => ServiceDeskClient.fromEnv({ nope: 1 }),
  "ServiceDeskClient.fromPlugin()": ({ ServiceDeskClient }) => ServiceDeskClient.fromPlugin({ nope: 1 }),
  "filter.name.eq()": ({ filter }) => filter.name.eq(7),
  "filter.id.in()": ({ filter }) => filter.id.in([7]),
  "filter.parse()": ({ filter }) => filter.parse('nmae eq "x"'),
  "filter.raw()": ({ filter }) => filter.raw(7),
  "a filter's and()": ({ filter }) => filter.name.eq("x").and(7),
  "a filter's or()": ({ filter }) => filter.name.eq("x").or("y"),
  "patch().replace()": ({ patch }) => patch().replace("name", 7),
  "patch().replace() of what is no JSON": ({ patch }) => patch().replace("/attributes/x", () => {}),
  "diff()": ({ diff }) => diff(7, {}),
};
for (const [what, act] of Object.entries(wrong)) {
  eachWay(`${what} that is refused names the caller's line`, (kit) => {
    assertTold(kit, thrownBy(() => inTheProgramOfTheCaller(() => act(kit))), "ValidationError");
  });
}

eachWay("a program that keeps no frames is told what failed all the same", async (kit, context) => {
  const { stackTraceLimit } = Error;
  context.after(() => (Error.stackTraceLimit = stackTraceLimit));
  Error.stackTraceLimit = 0;
  const { client } = scripted(kit, () => refusal(404), QUICK);
  const error = await failureOf(client.integrations.get("an-id"));
  assert.equal(error.stack.trimEnd(), `NotFoundError: ${error.message}`);
});

eachWay("a program that prepares stacks in its own way gets what failed, and its own frames or none", async (kit, context) => {
  const { prepareStackTrace } = Error;
  context.after(() => (Error.prepareStackTrace = prepareStackTrace));
  for (const prepare of [(_error, sites) => sites, (error, sites) => `${error}\n${sites.map((site) => `    at ${site}`).join("\n")}`, () => { throw new Error("of the program"); }]) {
    Error.prepareStackTrace = prepare;
    const { client } = scripted(kit, () => refusal(404), QUICK);
    const error = await failureOf(client.integrations.get("an-id"));
    assert.equal(error.constructor, kit.NotFoundError);
  }
});

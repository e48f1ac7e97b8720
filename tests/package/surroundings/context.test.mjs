// In which async context the caller's code runs: in that of the call that runs it, however many others are on their way. A
// server tells by the context whose request it answers, and so whose token a call must carry.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";

import { QUICK, bounded, good, inTurn, isToken, refusal, sleep, until } from "../helpers/call-kit.mjs";
import { INTEGRATION, eachWay, failureOf, json, operations, scripted } from "../helpers/kits.mjs";

const context = new AsyncLocalStorage();
const user = () => context.getStore();
const as = (name, act) => context.run(name, act);

/** Each waits longer for room than for its answer. */
const QUEUED = Object.freeze({ rateLimit: Object.freeze({ requests: 5, perMs: 30 }) });

const users = (count) => Array.from({ length: count }, (_, index) => `user-${index + 1}`);
const tokenOf = (name) => `token-of-${name}`;
const bearer = (request) => request.headers.get("authorization")?.replace("Bearer ", "");

/** The integration that a request is about is named by the user of its call. */
const askerOf = (request) => new URL(request.url).pathname.split("/").at(-1);

/** Each user's call at once. */
const together = (names, call) => bounded(Promise.all(names.map((name) => as(name, () => call(name)))), 20_000);

/** How often each says something, in the order of users. */
const tally = (names, told) => names.map((name) => told.filter((each) => each === name).length);

const twentyfold = (number) => users(20).map(() => number);

/**
 * A server that answers each user, which looks from inside of its fetch whose request it is, by its path, its token and the
 * context; `seen` are the requests of which these agree, and `mixed` the others.
 */
function serverOf(kit, answer, options = {}) {
  const [seen, mixed] = [[], []];
  const counts = new Map();
  const respond = (request) => {
    const name = askerOf(request);
    const agrees = [user(), bearer(request)].join() === [name, tokenOf(name)].join();
    (agrees ? seen : mixed).push(agrees ? name : `${name} by ${user()} with ${bearer(request)}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return answer(request, counts.get(name));
  };
  const auth = { token: () => tokenOf(user()) };
  return { ...scripted(kit, respond, { ...QUICK, auth, ...options }), seen, mixed };
}

const found = () => json(INTEGRATION);

/** What a call meets, by the number of its request, and how many requests that makes. */
const courses = {
  "by default": [{ retry: undefined, rateLimit: undefined }, [], 1],
  "after a retry": [{}, [503], 2],
  "in a queue": [QUEUED, [], 1],
  "in a queue, after a retry": [{ ...QUEUED, retry: { baseDelayMs: 5 } }, [503, 429], 3],
  "where few may be on their way": [{ rateLimit: { requests: 1_000, perMs: 10, concurrency: 2 } }, [503], 2],
  "after the silence of an attempt": [{ attemptTimeoutMs: 20 }, [() => new Promise(() => {})], 2],
};
for (const [when, [options, answers, requests]] of Object.entries(courses)) {
  eachWay(`of calls at once each has the token of its own context, ${when}`, async (kit) => {
    const names = users(20);
    const { client, seen, mixed } = serverOf(kit, inTurn(answers, found), options);
    await together(names, (name) => client.integrations.get(name));
    assert.deepEqual(mixed, []);
    assert.deepEqual(tally(names, seen), twentyfold(requests));
  });
}

for (const { operation, method, path, call, answers, status } of operations.filter((each) => each.path("x").endsWith("/x"))) {
  eachWay(`${operation}: a call has the token of its own context`, async (kit) => {
    const names = users(20);
    const { client, seen, mixed } = serverOf(kit, inTurn([503], () => good({ answers, status })));
    await together(names, (name) => call(client, name));
    assert.deepEqual([mixed, tally(names, seen)], [[], twentyfold(2)], `${method} ${path("x")}`);
  });
}

eachWay("a token function that takes its time has its own context before and after", async (kit) => {
  const names = users(20);
  const token = async () => {
    const before = user();
    await sleep(Number(before.split("-")[1]) % 3);
    assert.equal(user(), before);
    return tokenOf(before);
  };
  const { client, seen, mixed } = serverOf(kit, inTurn([503], found), { auth: { token } });
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual([mixed, tally(names, seen)], [[], twentyfold(2)]);
});

eachWay("a call that was refused with 401 asks for itself, in its own context", async (kit) => {
  const names = users(20);
  const asked = [];
  const token = async ({ forceRefresh }) => {
    asked.push(`${user()} ${forceRefresh}`);
    await sleep(5);
    return tokenOf(user());
  };
  const { client, seen, mixed } = serverOf(kit, inTurn([401], found), { auth: { token } });
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual([mixed, tally(names, seen)], [[], twentyfold(2)]);
  assert.deepEqual(asked.sort(), names.flatMap((name) => [`${name} false`, `${name} true`]).sort());
});

eachWay("one user's refused token leaves the tokens of others as they are", async (kit) => {
  const names = users(20);
  const forced = [];
  const token = ({ forceRefresh }) => {
    if (forceRefresh) forced.push(user());
    return tokenOf(user());
  };
  const answer = (request, number) => (askerOf(request) === "user-7" && number === 1 ? refusal(401) : found());
  const { client, mixed } = serverOf(kit, answer, { auth: { token } });
  await together(names, (name) => client.integrations.get(name));
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual([mixed, forced], [[], ["user-7"]]);
});

eachWay("a token that is shared is asked for in the context of one call that needs it, and each request is made in its own", async (kit) => {
  const names = users(20);
  const [asked, made] = [[], []];
  const token = async ({ forceRefresh }) => {
    asked.push(`${user()} ${forceRefresh}`);
    await sleep(5);
    return forceRefresh ? "new" : "old";
  };
  const respond = (request) => {
    made.push(`${askerOf(request)} ${user()}`);
    return bearer(request) === "new" ? found() : refusal(401);
  };
  const { client } = scripted(kit, respond, { ...QUICK, auth: { token, shared: true } });
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual(tally(names.map((name) => `${name} ${name}`), made), twentyfold(2));
  const forced = asked.filter((each) => each.endsWith("true"));
  assert.equal(forced.length, 1);
  assert.ok(names.includes(forced[0].split(" ")[0]), forced[0]);
});

const oauth = (number, more) => json({ access_token: `bought-${number}`, token_type: "bearer", expires_in: 749, ...more });

/** A tenant that sells tokens; `sold` tells in whose context each was asked for, `made` whose request each other one is. */
function shop(kit, answer, { sells = oauth, ...options } = {}) {
  const [sold, made] = [[], []];
  const respond = async (request) => {
    if (!isToken(request)) return answer(request, made.push(`${askerOf(request)} ${user()}`));
    const number = sold.push(user());
    await sleep(5);
    return sells(number);
  };
  const auth = { clientId: "an id", clientSecret: "a secret" };
  return { ...scripted(kit, respond, { ...QUICK, auth, ...options }), sold, made };
}

const own = (names) => names.map((name) => `${name} ${name}`);

eachWay("a token is bought in the context of the call that began to, and each request is made in its own", async (kit) => {
  const names = users(20);
  for (const options of [{}, QUEUED]) {
    const { client, sold, made } = shop(kit, found, options);
    await together(names, (name) => client.integrations.get(name));
    assert.deepEqual(sold, ["user-1"]);
    assert.deepEqual([...made].sort(), own(names).sort());
  }
});

eachWay("a token that was refused is bought anew in the context of a call that was refused", async (kit) => {
  const names = users(20);
  const answer = (request) => (bearer(request) === "bought-1" ? refusal(401) : found());
  const { client, sold, made } = shop(kit, answer);
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual(tally(own(names), made), twentyfold(2));
  assert.equal(sold.length, 2);
  assert.ok(names.includes(sold[1]), sold[1]);
});

eachWay("a token is bought behind a call in the context of that call", async (kit) => {
  const names = users(5);
  const { client, sold, made } = shop(kit, found, { sells: (number) => oauth(number, { expires_in: 1 }) });
  await as("user-0", () => client.integrations.get("user-0"));
  await sleep(860);
  await together(names, (name) => client.integrations.get(name));
  await until(() => sold.length === 2);
  assert.deepEqual([sold, made.slice(1).sort()], [["user-0", "user-1"], own(names)]);
});

eachWay("a purchase goes on in the context of the call that began it, also where that call was aborted", async (kit) => {
  const names = users(5);
  const sells = inTurn([() => refusal(503), () => refusal(503)], oauth);
  const { client, sold, made } = shop(kit, found, { sells: (number) => sells(number, number) });
  const controller = new AbortController();
  const left = as("user-0", () => failureOf(client.integrations.get("user-0", { signal: controller.signal })));
  const others = together(names, (name) => client.integrations.get(name));
  await until(() => sold.length === 1);
  controller.abort("enough");
  assert.equal(await left, "enough");
  await others;
  assert.deepEqual([sold, [...made].sort()], [["user-0", "user-0", "user-0"], own(names)]);
});

eachWay("a listener to all is told of a call in its own context", async (kit) => {
  const names = users(20);
  const events = [];
  const onEvent = ({ type, attempt, status, reason, url }) => {
    if (type === "wait" && reason === "rate-limit") return;
    events.push({ by: user(), told: [type, attempt ?? reason, status].filter(Boolean).join(" "), url });
  };
  for (const limit of [{}, QUEUED]) {
    events.length = 0;
    const { client } = serverOf(kit, inTurn([503, 401], found), { onEvent, retry: { baseDelayMs: 5 }, ...limit });
    await together(names, (name) => client.integrations.get(name));
    const course = ["request 1", "response 1 503", "wait retry", "request 2", "response 2 401", "request 3", "response 3 200"];
    for (const name of names) {
      const heard = events.filter(({ by }) => by === name);
      assert.deepEqual(heard.map(({ told }) => told).filter((told) => !told.startsWith("token")), course, name);
      assert.deepEqual(heard.filter(({ url }) => url !== undefined && !url.endsWith(`/${name}`)), [], name);
    }
    assert.ok(events.every(({ by }) => names.includes(by)));
  }
});

eachWay("a client's listener hears of its own calls alone, in their context, where another client shares the limit", async (kit) => {
  const told = [];
  const token = () => tokenOf(user());
  const listening = (whose) => ({ auth: { token }, onEvent: ({ type }) => told.push(`${whose} ${type} ${user()}`), ...QUEUED });
  const { client: first, baseUrl } = scripted(kit, found, { ...QUICK, ...listening("user-1") });
  const fetch = async () => found();
  const second = new kit.ServiceDeskClient({ ...QUICK, baseUrl, fetch, ...listening("user-2") });
  const calls = Array.from({ length: 20 }, (_, index) => (index % 2 ? ["user-2", second] : ["user-1", first]));
  await bounded(Promise.all(calls.map(([name, client]) => as(name, () => client.integrations.get(name)))));
  assert.ok(told.filter((each) => each.includes("wait")).length > 5);
  assert.deepEqual(told.filter((each) => each.split(" ")[0] !== each.split(" ")[2]), []);
});

eachWay("onResponse is told in the context of its call", async (kit) => {
  const names = users(20);
  for (const limit of [{}, QUEUED]) {
    const told = [];
    const { client } = serverOf(kit, inTurn([503], (request) => (askerOf(request).endsWith("5") ? refusal(404) : found())), limit);
    const onResponse = (name) => () => told.push(`${name} ${user()}`);
    await together(names, (name) => client.integrations.get(name, { onResponse: onResponse(name) }).catch(() => {}));
    assert.deepEqual(told.sort(), own(names).sort());
  }
});

eachWay("an update changes what it read in its own context", async (kit) => {
  const names = users(20);
  for (const limit of [{}, QUEUED]) {
    const changed = [];
    const { client, seen, mixed } = serverOf(kit, inTurn([503, found, found, 503], found), limit);
    const change = (name) => async (now) => {
      await sleep(1);
      changed.push(`${name} ${user()}`);
      return { ...now, name: "another" };
    };
    await together(names, (name) => client.integrations.update(name, change(name)));
    assert.deepEqual([mixed, changed.sort()], [[], own(names).sort()]);
    assert.deepEqual(tally(names, seen), twentyfold(5));
  }
});

/** The same bytes in the ways in which a fetch may give them; each tells who reads. */
const bodies = {
  "a stream of the platform": (read) => new Response(new ReadableStream({
    async pull(controller) {
      if (!read(1)) return controller.close();
      await sleep(0);
      read(0);
      controller.enqueue(new TextEncoder().encode(" "));
      if (read(0) === 9) controller.enqueue(new TextEncoder().encode(JSON.stringify(INTEGRATION)));
    },
  }, { highWaterMark: 0 })),
  "a stream of Node": (read) => ({
    status: 200,
    headers: [],
    body: (async function* parts() {
      while (read(1)) {
        await sleep(0);
        yield read(0) === 9 ? JSON.stringify(INTEGRATION) : " ";
      }
    })(),
  }),
  "one piece": (read) => ({
    status: 200,
    headers: [],
    async arrayBuffer() {
      while (read(1)) await sleep(0);
      return new TextEncoder().encode(JSON.stringify(INTEGRATION)).buffer;
    },
  }),
};
for (const [what, body] of Object.entries(bodies)) {
  eachWay(`${what} is read in the context of its call`, async (kit) => {
    const names = users(20);
    const foreign = [];
    const { client, mixed } = serverOf(kit, (request) => {
      const name = askerOf(request);
      let parts = 0;
      const read = (more) => {
        if (user() !== name) foreign.push(`${name} by ${user()}`);
        return (parts += more) < 11 && parts;
      };
      return body(read);
    });
    assert.deepEqual(await together(names, (name) => client.integrations.get(name)), names.map(() => INTEGRATION));
    assert.deepEqual([mixed, foreign], [[], []]);
  });
}

eachWay("an attempt that took too long is aborted in the context of its call", async (kit) => {
  const names = users(20);
  const aborted = [];
  const silent = (request) => new Promise((_resolve, reject) => {
    request.signal.addEventListener("abort", () => {
      aborted.push(`${askerOf(request)} ${user()}`);
      reject(request.signal.reason);
    });
  });
  const { client } = serverOf(kit, inTurn([silent], found), { attemptTimeoutMs: 20 });
  await together(names, (name) => client.integrations.get(name));
  assert.deepEqual(aborted.sort(), own(names).sort());
});

eachWay("a call outside of any context finds none, while other calls have theirs", async (kit) => {
  const told = [];
  const token = () => (told.push(user()), "t0ken");
  const { client } = scripted(kit, found, { ...QUICK, ...QUEUED, auth: { token } });
  const inside = together(users(10), (name) => client.integrations.get(name));
  const outside = Promise.all(users(10).map((name) => client.integrations.get(name)));
  await bounded(Promise.all([inside, outside]));
  assert.equal(told.filter((name) => name === undefined).length, 10);
  assert.deepEqual(told.filter(Boolean).sort(), users(10).sort());
});

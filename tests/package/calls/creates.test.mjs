// A create is never made twice. What was sent into the unknown is looked up by its name: every way in which that can end.
import assert from "node:assert/strict";

import { QUICK, bounded, dyingBody, failedFetch, inTurn, isToken, refusal, silent, timed, until } from "../helpers/call-kit.mjs";
import { everythingOf, found } from "../helpers/everything.mjs";
import { acted, answers, cutsTheBody, resets, withFaultServer } from "../helpers/fault-server.mjs";
import { INPUT, TOKEN, eachWay, failureOf, json, operations, scripted, versions } from "../helpers/kits.mjs";

const { operation } = operations.find(({ method }) => method === "POST");

const now = () => new Date().toISOString();
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const MINUTE = 60_000;
const dated = (items, date = new Date()) => json(items, { headers: { date: date.toUTCString() } });
const reset = () => Promise.reject(failedFetch("ECONNRESET"));

/** What the server holds after it acted. */
const made = (more = {}) => ({ ...INPUT, id: "made-1", created: now(), modified: now(), ...more });

/** A server on which a POST and a look-up each have their own answers, by number; the client's events. */
function creating(kit, post, lookUp, options = {}) {
  const count = { POST: 0, GET: 0 };
  const events = [];
  const respond = (request) => (request.method === "POST" ? post : lookUp)(request, (count[request.method] += 1));
  const { client, asked } = scripted(kit, respond, { ...QUICK, onEvent: (event) => events.push(event), ...options });
  return { client, asked, count, events };
}

/** Failures that leave it open whether the server acted, and the class that tells each. */
const open = {
  "a dead connection": [reset, "NetworkError"],
  "a timeout of the connection in use": [() => Promise.reject(failedFetch("ETIMEDOUT")), "NetworkError"],
  "a broken pipe": [() => Promise.reject(failedFetch("EPIPE")), "NetworkError"],
  "headers that do not come": [() => Promise.reject(failedFetch("UND_ERR_HEADERS_TIMEOUT")), "NetworkError"],
  "a socket that closes": [() => Promise.reject(failedFetch("UND_ERR_SOCKET")), "NetworkError"],
  "a failure without a code": [() => Promise.reject(new TypeError("Failed to fetch")), "NetworkError"],
  "a failure that is no error": [() => Promise.reject("ECONNREFUSED"), "NetworkError"],
  "a body that dies": [() => dyingBody(), "NetworkError"],
  "an attempt timeout": [silent, "TimeoutError", { attemptTimeoutMs: 50 }],
  "408": [() => refusal(408, { "retry-after": "0" }), "ApiError"],
  "500": [() => refusal(500), "ServerError"],
  "501": [() => refusal(501), "ServerError"],
  "502": [() => new Response("<html></html>", { status: 502 }), "ServerError"],
  "503 without Retry-After": [() => refusal(503), "ServerError"],
  "503 with a Retry-After that is none": [() => refusal(503, { "retry-after": "soon" }), "ServerError"],
  "504 with Retry-After": [() => refusal(504, { "retry-after": "0" }), "ServerError"],
  "599": [() => refusal(599), "ServerError"],
  "a page for an answer": [() => new Response("<html></html>"), "BadResponseError"],
  "half of an answer": [() => json('{"id":"made-1","na'), "BadResponseError"],
  "an answer with a wrong type": [() => json({ ...made(), name: 7 }), "BadResponseError"],
  "an answer of nothing": [() => new Response(""), "BadResponseError"],
  "204": [() => new Response(null, { status: 204 }), "BadResponseError"],
};

function assertUnknown(kit, error, cause) {
  assert.equal(error.constructor, kit.UnknownOutcomeError, String(error));
  assert.deepEqual([error.name, error.code, error.operation, error.integrationName], ["UnknownOutcomeError", "unknown-outcome", operation, INPUT.name]);
  assert.equal(error.cause?.constructor, kit[cause], `cause: ${error.cause}`);
}

for (const [what, [post, cause, options]] of Object.entries(open)) {
  eachWay(`after ${what}, the integration that was made is found and returned`, async (kit) => {
    let info;
    const held = made({ more: "of the server" });
    const { client, asked, events } = creating(kit, post, () => dated([held]), options);
    assert.deepEqual(await client.integrations.create(INPUT, { onResponse: (told) => (info = told) }), held);
    assert.deepEqual(asked.map(({ method }) => method), ["POST", "GET"]);
    const { search, searchParams } = new URL(asked[1].url);
    assert.equal(search, "?limit=250&filters=name%20eq%20%22Acme%20ServiceNow%22");
    assert.equal(searchParams.get("filters"), 'name eq "Acme ServiceNow"');
    assert.deepEqual(events.filter(({ type }) => type === "reconciled"), [{ type: "reconciled", operation, id: "made-1" }]);
    assert.deepEqual([info.status, info.attempts.length], [200, 2]);
  });

  eachWay(`after ${what}, an integration that is not found is ${what === "500" ? "that ServerError" : "an unknown outcome"}`, async (kit) => {
    const { client, asked, events } = creating(kit, post, () => dated([]), options);
    const error = await failureOf(client.integrations.create(INPUT));
    if (what === "500") assert.deepEqual([error.constructor, error.status], [kit.ServerError, 500]);
    else assertUnknown(kit, error, cause);
    assert.deepEqual([asked.map(({ method }) => method), error.attempts.length], [["POST", "GET"], 2]);
    assert.deepEqual(events.filter(({ type }) => type === "reconciled"), []);
  });

  eachWay(`after ${what} without retries, nothing is looked up`, async (kit) => {
    const { client, asked } = creating(kit, post, () => dated([made()]), options);
    const error = await failureOf(client.integrations.create(INPUT, { retry: "off" }));
    if (what === "500") assert.deepEqual([error.constructor, error.status], [kit.ServerError, 500]);
    else assertUnknown(kit, error, cause);
    assert.equal(asked.length, 1);
  });
}

/** What the look-up may find, and whether that is what was sent. */
const SENT = {
  ...INPUT,
  attributes: { url: "https://acme.service-now.com", password: "hunter2-of-the-test", nested: { list: [1, "two", { three: true }], apiToken: "t" }, encrypted: "pin", pin: "1234-5" },
  clusterRef: { type: "CLUSTER", id: "c1" },
  provisioningConfig: { noProvisioningRequests: true, provisioningRequestExpiration: 7 },
};
const { attributes } = SENT;
const finds = {
  equal: {
    "as it was sent": {},
    "with masked secrets": { attributes: { ...attributes, password: "****", pin: "****", nested: { ...attributes.nested, apiToken: "****" } } },
    "without its secrets": { attributes: { url: attributes.url, nested: { list: attributes.nested.list }, encrypted: "pin" } },
    "with keys of the server": { more: 1, ownerRef: null, attributes: { ...attributes, version: 2, nested: { ...attributes.nested, more: null } } },
    "with more in its objects": { clusterRef: { ...SENT.clusterRef, name: "cluster" }, provisioningConfig: { ...SENT.provisioningConfig, universalManager: false, planInitializerScript: null } },
    "with its keys in another order": { attributes: Object.fromEntries(Object.entries(attributes).toReversed()) },
  },
  different: {
    "another description": { description: "of another" },
    "no description": { description: null },
    "another type": { type: "Generic SDIM" },
    "another spelling of the name": { name: INPUT.name.toUpperCase() },
    "another attribute": { attributes: { ...attributes, url: "https://other.example" } },
    "an attribute of another type": { attributes: { ...attributes, url: { of: attributes.url } } },
    "a missing attribute": { attributes: { ...attributes, url: undefined } },
    "another attribute inside": { attributes: { ...attributes, nested: { ...attributes.nested, list: [1, "two", { three: false }] } } },
    "a longer list": { attributes: { ...attributes, nested: { ...attributes.nested, list: [...attributes.nested.list, 4] } } },
    "a shorter list": { attributes: { ...attributes, nested: { ...attributes.nested, list: attributes.nested.list.slice(1) } } },
    "another cluster": { clusterRef: { type: "CLUSTER", id: "c2" } },
    "no cluster": { clusterRef: null },
    "another number": { provisioningConfig: { ...SENT.provisioningConfig, provisioningRequestExpiration: 8 } },
    "no created": { created: undefined },
    "a null for created": { created: null },
    "a created that is no date": { created: "yesterday" },
    "a created before": { created: ago(60 * MINUTE) },
    "a created of ten seconds before": { created: ago(10_000) },
  },
};

for (const [kind, cases] of Object.entries(finds)) {
  for (const [what, more] of Object.entries(cases)) {
    eachWay(`what is found ${kind === "equal" ? what : `with ${what}`} is ${kind === "equal" ? "" : "not "}what was made`, async (kit) => {
      for (const [post, cause] of [[reset, "NetworkError"], [() => refusal(500), "ServerError"]]) {
        const held = { ...made(SENT), ...more };
        const { client, count } = creating(kit, post, () => dated([held]));
        const created = client.integrations.create(SENT);
        if (kind === "equal") assert.deepEqual(await created, JSON.parse(JSON.stringify(held)));
        else {
          const error = await failureOf(created);
          assertUnknown(kit, error, cause);
          assert.deepEqual(found(everythingOf(error), attributes.password, TOKEN), []);
        }
        assert.deepEqual(count, { POST: 1, GET: 1 });
      }
    });
  }
}

eachWay("two of that name are an unknown outcome", async (kit) => {
  const { client } = creating(kit, reset, () => dated([made(), made({ id: "made-2" })]));
  assertUnknown(kit, await failureOf(client.integrations.create(INPUT)), "NetworkError");
});

eachWay("the name in the filter is escaped", async (kit) => {
  const name = 'Acme "IT" \\ & é';
  const { client, asked } = creating(kit, reset, () => dated([made({ name })]));
  await client.integrations.create({ ...INPUT, name });
  assert.equal(new URL(asked[1].url).searchParams.get("filters"), 'name eq "Acme \\"IT\\" \\\\ & é"');
});

eachWay("what was made is told from what was there by the server's clock", async (kit) => {
  for (const skew of [-60 * MINUTE, 60 * MINUTE]) {
    const at = (ms) => new Date(Date.now() + skew + ms);
    const mine = creating(kit, reset, () => dated([made({ created: at(0).toISOString() })], at(0)));
    assert.equal((await mine.client.integrations.create(INPUT)).id, "made-1");
    const older = creating(kit, reset, () => dated([made({ created: at(-30 * MINUTE).toISOString() })], at(0)));
    assertUnknown(kit, await failureOf(older.client.integrations.create(INPUT)), "NetworkError");
  }
});

eachWay("where the server tells no time, its clock may be five minutes off", async (kit) => {
  for (const lookUp of [(items) => json(items), (items) => json(items, { headers: { date: "yesterday" } })]) {
    const near = creating(kit, reset, () => lookUp([made({ created: ago(4 * MINUTE) })]));
    assert.equal((await near.client.integrations.create(INPUT)).id, "made-1");
    const far = creating(kit, reset, () => lookUp([made({ created: ago(6 * MINUTE) })]));
    assertUnknown(kit, await failureOf(far.client.integrations.create(INPUT)), "NetworkError");
  }
});

/** Look-ups that fail, and how many are made of the four that may be. */
const lookUps = [
  ["403", () => refusal(403), 1], ["400", () => refusal(400), 1], ["401", () => refusal(401), 1], ["501", () => refusal(501), 1],
  ["a redirect", () => new Response(null, { status: 302, headers: { location: "/" } }), 1], ["a page", () => new Response("<html></html>"), 1],
  ["500", () => refusal(500), 4], ["429", () => refusal(429), 4], ["a dead connection", reset, 4],
];
for (const [what, lookUp, expected] of lookUps) {
  eachWay(`a look-up that ends in ${what} is an unknown outcome, whose cause is the create's failure`, async (kit) => {
    for (const [post, cause] of [[reset, "NetworkError"], [() => refusal(500), "ServerError"]]) {
      const { client, count } = creating(kit, post, lookUp);
      const error = await failureOf(client.integrations.create(INPUT));
      assertUnknown(kit, error, cause);
      assert.deepEqual(count, { POST: 1, GET: expected });
      assert.equal(error.attempts.length, 1 + expected);
    }
  });
}

eachWay("a look-up is retried, also where one attempt is all that is allowed of each", async (kit) => {
  const { client, count } = creating(kit, reset, inTurn([503, 429, reset], () => dated([made()])));
  assert.equal((await client.integrations.create(INPUT)).id, "made-1");
  assert.deepEqual(count, { POST: 1, GET: 4 });
  const once = creating(kit, reset, () => dated([made()]), { retry: { attempts: 1, baseDelayMs: 0 } });
  assert.equal((await once.client.integrations.create(INPUT)).id, "made-1");
});

eachWay("a token that is renewed in the look-up does not lose it", async (kit) => {
  const { client, count } = creating(kit, reset, inTurn([401], () => dated([made()])), { auth: { token: () => TOKEN } });
  assert.equal((await client.integrations.create(INPUT)).id, "made-1");
  assert.deepEqual(count, { POST: 1, GET: 2 });
});

eachWay("a deadline in flight is an unknown outcome, one in the look-up too", async (kit) => {
  const flying = creating(kit, silent, () => dated([made()]), { timeoutMs: 80, attemptTimeoutMs: "none" });
  const error = await failureOf(flying.client.integrations.create(INPUT));
  assertUnknown(kit, error, "TimeoutError");
  assert.deepEqual([error.cause.limit, flying.asked.length], ["call", 1]);
  const looking = creating(kit, () => refusal(502), silent, { timeoutMs: 80, attemptTimeoutMs: "none" });
  const { value, ms } = await timed(() => failureOf(looking.client.integrations.create(INPUT)));
  assertUnknown(kit, value, "ServerError");
  assert.ok(ms < 2_000, `${ms} ms`);
});

eachWay("a deadline before anything was sent is no unknown outcome", async (kit) => {
  const { client, asked } = creating(kit, reset, reset, { auth: { token: () => new Promise(() => {}) }, timeoutMs: 50 });
  const error = await failureOf(client.integrations.create(INPUT));
  assert.deepEqual([error.constructor, error.limit, asked.length], [kit.TimeoutError, "call", 0]);
});

eachWay("an abort in flight or in the look-up rejects with its reason", async (kit) => {
  for (const [post, requests] of [[silent, 1], [reset, 2]]) {
    const controller = new AbortController();
    const { client, asked } = creating(kit, post, silent);
    const failed = failureOf(client.integrations.create(INPUT, { signal: controller.signal }));
    await until(() => asked.length >= requests);
    controller.abort("enough");
    assert.equal(await bounded(failed), "enough");
    assert.equal(asked.length, requests);
  }
});

/** Failures that say that the server did not act. */
const refusals = {
  "429": () => refusal(429), "429 with Retry-After": () => refusal(429, { "retry-after": "0" }), "503 with Retry-After": () => refusal(503, { "retry-after": "0" }),
  ...Object.fromEntries(["ECONNREFUSED", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].map((code) => [code, () => Promise.reject(failedFetch(code))])),
  "several addresses refused": () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }) })),
  "Bun's ConnectionRefused": () => Promise.reject(Object.assign(new Error("Unable to connect."), { code: "ConnectionRefused" })),
  "Deno's client error (Connect)": () => Promise.reject(new TypeError("error sending request for url (https://acme.example/): client error (Connect): tcp connect error: Connection refused")),
};
/** Failures that no further attempt mends. */
const lasting = {
  ...Object.fromEntries(
    ["ENOTFOUND", "CERT_HAS_EXPIRED", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_INVALID_URL", "UND_ERR_INVALID_ARG",
      "ERR_ACCESS_DENIED", "ERR_SSL_WRONG_VERSION_NUMBER"].map((code) => [code, () => Promise.reject(failedFetch(code))]),
  ),
  "Deno's unknown host": () => Promise.reject(new TypeError("client error (Connect): dns error: failed to lookup address information: Name or service not known")),
  "Deno's certificate": () => Promise.reject(new TypeError("client error (Connect): invalid peer certificate: UnknownIssuer")),
};
for (const [what, refuse] of Object.entries(lasting)) {
  eachWay(`after ${what} a create is not sent again, and not looked up`, async (kit) => {
    const { client, count } = creating(kit, refuse, () => dated([made()]));
    const error = await failureOf(client.integrations.create(INPUT));
    assert.equal(error.constructor, kit.NetworkError, String(error));
    assert.deepEqual([count, error.attempts.length], [{ POST: 1, GET: 0 }, 1]);
    if (what.includes("CERT")) assert.match(error.message, /NODE_EXTRA_CA_CERTS/);
  });
}

for (const [what, refuse] of Object.entries(refusals)) {
  eachWay(`after ${what} a create is sent again, and where that goes on, fails as any call does`, async (kit) => {
    const { client, asked } = creating(kit, inTurn([refuse, refuse], () => json(made())), () => dated([]));
    assert.equal((await client.integrations.create(INPUT)).id, "made-1");
    assert.deepEqual(asked.map(({ method }) => method), ["POST", "POST", "POST"]);
    assert.deepEqual(asked[2], asked[0]);
    for (const [retry, requests] of [[undefined, 4], ["off", 1]]) {
      const always = creating(kit, refuse, () => dated([made()]));
      const error = await failureOf(always.client.integrations.create(INPUT, { retry }));
      assert.equal(error.constructor, kit[what.startsWith("429") ? "RateLimitError" : what.startsWith("503") ? "ServerError" : "NetworkError"], String(error));
      assert.deepEqual(always.count, { POST: requests, GET: 0 });
    }
  });
}

eachWay("any other refusal is told at once, and nothing is looked up", async (kit) => {
  for (const status of [400, 401, 403, 404, 405, 409, 410, 415, 418, 422, 425, 499, 301, 307]) {
    const { client, count } = creating(kit, () => refusal(status, { location: "/" }), () => dated([made()]));
    const error = await failureOf(client.integrations.create(INPUT));
    assert.deepEqual([error.status, count], [status, { POST: 1, GET: 0 }]);
    assert.notEqual(error.constructor, kit.UnknownOutcomeError);
  }
});

eachWay("what was refused first may be lost later: it is looked up then", async (kit) => {
  const auth = { clientId: "id", clientSecret: "secret" };
  const post = inTurn([429, 401], reset);
  let posts = 0;
  const respond = (request) => {
    if (isToken(request)) return json({ access_token: "bought", token_type: "bearer", expires_in: 749 });
    return request.method === "POST" ? post(request, (posts += 1)) : dated([made()]);
  };
  const { client, asked } = scripted(kit, respond, { ...QUICK, auth });
  assert.equal((await client.integrations.create(INPUT)).id, "made-1");
  assert.deepEqual(asked.filter((request) => !isToken(request)).map(({ method }) => method), ["POST", "POST", "POST", "GET"]);
});

eachWay("a tenant that acted is found again, however it answers secrets, in every version, with its own clock", async (kit) => {
  const secret = { ...INPUT, attributes: { ...INPUT.attributes, password: "hunter2", nested: { clientSecret: "x" } } };
  const settings = [
    ...["ciphertext", "masked", "omitted"].map((secrets) => ({ sandbox: { behaviour: { secrets } } })),
    ...versions.map(([apiVersion]) => ({ options: { apiVersion } })),
    ...[-1, 1].map((hours) => ({ sandbox: { now: () => Date.now() + hours * 60 * MINUTE } })),
  ];
  for (const { sandbox: given = {}, options = {} } of settings) {
    for (const play of [acted(resets), acted(cutsTheBody), acted(answers(500)), acted(answers(200, {}, ""))]) {
      await withFaultServer(kit, given, async (server) => {
        const client = new kit.ServiceDeskClient({ ...QUICK, baseUrl: server.url, auth: { token: server.sandbox.token() }, ...options });
        server.fault(play);
        const result = await client.integrations.create(secret);
        const held = server.sandbox.snapshot().integrations.filter(({ name }) => name === INPUT.name);
        assert.deepEqual([held.length, server.writes(), held[0].id], [1, 1, result.id], JSON.stringify([given, options]));
        assert.equal((await client.integrations.get(result.id)).name, INPUT.name);
      });
    }
  }
});

eachWay("an equal integration that was there before is not taken for the new one", async (kit) => {
  let now = Date.now() - 60 * MINUTE;
  await withFaultServer(kit, { now: () => now }, async (server) => {
    const client = new kit.ServiceDeskClient({ ...QUICK, baseUrl: server.url, auth: { token: () => server.sandbox.token() } });
    await client.integrations.create(INPUT);
    now += 30 * MINUTE;
    for (const [play, cause] of [[resets, "NetworkError"], [answers(500), "ServerError"]]) {
      server.fault(play);
      assertUnknown(kit, await failureOf(client.integrations.create(INPUT)), cause);
    }
    assert.equal(server.writes(), 1);
  });
});

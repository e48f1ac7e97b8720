// How calls get their tokens: one request for all, renewed in time, and what happens where none is to be had.
import assert from "node:assert/strict";

import { TOKEN, eachWay, failureOf, json, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

const isToken = (request) => request.url.endsWith("/oauth/token");
const oauth = (more) => json({ access_token: "bought", token_type: "bearer", expires_in: 749, ...more });
const credentials = { auth: { clientId: "an id", clientSecret: "a secret" } };

/** A client of credentials whose token endpoint answers with `respond`. */
const buyer = (kit, respond, options = {}) =>
  scripted(kit, (request, number) => (isToken(request) ? respond(request, number) : json([])), { ...credentials, ...options });

const tokenRequests = (sandbox) => sandbox.requests.filter(({ path }) => path === "/oauth/token").length;

eachWay("a token request is a form of client credentials, without an Authorization of its own", async (kit) => {
  const { client, asked, baseUrl } = buyer(kit, () => oauth());
  await client.types.list();
  const [request, call] = asked;
  assert.deepEqual([request.method, request.url, request.redirect], ["POST", `${baseUrl}/oauth/token`, "manual"]);
  assert.match(request.headers["content-type"], /^application\/x-www-form-urlencoded/);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
    grant_type: "client_credentials", client_id: "an id", client_secret: "a secret",
  });
  assert.equal(request.headers.authorization, undefined);
  assert.equal(request.headers.accept, "application/json");
  assert.equal(call.headers.authorization, "Bearer bought");
});

eachWay("a tokenUrl of another origin gets the credentials, the tenant gets the token", async (kit) => {
  for (const tokenUrl of ["https://login.example/oauth/token", new URL("https://login.example/oauth/token")]) {
    const { client, asked, baseUrl } = buyer(kit, () => oauth(), { auth: { ...credentials.auth, tokenUrl } });
    await client.types.list();
    assert.deepEqual(asked.map(({ url }) => new URL(url).origin), ["https://login.example", baseUrl]);
    assert.equal(asked[0].headers.authorization, undefined);
    assert.equal(asked[1].body, "");
  }
});

eachWay("the headers of the options do not carry secrets to the token endpoint's log, nor the reverse", async (kit) => {
  const { client, asked } = buyer(kit, () => oauth(), { headers: { "x-a": "b" } });
  await client.types.list();
  assert.equal(asked[1].headers["x-a"], "b");
  assert.equal(asked[1].headers["content-type"], undefined);
});

eachWay("nothing is fetched by the constructor", async (kit) => {
  const { asked } = buyer(kit, () => oauth());
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(asked.length, 0);
});

eachWay("a hundred calls at once make one token request, and later ones none", async (kit) => {
  const { sandbox, client } = tenantOf(kit, { sandbox: { latencyMs: 5 } });
  await Promise.all(Array.from({ length: 90 }, () => client.types.list()));
  assert.equal(tokenRequests(sandbox), 1);
  await client.types.list();
  assert.equal(tokenRequests(sandbox), 1);
  assert.equal(sandbox.requests.length, 92);
});

eachWay("two clients of the same tenant each ask for their own token", async (kit) => {
  const { sandbox, client } = tenantOf(kit);
  const second = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });
  await Promise.all([client.types.list(), second.types.list()]);
  assert.ok(tokenRequests(sandbox) >= 1);
});

eachWay("a token is renewed after its life", async (kit) => {
  const { sandbox, client } = tenantOf(kit, { sandbox: { credentials: { clientId: "id", clientSecret: "secret", tokenTtlSeconds: 1 } } });
  await client.types.list();
  assert.equal(tokenRequests(sandbox), 1);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  await client.types.list();
  assert.equal(tokenRequests(sandbox), 2);
  assert.deepEqual(sandbox.requests.map(({ status }) => status), [200, 200, 200, 200]);
});

eachWay("a token that the server has forgotten is an UnauthorizedError to a token that cannot be renewed", async (kit) => {
  let now = Date.now();
  const { sandbox } = tenantOf(kit, { sandbox: { now: () => now } });
  const client = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: { token: sandbox.token() }, fetch: sandbox.fetch });
  await client.types.list();
  now += 750_000;
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.UnauthorizedError);
  assert.match(error.message, /JWT is expired/);
});

/** What a token function may give: at once, later, or as anything with a then(). */
const functions = {
  "gives a string": () => TOKEN,
  "gives a promise": async () => TOKEN,
  "gives a thenable": () => ({ then: (resolve) => resolve(TOKEN) }),
};
for (const [what, token] of Object.entries(functions)) {
  eachWay(`a token function that ${what} is asked for each call`, async (kit) => {
    const given = [];
    const { client, asked } = scripted(kit, () => json([]), { auth: { token: (request) => (given.push(request), token()) } });
    assert.equal(given.length, 0);
    await client.types.list();
    await client.types.list();
    assert.deepEqual(asked.map(({ headers }) => headers.authorization), [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
    assert.deepEqual(given.map(({ forceRefresh }) => forceRefresh), [false, false]);
  });
}

eachWay("a token function is given the caller's signal, where there is one", async (kit) => {
  const given = [];
  const { client } = scripted(kit, () => json([]), { auth: { token: ({ signal }) => (given.push(signal), TOKEN) } });
  const { signal } = new AbortController();
  await client.types.list({ signal });
  await client.types.list();
  assert.deepEqual(given, [signal, undefined]);
});

/** What a token function may do wrong, and the cause that the error has then. */
const thrown = new Error("of the function");
const badFunctions = [
  ["throws", () => { throw thrown; }, thrown],
  ["rejects", () => Promise.reject(thrown), thrown],
  ["rejects with a string", () => Promise.reject("text"), "text"],
  ["gives an empty string", () => ""],
  ["gives undefined", () => undefined],
  ["gives null", async () => null],
  ["gives a number", () => 7],
  ["gives an object", () => ({ accessToken: "s3cr3t" })],
  ["gives a line break", () => "s3cr3t\r\nX-Evil: 1"],
  ["gives what is no ASCII", () => "s3cr3té"],
  ["gives a lone surrogate", () => "s3cr3t\ud800"],
];
for (const [what, token, cause] of badFunctions) {
  eachWay(`a token function that ${what} is a TokenError, and nothing is sent`, async (kit) => {
    let broken = true;
    const { client, asked } = scripted(kit, () => json([]), { auth: { token: () => (broken ? token() : TOKEN) } });
    const error = await failureOf(client.types.list());
    assert.equal(error.constructor, kit.TokenError, String(error));
    assert.deepEqual([error.code, error.operation, error.cause], ["token-request-failed", "getServiceDeskIntegrationTypes", cause]);
    assert.deepEqual([error.status, error.oauthError, error.oauthDescription, error.attempts], [undefined, undefined, undefined, []]);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /s3cr3t/);
    assert.equal(asked.length, 0);
    broken = false;
    assert.deepEqual(await client.types.list(), []);
  });
}

/** What a token endpoint may do wrong, and what the TokenError has of it. */
const badEndpoints = [
  ["refuses", () => json({ error: "invalid_client", error_description: "Bad credentials" }, { status: 401 }), { status: 401, oauthError: "invalid_client", oauthDescription: "Bad credentials" }],
  ["refuses with 400", () => json({ error: "unauthorized_client" }, { status: 400 }), { status: 400, oauthError: "unauthorized_client" }],
  ["refuses with a page", () => new Response("<html></html>", { status: 403 }), { status: 403 }],
  ["is not there", () => json({}, { status: 404 }), { status: 404 }],
  ["fails", () => new Response("", { status: 500 }), { status: 500 }],
  ["is busy", () => json({}, { status: 429, headers: { "retry-after": "3600" } }), { status: 429 }],
  ["redirects", () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }), { status: 302 }],
  ["answers a page", () => new Response("<html></html>")],
  ["answers nothing", () => new Response("")],
  ["answers null", () => json("null")],
  ["answers an array", () => json([])],
  ["gives no token", () => json({ token_type: "bearer", expires_in: 749 })],
  ["gives an empty token", () => oauth({ access_token: "" })],
  ["gives a token that is a number", () => oauth({ access_token: 7 })],
  ["gives a token with a line break", () => oauth({ access_token: "s3cr3t\n" })],
  ["gives a token of another kind", () => oauth({ token_type: "mac" })],
  ["gives a negative life", () => oauth({ expires_in: -1 })],
  ["gives a life that is an object", () => oauth({ expires_in: {} })],
  ["answers two megabytes", () => oauth({ more: "x".repeat(2 * 1024 * 1024) })],
];
for (const [what, respond, fields = {}] of badEndpoints) {
  eachWay(`a token endpoint that ${what} rejects the calls that needed it, and the next call asks again`, async (kit) => {
    let broken = true;
    const { client, asked } = buyer(kit, (...given) => (broken ? respond(...given) : oauth()));
    const errors = await Promise.all([failureOf(client.types.list()), failureOf(client.integrations.get("an-id"))]);
    for (const error of errors) {
      assert.equal(error.constructor, kit.TokenError, String(error));
      assert.equal(error.code, "token-request-failed");
      const { status, oauthError, oauthDescription } = error;
      if ("status" in fields) assert.deepEqual({ status, oauthError, oauthDescription }, { oauthError: undefined, oauthDescription: undefined, ...fields });
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /s3cr3t|a secret/);
    }
    assert.deepEqual(errors.map(({ operation }) => operation), ["getServiceDeskIntegrationTypes", "getServiceDeskIntegration"]);
    assert.deepEqual(asked.filter(({ url }) => !url.endsWith("/oauth/token")), []);
    broken = false;
    assert.deepEqual(await client.types.list(), []);
  });
}

eachWay("a token endpoint that cannot be reached rejects the call, with the cause", async (kit) => {
  const { sandbox, client } = tenantOf(kit);
  sandbox.fault({ on: "token", times: 10, then: { drop: "before" } });
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.TokenError || error instanceof kit.NetworkError, String(error));
  assert.ok(error.cause instanceof TypeError);
});

eachWay("wrong credentials are told as the server tells it", async (kit) => {
  const { sandbox } = tenantOf(kit);
  const client = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: { clientId: "sandbox-client", clientSecret: "wrong" }, fetch: sandbox.fetch });
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.TokenError);
  assert.equal(error.oauthError, "invalid_client");
  assert.ok(error.status === 400 || error.status === 401);
});

eachWay("a long life, a life said as text and every spelling of Bearer are taken", async (kit) => {
  for (const more of [{ expires_in: 43_200 }, { expires_in: "749" }, { token_type: "Bearer" }, { token_type: "BEARER" }, { scope: null, more: {} }]) {
    const { client, asked } = buyer(kit, () => oauth(more));
    await client.types.list();
    assert.equal(asked[1].headers.authorization, "Bearer bought", JSON.stringify(more));
  }
});

eachWay("a client id and a secret may be any text: they are sent in a form, not in a header", async (kit) => {
  const auth = { clientId: "ü id", clientSecret: "pässwört \u2028 😀&=+%" };
  const { client, asked } = buyer(kit, () => oauth(), { auth });
  await client.types.list();
  const form = new URLSearchParams(asked[0].body);
  assert.deepEqual([form.get("client_id"), form.get("client_secret")], [auth.clientId, auth.clientSecret]);
});

eachWay("no rejection is left unhandled, also where nobody waits for the token any more", async (kit, context) => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", listen);
  context.after(() => process.off("unhandledRejection", listen));
  const { client } = buyer(kit, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return json({}, { status: 400 });
  });
  const controller = new AbortController();
  const failed = failureOf(client.types.list({ signal: controller.signal }));
  controller.abort("enough");
  assert.equal(await failed, "enough");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(unhandled, []);
});

/** A page: what tells a browser's document from a worker or a server. */
function withPage(run) {
  const before = ["window", "document"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  Object.assign(globalThis, { window: globalThis, document: {} });
  try {
    return run();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  }
}

eachWay("a page is refused client credentials, unless they are allowed twice", (kit) => {
  const make = (auth) => () => withPage(() => new kit.ServiceDeskClient({ baseUrl: "https://acme.example", auth }));
  for (const more of [{}, { dangerouslyAllowBrowser: false }, { dangerouslyAllowBrowser: undefined }]) {
    const error = thrownBy(make({ clientId: "id", clientSecret: "s3cr3t", ...more }));
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.match(error.field, /^(auth|clientSecret|dangerouslyAllowBrowser)$/);
    assert.match(error.message, /dangerouslyAllowBrowser/);
    assert.doesNotMatch(error.message, /s3cr3t/);
  }
  make({ clientId: "id", clientSecret: "s3cr3t", dangerouslyAllowBrowser: true })();
  make({ token: TOKEN })();
  make({ token: () => TOKEN })();
});

eachWay("what is no page is not refused client credentials", (kit) => {
  const make = () => new kit.ServiceDeskClient({ baseUrl: "https://acme.example", ...credentials });
  make();
  globalThis.window = globalThis;
  try {
    make();
  } finally {
    delete globalThis.window;
  }
});

// What a request is made of in a page that has changed the platform: no cache, no inherited members, and the URL that was
// asked is the one that answers.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";

import { INPUT, INTEGRATION, TOKEN, eachWay, failureOf, json, scripted } from "../helpers/kits.mjs";

const BASE = "https://a.example";

/** A client whose fetch is the platform's place: it is given a URL and an init object. */
async function throughPlatform(kit, run, respond = () => new Response("[]")) {
  const before = globalThis.fetch;
  /** @type {[string, RequestInit][]} */
  const asked = [];
  globalThis.fetch = async (url, init) => {
    asked.push([url, init]);
    return respond(url);
  };
  try {
    const result = await run(new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, retry: "off" }));
    return { asked, result };
  } finally {
    globalThis.fetch = before;
  }
}

/** Runs with members that every object inherits, as a page with a polluted prototype has them. */
async function polluted(members, run) {
  Object.assign(Object.prototype, members);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(members)) delete Object.prototype[name];
  }
}

/** Made while the platform is whole. */
const ANSWER = new Response("[]");

const POLLUTION = { credentials: "include", cache: "force-cache", body: "x", referrer: "https://a.example/evil", referrerPolicy: "unsafe-url", href: "https://evil.example", aborted: true };

// The first of this file: nothing has been learned of the platform yet.
eachWay("members that every object inherits reach no request", async (kit) => {
  const { asked } = await throughPlatform(kit, (client) => polluted(POLLUTION, () => client.types.list()));
  assert.equal(Object.getPrototypeOf(asked[0][1]), null);
  const request = await polluted(POLLUTION, async () => {
    /** @type {Request[]} */
    const seen = [];
    const fetch = async (request) => (seen.push(request), ANSWER.clone());
    await new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, retry: "off", fetch }).types.list({});
    return seen[0];
  });
  assert.deepEqual([request.credentials, request.cache, request.referrerPolicy, request.referrer], ["same-origin", "no-store", "", "about:client"]);
});

eachWay("no request may be answered from a cache", async (kit) => {
  const { client, asked } = scripted(kit, (request) => json([{ type: request.cache, name: "n", scriptName: "s" }]));
  assert.equal((await client.types.list())[0].type, "no-store");
  assert.equal(asked.length, 1);
  const { asked: inits } = await throughPlatform(kit, (client) => client.types.list());
  assert.equal(inits[0][1].cache, "no-store");
});

eachWay("options may have members from their class", async (kit) => {
  const seen = [];
  class Options {
    get signal() {
      return AbortSignal.abort(new Error("of the class"));
    }
    onResponse() {
      seen.push("told");
    }
  }
  const { client } = scripted(kit, () => json([]));
  assert.equal((await failureOf(client.types.list(new Options()))).message, "of the class");
  await client.types.list(Object.create({ onResponse: () => seen.push("told") })).catch(() => {});
  class Client {
    baseUrl = BASE;
    auth = { token: TOKEN };
    fetch() {
      seen.push("fetched");
      return json([]);
    }
  }
  await new kit.ServiceDeskClient(new Client()).types.list();
  assert.deepEqual(seen, ["told", "fetched"]);
  await polluted({ fetch: () => seen.push("evil") }, async () => {
    class Empty {
      baseUrl = BASE;
      auth = { token: TOKEN };
      retry = "off";
    }
    const { asked } = await throughPlatform(kit, () => new kit.ServiceDeskClient(new Empty()).types.list(), () => ANSWER.clone());
    assert.equal(asked.length, 1);
  });
  assert.deepEqual(seen, ["told", "fetched"]);
});

eachWay("options that every object inherits are no options", async (kit) => {
  const called = [];
  const note = (name) => () => void called.push(name);
  const members = { fetch: note("fetch"), onEvent: note("onEvent"), onResponse: note("onResponse"), timeoutMs: 1, headers: { "x-evil": "1" }, filters: 'name eq "x"', tokenUrl: "https://evil.example" };
  const { asked } = await throughPlatform(kit, (client) => polluted(members, async () => {
    await new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, retry: "off" }).types.list({});
    await client.integrations.list({}, {});
    await client.integrations.iterate({}, {}).next?.();
  }));
  assert.deepEqual(called, []);
  assert.ok(asked.every(([url, { headers }]) => !headers.has("x-evil") && !url.includes("filters")));
});

eachWay("an inherited accessor keeps no error from being made", async (kit) => {
  const answer = json({}, { status: 404 });
  const client = new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, retry: "off", fetch: async () => answer });
  const error = await polluted({ get: () => "x", set: () => {} }, () => failureOf(client.integrations.get("id")));
  assert.ok(error instanceof kit.NotFoundError);
  assert.equal(error.status, 404);
});

eachWay("a sandbox is made and asked under members that every object inherits", async (kit) => {
  const names = await polluted({ now: () => 0, value: "x", port: "x" }, async () => {
    const sandbox = kit.createSandbox({});
    assert.ok(Date.parse(sandbox.snapshot().integrations[0].created) > 9e11, "by the clock of the platform");
    const served = await kit.serve(sandbox);
    await served.close();
    return sandbox.snapshot().integrations.length;
  });
  assert.ok(names > 0);
});

eachWay("the environment is asked for its own variables alone", async (kit) => {
  const auth = { token: TOKEN };
  const error = await polluted({ SAIL_BASE_URL: "https://evil.example" }, async () => {
    delete process.env.SAIL_BASE_URL;
    try {
      return kit.ServiceDeskClient.fromEnv({ auth });
    } catch (thrown) {
      return thrown;
    }
  });
  assert.equal(error.field, "SAIL_BASE_URL");
});

/** A port that sends on to `target`, or answers a list. */
async function port(respond) {
  const server = createServer(respond);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) };
}

/** A fetch as many are written: it makes a request of its own, which follows redirects. */
const follows = async (request) =>
  fetch(request.url, { method: request.method, headers: request.headers, body: request.method === "GET" ? undefined : await request.text() });

eachWay("an answer that a fetch got by following a redirect is a RedirectError", async (kit, context) => {
  const seen = [];
  const other = await port((request, response) => {
    seen.push(request.url);
    response.setHeader("content-type", "application/json").end(request.url === "/oauth/token" ? '{"access_token":"of-the-other","expires_in":700}' : "[]");
  });
  const tenant = await port((request, response) => {
    const at = request.url.startsWith("/within") ? "" : request.url.includes("oauth") || request.url.includes("away") ? other.url : "";
    if (request.url.endsWith("/landed")) response.setHeader("content-type", "application/json").end("[]");
    else response.writeHead(307, { location: at ? `${at}${request.url}` : "/landed" }).end();
  });
  context.after(() => Promise.all([tenant.close(), other.close()]));
  const client = (options) => new kit.ServiceDeskClient({ auth: { token: TOKEN }, retry: "off", fetch: follows, ...options });
  const within = await failureOf(client({ baseUrl: `${tenant.url}/within` }).types.list());
  assert.deepEqual([within.name, within.code, within.status, within.location], ["RedirectError", "redirected", 0, `${tenant.url}/landed`]);
  assert.match(within.message, /fetch followed/);
  const away = await failureOf(client({ baseUrl: `${tenant.url}/away` }).types.list());
  assert.deepEqual([away.name, new URL(away.location).origin], ["RedirectError", other.url]);
  const token = await failureOf(client({ baseUrl: tenant.url, auth: { clientId: "id", clientSecret: "sesame-of-the-test" } }).types.list());
  assert.deepEqual([token.name, token.status], ["TokenError", 0]);
  assert.match(token.message, /the token endpoint answered by a redirect that fetch followed/);
  assert.deepEqual(seen.filter((url) => !url.includes("away") && url !== "/oauth/token"), [], "no token of another origin was used");
});

eachWay("a relative URL of a mock's answer is of the origin that was asked", async (kit) => {
  const fetch = async () => ({ status: 200, url: "/service-desk-integrations/v1/types", headers: new Headers(), text: async () => "[]" });
  assert.deepEqual(await new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, fetch }).types.list(), []);
});

eachWay("an answer whose URL is of another origin is a RedirectError, though it does not say that it was redirected", async (kit) => {
  for (const [url, code] of [["https://evil.example/x", "redirected"], ["http://a.example", "redirected"], ["", undefined], [undefined, undefined], [`${BASE}/other`, undefined]]) {
    const fetch = async () => Object.defineProperty(new Response("[]"), "url", { value: url });
    const client = new kit.ServiceDeskClient({ baseUrl: BASE, auth: { token: TOKEN }, retry: "off", fetch });
    const result = await client.types.list().catch((error) => error);
    assert.equal(result.code, code, `${url}`);
  }
});

eachWay("a create whose redirect a fetch followed is not sent again, and is no success", async (kit) => {
  const { client, asked } = scripted(kit, (request) => Object.defineProperty(json(INTEGRATION, { status: 201 }), "redirected", { value: true }), { retry: {} });
  const error = await failureOf(client.integrations.create(INPUT));
  assert.equal(error.code, "redirected");
  assert.equal(asked.length, 1);
});

eachWay("headers of the connection are refused before anything is sent", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  for (const name of ["Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Content-Encoding", "Proxy-Authorization", "Proxy-Connection", "Set-Cookie"]) {
    const error = await failureOf(client.types.list({ headers: { [name]: "x" } }));
    assert.deepEqual([error.code, error.field], ["invalid-argument", "headers"], name);
    assert.match(error.message, new RegExp(`\`${name}\``));
  }
  assert.deepEqual(asked, []);
});

/** An answer as node-fetch gives it: the body is a stream of Node's. */
const ofNode = (body, headers = {}) => ({ status: 200, headers: new Headers({ "content-type": "application/json", ...headers }), body, arrayBuffer: () => assert.fail("it must not be read as a whole") });

eachWay("a body that is a stream of Node's is read in parts, up to the limit", async (kit) => {
  const { client } = scripted(kit, () => ofNode(Readable.from([Buffer.from('[{"type":"t",'), Buffer.from('"name":"n","scriptName":"s"}]')])));
  assert.equal((await client.types.list())[0].name, "n");
  const texts = ofNode(Readable.from(["[", "]"]));
  assert.deepEqual(await scripted(kit, () => texts).client.types.list(), []);
  let given = 0;
  const endless = Readable.from((function* () {
    for (; ; given += 1) yield Buffer.alloc(1 << 20, 32);
  })());
  const long = await failureOf(scripted(kit, () => ofNode(endless)).client.types.list());
  assert.equal(long.code, "bad-response");
  assert.ok(given < 64, `${given} MiB were read`);
  assert.ok(endless.destroyed, "the rest is given up");
});

eachWay("a body that can only be read as a whole is not read where its length is above the limit", async (kit) => {
  const answer = { ...ofNode({}, { "content-length": String(640 << 20) }) };
  assert.equal((await failureOf(scripted(kit, () => answer).client.types.list())).code, "bad-response");
});

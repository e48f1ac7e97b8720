// What new ServiceDeskClient() refuses: at once, with the option's name, without a secret in the message, and nothing is sent.
import assert from "node:assert/strict";

import { TOKEN, eachWay, json, scripted, thrownBy } from "../helpers/kits.mjs";

const SECRET = "s3cr3t-of-the-test";

/** What a client of credentials is given besides. */
const credentials = (more) => ({ auth: { clientId: "id", clientSecret: SECRET, ...more } });

/** Instead of the base URL. */
const tenant = (value) => ({ baseUrl: undefined, tenant: value });

const domain = (value) => ({ ...tenant("acme"), domain: value });

/** The option that is refused, and options that are wrong in it. */
const refused = {
  baseUrl: [
    { tenant: "acme" },
    ...["http://acme.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://0.0.0.0", "http://127.1.evil.example"],
    ...[`https://user:${SECRET}@acme.example`, `https://${SECRET}@acme.example`, "https://@acme.example", "https://acme.example\\@evil.example"],
    ...["https://acme.example?a=b", `https://acme.example?token=${SECRET}`, "https://acme.example#f", `https://acme.example/#${SECRET}`],
    ...["", "acme.example", "//acme.example", "https://", "https:///path", "ftp://acme.example", "javascript:alert(1)", "data:,x", "file:///etc"],
    ...["https://a b.example", "https://acme.example:99999", "https://acme.example:x", "https://acme.example/a/../b", "https://acme.example/%2e%2e/b"],
    ...["https://acme.example/a\nb", "https://acme.example/\u0000", "https://acme.example/\ud800", 7, null, true, {}, [], Symbol("x"), () => {}],
    new URL("http://acme.example"),
    new URL(`https://user:${SECRET}@acme.example`),
  ].map((value) => (value?.tenant ? value : { baseUrl: value })),
  tenant: [
    {},
    ...["", ".", "..", "a.b", "a/b", "a b", "-a", "a-", "a_b", "a:80", "a@b", "a#", "a?", "ä", "a\n", "a\ud800", "a".repeat(64), `${SECRET}\n`],
    ...[7, null, true, [], Symbol("x")],
  ].map((value) => tenant(typeof value === "object" && value && !Array.isArray(value) ? undefined : value)),
  domain: [
    { domain: "identitynow.com" },
    ...["", "x", ".", "a..b", "a/b", "evil.example/", "a.example:80", "a@b.example", "a.example?x", "a.example#x", "a b.example", "ä.example"].map(domain),
    ...["a.example\n", "-a.example", `a.${"b".repeat(64)}.example`, 7, null, {}].map(domain),
  ],
  apiVersion: ["", "v2", "V1", "v2027", "1", 1, null, {}].map((apiVersion) => ({ apiVersion })),
  auth: [undefined, null, 7, true, SECRET, [], [SECRET], () => SECRET].map((auth) => ({ auth })),
  token: ["", `${SECRET}\n`, `${SECRET}\r\nX-Evil: 1`, `${SECRET}\u0000`, `${SECRET}é`, `${SECRET}\ud800`, 7, null, {}, [SECRET]].map((token) => ({ auth: { token } })),
  clientId: [
    { auth: { clientSecret: SECRET } },
    ...["", 7, null, {}, "a\ud800", undefined].map((clientId) => credentials({ clientId })),
    { auth: { token: SECRET, clientId: "id" } },
  ],
  clientSecret: [
    { auth: { clientId: "id" } },
    ...["", 7, null, {}, `${SECRET}\ud800`, undefined, [SECRET]].map((clientSecret) => credentials({ clientSecret })),
    { auth: { token: TOKEN, clientSecret: SECRET } },
  ],
  tokenUrl: [
    ...["http://acme.example/oauth/token", "ftp://acme.example", "", "acme.example", 7, null, {}, "https://acme.example/\ud800"],
    ...[`https://id:${SECRET}@acme.example/oauth/token`, `https://acme.example/oauth/token?client_secret=${SECRET}`, `https://acme.example/#${SECRET}`],
    new URL("http://acme.example/oauth/token"),
  ].map((tokenUrl) => credentials({ tokenUrl })),
  dangerouslyAllowBrowser: [0, 1, "true", null, {}].map((dangerouslyAllowBrowser) => credentials({ dangerouslyAllowBrowser })),
  shared: [
    ...[0, 1, "true", "", null, {}, [], () => true].map((shared) => ({ auth: { token: () => SECRET, shared } })),
    ...[true, false].flatMap((shared) => [{ auth: { token: SECRET, shared } }, credentials({ shared }), { auth: { shared } }]),
  ],
  scope: [credentials({ scope: "sp:scopes:all" })],
  refresh: [{ auth: { token: SECRET, refresh: true } }],
  fetch: [null, 7, true, "fetch", {}, []].map((fetch) => ({ fetch })),
  ...Object.fromEntries(["timeoutMs", "attemptTimeoutMs"].map((name) => [
    name,
    [null, 0, -0, -1, Number.NaN, Infinity, -Infinity, "", "5", "NONE", "off", true, {}, [], 5n, Symbol("x"), () => 5].map((value) => ({ [name]: value })),
  ])),
  headers: [
    ...[null, 7, "a: b", [], [["a", "b"]], true, () => ({})],
    ...["", "a b", "a:", "ä", "a\u0000", "a\n", "(a)", "a,b", "a\u007f"].map((name) => ({ [name]: "x" })),
    ...[`${SECRET}\r\nX-Evil: 1`, `${SECRET}\n`, `${SECRET}\u0000`, `${SECRET}\u007f`, `${SECRET}é`, `${SECRET}\ud800`].map((value) => ({ "x-a": value })),
    ...[7, null, true, [SECRET], {}].map((value) => ({ "x-a": value })),
    ...["Authorization", "AUTHORIZATION", "Host", "host", "Content-Type", "content-type", "Cookie", "cookie", "Accept", "Content-Length"].map((name) => ({ [name]: SECRET })),
  ].map((headers) => ({ headers })),
  ...Object.fromEntries(["client", "call", "query", "signal", "onResponse", "Tenant", "base_url", "timeout", "token", "clientSecret", "__proto_", "constructor"].map((name) => [
    `${name} `, [{ [name]: SECRET }, { [name]: undefined }],
  ])),
};

for (const [name, cases] of Object.entries(refused)) {
  const field = name.trim();
  for (const [number, wrong] of cases.entries()) {
    eachWay(`${field} is refused: ${JSON.stringify(wrong, printable)?.slice(0, 100)} (${number})`, (kit) => {
      let fetched = 0;
      const fetch = async () => {
        fetched += 1;
        return json([]);
      };
      const options = { baseUrl: "https://acme.example", auth: { token: TOKEN }, fetch, ...wrong };
      const error = thrownBy(() => new kit.ServiceDeskClient(options));
      assert.ok(error instanceof kit.ValidationError, String(error));
      assert.deepEqual([error.name, error.code, error.field], ["ValidationError", "invalid-argument", field]);
      assert.deepEqual([error.attempts, error.operation, error.requestId], [[], undefined, undefined]);
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${error.stack}`, /s3cr3t|t0ken/);
      assert.equal(fetched, 0);
    });
  }
}

/** For the names of tests: what JSON leaves out. */
function printable(_key, value) {
  if (typeof value === "number" || value === undefined) return String(value);
  return ["symbol", "bigint", "function"].includes(typeof value) ? `a ${typeof value}` : value;
}

eachWay("options that are no object are refused", (kit) => {
  for (const options of [undefined, null, 7, true, "https://acme.example", [], () => {}, Symbol("x"), 5n]) {
    const error = thrownBy(() => new kit.ServiceDeskClient(options));
    assert.ok(error instanceof kit.ValidationError);
    assert.equal(error.field, "options");
  }
});

eachWay("a client without a base is told both ways to give one", (kit) => {
  const { field, message } = thrownBy(() => new kit.ServiceDeskClient({ auth: { token: TOKEN } }));
  assert.match(field, /^(tenant|baseUrl)$/);
  assert.match(message, /tenant/);
  assert.match(message, /baseUrl/);
});

eachWay("an unknown option is told the name that was meant", (kit) => {
  for (const [name, meant] of [["timeout", "timeoutMs"], ["base_url", "baseUrl"], ["Tenant", "tenant"], ["header", "headers"], ["baseURL", "baseUrl"]]) {
    assert.match(thrownBy(() => new kit.ServiceDeskClient({ baseUrl: "https://acme.example", auth: { token: TOKEN }, [name]: 1 })).message, new RegExp(`\`${meant}\``));
  }
});

eachWay("the tokens of a function may be said to be shared, or not to be", (kit) => {
  for (const shared of [true, false, undefined]) {
    new kit.ServiceDeskClient({ baseUrl: "https://acme.example", auth: { token: () => TOKEN, shared } });
  }
});

eachWay("plain http is taken to loopback only", (kit) => {
  for (const baseUrl of ["http://localhost", "http://localhost:8080", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:8", "http://LOCALHOST"]) {
    assert.equal(new kit.ServiceDeskClient({ baseUrl, auth: { token: TOKEN } }).baseUrl, baseUrl.toLowerCase());
  }
});

eachWay("limits may be fractions, above what a timer takes, none, or undefined", (kit) => {
  for (const limit of [0.5, 1, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, "none", undefined]) {
    new kit.ServiceDeskClient({ baseUrl: "https://acme.example", auth: { token: TOKEN }, timeoutMs: limit, attemptTimeoutMs: limit });
  }
});

eachWay("headers that are no plain object are refused or sent, never dropped", async (kit) => {
  for (const headers of [new Headers({ "x-a": "b" }), new Map([["x-a", "b"]])]) {
    const { client, asked } = scripted(kit, () => json([]));
    try {
      await client.types.list({ headers });
    } catch (error) {
      assert.equal(error.field, "headers");
      continue;
    }
    assert.equal(asked[0].headers["x-a"], "b", `${headers.constructor.name} was dropped in silence`);
  }
});

eachWay("the headers of an option's prototype are not sent", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  await client.types.list({ headers: Object.create({ "x-inherited": "1", authorization: SECRET }) });
  assert.equal(asked[0].headers["x-inherited"], undefined);
  assert.equal(asked[0].headers.authorization, `Bearer ${TOKEN}`);
});

eachWay("the options of a call are read before it returns: what is changed later does not count", async (kit) => {
  const starts = {
    call: async (client, options) => client.types.list(options),
    list: (client, options) => client.integrations.list({}, options),
    update: (client, options) => client.integrations.update("an-id", (integration) => integration, options),
    loop: (client, options) => client.integrations.iterate({}, options)[Symbol.asyncIterator]().next(),
  };
  for (const [name, start] of Object.entries(starts)) {
    const told = [];
    const { client, asked } = scripted(kit, (request) => json(request.url.endsWith("/an-id") ? { id: "an-id", name: "n", type: "t", attributes: {} } : []));
    const options = { headers: { "x-a": "before" }, onResponse: () => told.push("before") };
    const done = start(client, options);
    options.headers = { "x-a": "after" };
    options.signal = AbortSignal.abort("after");
    options.onResponse = () => told.push("after");
    await done;
    assert.deepEqual([told, asked.map(({ headers }) => headers["x-a"])], [["before"], ["before"]], name);
  }
});

eachWay("a loop begins anew with the options and the query that iterate() was given", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  const [query, options] = [{ pageSize: 7 }, { headers: { "x-a": "before" } }];
  const all = client.integrations.iterate(query, options);
  query.pageSize = 9;
  options.headers = { "x-a": "after" };
  for (let loop = 0; loop < 2; loop += 1) for await (const one of all) assert.fail(String(one));
  assert.deepEqual(asked.map(({ url, headers }) => [new URL(url).searchParams.get("limit"), headers["x-a"]]), [["7", "before"], ["7", "before"]]);
});

eachWay("options are read once: what is changed later does not count", async (kit) => {
  const headers = { "x-a": "before" };
  const auth = { token: TOKEN };
  const { client, asked } = scripted(kit, () => json([]), { headers, auth });
  headers["x-a"] = "after";
  auth.token = "another";
  await client.types.list();
  assert.deepEqual([asked[0].headers["x-a"], asked[0].headers.authorization], ["before", `Bearer ${TOKEN}`]);
});

// The tenant in memory, as any client sees it: plain requests, and what they are answered.
import assert from "node:assert/strict";

import { eachWay, versions } from "../helpers/kits.mjs";

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const V1 = "/service-desk-integrations/v1";
const INPUT = { name: "Acme", description: "d", type: "Generic SDIM", attributes: { url: "https://a.example" } };

/** A tenant with a clock that moves by the test's hand, and one function to ask it with. */
function tenantOf(kit, options = {}) {
  const clock = { now: START };
  const sandbox = kit.createSandbox({ now: () => clock.now, ...options });
  const token = sandbox.token();
  const ask = async (method, path, body, headers = {}) => {
    const type = method === "PATCH" ? "application/json-patch+json" : "application/json";
    const init = { method, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": type }), ...headers } };
    if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
    const response = await sandbox.fetch(sandbox.baseUrl + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined };
  };
  return { sandbox, clock, ask, token };
}

const messageOf = ({ body }) => body.messages[0].text;

eachWay("an integration is made, read, replaced, patched and deleted", async (kit) => {
  const { ask, clock } = tenantOf(kit, { integrations: [] });
  const made = await ask("POST", V1, INPUT);
  assert.equal(made.status, 200);
  assert.match(made.body.id, /^[0-9a-f]{32}$/);
  assert.deepEqual([made.body.created, made.body.modified], ["2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.006Z"]);
  const path = `${V1}/${made.body.id}`;
  assert.deepEqual((await ask("GET", path)).body, made.body);
  clock.now += 1_000;
  const put = await ask("PUT", path, { ...made.body, name: "Acme 2" });
  assert.deepEqual([put.body.name, put.body.created, put.body.modified], ["Acme 2", made.body.created, "2026-01-02T03:04:06.006Z"]);
  clock.now += 1_000;
  const patched = await ask("PATCH", path, [{ op: "replace", path: "/description", value: "new" }, { op: "replace", path: "/attributes/url", value: "https://b.example" }]);
  assert.deepEqual([patched.status, patched.body.description, patched.body.attributes.url, patched.body.modified], [200, "new", "https://b.example", "2026-01-02T03:04:07.006Z"]);
  const gone = await ask("DELETE", path);
  assert.deepEqual([gone.status, gone.text], [204, ""]);
  assert.equal((await ask("GET", path)).status, 404);
  assert.equal((await ask("DELETE", path)).status, 404);
});

eachWay("every version has the same paths below its own, and no other path is answered", async (kit) => {
  const { ask } = tenantOf(kit);
  for (const [, base] of versions) {
    for (const path of ["", "/types", "/templates/GenericSDIM", "/status-check-configuration"]) assert.equal((await ask("GET", base + path)).status, 200);
  }
  for (const path of ["/", "/v2/service-desk-integrations", "/service-desk-integrations", "/v1/service-desk-integrations", "/v3/service-desk-integrations/v1/x", `${V1}/templates`, `${V1}/a/b`]) {
    assert.equal((await ask("GET", path)).status, 404, path);
  }
});

eachWay("a method that a resource does not know is 405 with Allow", async (kit) => {
  const { ask } = tenantOf(kit);
  for (const [method, path] of [["DELETE", V1], ["PUT", V1], ["POST", `${V1}/types`], ["DELETE", `${V1}/status-check-configuration`], ["POST", `${V1}/abc`]]) {
    const { status, headers } = await ask(method, path, method === "DELETE" ? undefined : {});
    assert.equal(status, 405, `${method} ${path}`);
    assert.ok(headers.get("allow"));
  }
});

eachWay("required fields, their types and unique names are checked with 400", async (kit) => {
  const { ask } = tenantOf(kit, { integrations: [] });
  await ask("POST", V1, INPUT);
  for (const name of ["name", "description", "type", "attributes"]) {
    for (const value of [undefined, 7, null]) {
      const refused = await ask("POST", V1, { ...INPUT, name: "other", [name]: value });
      assert.equal(refused.status, 400, `${name} ${value}`);
      assert.match(messageOf(refused), new RegExp(name));
    }
  }
  for (const name of ["Acme", "ACME", "acme"]) assert.equal((await ask("POST", V1, { ...INPUT, name })).status, 400);
  for (const body of ["", "{", "[]", "null", "7", "<xml/>"]) assert.equal((await ask("POST", V1, body)).status, 400, body);
});

eachWay("a duplicate name is 409 where the options say so, also for replace and patch", async (kit) => {
  const { ask } = tenantOf(kit, { integrations: [{ ...INPUT, id: "a" }, { ...INPUT, name: "Other", id: "b" }], behaviour: { duplicateName: 409 } });
  const taken = { ...INPUT, name: "other" };
  assert.equal((await ask("POST", V1, taken)).status, 409);
  assert.equal((await ask("PUT", `${V1}/a`, taken)).status, 409);
  assert.equal((await ask("PATCH", `${V1}/a`, [{ op: "replace", path: "/name", value: "other" }])).status, 409);
  assert.equal((await ask("PUT", `${V1}/b`, taken)).status, 200, "its own name is not taken");
});

eachWay("a patch replaces, and nothing else: 403 for other verbs, 400 for a missing target", async (kit) => {
  const { ask } = tenantOf(kit, { integrations: [{ ...INPUT, id: "a" }] });
  const path = `${V1}/a`;
  const before = (await ask("GET", path)).body;
  for (const op of ["add", "remove", "move", "copy", "test"]) {
    assert.equal((await ask("PATCH", path, [{ op, path: "/description", value: "x", from: "/name" }])).status, 403, op);
  }
  for (const body of [{ operations: [] }, [{ op: "replace", path: "/attributes/nope", value: 1 }], [{ op: "replace", path: "/nope/deep", value: 1 }], [{ op: "replace" }], [7], "{"]) {
    assert.equal((await ask("PATCH", path, body)).status, 400, JSON.stringify(body));
  }
  const half = [{ op: "replace", path: "/description", value: "x" }, { op: "remove", path: "/name" }];
  assert.equal((await ask("PATCH", path, half)).status, 403);
  assert.deepEqual((await ask("GET", path)).body, before, "all or nothing");
  assert.equal((await ask("PATCH", path, [{ op: "replace", path: "/name", value: "x" }], { "content-type": "application/json" })).status, 400);
  assert.equal((await ask("PATCH", `${V1}/nope`, [{ op: "replace", path: "/name", value: "x" }])).status, 404);
});

eachWay("a list has limit, offset, count, sorters and filters", async (kit) => {
  const names = ["Delta", "alpha", "Charlie", "bravo"];
  const { ask } = tenantOf(kit, { integrations: names.map((name, at) => ({ ...INPUT, name, id: `id-${at}`, type: at % 2 ? "A" : "B" })) });
  const list = async (query) => {
    const { status, body, headers } = await ask("GET", `${V1}?${new URLSearchParams(query)}`);
    return status === 200 ? { names: body.map(({ name }) => name), total: headers.get("x-total-count") } : { status };
  };
  assert.deepEqual(await list({}), { names, total: null });
  assert.deepEqual(await list({ sorters: "name", count: "true" }), { names: ["alpha", "bravo", "Charlie", "Delta"], total: "4" });
  assert.deepEqual(await list({ sorters: "-name", limit: "1", offset: "1" }), { names: ["Charlie"], total: null });
  assert.deepEqual(await list({ limit: "0", count: "true" }), { names: [], total: "4" });
  assert.deepEqual(await list({ filters: 'type eq "a"', count: "true", limit: "1" }), { names: ["alpha"], total: "2" });
  assert.deepEqual(await list({ filters: 'id in ("id-0","id-3","nope")' }), { names: ["Delta", "bravo"], total: null });
  assert.deepEqual(await list({ filters: 'name eq "ALPHA"' }), { names: ["alpha"], total: null });
  assert.deepEqual(await list({ filters: 'type eq "A" and not name eq "alpha"' }), { names: ["bravo"], total: null });
  assert.deepEqual(await list({ offset: "4" }), { names: [], total: null });
  for (const query of [{ limit: "251" }, { limit: "-1" }, { limit: "x" }, { offset: "-1" }, { count: "yes" }, { sorters: "type" }, { filters: 'name co "a"' }, { filters: "name" }]) {
    assert.deepEqual(await list(query), { status: 400 }, JSON.stringify(query));
  }
});

eachWay("what nobody knows of the real server can be had both ways", async (kit) => {
  const past = tenantOf(kit, { integrations: 3, behaviour: { pastEnd: 400 } });
  assert.equal((await past.ask("GET", `${V1}?offset=3`)).status, 400);
  assert.equal((await past.ask("GET", `${V1}?offset=2`)).status, 200);
  const plain = tenantOf(kit, { behaviour: { booleanFilters: false } });
  assert.equal((await plain.ask("GET", `${V1}?filters=${encodeURIComponent('name eq "a" or name eq "b"')}`)).status, 400);
  const numbers = tenantOf(kit, { behaviour: { statusCheck: "numbers" } });
  assert.deepEqual((await numbers.ask("GET", `${V1}/status-check-configuration`)).body, { provisioningStatusCheckIntervalMinutes: 30, provisioningMaxStatusCheckDays: 2 });
  const origin = { origin: "http://localhost:3000" };
  for (const [exposeTotal, exposed] of [[undefined, true], [true, true], [false, false]]) {
    const { ask } = tenantOf(kit, { behaviour: { exposeTotal } });
    const list = (await ask("GET", `${V1}?count=true`, undefined, origin)).headers.get("access-control-expose-headers");
    assert.equal(/X-Total-Count/i.test(list), exposed);
  }
});

eachWay("secrets come back as ciphertext, masked or not at all, and are kept where they are sent back", async (kit) => {
  for (const secrets of ["ciphertext", "masked", "omitted"]) {
    const { ask, sandbox } = tenantOf(kit, { integrations: [], behaviour: { secrets } });
    const attributes = { url: "https://a.example", password: "hunter2", deep: { apiToken: "hunter3" }, encrypted: "pin", pin: "hunter4" };
    const { body } = await ask("POST", V1, { ...INPUT, attributes });
    assert.doesNotMatch(JSON.stringify(body), /hunter/);
    assert.equal("password" in body.attributes, secrets !== "omitted");
    if (secrets === "omitted") continue;
    await ask("PUT", `${V1}/${body.id}`, { ...body, description: "changed" });
    assert.deepEqual(sandbox.snapshot().integrations[0].attributes, attributes);
    await ask("PUT", `${V1}/${body.id}`, { ...body, attributes: { ...body.attributes, password: "hunter5" } });
    assert.equal(sandbox.snapshot().integrations[0].attributes.password, "hunter5");
  }
});

eachWay("beta answers leave out what others answer as null", async (kit) => {
  const { ask } = tenantOf(kit);
  const { id } = (await ask("POST", V1, INPUT)).body;
  const beta = (await ask("GET", `/beta/service-desk-integrations/${id}`)).body;
  const v3 = (await ask("GET", `/v3/service-desk-integrations/${id}`)).body;
  assert.equal(v3.cluster, null);
  assert.equal("cluster" in beta, false);
  assert.equal(v3.provisioningConfig.planInitializerScript, null);
  assert.equal("planInitializerScript" in beta.provisioningConfig, false);
  assert.equal(beta.id, id);
});

eachWay("types have templates, which make what they describe", async (kit) => {
  const { ask } = tenantOf(kit, { integrations: [] });
  const types = (await ask("GET", `${V1}/types`)).body;
  assert.ok(types.length >= 4);
  for (const { scriptName, type, name } of types) {
    const template = (await ask("GET", `${V1}/templates/${encodeURIComponent(scriptName)}`)).body;
    assert.deepEqual([template.type, typeof template.name], [type, "string"]);
    const { status, body } = await ask("POST", V1, { ...INPUT, name, type, attributes: template.attributes, provisioningConfig: template.provisioningConfig });
    assert.deepEqual([status, body.type], [200, type]);
  }
  assert.equal((await ask("GET", `${V1}/templates/nope`)).status, 404);
});

eachWay("the status check is a singleton of whole numbers", async (kit) => {
  const { ask } = tenantOf(kit);
  const path = `${V1}/status-check-configuration`;
  const body = { provisioningStatusCheckIntervalMinutes: "5", provisioningMaxStatusCheckDays: "3" };
  assert.deepEqual((await ask("PUT", path, body)).body, body);
  assert.deepEqual((await ask("GET", path)).body, body);
  for (const wrong of [{}, { ...body, provisioningMaxStatusCheckDays: "x" }, { ...body, provisioningMaxStatusCheckDays: "0" }, { ...body, provisioningMaxStatusCheckDays: null }]) {
    assert.equal((await ask("PUT", path, wrong)).status, 400, JSON.stringify(wrong));
  }
  assert.deepEqual((await ask("GET", path)).body, body);
});

eachWay("a request without a valid token is 401, as the gateway says it", async (kit) => {
  const { ask, clock, token } = tenantOf(kit, { credentials: { clientId: "a", clientSecret: "b", tokenTtlSeconds: 60 } });
  for (const authorization of ["", "Bearer", "Bearer nope", `Basic ${token}`, `Bearer ${token}x`]) {
    const { status, body } = await ask("GET", V1, undefined, { authorization });
    assert.equal(status, 401, authorization);
    assert.equal(typeof body.error, "string");
  }
  clock.now += 59_000;
  assert.equal((await ask("GET", V1)).status, 200);
  clock.now += 1_001;
  const late = await ask("GET", V1);
  assert.equal(late.status, 401);
  assert.match(late.body.error, /expired/);
});

eachWay("the token endpoint takes a form, a multipart form, a query and Basic", async (kit) => {
  const { sandbox } = tenantOf(kit, { credentials: { clientId: "the id", clientSecret: "s&c=r", tokenTtlSeconds: 60 } });
  const fields = { grant_type: "client_credentials", client_id: "the id", client_secret: "s&c=r" };
  const multipart = new FormData();
  for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
  const post = (init, query = "") => sandbox.fetch(`${sandbox.baseUrl}/oauth/token${query}`, { method: "POST", ...init });
  const answers = [
    await post({ body: new URLSearchParams(fields) }),
    await post({ body: multipart }),
    await post({}, `?${new URLSearchParams(fields)}`),
    await post({ body: new URLSearchParams({ grant_type: "client_credentials" }), headers: { authorization: `Basic ${btoa("the id:s&c=r")}` } }),
  ];
  for (const answer of answers) {
    const { access_token, token_type, expires_in } = await answer.json();
    assert.deepEqual([answer.status, token_type, expires_in], [200, "bearer", 60]);
    const used = await sandbox.fetch(sandbox.baseUrl + V1, { headers: { authorization: `Bearer ${access_token}` } });
    assert.equal(used.status, 200);
  }
});

eachWay("the token endpoint refuses as RFC 6749 says", async (kit) => {
  const { sandbox } = tenantOf(kit);
  const { clientId, clientSecret } = sandbox.credentials;
  const good = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  for (const [more, statuses, error] of [
    [{ client_secret: "wrong" }, [400, 401], "invalid_client"],
    [{ client_id: "wrong" }, [400, 401], "invalid_client"],
    [{ grant_type: "password" }, [400], "unsupported_grant_type"],
    [{ grant_type: "" }, [400], /^(invalid_request|unsupported_grant_type)$/],
  ]) {
    const answer = await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: "POST", body: new URLSearchParams({ ...good, ...more }) });
    assert.ok(statuses.includes(answer.status), `${answer.status}`);
    assert.match((await answer.json()).error, new RegExp(error));
  }
});

eachWay("the rate limit counts each version by itself, and no token request", async (kit) => {
  const { ask, clock, sandbox } = tenantOf(kit, { rateLimit: { requests: 2, perMs: 10_000 } });
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: sandbox.credentials.clientId, client_secret: sandbox.credentials.clientSecret });
  assert.deepEqual([(await ask("GET", V1)).status, (await ask("GET", V1)).status], [200, 200]);
  const limited = await ask("GET", V1);
  assert.deepEqual([limited.status, limited.headers.get("retry-after"), limited.body], [429, "10", { message: " Rate Limit Exceeded " }]);
  assert.equal((await ask("GET", "/v3/service-desk-integrations")).status, 200);
  assert.equal((await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: "POST", body: form })).status, 200);
  clock.now += 10_000;
  assert.equal((await ask("GET", V1)).status, 200);
});

eachWay("every answer has a request id of its own and the tenant's date", async (kit) => {
  const { ask } = tenantOf(kit);
  const answers = [await ask("GET", V1), await ask("GET", `${V1}/nope`), await ask("GET", "/nope"), await ask("GET", V1, undefined, { authorization: "" })];
  const ids = answers.map(({ headers }) => headers.get("slpt-request-id"));
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(new Set(ids).size, 4);
  for (const { headers } of answers) assert.equal(headers.get("date"), new Date(START).toUTCString());
});

eachWay("errors have the documented body", async (kit) => {
  const { ask } = tenantOf(kit);
  const { body } = await ask("GET", `${V1}/nope`);
  assert.equal(body.detailCode, "404 Not found");
  assert.match(body.trackingId, /^[0-9a-f]{32}$/);
  const text = "The server did not find a current representation for the target resource.";
  assert.deepEqual(body.messages, [{ locale: "en-US", localeOrigin: "DEFAULT", text }]);
});

eachWay("the same options, requests and clock give the same answers", async (kit) => {
  const run = async () => {
    const { ask, sandbox } = tenantOf(kit, { integrations: 12 });
    const answers = [await ask("GET", V1), await ask("POST", V1, INPUT), await ask("GET", `${V1}/nope`)];
    return JSON.stringify([answers.map(({ status, text, headers }) => [status, text, [...headers]]), sandbox.snapshot(), sandbox.token()]);
  };
  assert.equal(await run(), await run());
});

eachWay("a tenant's fetch answers for its own origin alone, and as a dead network elsewhere", async (kit) => {
  const { sandbox } = tenantOf(kit);
  for (const url of ["https://acme.api.identitynow.com/", "http://127.0.0.1:9/", sandbox.baseUrl.replace("https:", "http:"), `${sandbox.baseUrl}.evil.example/`, `${sandbox.baseUrl}:8443/`]) {
    await assert.rejects(sandbox.fetch(url), TypeError);
  }
  assert.deepEqual(sandbox.requests, []);
});

eachWay("a tenant's fetch takes a Request, a URL and a string, and hears an abort", async (kit) => {
  const { sandbox, token } = tenantOf(kit, { latencyMs: 20 });
  const headers = { authorization: `Bearer ${token}` };
  const url = new URL(`${sandbox.baseUrl}${V1}/types`);
  for (const input of [url, String(url), new Request(url, { headers })]) assert.equal((await sandbox.fetch(input, { headers })).status, 200);
  const reason = new Error("enough");
  await assert.rejects(sandbox.fetch(url, { headers, signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const pending = sandbox.fetch(url, { headers, signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(pending, reason);
});

eachWay("latencyMs holds every answer back", async (kit) => {
  const { ask } = tenantOf(kit, { latencyMs: 30 });
  const before = performance.now();
  await ask("GET", V1);
  assert.ok(performance.now() - before >= 29);
});

eachWay("a snapshot is the whole tenant, restored in another", async (kit) => {
  const first = tenantOf(kit);
  await first.ask("POST", V1, { ...INPUT, attributes: { password: "hunter2" } });
  await first.ask("PUT", `${V1}/status-check-configuration`, { provisioningStatusCheckIntervalMinutes: "5", provisioningMaxStatusCheckDays: "3" });
  const state = first.sandbox.snapshot();
  assert.equal(state.integrations.at(-1).attributes.password, "hunter2", "in clear: it is the caller's own state");
  assert.deepEqual(Object.keys(state).sort(), ["integrations", "statusCheck", "templates", "types"]);
  const second = tenantOf(kit, { integrations: [] });
  second.sandbox.restore(JSON.parse(JSON.stringify(state)));
  assert.deepEqual(second.sandbox.snapshot(), state);
  assert.equal((await second.ask("GET", V1)).body.length, state.integrations.length);
  assert.equal((await second.ask("GET", V1)).status, 200, "tokens stay");
});

eachWay("integrations that are given are taken as they are", async (kit) => {
  const given = { id: "my-id", name: "n", description: null, type: "t", created: "2020-01-01T00:00:00+00:00", modified: null, ownerRef: null, attributes: { a: null }, extra: { deep: 1 } };
  const { ask } = tenantOf(kit, { integrations: [given] });
  const { body } = await ask("GET", `${V1}/my-id`);
  for (const name of ["id", "name", "description", "type", "created", "ownerRef", "attributes", "extra"]) assert.deepEqual(body[name], given[name], name);
});

eachWay("a number of integrations makes that many, whose names sort as they were made", async (kit) => {
  for (const count of [0, 1, 11, 600]) {
    const { sandbox } = tenantOf(kit, { integrations: count });
    const { integrations } = sandbox.snapshot();
    assert.equal(integrations.length, count);
    assert.equal(new Set(integrations.map(({ name }) => name)).size, count);
    if (count > 10) assert.deepEqual(integrations.map(({ name }) => name), integrations.map(({ name }) => name).sort());
  }
});

eachWay("what arrives is recorded in order, with its path as it was sent", async (kit) => {
  const { ask, sandbox } = tenantOf(kit);
  await ask("GET", `${V1}/a%20b?limit=5&x=%C3%BC`);
  await ask("POST", V1, { ...INPUT, attributes: { password: "hunter2" } });
  await ask("POST", V1, "no JSON");
  const [first, second, third] = sandbox.requests;
  assert.deepEqual(first, { method: "GET", path: `${V1}/a%20b`, query: "limit=5&x=%C3%BC", status: 404 });
  assert.deepEqual(second, { method: "POST", path: V1, query: "", status: 200, contentType: "application/json", body: { ...INPUT, attributes: { password: "[redacted]" } } });
  assert.equal(third.status, 400);
  assert.match(third.body, /^\[.*\]$/);
  assert.ok(sandbox.requests.every(Object.isFrozen));
});

eachWay("pages of this machine may read the answers, others may not", async (kit) => {
  const { ask, sandbox } = tenantOf(kit);
  for (const [origin, allowed] of [["http://localhost:3000", true], ["http://127.0.0.1", true], ["http://[::1]:8080", true], ["https://evil.example", false], ["http://localhost.evil.example", false], ["null", false]]) {
    const { headers } = await ask("GET", V1, undefined, { origin });
    assert.equal(headers.get("access-control-allow-origin"), allowed ? origin : null);
    assert.match(headers.get("vary"), /origin/i);
  }
  const preflight = await sandbox.fetch(sandbox.baseUrl + V1, {
    method: "OPTIONS",
    headers: { origin: "http://localhost:3000", "access-control-request-method": "PATCH", "access-control-request-headers": "authorization,content-type" },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-methods"), /PATCH/);
  assert.match(preflight.headers.get("access-control-allow-headers"), /authorization/);
});

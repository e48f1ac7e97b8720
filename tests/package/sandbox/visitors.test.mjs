// Who may ask a sandbox behind a port, and what of a request is read, kept and bounded: a page of any site can reach the port.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { INPUT, eachWay, kits, thrownBy } from "../helpers/kits.mjs";

const V1 = "/service-desk-integrations/v1";
const GRANT = "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-client-secret";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_BODY = { "content-type": "application/json" };
const PATIENCE_MS = 20_000;

/** A served sandbox for the time of a test. */
async function serving(context, kit, { sandbox: settings, ...options } = {}) {
  const sandbox = kit.createSandbox(settings);
  const served = await kit.serve(sandbox, options);
  context.after(() => served.close());
  const bearer = () => ({ authorization: `Bearer ${sandbox.token()}` });
  return { sandbox, port: served.port, url: served.url, bearer };
}

/** What a request is answered; `body` may be less than its head announces. */
function ask(port, { method = "GET", path = V1, headers = {}, body = "", unfinished = false }) {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method, path, headers, timeout: PATIENCE_MS }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        sent.destroy();
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.flushHeaders();
    if (unfinished) sent.write(body || " ");
    else sent.end(body);
  });
}

/** The status line of what is answered to these bytes. */
async function rawStatus(port, bytes) {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on("error", () => {});
  socket.write(bytes);
  let text = "";
  for await (const chunk of socket) text += chunk;
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

eachWay("a Host that is neither this machine nor listed is 421, in words that name the option", async (kit, context) => {
  const { port, bearer, sandbox } = await serving(context, kit, { allowedHosts: ["Sandbox.Example", "192.0.2.1", "2001:db8::1"] });
  const status = async (host) => (await ask(port, { headers: { ...bearer(), host } })).status;
  for (const host of ["localhost", `127.0.0.1:${port}`, "127.9.8.7", "[::1]:80", "a.localhost:1", "sandbox.example:8080", "192.0.2.1", "[2001:db8::1]:80"]) {
    assert.equal(await status(host), 200, host);
  }
  const before = sandbox.requests.length;
  for (const host of ["evil.example", `evil.example:${port}`, "localhost.evil.example", "127.0.0.01", "0.0.0.0", "192.0.2.2"]) {
    assert.equal(await status(host), 421, host);
  }
  const { headers, text } = await ask(port, { headers: { ...bearer(), host: "evil.example" } });
  const { detailCode, trackingId, messages } = JSON.parse(text);
  assert.deepEqual([headers["content-type"], detailCode, trackingId.length], ["application/json", "421 Misdirected Request", 32]);
  for (const word of ["allowedHosts", "--allow-host", "0.0.0.0"]) assert.ok(messages[0].text.includes(word), word);
  assert.equal(sandbox.requests.length, before, "what is refused for its Host is not recorded");
});

eachWay("the host to listen on is a name, a wildcard is none", async (kit, context) => {
  const all = await serving(context, kit, { host: "0.0.0.0", allowedHosts: ["192.0.2.1"] });
  for (const [host, status] of [["localhost", 404], ["192.0.2.1:80", 404], ["0.0.0.0", 421], ["192.0.2.2", 421]]) {
    assert.equal((await ask(all.port, { path: "/", headers: { host } })).status, status, host);
  }
});

eachWay("an absolute target is checked like the Host, and a request without a Host is refused", async (kit, context) => {
  const { port } = await serving(context, kit);
  const end = "Connection: close\r\n\r\n";
  assert.equal(await rawStatus(port, `GET http://evil.example/x HTTP/1.1\r\nHost: localhost\r\n${end}`), 421);
  assert.equal(await rawStatus(port, `GET http://localhost/x HTTP/1.1\r\nHost: evil.example\r\n${end}`), 421);
  assert.equal(await rawStatus(port, `GET http://localhost/x HTTP/1.1\r\nHost: localhost\r\n${end}`), 404);
  assert.equal(await rawStatus(port, "GET /x HTTP/1.0\r\n\r\n"), 421);
});

eachWay("a page of a foreign origin is refused before anything is acted on", async (kit, context) => {
  const { port, sandbox, bearer } = await serving(context, kit);
  sandbox.fault({ on: "token", then: { status: 503 } });
  const headers = bearer();
  const path = `/oauth/token?${GRANT}`;
  for (const origin of ["https://evil.example", "null", "http://localhost.evil.example", "file://"]) {
    for (const asked of [{ method: "POST", path }, { headers }, { method: "OPTIONS", headers: { "access-control-request-method": "GET" } }]) {
      const refused = await ask(port, { ...asked, headers: { ...asked.headers, origin } });
      assert.equal(refused.status, 403, origin);
      assert.match(JSON.parse(refused.text).messages[0].text, /origin/);
      assert.equal(refused.headers["access-control-allow-origin"], undefined);
    }
  }
  assert.equal((await ask(port, { headers: { ...headers, "sec-fetch-site": "cross-site" } })).status, 403);
  assert.deepEqual(sandbox.requests, []);
  assert.equal((await ask(port, { method: "POST", path })).status, 503, "the fault is still there");
  for (const origin of ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1"]) {
    assert.equal((await ask(port, { headers: { ...headers, origin, "sec-fetch-site": "cross-site" } })).status, 200, origin);
  }
});

eachWay("as many token requests of a page as tokens are remembered end no token", async (kit, context) => {
  const { port, bearer } = await serving(context, kit);
  const headers = bearer();
  for (let sent = 0; sent < 1_030; sent++) {
    const { status } = await ask(port, { method: "POST", path: `/oauth/token?${GRANT}`, headers: { origin: "https://evil.example" } });
    assert.equal(status, 403);
  }
  assert.equal((await ask(port, { headers })).status, 200);
});

eachWay("the fetch of a sandbox asks for neither Host nor Origin", async (kit) => {
  const sandbox = kit.createSandbox();
  const headers = { authorization: `Bearer ${sandbox.token()}`, origin: "https://evil.example" };
  assert.equal((await sandbox.fetch(sandbox.baseUrl + V1, { headers })).status, 200);
});

eachWay("what is no host cannot be allowed", async (kit) => {
  for (const allowedHosts of ["localhost", [1], [""], ["a:80"], ["http://a"], ["*"], null]) {
    const error = await kit.serve(kit.createSandbox(), { allowedHosts }).then(() => assert.fail("it must fail"), (thrown) => thrown);
    assert.ok(error instanceof kit.ValidationError, String(error));
    assert.equal(error.field, "allowedHosts");
  }
});

const LONG = { "content-length": String(60_000) };
const CHUNKED = { "transfer-encoding": "chunked" };
const EARLY = [
  ["a foreign Host", 421, { method: "POST", headers: { host: "evil.example" } }],
  ["a foreign Origin", 403, { method: "POST", headers: { origin: "https://evil.example" } }],
  ["no token", 401, { method: "POST" }],
  ["a token that is none", 401, { method: "PUT", path: `${V1}/x`, headers: { authorization: "Bearer x" } }],
  ["an unknown path", 404, { method: "POST", path: "/x" }],
  ["a method of no resource", 405, { method: "PUT", isKnown: true }],
  ["a token request by another method", 405, { method: "PUT", path: "/oauth/token" }],
  ["a Content-Length that is too long", 413, { method: "POST", isKnown: true, headers: { "content-length": String(33 * 1024 * 1024 + 1) } }],
  ["a Content-Length that is too long for a token request", 413, { method: "POST", path: "/oauth/token", headers: { "content-length": "65537" } }],
];
for (const [what, status, { isKnown, ...asked }] of EARLY) {
  eachWay(`${what} is answered before the body is there, and the connection ends`, async (kit, context) => {
    const { port, bearer } = await serving(context, kit);
    for (const framing of asked.headers?.["content-length"] ? [{}] : [LONG, CHUNKED]) {
      const headers = { ...(isKnown ? bearer() : {}), ...framing, ...asked.headers };
      const answer = await ask(port, { ...asked, headers, unfinished: true });
      assert.deepEqual([answer.status, answer.headers.connection], [status, "close"]);
      assert.ok(JSON.parse(answer.text));
    }
  });
}

eachWay("what is answered early is what a whole request is answered", async (kit, context) => {
  const { port } = await serving(context, kit);
  const early = await ask(port, { method: "POST", headers: { ...JSON_BODY, ...LONG }, unfinished: true });
  const whole = await ask(port, { method: "POST", headers: JSON_BODY, body: JSON.stringify(INPUT) });
  assert.deepEqual([early.status, early.text], [whole.status, whole.text]);
});

eachWay("a client that sends all of a body that is not read gets the answer", async (kit, context) => {
  const { port } = await serving(context, kit);
  for (let time = 0; time < 5; time++) {
    assert.equal((await ask(port, { method: "POST", headers: JSON_BODY, body: Buffer.alloc(8 << 20, 0x20) })).status, 401);
  }
});

eachWay("a fault that fits happens to a request that the tenant would refuse for its head", async (kit, context) => {
  const { port, sandbox } = await serving(context, kit);
  sandbox.fault({ on: { method: "POST" }, times: 2, then: { status: 503 } });
  sandbox.fault({ on: { method: "POST" }, then: { drop: "before" } });
  const body = JSON.stringify(INPUT);
  assert.equal((await ask(port, { method: "POST", headers: JSON_BODY, body })).status, 503);
  assert.deepEqual(sandbox.requests.at(-1).body, INPUT);
  assert.equal((await ask(port, { method: "POST", headers: { ...JSON_BODY, ...LONG }, body: " ".repeat(60_000) })).status, 503);
  await assert.rejects(ask(port, { method: "POST", headers: JSON_BODY, body }));
  assert.equal((await ask(port, { method: "POST", headers: JSON_BODY, body })).status, 401);
});

eachWay("a token request of more than 64 KiB is 413, in a process too", async (kit, context) => {
  const { port, sandbox } = await serving(context, kit);
  const most = GRANT + "&".repeat(65_536 - GRANT.length);
  for (const [body, status] of [[most, 200], [`${most}&`, 413]]) {
    assert.equal((await ask(port, { method: "POST", path: "/oauth/token", headers: FORM, body })).status, status);
    assert.equal((await ask(port, { method: "POST", path: "/oauth/token", headers: { ...FORM, ...CHUNKED }, body })).status, status);
    assert.equal((await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: "POST", headers: FORM, body })).status, status);
  }
});

const gc = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

const used = () => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

eachWay("a body in a chunk for each byte takes its own length in memory, and arrives", async (kit, context) => {
  const { port, sandbox, bearer } = await serving(context, kit);
  const before = used();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const { authorization } = bearer();
  socket.write(`POST ${V1} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const space = Buffer.from("1\r\n \r\n".repeat(100_000));
  for (let blocks = 0; blocks < 10; blocks++) await new Promise((resolve) => socket.write(space, resolve));
  assert.ok(used() - before < 40 << 20, `${(used() - before) >> 20} MiB for a body of 1 MiB`);
  socket.write([...JSON.stringify(INPUT)].map((letter) => `1\r\n${letter}\r\n`).join("") + "0\r\n\r\n");
  const [head] = await new Promise((resolve) => socket.once("data", (data) => resolve(String(data).split("\r\n"))));
  socket.destroy();
  assert.equal(head, "HTTP/1.1 200 OK");
  assert.ok(sandbox.snapshot().integrations.some(({ name }) => name === INPUT.name));
});

eachWay("the record is text of 8 MiB at most, and is parsed when it is read", async (kit) => {
  const sandbox = kit.createSandbox();
  const before = used();
  const body = `[${"{},".repeat(21_800)}{}]`;
  for (let sent = 0; sent < 200; sent++) await sandbox.fetch(`${sandbox.baseUrl}/x${sent}`, { method: "POST", body });
  assert.ok(used() - before < 64 << 20, `${(used() - before) >> 20} MiB`);
  const { requests } = sandbox;
  assert.ok(requests.length < 130 && JSON.stringify(requests).length < 9 << 20);
  assert.equal(requests.at(-1).path, "/x199");
  assert.ok(Object.isFrozen(requests) && requests.every(Object.isFrozen));
  await sandbox.fetch(`${sandbox.baseUrl}/later`);
  assert.equal(requests.at(-1).path, "/x199", "it is a look at one moment");
  assert.equal(sandbox.requests.at(-1).path, "/later");
});

eachWay("a token cannot be computed, unless the clock is given", async (kit, context) => {
  const credentials = { clientId: "ci", clientSecret: "a secret of its own" };
  const { port, sandbox } = await serving(context, kit, { sandbox: { credentials } });
  const since = Date.now();
  sandbox.token();
  const until = Date.now();
  for (let now = since; now <= until; now++) {
    const token = kit.createSandbox({ credentials, now: () => now }).token();
    assert.equal((await ask(port, { headers: { authorization: `Bearer ${token}` } })).status, 401);
  }
  const [first, second] = [0, 1].map(() => kit.createSandbox({ now: () => since }).token());
  assert.equal(first, second);
  assert.notEqual(kit.createSandbox().token(), kit.createSandbox().token());
});

test("a full sandbox says so, reads and deletes, and then makes again", async () => {
  const [kit] = kits;
  const sandbox = kit.createSandbox({ integrations: [] });
  const client = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch, rateLimit: "off" });
  const big = (name) => ({ ...INPUT, name, attributes: { a: "b".repeat(31 << 20) } });
  // No client sends so much.
  const send = async (method, path, body, type = "application/json") => {
    const headers = { authorization: `Bearer ${sandbox.token()}`, "content-type": type };
    const answer = await sandbox.fetch(`${sandbox.baseUrl}${V1}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const made = [];
  for (let number = 0; number < 8; number++) made.push((await send("POST", "", big(`n${number}`))).body);
  const refusedMore = await send("POST", "", big("more"));
  assert.deepEqual([refusedMore.status, /sandbox is full/.test(JSON.stringify(refusedMore.body))], [413, true]);
  const grown = await send("PATCH", `/${made[0].id}`, [{ op: "replace", path: "/description", value: "d".repeat(20 << 20) }], "application/json-patch+json");
  assert.deepEqual([grown.status, /sandbox is full/.test(JSON.stringify(grown.body))], [413, true]);
  const small = { ...INPUT, name: "x".repeat(8_000_000) };
  const full = await client.integrations.create(small).then(() => client.integrations.create({ ...small, name: "y".repeat(8_000_000) })).catch((thrown) => thrown);
  assert.deepEqual([full.status, full.attempts.length], [413, 1]);
  assert.equal((await client.integrations.get(made[0].id)).name, "n0");
  assert.equal((await client.integrations.list({ limit: 1 })).items.length, 1);
  await client.integrations.delete(made[0].id);
  assert.equal((await send("POST", "", big("again"))).status, 200);
  const { name, description, type, attributes } = big("given");
  const given = Array.from({ length: 9 }, (_, number) => ({ name: name + number, description, type, attributes }));
  const refused = thrownBy(() => kit.createSandbox({ integrations: given }));
  assert.ok(refused instanceof kit.ValidationError);
  assert.deepEqual([refused.field, /256 MiB/.test(refused.message)], ["/integrations/8", true]);
  const state = { ...kit.createSandbox({ integrations: [] }).snapshot(), integrations: given };
  assert.equal(thrownBy(() => sandbox.restore(state)).field, "/integrations/8");
  assert.equal((await client.integrations.list({ limit: 1 })).items.length, 1);
});

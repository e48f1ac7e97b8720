// Faults: which requests they happen to, how often, in which order, and what each does, in the process and on the socket.
import assert from "node:assert/strict";

import { eachWay } from "../helpers/kits.mjs";

const V1 = "/service-desk-integrations/v1";
const INPUT = { name: "Acme", description: "d", type: "Generic SDIM", attributes: {} };

/** Each way to reach a tenant: its own fetch, and a port. */
const transports = [
  { name: "in the process", open: async (_kit, sandbox) => ({ base: sandbox.baseUrl, fetch: sandbox.fetch, close: async () => {} }) },
  {
    name: "over a port",
    open: async (kit, sandbox) => {
      const served = await kit.serve(sandbox);
      return { base: served.url, fetch, close: () => served.close() };
    },
  },
];

for (const transport of transports) {
  const each = (name, run) => eachWay(`${name}, ${transport.name}`, async (kit) => {
    const sandbox = kit.createSandbox();
    const { base, fetch, close } = await transport.open(kit, sandbox);
    const token = sandbox.token();
    const ask = async (method, path, body, more = {}) => {
      const response = await fetch(base + path, { method, headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) }, body, redirect: "manual", ...more });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    try {
      await run({ sandbox, ask, base, fetch });
    } finally {
      await close();
    }
  });

  each("a status is answered in the place of the tenant, which does not act", async ({ sandbox, ask }) => {
    sandbox.fault({ then: { status: 503, headers: { "Retry-After": "7", "X-Extra": "yes" }, body: "text" } });
    const count = sandbox.snapshot().integrations.length;
    const { status, headers, text } = await ask("POST", V1, JSON.stringify(INPUT));
    assert.deepEqual([status, headers.get("retry-after"), headers.get("x-extra"), text], [503, "7", "yes", "text"]);
    assert.match(headers.get("slpt-request-id"), /^[0-9a-f]{32}$/);
    assert.equal(sandbox.snapshot().integrations.length, count);
    assert.deepEqual(sandbox.requests.map(({ status: recorded }) => recorded), [503]);
    assert.equal((await ask("GET", V1)).status, 200, "once");
  });

  each("a status without a body has the documented one from 400 on, and none below", async ({ sandbox, ask }) => {
    for (const [status, shape] of [[400, "detailCode"], [401, "error"], [403, "detailCode"], [404, "detailCode"], [429, "message"], [500, "detailCode"]]) {
      sandbox.fault({ then: { status } });
      const answer = await ask("GET", V1);
      assert.equal(answer.status, status);
      assert.ok(shape in JSON.parse(answer.text), answer.text);
    }
    for (const status of [200, 204, 302, 304]) {
      sandbox.fault({ then: { status } });
      const answer = await ask("GET", V1);
      assert.deepEqual([answer.status, answer.text], [status, ""]);
    }
  });

  each("a connection dies before the tenant acted", async ({ sandbox, ask }) => {
    sandbox.fault({ then: { drop: "before" } });
    const count = sandbox.snapshot().integrations.length;
    await assert.rejects(ask("POST", V1, JSON.stringify(INPUT)), TypeError);
    assert.equal(sandbox.snapshot().integrations.length, count);
    assert.deepEqual(sandbox.requests.map(({ status }) => status), [0]);
  });

  each("a connection dies after the tenant acted", async ({ sandbox, ask }) => {
    sandbox.fault({ then: { drop: "after" } });
    const count = sandbox.snapshot().integrations.length;
    await assert.rejects(ask("POST", V1, JSON.stringify(INPUT)), TypeError);
    assert.equal(sandbox.snapshot().integrations.length, count + 1);
  });

  each("a body ends after so many bytes, and the connection with it", async ({ sandbox, base, fetch }) => {
    for (const truncate of [0, 1, 20]) {
      sandbox.fault({ then: { truncate } });
      const headers = { authorization: `Bearer ${sandbox.token()}` };
      const reading = fetch(`${base}${V1}/types`, { headers }).then((response) => response.text());
      await assert.rejects(reading, `${truncate}`);
    }
    sandbox.fault({ then: { truncate: 10_000_000 } });
    const whole = await fetch(`${base}${V1}/types`, { headers: { authorization: `Bearer ${sandbox.token()}` } });
    assert.ok(Array.isArray(await whole.json()), "a body that is shorter is whole");
  });

  each("a body pauses, then goes on", async ({ sandbox, ask }) => {
    sandbox.fault({ then: { stallMs: 40 } });
    const before = performance.now();
    assert.ok(Array.isArray(JSON.parse((await ask("GET", `${V1}/types`)).text)));
    assert.ok(performance.now() - before >= 39);
  });

  each("a body that pauses can be given up", async ({ sandbox, ask }) => {
    sandbox.fault({ then: { stallMs: 60_000 } });
    const before = performance.now();
    await assert.rejects(ask("GET", `${V1}/types`, undefined, { signal: AbortSignal.timeout(50) }));
    assert.ok(performance.now() - before < 10_000);
  });
}

/** What happens to each of some requests, by status. */
async function statuses(kit, faults, requests) {
  const sandbox = kit.createSandbox();
  const headers = { authorization: `Bearer ${sandbox.token()}` };
  for (const fault of faults) sandbox.fault(fault);
  const seen = [];
  for (const [method, path] of requests) seen.push((await sandbox.fetch(sandbox.baseUrl + path, { method, headers })).status);
  return seen;
}

const GET = ["GET", V1];
const TYPES = ["GET", `${V1}/types`];
const DELETE = ["DELETE", `${V1}/nope`];
const TOKEN = ["POST", "/oauth/token?grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-client-secret"];
const then = { status: 418 };

eachWay("a fault happens to every request, token requests too, as often as it says", async (kit) => {
  assert.deepEqual(await statuses(kit, [{ then }], [GET, GET]), [418, 200]);
  assert.deepEqual(await statuses(kit, [{ then, times: 2 }], [TOKEN, GET, GET]), [418, 418, 200]);
});

eachWay("a fault happens to a method, to a part of the path, to both, or to the token endpoint", async (kit) => {
  assert.deepEqual(await statuses(kit, [{ then, on: { method: "DELETE" } }], [GET, DELETE, DELETE]), [200, 418, 404]);
  assert.deepEqual(await statuses(kit, [{ then, on: { method: "delete" } }], [DELETE]), [418]);
  assert.deepEqual(await statuses(kit, [{ then, on: { path: "/types" } }], [GET, TYPES, TYPES]), [200, 418, 200]);
  assert.deepEqual(await statuses(kit, [{ then, on: { method: "DELETE", path: "/types" } }], [DELETE, TYPES]), [404, 200]);
  assert.deepEqual(await statuses(kit, [{ then, on: "token" }], [GET, TOKEN, TOKEN]), [200, 418, 200]);
  assert.deepEqual(await statuses(kit, [{ then, on: {} }], [GET]), [418]);
});

eachWay("faults happen in the order in which they were added, the first that fits", async (kit) => {
  const faults = [{ then: { status: 500 } }, { then: { status: 502 }, on: { path: "/types" } }, { then: { status: 503 }, times: 2 }];
  assert.deepEqual(await statuses(kit, faults, [TYPES, TYPES, GET, TYPES, GET]), [500, 502, 503, 503, 200]);
});

eachWay("a preflight is hit only by a fault that names OPTIONS", async (kit) => {
  const sandbox = kit.createSandbox();
  const preflight = () => sandbox.fetch(sandbox.baseUrl + V1, { method: "OPTIONS", headers: { origin: "http://localhost", "access-control-request-method": "GET" } });
  sandbox.fault({ then });
  assert.equal((await preflight()).status, 204);
  sandbox.fault({ then, on: { method: "OPTIONS" } });
  assert.equal((await preflight()).status, 418);
});

// Every operation under every fault, over real sockets: what comes of the call, what the server saw, and what it did. The
// expected outcomes stand in fault-matrix.mjs.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";

import { cellOf, columns, matrixMarkdown, rows } from "../helpers/fault-matrix.mjs";
import { closedPort, withFaultServer } from "../helpers/fault-server.mjs";
import { INPUT, eachWay, operations } from "../helpers/kits.mjs";

/** The default of four would only make the waits of stalled attempts longer. */
const ATTEMPTS = 2;

/** Long enough for a good answer of a busy machine. */
const STALLED_MS = 500;

const ENDING = /^(\w+Error)(?: after (retries|look-up|renewal))?$/;

/** How many requests a cell stands for. The look-up of a create has a budget of its own. */
function requestsOf(row, often, cell) {
  const [, error, after] = ENDING.exec(cell) ?? [];
  if (after === "look-up") {
    const fails = often === "always" && /after retries$/.test(row.always[0]);
    return 1 + (fails ? ATTEMPTS : 1);
  }
  if (after === "retries") return ATTEMPTS;
  return cell === "works" || (error && !after) ? 1 : 2;
}

/** How many writes a cell stands for: those of the requests that failed, and those of the one that did not. */
function writesOf(row, often, { operation, method }, cell) {
  if (method === "GET") return 0;
  const requests = requestsOf(row, often, cell);
  const failed = often === "once" ? 1 : requests;
  if (method === "POST") return Number(row.acts || ["retried", "renewed"].includes(cell));
  const writes = (row.acts ? failed : 0) + (requests - failed);
  return operation === "deleteServiceDeskIntegration" ? Math.min(1, writes) : writes;
}

function assertHistory(row, attempts, requests) {
  assert.equal(attempts.length, requests, "entries of the history");
  const last = attempts.at(-1);
  assert.deepEqual([last.retryReason, last.waitedMs], [undefined, undefined], "the last entry has no retry");
  for (const attempt of attempts) assert.ok(attempt.startedAtMs > 0 && attempt.durationMs >= 0);
  for (const attempt of attempts.slice(0, -1)) {
    assert.ok(attempt.waitedMs >= 0, `waitedMs: ${attempt.waitedMs}`);
    // Nothing is said of the reason where a create is looked up after a 2xx.
    if (row.reason) assert.equal(attempt.retryReason, row.reason);
  }
}

function assertFailure(kit, row, operation, error, cell) {
  const [, name] = ENDING.exec(cell) ?? assert.fail(`the call failed: ${error}`);
  assert.equal(error.constructor, kit[name], String(error));
  assert.equal(error.operation, operation);
  assert.match(error.url, /^http:.*\/service-desk-integrations\/v1/, "an error has the URL of its request");
  if (name === "TimeoutError") assert.equal(error.limit, "attempt");
  if (name !== "UnknownOutcomeError") return;
  assert.deepEqual([error.code, error.integrationName], ["unknown-outcome", INPUT.name]);
  assert.equal(error.cause?.constructor, kit[row.failure], `the cause is the first failure: ${error.cause}`);
}

/** One cell, with a tenant, a port and a client of its own. */
async function runCell(kit, row, play, often, { operation, method, call }, dead) {
  const cell = cellOf(row, often, operation);
  await withFaultServer(kit, {}, async (server) => {
    const { sandbox } = server;
    const id = sandbox.snapshot().integrations[0].id;
    const before = sandbox.snapshot().integrations.length;
    let refusals = row.refuses ? { once: 1, always: Infinity }[often] : 0;
    const refusing = (request) => {
      if (refusals <= 0) return fetch(request);
      refusals -= 1;
      return fetch(dead, { signal: request.signal });
    };
    const client = new kit.ServiceDeskClient({
      baseUrl: server.url,
      auth: { token: () => sandbox.token() },
      retry: { attempts: ATTEMPTS, baseDelayMs: 0 },
      rateLimit: "off",
      timeoutMs: 60_000,
      attemptTimeoutMs: row.slow ? STALLED_MS : 30_000,
      ...(row.refuses && { fetch: refusing }),
    });
    if (!row.refuses) server.fault(play, { once: 1, always: Infinity }[often]);
    let info;
    let error;
    const result = await call(client, id, { onResponse: (told) => (info = told) }).catch((thrown) => (error = thrown));

    const requests = requestsOf(row, often, cell);
    const [, failure] = ENDING.exec(cell) ?? [];
    if (error || failure) assertFailure(kit, row, operation, error, cell);
    assertHistory(row, (error ?? info).attempts, requests);
    const arrived = { once: requests - Number(row.refuses), always: row.refuses ? 0 : requests }[often];
    assert.equal(server.calls().length, arrived, "requests that arrived");
    assert.equal(server.writes(), writesOf(row, often, { operation, method }, cell), "writes");
    if (method === "POST") {
      const [first, ...more] = server.calls().map((entry) => entry.method);
      assert.ok([undefined, "POST"].includes(first));
      if (!["retried", "renewed"].includes(cell) && !/(retries|renewal)$/.test(cell)) assert.deepEqual([...new Set(more)].join(), more.length ? "GET" : "");
      const after = sandbox.snapshot().integrations;
      assert.equal(after.length, before + server.writes());
      if (cell === "reconciled") assert.deepEqual([result.id, result.name], [after.at(-1).id, INPUT.name]);
    }
    assert.deepEqual(server.seenElsewhere, [], "a redirect was followed");
    assert.ok(server.calls().every(({ path }) => path !== "/redirected"), "a redirect was followed");

    server.heal();
    refusals = 0;
    assert.ok((await client.types.list({ attemptTimeoutMs: 30_000 })).length > 0, "the client works afterwards");
  });
}

for (const row of rows) {
  eachWay(`every operation, when this happens: ${row.what}`, async (kit) => {
    const dead = await closedPort();
    // Both ways run the same core: every operation and variant by one, one of each column by the other.
    const all = kit.way === "import";
    const plays = Object.entries(row.plays).slice(0, all ? undefined : 1);
    const called = operations.filter(({ operation }) => all || Object.values(columns).some(([first]) => first === operation));
    // Where nothing is sent again, once and always are the same.
    const often = String(row.once) === String(row.always) ? ["always"] : ["once", "always"];
    const cells = plays.flatMap(([variant, play]) => often.flatMap((each) => called.map((operation) => ({ variant, play, often: each, operation }))));
    const wrong = [];
    const run = ({ variant, play, often, operation }) => runCell(kit, row, play, often, operation, dead).catch((error) => {
      wrong.push(`${variant} ${often}, ${operation.operation} (${cellOf(row, often, operation.operation)}): ${error.message}`);
    });
    // Bodies of many megabytes at the same time would be a test of memory.
    if (row.huge) for (const cell of cells) await run(cell);
    else await Promise.all(cells.map(run));
    assert.deepEqual(wrong, []);
  });
}

test("the table has a cell for every operation", () => {
  const named = Object.values(columns).flat();
  assert.deepEqual(named.toSorted(), operations.map(({ operation }) => operation).toSorted());
  for (const { what, once, always } of rows) assert.deepEqual([once.length, always.length], [3, 3], what);
  assert.equal(new Set(rows.map(({ what }) => what)).size, rows.length);
});

test("docs/faults.md is what the table prints: node tests/package/helpers/fault-matrix.mjs > docs/faults.md", () => {
  // The tests run from a copy, some folders below the project.
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("docs/faults.md", folder))) {
    const above = new URL("..", folder);
    assert.notEqual(above.href, folder.href, "there is no docs/faults.md above the tests");
    folder = above;
  }
  assert.equal(readFileSync(new URL("docs/faults.md", folder), "utf8"), matrixMarkdown());
});

// Browsers, without a bundler: pages with and without a policy, a module worker, slim, and lost messages.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import { BROWSERS, launch } from "./helpers/browsers.mjs";
import { assertDone, byToken, echoing, site, tenant, zone } from "./helpers/kit.mjs";
import { LOSSES, LOST_ANSWER, assertEnded, losing, reached } from "./helpers/losses.mjs";
import { UNMIXED } from "./users.mjs";
import { bundled } from "./helpers/workers.mjs";

const IMPORT_MAP = { "isc-service-desk": "/dist/index.js", "isc-service-desk/sandbox": "/dist/sandbox.js" };

const policy = (tenantUrl, ...words) =>
  [
    "default-src 'none'",
    ["script-src 'self'", ...words].join(" "),
    "worker-src 'self'",
    `connect-src 'self' ${tenantUrl}`,
    "img-src data:",
  ].join("; ");

/** What the README says of them. */
const SENDS = { Chromium: "twice", Firefox: "twice", WebKit: "once" };

/** What failed, and whether its stack names the function of the page in which it began. */
const STACKS = {
  awaited: ["NotFoundError", true],
  caught: ["NotFoundError", true],
  "one of many": ["NotFoundError", true],
  "after a token": ["TokenError", true],
  "a step": ["ValidationError", true],
  update: ["NotFoundError", true],
  constructor: ["ValidationError", true],
  filter: ["ValidationError", true],
  patch: ["ValidationError", true],
};

/** By a promise of the engine: a page may have another kind of its own, which no driver waits for. */
const OBSERVED = "(async () => ({ report: await globalThis.report, errors: globalThis.errors }))()";

/** An API behind a port, which names who asks, and lets a browser keep its answers for a minute. */
async function keeping(context) {
  const asked = [];
  const server = createServer((request, response) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
    if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
    const { authorization } = request.headers;
    asked.push(authorization);
    response.writeHead(200, { ...headers, "content-type": "application/json", "cache-control": "private, max-age=60" });
    response.end(JSON.stringify([{ type: "t", name: `of ${authorization}`, scriptName: "s" }]));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

for (const name of BROWSERS) {
  describe(name, () => {
    let browser;
    before(async () => {
      browser = await launch(name);
    });
    after(() => browser?.close());

    /** What a page of a site reports; nothing is thrown in it that it does not catch. */
    async function reportOf(url) {
      const { report, errors } = await browser.evaluate(url, OBSERVED);
      assert.deepEqual(errors, []);
      return report ?? assert.fail(`${url} reports nothing`);
    }

    test(`${name}: a page without a bundler does the job`, async (context) => {
      const { sandbox, input } = await tenant(context, byToken);
      const origin = await site(context, { input, importMap: IMPORT_MAP });
      assertDone(await reportOf(`${origin}/whole`), name, sandbox);
    });

    test(`${name}: a page under a strict policy does the job with 'wasm-unsafe-eval'`, async (context) => {
      const { sandbox, input } = await tenant(context, byToken);
      const origin = await site(context, { input, policy: policy(input.baseUrl, "'wasm-unsafe-eval'") });
      assertDone(await reportOf(`${origin}/direct`), name, sandbox);
    });

    test(`${name}: a page whose policy forbids WebAssembly loads, and is told wasm-blocked`, async (context) => {
      const { input } = await tenant(context, byToken);
      const origin = await site(context, { input, policy: policy(input.baseUrl) });
      const blocked = [true, "wasm-blocked", true, "CompileError"];
      assert.deepEqual(await reportOf(`${origin}/blocked`), {
        client: blocked,
        filter: blocked,
        sandbox: blocked,
        slim: blocked,
      });
    });

    test(`${name}: a module worker does the job`, async (context) => {
      const { sandbox, input } = await tenant(context, byToken);
      const origin = await site(context, { input, policy: policy(input.baseUrl, "'wasm-unsafe-eval'") });
      const report = await reportOf(`${origin}/worker-host`);
      assertDone(report, name, sandbox);
      assert.equal(report.isPage, false);
    });

    test(`${name}: slim does the job with WebAssembly that is compiled while it arrives`, async (context) => {
      const { sandbox, input } = await tenant(context, byToken);
      const origin = await site(context, { input, policy: policy(input.baseUrl, "'wasm-unsafe-eval'") });
      const report = await reportOf(`${origin}/slim`);
      assertDone(report, name, sandbox);
      assert.equal(report.streamed, 1);
    });

    test(`${name}: a second user is not given the first one's answer`, async (context) => {
      const { url, asked } = await keeping(context);
      const origin = await site(context, { input: { baseUrl: url } });
      assert.deepEqual(await reportOf(`${origin}/users`), ["of Bearer ann-token", "of Bearer bob-token"]);
      assert.equal(asked.length, 2);
    });

    test(`${name}: members that a page gave every object reach no request`, async (context) => {
      const report = await reportOf(`${await site(context)}/polluted`);
      const own = { credentials: "same-origin", cache: "no-store", referrerPolicy: "", mode: "cors", method: "GET" };
      assert.deepEqual(report, { ...own, rest: [] });
    });

    test(`${name}: of users at the same time each has the token of their own zone`, async (context) => {
      const { input } = await echoing(context);
      // As Angular does it: zone.js sees no await of the engine, so there must be none.
      const { "zones.js": code } = await bundled("zones.mjs", {
        format: "esm",
        alias: { "zone.js": zone },
        external: ["./input.mjs"],
        supported: { "async-await": false },
      });
      const origin = await site(context, { input, bundles: { "pages/zones.mjs": code } });
      assert.deepEqual(await reportOf(`${origin}/zones`), UNMIXED);
    });

    test(`${name}: the stack of each failure names the function of the page`, async (context) => {
      const { input } = await tenant(context, byToken);
      const origin = await site(context, { input });
      const report = await reportOf(`${origin}/stacks`);
      assert.deepEqual(report, STACKS);
    });

    for (const loss of LOSSES) {
      test(`${name}: ${loss.what}`, async (context) => {
        const { sandbox, input } = await losing(context, loss, byToken);
        const origin = await site(context, { input });
        assertEnded(loss, await reportOf(`${origin}/lost`), sandbox);
      });
    }

    test(`${name}: sends a create ${SENDS[name]} where the connection ends without an answer`, async (context) => {
      const { sandbox, input } = await losing(context, LOST_ANSWER, byToken);
      const origin = await site(context, { input });
      assertEnded(LOST_ANSWER, await reportOf(`${origin}/lost`), sandbox);
      assert.equal(reached(sandbox, "POST"), SENDS[name] === "twice" ? 2 : 1);
    });

    test(`${name}: a page is refused client credentials`, async (context) => {
      const origin = await site(context);
      assert.deepEqual(await reportOf(`${origin}/credentials`), ["invalid-argument", "clientSecret"]);
    });
  });
}

// A page of a foreign site, in Chromium: what it can do to a sandbox behind a port of the same machine.
import assert from "node:assert/strict";
import { test } from "node:test";

import { launch } from "./helpers/browsers.mjs";
import { tenant } from "./helpers/kit.mjs";

/** As after DNS rebinding: the page's own name leads to this machine. Without the browser's protection, which others lack. */
const REBOUND = ["--host-resolver-rules=MAP evil.example 127.0.0.1", "--disable-features=LocalNetworkAccessChecks"];

/** Buys a token, lists, and deletes what is listed first; then sends what needs no leave to the machine's own address. */
const attack = (form, own) => `(async () => {
  const statusOf = (path, init) => fetch(path, init).then((answer) => answer.status, (error) => error.name);
  const answer = await fetch("/oauth/token", { method: "POST", body: new URLSearchParams("${form}") });
  const { access_token: token } = await answer.json();
  const headers = { authorization: "Bearer " + token };
  const listed = await fetch("/v3/service-desk-integrations", { headers });
  const all = listed.ok ? await listed.json() : [{ id: "x" }];
  const deleted = await statusOf("/v3/service-desk-integrations/" + all[0].id, { method: "DELETE", headers });
  const blind = { mode: "no-cors" };
  for (let sent = 0; sent < 20; sent++) {
    await statusOf("${own}/oauth/token?${form}", { ...blind, method: "POST" });
    await statusOf("${own}/x" + sent, blind);
  }
  return { token: answer.status, listed: listed.status, deleted, preflighted: await statusOf("${own}/x", { headers }) };
})()`;

test("a rebound page reads nothing, deletes nothing, uses up no fault and leaves no record", async (context) => {
  const { sandbox, input } = await tenant(context);
  const browser = await launch("Chromium", REBOUND);
  context.after(() => browser.close());
  const { clientId, clientSecret } = sandbox.credentials;
  const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
  sandbox.fault({ on: { path: "/x" }, times: 2, then: { status: 418 } });
  const { port } = new URL(input.baseUrl);
  const done = await browser.evaluate(`http://evil.example:${port}/`, attack(form, input.baseUrl));
  assert.deepEqual(done, { token: 421, listed: 421, deleted: 421, preflighted: "TypeError" });
  assert.deepEqual(sandbox.requests, []);
  assert.equal(sandbox.snapshot().integrations.length, 3);
  for (const status of [418, 418, 404]) assert.equal((await fetch(`${input.baseUrl}/x`)).status, status);
});

// The address of a call: which ones are refused before anything is sent, and how an error tells the one that it is about.
import assert from "node:assert/strict";

import { INPUT, INTEGRATION, TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

const AUTH = { token: TOKEN };
const page = (status) => new Response("<!doctype html><title>Sign in</title>", { status, headers: { "content-type": "text/html" } });
const failing = (code, message) => () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(message), { code }) }));

for (const { operation, path, query, call } of operations) {
  eachWay(`each failure of ${operation} has the URL of its request`, async (kit) => {
    for (const respond of [() => json({}, { status: 404 }), () => page(500), () => page(200), () => Response.redirect("https://a.example/", 302), failing("ECONNRESET", "reset")]) {
      const { client, asked, baseUrl } = scripted(kit, respond);
      const url = `${baseUrl}/service-desk-integrations/v1${path("an-id")}${query ? `?${query}` : ""}`;
      const error = await call(client, "an-id").then(() => undefined, (thrown) => thrown);
      // A delete returns nothing, and reads no answer of 200.
      if (error === undefined) continue;
      assert.deepEqual([error.url, asked[0].url], [url, url], String(error));
      assert.equal(JSON.parse(JSON.stringify(error)).url, url);
    }
  });
}

eachWay("a message names the URL, without its query, where the address may be the fault", async (kit) => {
  const list = async (respond) => {
    const { client, baseUrl } = scripted(kit, respond);
    const { message, url } = await failureOf(client.integrations.list({ filters: 'name eq "Acme"' }));
    assert.equal(url, `${baseUrl}/service-desk-integrations/v1?limit=250&filters=name%20eq%20%22Acme%22`);
    const shown = ` (${baseUrl}/service-desk-integrations/v1)`;
    return message.includes(shown) && !message.includes("?limit") && !message.includes("API version");
  };
  const named = [
    () => json({ messages: [{ text: "gone" }] }, { status: 404 }),
    ...[200, 403, 502].map((status) => () => page(status)),
    () => Response.redirect("https://a.example/", 302),
    failing("ENOTFOUND", "getaddrinfo ENOTFOUND acme.example"),
    failing("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
  ];
  for (const respond of named) assert.equal(await list(respond), true, respond);
  for (const respond of [() => json({}, { status: 400 }), () => json({}, { status: 500 }), () => json({}), failing("ECONNRESET", "reset")]) {
    assert.equal(await list(respond), false, respond);
  }
});

eachWay("a failure of the token endpoint has its URL, for each call that waited", async (kit) => {
  for (const respond of [() => json({}, { status: 404 }), () => page(200), () => json({})]) {
    const { client, baseUrl } = scripted(kit, respond, { auth: { clientId: "an id", clientSecret: "a secret" } });
    for (const error of await Promise.all([client.types.list(), client.integrations.list()].map(failureOf))) {
      assert.ok(error instanceof kit.TokenError, String(error));
      assert.equal(error.url, `${baseUrl}/oauth/token`);
      assert.match(error.message, new RegExp(`\\(${baseUrl}/oauth/token\\)`));
    }
  }
});

eachWay("what was not sent has no URL", async (kit) => {
  const { client } = scripted(kit, () => json([]), { auth: { token: () => { throw new Error("no"); } } });
  const errors = [client.types.list(), client.integrations.get(""), client.integrations.create({})].map(failureOf);
  for (const error of await Promise.all(errors)) assert.ok(!("url" in error), String(error));
});

eachWay("an error that came of several calls has a URL, too", async (kit) => {
  let modified = 0;
  const moving = scripted(kit, () => json({ ...INTEGRATION, modified: String((modified += 1)) }));
  const conflict = await failureOf(moving.client.integrations.update("an-id", (now) => ({ ...now, description: "d" })));
  assert.deepEqual([conflict.code, conflict.url], ["edit-conflict", `${moving.baseUrl}/service-desk-integrations/v1/an-id`]);

  const same = scripted(kit, () => json([INTEGRATION], { headers: { "x-total-count": "9" } }));
  const walked = async () => {
    for await (const _ of same.client.integrations.iterate({ limit: 1 }));
  };
  const drift = await failureOf(walked());
  assert.deepEqual([drift.code, drift.url, drift.operation], ["page-drift", `${same.baseUrl}/service-desk-integrations/v1`, "getServiceDeskIntegrations"]);

  const lost = scripted(kit, failing("ECONNRESET", "reset"));
  const unknown = await failureOf(lost.client.integrations.create(INPUT));
  const url = `${lost.baseUrl}/service-desk-integrations/v1`;
  assert.deepEqual([unknown.code, unknown.url, unknown.cause.url], ["unknown-outcome", url, url]);
});

eachWay("no URL of an error or an event shows a secret", async (kit) => {
  const events = [];
  const { client } = scripted(kit, () => json({}, { status: 404 }), { onEvent: (event) => events.push(event) });
  const error = await failureOf(client.integrations.list({ filters: `name eq "${TOKEN}"` }));
  assert.match(error.url, /\[redacted\]/);
  assert.doesNotMatch(JSON.stringify([error, events]) + String(error), new RegExp(TOKEN));
});

eachWay("a URL of SailPoint's that is not the root of the API is refused with the right one", (kit) => {
  const made = (baseUrl) => new kit.ServiceDeskClient({ baseUrl, auth: AUTH });
  for (const [baseUrl, right] of [
    ["https://acme.api.identitynow.com/v3", "https://acme.api.identitynow.com"],
    ["https://acme.api.identitynow-demo.com/beta/", "https://acme.api.identitynow-demo.com"],
    ["https://acme.identitynow.com/ui/a/admin", "https://acme.api.identitynow.com"],
    ["https://acme.login.sailpoint.com", "https://acme.api.identitynow.com"],
    ["https://developer.sailpoint.com/docs/api/v2025", "https://TENANT.api.identitynow.com"],
    [new URL("https://acme.identitynow.com"), "https://acme.api.identitynow.com"],
  ]) {
    const error = thrownBy(() => made(baseUrl));
    assert.ok(error instanceof kit.ValidationError && error.field === "baseUrl", String(error));
    assert.match(error.message, new RegExp(` ${right},`));
  }
  assert.equal(made("https://acme.api.identitynow.com/").baseUrl, "https://acme.api.identitynow.com");
});

eachWay("on other hosts a 404 below a base URL that ends with a version hints at it", async (kit) => {
  const respond = (request) => (new URL(request.url).pathname.endsWith("/types") ? json({}, { status: 404 }) : json([]));
  for (const apiVersion of ["v1", "v3"]) {
    for (const [path, hints] of [["/isc", false], ["/isc/v3", true], ["/beta", true]]) {
      const { client } = scripted(kit, respond, { baseUrl: `https://proxy.example${path}`, apiVersion });
      assert.equal(/API version/.test((await failureOf(client.types.list())).message), hints, path);
      assert.deepEqual((await client.integrations.list()).items, []);
    }
  }
  const { client } = scripted(kit, () => json({}, { status: 404 }), { baseUrl: "https://proxy.example/v3", auth: { clientId: "an id", clientSecret: "a secret" } });
  assert.match((await failureOf(client.types.list())).message, /must baseUrl end before the API version\?/);
});

eachWay("a tenant that is a URL or a host is refused with the options that take it", (kit) => {
  for (const tenant of ["https://acme.api.identitynow.com", "acme.identitynow-demo.com", " acme"]) {
    const error = thrownBy(() => new kit.ServiceDeskClient({ tenant, auth: AUTH }));
    assert.ok(error instanceof kit.ValidationError && error.field === "tenant", String(error));
    assert.match(error.message, /baseUrl.*domain/);
  }
});

eachWay("the JSON of an error is what a support ticket needs, and has its cause's message", async (kit) => {
  const failure = (respond) => failureOf(scripted(kit, respond).client.integrations.create(INPUT));
  const refused = { detailCode: "400.1", trackingId: "e7ea", messages: [{ text: "The name is taken." }], causes: [] };
  const api = JSON.parse(JSON.stringify(await failure(() => json(refused, { status: 400, headers: { "slpt-request-id": "abc", "set-cookie": "session=1" } }))));
  const { name, code, message, operation, status, url, requestId, trackingId, attempts } = api;
  assert.deepEqual([name, code, operation, status, requestId, trackingId, attempts.length], ["BadRequestError", "bad-request", "createServiceDeskIntegration", 400, "abc", "e7ea", 1]);
  assert.ok(message.includes("The name is taken.") && url.endsWith("/service-desk-integrations/v1"));
  assert.deepEqual([api.detailCode, api.messages[0].text, "cause" in api], ["400.1", "The name is taken.", false]);

  const reset = failing("ECONNRESET", `reset with ${TOKEN}`);
  const network = JSON.parse(JSON.stringify(await failureOf(scripted(kit, reset).client.types.list())));
  assert.equal(network.cause, "fetch failed");
  const unknown = JSON.parse(JSON.stringify(await failure(reset)));
  assert.match(unknown.cause, /createServiceDeskIntegration got no answer/);
  assert.doesNotMatch(JSON.stringify([network, unknown]), new RegExp(TOKEN));
});

eachWay("no cause makes the JSON of an error throw", async (kit) => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const throwing = { get message() { throw new Error("no"); } };
  for (const [cause, shown] of [["a text", "a text"], [7, undefined], [null, undefined], [proxy, undefined], [throwing, undefined], [{ message: 7n }, undefined], [Symbol("s"), undefined]]) {
    const error = await failureOf(scripted(kit, () => Promise.reject(cause)).client.types.list());
    const { code, cause: told } = JSON.parse(JSON.stringify(error));
    assert.equal(code, "network");
    if (shown !== undefined) assert.equal(told, shown);
    const auth = { token: () => Promise.reject(cause) };
    const ofToken = await failureOf(scripted(kit, () => json([]), { auth }).client.types.list());
    assert.deepEqual([ofToken.code, "cause" in ofToken.toJSON()], ["token-request-failed", false]);
  }
});

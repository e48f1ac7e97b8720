// A token, a client secret and secret attributes are in nothing that a program prints, serializes, clones or walks.
import assert from "node:assert/strict";
import { inspect } from "node:util";

import { everythingOf, found } from "../helpers/everything.mjs";
import { INPUT, TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf } from "../helpers/kits.mjs";

const SECRET = "s3cr3t-of-the-test";

/** Written down in as many ways as there are places for it. */
const ODD = 's3cr3t of+the/test=&"%41';
const BOUGHT = "b0ught-t0ken.of_the-test~";
const PASSWORD = "hunter2-of-the-test";

/** What a client shows of itself. */
function selfOf(client) {
  const { integrations, types, templates, statusCheck } = client;
  return everythingOf({ client, integrations, types, templates, statusCheck, text: `${client} ${integrations}` });
}

const oauth = () => json({ access_token: BOUGHT, token_type: "bearer", expires_in: 749 });
const isToken = (request) => request.url.endsWith("/oauth/token");
const credentials = { auth: { clientId: "id", clientSecret: SECRET } };

/** Calls a client of credentials, whose API answers with `respond`, and gives all that it shows of the failure. */
async function shownOf(kit, respond, options = {}) {
  const infos = [];
  const { client } = scripted(kit, (request) => (isToken(request) ? oauth() : respond(request)), { ...credentials, ...options });
  const error = await failureOf(client.types.list({ onResponse: (info) => infos.push(info) }));
  assert.ok(kit.isServiceDeskError(error), String(error));
  return { error, text: everythingOf(error) + everythingOf(infos) };
}

eachWay("a client of a token shows none of it, before and after calls", async (kit) => {
  const { client } = scripted(kit, () => json([]));
  assert.deepEqual(found(selfOf(client), TOKEN), []);
  await client.types.list();
  assert.deepEqual(found(selfOf(client), TOKEN), []);
});

eachWay("a client of credentials shows neither the secret nor the token that it bought", async (kit) => {
  const { client, asked } = scripted(kit, (request) => (isToken(request) ? oauth() : json([])), credentials);
  await client.types.list();
  assert.equal(asked[1].headers.authorization, `Bearer ${BOUGHT}`);
  assert.deepEqual(found(selfOf(client), SECRET, BOUGHT), []);
});

eachWay("the secret goes into the body of the token request, and nowhere else", async (kit) => {
  const { client, asked } = scripted(kit, (request) => (isToken(request) ? oauth() : json([])), credentials);
  await client.types.list();
  const [first, second] = asked;
  assert.equal(new URLSearchParams(first.body).get("client_secret"), SECRET);
  assert.deepEqual(found(JSON.stringify([{ ...first, body: "" }, second]), SECRET), []);
});

for (const { operation, call } of operations) {
  eachWay(`${operation}: no failure shows the token`, async (kit) => {
    const ways = [
      () => json({ detailMessage: "no" }, { status: 400 }), () => new Response("x", { status: 502 }), () => json("<html>"), () => Promise.reject(new Error("down")),
      () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }),
    ];
    for (const respond of ways) {
      const { client } = scripted(kit, respond);
      const error = await call(client, "an-id").then(() => undefined, (thrown) => thrown);
      assert.deepEqual(found(everythingOf(error), TOKEN), []);
    }
  });
}

/** Where a server or a proxy may echo what it was sent. */
const echoes = {
  "the text of an error": (text) => json({ messages: [{ text: `you sent ${text}` }], causes: [{ text }] }, { status: 400 }),
  "detailMessage": (text) => json({ detailMessage: `Authorization: Bearer ${text}` }, { status: 403 }),
  "detailCode and trackingId": (text) => json({ detailCode: text, trackingId: text }, { status: 400 }),
  "locale": (text) => json({ messages: [{ locale: text, localeOrigin: text, text }] }, { status: 400 }),
  "the gateway's error": (text) => json({ error: `JWT ${text} is expired` }, { status: 401 }),
  "plain text": (text) => new Response(`GET / HTTP/1.1\nAuthorization: Bearer ${text}\n`, { status: 502 }),
  "a header": (text) => json({}, { status: 500, headers: { "x-echo": encodeURI(text), "www-authenticate": `Bearer ${encodeURI(text)}` } }),
  "the request id": (text) => json({}, { status: 500, headers: { "slpt-request-id": encodeURI(text) } }),
  "the location of a redirect": (text) => new Response(null, { status: 302, headers: { location: `https://elsewhere.example/?t=${encodeURIComponent(text)}` } }),
  "a good answer that is none": (text) => json(`<html>${text}</html>`),
  "a key of a good answer": (text) => json([{ [text]: 1, type: { [text]: text } }]),
  "what fetch throws": (text) => Promise.reject(new Error(`cannot send Bearer ${text}`)),
};

for (const [where, respond] of Object.entries(echoes)) {
  eachWay(`a token that is echoed in ${where} is not shown`, async (kit) => {
    const { error, text } = await shownOf(kit, () => respond(BOUGHT));
    // What fetch threw is the caller's own value: it is handed on as it is.
    const ours = where === "what fetch throws" ? error.message + JSON.stringify(error) : text;
    assert.deepEqual(found(ours, BOUGHT), []);
  });

  eachWay(`a client secret that is echoed in ${where} is not shown`, async (kit) => {
    const { error, text } = await shownOf(kit, () => respond(SECRET));
    const ours = where === "what fetch throws" ? error.message + JSON.stringify(error) : text;
    assert.deepEqual(found(ours, SECRET), []);
  });

  eachWay(`a token of a function that is echoed in ${where} is not shown`, async (kit) => {
    const { error, text } = await shownOf(kit, () => respond(BOUGHT), { auth: { token: async () => BOUGHT } });
    const ours = where === "what fetch throws" ? error.message + JSON.stringify(error) : text;
    assert.deepEqual(found(ours, BOUGHT), []);
  });
}

eachWay("a secret that is echoed as it was written for its place is not shown", async (kit) => {
  const auth = { clientId: "id", clientSecret: ODD };
  const shown = [];
  for (const [where, respond] of Object.entries(echoes)) {
    if (where === "what fetch throws") continue;
    const { text } = await shownOf(kit, () => respond(ODD), { auth });
    if (found(text, ODD).length > 0) shown.push(where);
  }
  for (const body of [new URLSearchParams({ client_secret: ODD }).toString(), JSON.stringify({ client_secret: ODD }), encodeURIComponent(ODD)]) {
    const { client } = scripted(kit, () => new Response(body, { status: 400 }), { auth });
    if (found(everythingOf(await failureOf(client.types.list())), ODD).length > 0) shown.push(body);
  }
  assert.deepEqual(shown, []);
});

eachWay("a token that is echoed as it was written for its place is not shown", async (kit) => {
  const token = 'odd/t0ken+of=the"test\\~';
  const shown = [];
  for (const written of [JSON.stringify(token), JSON.stringify(token).replaceAll("/", "\\/"), `"${encodeURIComponent(token)}"`]) {
    const { client } = scripted(kit, () => json(`{"messages":[{"text":${written}}],"detailCode":${written}}`, { status: 400 }), { auth: { token } });
    if (found(everythingOf(await failureOf(client.types.list())), token).length > 0) shown.push(written);
  }
  assert.deepEqual(shown, []);
});

/** What a token endpoint may answer with the secret in it. */
const tokenEchoes = {
  "error_description": () => json({ error: "invalid_client", error_description: `Bad credentials: ${SECRET}` }, { status: 401 }),
  "error": () => json({ error: SECRET }, { status: 400 }),
  "the form that was sent": () => json({ error: "invalid_request", error_description: new URLSearchParams({ client_secret: SECRET }).toString() }, { status: 400 }),
  "plain text": () => new Response(`client_secret=${encodeURIComponent(SECRET)}`, { status: 500 }),
  "a page": () => new Response(`<html>${SECRET}</html>`, { status: 200 }),
  "a header": () => new Response("", { status: 500, headers: { "x-echo": encodeURIComponent(SECRET) } }),
  "a redirect": () => new Response(null, { status: 302, headers: { location: `https://elsewhere.example/?${new URLSearchParams({ client_secret: SECRET })}` } }),
  "a token that no header can carry": () => json({ access_token: `${BOUGHT}\n`, token_type: "bearer", expires_in: 749 }),
  "a token of a kind that is not known": () => json({ access_token: BOUGHT, token_type: BOUGHT, expires_in: 749 }),
  "what fetch throws": () => Promise.reject(new Error(`cannot send ${SECRET}`)),
};

for (const [where, respond] of Object.entries(tokenEchoes)) {
  eachWay(`a secret that the token endpoint echoes in ${where} is not shown`, async (kit) => {
    const infos = [];
    const { client } = scripted(kit, respond, credentials);
    const error = await failureOf(client.types.list({ onResponse: (info) => infos.push(info) }));
    assert.ok(kit.isServiceDeskError(error), String(error));
    const ours = where === "what fetch throws" ? error.message + JSON.stringify(error) : everythingOf(error) + everythingOf(infos);
    assert.deepEqual(found(ours, SECRET, BOUGHT), []);
  });
}

eachWay("what a token function throws is the cause, and no part of the message", async (kit) => {
  const cause = new Error(`login as ${SECRET} failed`);
  const { client } = scripted(kit, () => json([]), { auth: { token: () => Promise.reject(cause) } });
  const error = await failureOf(client.types.list());
  assert.equal(error.cause, cause);
  assert.deepEqual(found(error.message + JSON.stringify(error), SECRET), []);
});

eachWay("an echo is not shown in what onResponse is told", async (kit) => {
  let info;
  const headers = { "x-echo": `Bearer ${BOUGHT}`, "set-cookie": `session=${BOUGHT}` };
  const { client } = scripted(kit, (request) => (isToken(request) ? oauth() : json([], { headers })), credentials);
  await client.types.list({ onResponse: (told) => (info = told) });
  assert.equal(info.status, 200);
  assert.deepEqual(found(everythingOf(info), BOUGHT), []);
});

eachWay("secret attributes that a server echoes are in no error", async (kit) => {
  const attributes = {
    password: `${PASSWORD}-1`, apiToken: `${PASSWORD}-2`, nested: { client_secret: `${PASSWORD}-3`, list: [{ privateKey: `${PASSWORD}-4` }] },
    encrypted: "pin", pin: `${PASSWORD}-5`,
  };
  for (const respond of [
    (body) => json({ detailMessage: `cannot take ${body}` }, { status: 400 }),
    (body) => json({ messages: [{ text: `the password ${PASSWORD}-1 is too short` }], causes: [{ text: body }] }, { status: 400 }),
    (body) => new Response(body, { status: 502 }),
    (body) => json({}, { status: 500, headers: { "x-echo": encodeURIComponent(body) } }),
  ]) {
    const body = JSON.stringify({ ...INPUT, attributes });
    const { client } = scripted(kit, () => respond(body));
    const error = await failureOf(client.integrations.replace("an-id", { ...INPUT, attributes }));
    assert.deepEqual([1, 2, 3, 4, 5].filter((number) => everythingOf(error).includes(`${PASSWORD}-${number}`)), []);
  }
});

eachWay("secret attributes that a patch sends and a server echoes are in no error", async (kit) => {
  const operations = [
    { op: "replace", path: "/attributes/password", value: `${PASSWORD}-1` },
    { op: "replace", path: "/attributes/tokens/0", value: { list: [`${PASSWORD}-2`] } },
    { op: "replace", path: "/attributes", value: { apiKey: `${PASSWORD}-3` } },
  ];
  const { client } = scripted(kit, () => json({ detailMessage: `cannot take ${JSON.stringify(operations)}` }, { status: 400 }));
  const text = everythingOf(await failureOf(client.integrations.patch("an-id", operations)));
  assert.deepEqual([1, 2, 3].filter((number) => text.includes(`${PASSWORD}-${number}`)), []);
  assert.match(text, /\[redacted\]/);
});

eachWay("secret attributes are in no error of a patch or of a bad answer", async (kit) => {
  const { client } = scripted(kit, () => json({ id: "a", name: 7, type: "t", attributes: { password: PASSWORD } }));
  const operations = [{ op: "replace", path: "/attributes/password", value: PASSWORD }];
  assert.deepEqual(found(everythingOf(await failureOf(client.integrations.patch("an-id", operations))), PASSWORD), []);
  const wrong = [{ op: "replace", path: "/attributes/password", value: PASSWORD, from: PASSWORD }, { op: PASSWORD, path: PASSWORD, value: PASSWORD }];
  for (const one of wrong) {
    const error = await failureOf(client.integrations.patch("an-id", [one]));
    assert.ok(error instanceof kit.ValidationError);
  }
});

eachWay("a tenant's record holds no token, no client secret and no secret attribute", async (kit) => {
  const clientSecret = SECRET;
  const { sandbox, client } = tenantOf(kit, { sandbox: { credentials: { clientId: "id", clientSecret } } });
  const attributes = { url: "https://a.example", password: PASSWORD, nested: { refresh_token: PASSWORD }, encrypted: "pin", pin: PASSWORD };
  const made = await client.integrations.create({ ...INPUT, attributes });
  await client.integrations.patch(made.id, [{ op: "replace", path: "/attributes/password", value: PASSWORD }]);
  await client.integrations.replace(made.id, { ...INPUT, attributes });
  await client.integrations.list({ filters: 'name eq "x"' });
  const authorized = sandbox.token();
  await sandbox.fetch(`${sandbox.baseUrl}/service-desk-integrations/v1?access_token=${authorized}`, { headers: { authorization: `Bearer ${authorized}` } });
  await sandbox.fetch(`${sandbox.baseUrl}/oauth/token?grant_type=client_credentials&client_id=id&client_secret=${encodeURIComponent(clientSecret)}`, { method: "POST" });
  const text = everythingOf(sandbox.requests);
  assert.deepEqual(found(text, SECRET, PASSWORD, authorized), []);
  assert.match(text, /\[redacted\]/);
  assert.equal(sandbox.requests.length, 7);
});

eachWay("secret attributes never come back in clear", async (kit) => {
  for (const secrets of ["ciphertext", "masked", "omitted"]) {
    const { client } = tenantOf(kit, { sandbox: { behaviour: { secrets } } });
    const attributes = { url: "https://a.example", password: PASSWORD };
    const made = await client.integrations.create({ ...INPUT, attributes });
    const read = [made, await client.integrations.get(made.id), ...(await client.integrations.list()).items];
    assert.deepEqual(found(everythingOf(read), PASSWORD), []);
    assert.equal(made.attributes.url, "https://a.example");
  }
});

eachWay("a cause that would print a secret is not the cause, however it prints it", async (kit) => {
  class Echo extends Error {
    #request;
    constructor(request) {
      super("of the fetch");
      this.#request = request;
    }
    toJSON() {
      return { authorization: this.#request.headers.get("authorization") };
    }
  }
  for (const make of [(request) => new Echo(request), (request) => Object.assign(new Error("own"), { toString: () => request.headers.get("authorization") })]) {
    const { client } = scripted(kit, (request) => Promise.reject(make(request)));
    const { cause } = await failureOf(client.types.list());
    for (const shown of [JSON.stringify(cause), String(cause), inspect(cause)]) assert.doesNotMatch(shown, new RegExp(TOKEN));
  }
});

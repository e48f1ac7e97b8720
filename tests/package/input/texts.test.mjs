// What becomes of a server's own words: secrets that it writes in another way are hidden, what is not seen is an escape.
import assert from "node:assert/strict";
import { inspect } from "node:util";

import { INPUT, eachWay, failureOf, json, scripted } from "../helpers/kits.mjs";

const SECRET = 'Pa&ss"word<1>é/+%';

/** All that a log, a terminal or a debugger would show of it. */
const everythingOf = (value) => `${value?.message} ${value?.stack} ${JSON.stringify(value)} ${inspect(value, { depth: 9, showHidden: true })}`;

const bytes = (text) => [...Buffer.from(text)];
const html = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Ways in which proxies, gateways and frameworks write what they were sent. */
const WAYS = {
  "in upper case": SECRET.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  "in HTML, by names": SECRET.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  "in HTML, by numbers": [...SECRET].map((character) => `&#x${character.codePointAt(0).toString(16)};`).join(""),
  "in Base64": Buffer.from(SECRET).toString("base64"),
  "in Base64 of URLs": Buffer.from(SECRET).toString("base64url"),
  "as Basic credentials": `Basic ${Buffer.from(`the-client:${SECRET}`).toString("base64")}`,
  "in hexadecimal digits": Buffer.from(SECRET).toString("hex"),
  "in upper hexadecimal digits": Buffer.from(SECRET).toString("hex").toUpperCase(),
  "with every character percent-encoded": bytes(SECRET).map((byte) => `%${byte.toString(16)}`).join(""),
  "percent-encoded twice": encodeURIComponent(encodeURIComponent(SECRET)),
  "with every character as an escape of JSON": [...SECRET].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  "in HTML in JSON": JSON.stringify(html(SECRET)),
};

/** Half of the secret in any way: no echo may leave so much. */
const parts = Object.values(WAYS).flatMap((written) => [written.slice(0, Math.ceil(written.length / 2)), written.slice(-Math.ceil(written.length / 2))]);

for (const [how, written] of Object.entries(WAYS)) {
  eachWay(`a client secret that is echoed ${how} is not shown`, async (kit) => {
    for (const respond of [
      () => json({ error: "invalid_client", error_description: `no: ${written}` }, { status: 401 }),
      () => new Response(`<html>${written}</html>`, { status: 502 }),
      () => json({ detailCode: written, trackingId: written, messages: [{ text: written }] }, { status: 400, headers: { "x-echo": written.replace(/[^\x20-\x7e]/g, "") } }),
      () => Promise.reject(new TypeError(`cannot send ${written}`)),
    ]) {
      const { client } = scripted(kit, respond, { auth: { clientId: "the-client", clientSecret: SECRET } });
      const shown = everythingOf(await failureOf(client.types.list()));
      assert.deepEqual(parts.filter((part) => part.length > 8 && shown.includes(part)), []);
    }
  });
}

eachWay("a thousand secret attributes and a long answer that all of them begin like", async (kit) => {
  const attributes = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`password${at}`, `secret-value-${at}`]));
  const { client } = scripted(kit, () => json({ detailCode: "secret-value-".repeat(50_000), trackingId: "SECRET-VALUE-999!" }, { status: 400 }));
  const error = await failureOf(client.integrations.create({ ...INPUT, attributes }));
  assert.equal(error.detailCode.length, 650_000);
  assert.equal(error.trackingId, "[redacted]!");
});

/** Turned direction, a line and a paragraph of Unicode, a control sequence of terminals, a mark of byte order, tags. */
const UNSEEN = "\u202egnp.exe\u2028new\u2029line\u009b31m\u001b[2J\ufeff\u{e0041}\r\nx";
const SHOWN = "\\u{202e}gnp.exe\\u{2028}new\\u{2029}line\\u{9b}31m\\u{1b}[2J\\u{feff}\\u{e0041}\\r\\nx";

eachWay("control and format characters of an answer are escapes wherever they are told", async (kit) => {
  const infos = [];
  const body = { detailCode: UNSEEN, trackingId: UNSEEN, messages: [{ text: UNSEEN, locale: UNSEEN }], causes: [UNSEEN] };
  const { client } = scripted(kit, () => json(body, { status: 400, headers: { "slpt-request-id": "a\u009b31m\tb", "x-evil": "\u0085" } }));
  const error = await failureOf(client.types.list({ onResponse: (info) => infos.push(info) }));
  assert.equal(error.message, `400 from getServiceDeskIntegrationTypes: ${SHOWN}`);
  assert.deepEqual([error.detailCode, error.trackingId, error.causes[0].text], [SHOWN, SHOWN, SHOWN]);
  assert.deepEqual(error.messages, [{ text: SHOWN, locale: SHOWN }]);
  assert.deepEqual([error.requestId, error.headers["x-evil"]], ["a\\u{9b}31m\\tb", "\\u{85}"]);
  assert.deepEqual([infos[0].requestId, error.attempts[0].requestId], [error.requestId, error.requestId]);
  assert.doesNotMatch(everythingOf(error), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e\ufeff]/);
});

eachWay("words that a person reads stay as they are", async (kit) => {
  for (const text of ["Größe ≤ 3 µm", "名前は必須です", "نام\u200cکاربری", "👩\u200d🔧 is busy"]) {
    const { client } = scripted(kit, () => json({ messages: [{ text }] }, { status: 400 }));
    assert.equal((await failureOf(client.types.list())).messages[0].text, text);
  }
});

eachWay("the token endpoint's words and a redirect's location are escaped, too", async (kit) => {
  const auth = { clientId: "the-client", clientSecret: SECRET };
  const token = await failureOf(scripted(kit, () => json({ error: " a\u0007", error_description: UNSEEN }, { status: 400 }), { auth }).client.types.list());
  assert.deepEqual([token.oauthError, token.oauthDescription], ["a", SHOWN]);
  const redirect = await failureOf(scripted(kit, () => new Response(null, { status: 302, headers: { location: "/\u009b" } })).client.types.list());
  assert.equal(redirect.location, "/\\u{9b}");
});

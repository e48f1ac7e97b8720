// Which hosts a client takes: only those that the platform's own URL leaves as they are written.
import assert from "node:assert/strict";

import { eachWay, scripted, thrownBy } from "../helpers/kits.mjs";

const TOKEN = Object.freeze({ token: "t0ken-of-the-test" });

/** The URL standard makes another host of each: `0127.0.0.1` is 87.0.0.1. */
const REWRITTEN = [
  ...["0127.0.0.1", "00127.0.0.1", "127.000.000.001", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f.1", "0x7f000001", "0X7F.0.0.1"],
  ...["1.2.3", "1.2.3.4.", "1.2.3.4.5", "a.0x10", "a.0x", "a.1", "256.0.0.1", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::0001]"],
];

/** A generator of numbers below a bound that a seed decides (xorshift). */
function numbers(seed) {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const LABELS = ["127", "0127", "0", "00", "1", "256", "0x7f", "0X10", "0x", "0xg", "a", "A9", "a-b", "localhost", "example", "08", "2130706433", "[::1]", "", "-"];
const PORTS = ["", "", ":443", ":80", ":0443", ":1", ":65535", ":65536", ":0", ":+80", ":"];

/** Some 20 000 hosts, of which more than 1 000 are taken. */
function* spellings() {
  const below = numbers(0x15c);
  for (let at = 0; at < 20_000; at++) {
    const labels = Array.from({ length: 1 + below(4) }, () => LABELS[below(LABELS.length)]);
    yield `${below(2) ? "https" : "http"}://${labels.join(".")}${below(8) ? "" : "."}${PORTS[below(PORTS.length)]}`;
  }
}

eachWay("a host that the platform writes in another way is refused, over http and https, in baseUrl and tokenUrl", (kit) => {
  for (const host of REWRITTEN) {
    for (const url of [`http://${host}`, `https://${host}:8443/path`]) {
      const base = thrownBy(() => new kit.ServiceDeskClient({ baseUrl: url, auth: TOKEN }));
      assert.deepEqual([base.code, base.field], ["invalid-argument", "baseUrl"], url);
      const auth = { clientId: "id", clientSecret: "top-secret", tokenUrl: url };
      const token = thrownBy(() => new kit.ServiceDeskClient({ baseUrl: "https://a.example", auth }));
      assert.deepEqual([token.code, token.field], ["invalid-argument", "tokenUrl"], url);
    }
  }
});

eachWay("a tenant's domain is held to the same", (kit) => {
  for (const domain of ["a.1", "a.0x10", "127.1", "a.example."]) {
    assert.equal(thrownBy(() => new kit.ServiceDeskClient({ tenant: "acme", domain, auth: TOKEN })).field, "domain", domain);
  }
});

eachWay("of every host that is taken, the platform says what the client says", (kit) => {
  let taken = 0;
  for (const baseUrl of spellings()) {
    let client;
    try {
      client = new kit.ServiceDeskClient({ baseUrl, auth: TOKEN });
    } catch (error) {
      assert.equal(error.field, "baseUrl", baseUrl);
      continue;
    }
    taken += 1;
    const { origin, host } = new URL(baseUrl);
    assert.equal(client.baseUrl, origin, baseUrl);
    assert.equal(client.baseUrl.replace(/^https?:\/\//, ""), host);
  }
  assert.ok(taken > 1_000, `${taken} were taken`);
});

eachWay("a request goes to the host that the client says", async (kit) => {
  for (const baseUrl of ["https://A.example:443/p/", "http://LOCALHOST:0080", "http://127.0.0.9:8080", "http://[::1]:80/x"]) {
    const { client, asked } = scripted(kit, () => new Response("[]"), { baseUrl });
    await client.types.list();
    assert.ok(asked[0].url.startsWith(`${client.baseUrl}/`), `${asked[0].url} is below ${client.baseUrl}`);
    assert.equal(new URL(asked[0].url).host, new URL(baseUrl).host);
  }
});

// The sandbox behind a port: how it listens and lets go, and that any client in any language can talk to it.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";

import { eachWay, failureOf, kits } from "../helpers/kits.mjs";

const V1 = "/service-desk-integrations/v1";

eachWay("a free port is picked, of loopback, and the URL says which", async (kit) => {
  const served = await kit.serve(kit.createSandbox());
  try {
    assert.ok(Number.isInteger(served.port) && served.port > 0);
    assert.equal(served.url, `http://127.0.0.1:${served.port}`);
    assert.equal((await fetch(`${served.url}/nope`)).status, 404);
  } finally {
    await served.close();
  }
});

eachWay("a port that is asked for is taken, and a taken one is an error with its code", async (kit) => {
  // At an address of its own, so that no other test takes the port meanwhile.
  const host = "127.0.0.78";
  const first = await kit.serve(kit.createSandbox(), { host });
  try {
    const error = await failureOf(kit.serve(kit.createSandbox(), { host, port: first.port }));
    assert.equal(error.code, "EADDRINUSE");
    assert.equal(error.cause.code, "EADDRINUSE");
    assert.match(error.message, new RegExp(String(first.port)));
  } finally {
    await first.close();
  }
  const again = await kit.serve(kit.createSandbox(), { host, port: first.port });
  assert.equal(again.port, first.port);
  await again.close();
});

eachWay("a host may be given, and the URL is one to connect to", async (kit) => {
  for (const host of ["127.0.0.1", "localhost", "0.0.0.0"]) {
    const served = await kit.serve(kit.createSandbox(), { host });
    try {
      assert.equal((await fetch(`${served.url}/nope`)).status, 404);
    } finally {
      await served.close();
    }
  }
});

eachWay("close ends every connection, kept-alive and half-open ones too, and may be called twice", async (kit) => {
  const served = await kit.serve(kit.createSandbox());
  await (await fetch(`${served.url}/nope`)).text();
  const half = connect(served.port, "127.0.0.1");
  await new Promise((resolve) => half.once("connect", resolve));
  half.on("error", () => {});
  half.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  const ended = new Promise((resolve) => half.once("close", resolve));
  await Promise.all([served.close(), served.close()]);
  await ended;
  await assert.rejects(fetch(served.url), TypeError);
  await served.close();
});

eachWay("one sandbox may be served twice, while its fetch goes on answering", async (kit) => {
  const sandbox = kit.createSandbox();
  const [first, second] = [await kit.serve(sandbox), await kit.serve(sandbox)];
  try {
    const headers = { authorization: `Bearer ${sandbox.token()}` };
    for (const ask of [fetch(first.url + V1, { headers }), fetch(second.url + V1, { headers }), sandbox.fetch(sandbox.baseUrl + V1, { headers })]) {
      assert.equal((await ask).status, 200);
    }
    assert.equal(sandbox.requests.length, 3);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

eachWay("the sandbox of one copy of the package can be served by another", async (kit) => {
  for (const other of kits) {
    const served = await other.serve(kit.createSandbox());
    assert.equal((await fetch(`${served.url}/nope`)).status, 404);
    await served.close();
  }
});

/** A request by node:http, as clients that are no fetch send it. */
function raw(port, options, body = "") {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", ...options }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

eachWay("a foreign client gets a token, makes and deletes an integration", async (kit) => {
  const sandbox = kit.createSandbox();
  const served = await kit.serve(sandbox);
  try {
    const { clientId, clientSecret } = sandbox.credentials;
    const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
    const token = await raw(served.port, { method: "POST", path: "/oauth/token", headers: { "Content-Type": "application/x-www-form-urlencoded" } }, form);
    const headers = { AUTHORIZATION: `bearer ${JSON.parse(token.text).access_token}`, "Content-Type": "application/json; charset=utf-8" };
    const made = await raw(served.port, { method: "POST", path: V1, headers }, JSON.stringify({ name: "ü", description: "", type: "Generic SDIM", attributes: {} }));
    assert.equal(made.status, 200);
    assert.equal(Number(made.headers["content-length"]), Buffer.byteLength(made.text));
    const gone = await raw(served.port, { method: "DELETE", path: `${V1}/${JSON.parse(made.text).id}`, headers });
    assert.deepEqual([gone.status, gone.text], [204, ""]);
  } finally {
    await served.close();
  }
});

eachWay("what is no HTTP leaves the server standing", async (kit) => {
  const served = await kit.serve(kit.createSandbox());
  try {
    for (const bytes of ["nonsense\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET //evil HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]) {
      const socket = connect(served.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(bytes);
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    assert.equal((await fetch(`${served.url}/nope`)).status, 404);
  } finally {
    await served.close();
  }
});

eachWay("a body that is too long is 413, and the server stands", async (kit) => {
  const sandbox = kit.createSandbox();
  const served = await kit.serve(sandbox);
  try {
    const headers = { authorization: `Bearer ${sandbox.token()}`, "content-type": "application/json" };
    const { status } = await raw(served.port, { method: "POST", path: V1, headers }, Buffer.alloc(33 * 1024 * 1024 + 1, 0x20));
    assert.equal(status, 413);
    assert.equal((await fetch(served.url + V1, { headers })).status, 200);
  } finally {
    await served.close();
  }
});

eachWay("a hundred requests at once are all answered", async (kit) => {
  const sandbox = kit.createSandbox({ latencyMs: 5 });
  const served = await kit.serve(sandbox);
  try {
    const headers = { authorization: `Bearer ${sandbox.token()}` };
    const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(served.url + V1, { headers }).then((answer) => answer.json())));
    assert.ok(answers.every((items) => items.length === 10));
  } finally {
    await served.close();
  }
});

// What a server answers with an error, a redirect or not at all, and what becomes of it.
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf } from "../helpers/kits.mjs";

const LIST = { on: { method: "GET" }, times: 10 };

/** Status, class and code. */
const statuses = [
  [400, "BadRequestError", "bad-request"],
  [401, "UnauthorizedError", "unauthorized"],
  [403, "ForbiddenError", "forbidden"],
  [404, "NotFoundError", "not-found"],
  [409, "ConflictError", "conflict"],
  [429, "RateLimitError", "rate-limited"],
  [500, "ServerError", "server-error"],
  [501, "ServerError", "server-error"],
  [502, "ServerError", "server-error"],
  [503, "ServerError", "server-error"],
  [504, "ServerError", "server-error"],
  [599, "ServerError", "server-error"],
  ...[402, 405, 406, 408, 410, 412, 415, 418, 422, 425, 451, 499].map((status) => [status, "ApiError", "unexpected-status"]),
];

for (const [status, name, code] of statuses) {
  eachWay(`${status} is ${name} with the code ${code}`, async (kit) => {
    const { sandbox, client } = tenantOf(kit);
    sandbox.fault({ ...LIST, then: { status, headers: { "X-Extra": "of the server" } } });
    const error = await failureOf(client.integrations.list());
    assert.equal(error.constructor, kit[name]);
    assert.deepEqual([error.name, error.code, error.status], [name, code, status]);
    assert.equal(error.operation, "getServiceDeskIntegrations");
    assert.ok(error instanceof kit.ApiError && error instanceof kit.ServiceDeskError && error instanceof Error);
    assert.match(error.requestId, /^[0-9a-f]{32}$/);
    assert.equal(error.headers["slpt-request-id"], error.requestId);
    assert.equal(error.headers["x-extra"], "of the server");
    assert.deepEqual(Object.keys(error.headers).filter((key) => key !== key.toLowerCase()), []);
    const last = error.attempts.at(-1);
    assert.deepEqual([last.status, last.requestId], [status, error.requestId]);
    assert.ok(Math.abs(last.startedAtMs - Date.now()) < 60_000 && last.durationMs >= 0);
    assert.match(error.message, new RegExp(String(status)));
    assert.ok(String(error).startsWith(`${name}: `));
    assert.equal(error.retryAfterMs, undefined);
  });
}

for (const { operation, call } of operations) {
  eachWay(`an error of ${operation} names it, in every version`, async (kit) => {
    for (const apiVersion of ["v1", "v3", "beta"]) {
      const { client } = scripted(kit, () => json({ detailMessage: "no" }, { status: 400 }), { apiVersion });
      const error = await failureOf(call(client, "an-id"));
      assert.ok(error instanceof kit.BadRequestError);
      assert.equal(error.operation, operation);
    }
  });
}

/** Bodies of errors that are documented or seen, and the text that must be in the message. */
const bodies = [
  ["the documented body", {
    detailCode: "400.1 Bad Request Content", trackingId: "e7eab60924f64aa284175b9fa3309599",
    messages: [{ locale: "en-US", localeOrigin: "DEFAULT", text: "The name is taken." }],
    causes: [{ locale: "en-US", localeOrigin: "REQUEST", text: "Names are unique." }],
  }, "The name is taken."],
  ["causes without messages", { detailCode: "400.0", causes: [{ text: "Names are unique." }] }, "Names are unique."],
  ["nulls for what is not known", { detailCode: null, trackingId: null, messages: null, causes: [{ locale: null, localeOrigin: null, text: "Only a cause." }] }, "Only a cause."],
  ["the gateway's error", { error: "JWT validation failed: JWT is expired" }, "JWT validation failed: JWT is expired"],
  ["the error of OAuth", { error: "invalid_scope", error_description: "The scope is too narrow." }, "The scope is too narrow."],
  ["the gateway's message", { message: " Rate Limit Exceeded " }, "Rate Limit Exceeded"],
  ["detailMessage", { detailMessage: "Application template for ServiceNowSDIM integration was not found." }, "Application template for ServiceNowSDIM integration was not found."],
  ["formatted_msg", { formatted_msg: "Of another service." }, "Of another service."],
  ["errorMessage", { errorMessage: "Of a third service." }, "Of a third service."],
  ["plain text", "upstream connect error", "upstream connect error", "text/plain"],
  ["an HTML page", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "HTML", "text/html"],
  ["nothing", "", "400"],
  ["cut JSON", '{"messages":[{"text":"The na', "400"],
  ["JSON of no known shape", [1, 2, { a: null }], "400"],
  ["null", "null", "400"],
  ["known fields of other types", { messages: "text", causes: 7, error: {}, message: [], detailCode: 7, trackingId: {} }, "400"],
  ["messages that hold anything", { messages: [null, 7, {}, { text: 7 }, { text: "The fifth one." }] }, "The fifth one."],
];

for (const [what, body, text, type = "application/json"] of bodies) {
  eachWay(`${what} ends in a useful message`, async (kit) => {
    const { sandbox, client } = tenantOf(kit);
    const raw = typeof body === "string" ? body : JSON.stringify(body);
    sandbox.fault({ ...LIST, then: { status: 400, headers: { "content-type": type }, body: raw } });
    const error = await failureOf(client.types.list());
    assert.ok(error instanceof kit.BadRequestError);
    assert.ok(error.message.includes(text), error.message);
    assert.ok(Array.isArray(error.messages) && Array.isArray(error.causes));
    for (const each of [...error.messages, ...error.causes]) assert.ok(["string", "undefined"].includes(typeof each.text));
    for (const field of ["detailCode", "trackingId"]) assert.ok(["string", "undefined"].includes(typeof error[field]), field);
  });
}

eachWay("an error has the fields of the documented body", async (kit) => {
  const [, body] = bodies[0];
  const { client } = scripted(kit, () => json(body, { status: 400 }));
  const { detailCode, trackingId, messages, causes } = await failureOf(client.types.list());
  assert.deepEqual({ detailCode, trackingId, messages, causes }, body);
});

eachWay("a server's text does not make the message longer than a log takes", async (kit) => {
  const { client } = scripted(kit, () => json({ message: `first ${"x".repeat(500_000)}` }, { status: 400 }));
  const { message } = await failureOf(client.types.list());
  assert.ok(message.includes("first") && message.length < 10_000, `${message.length} characters`);
});

eachWay("a server's text breaks no line of a log and sends nothing to a terminal", async (kit) => {
  const { client } = scripted(kit, () => json({ message: "first\r\nsecond\u001b[31m" }, { status: 400 }));
  const { message } = await failureOf(client.types.list());
  assert.match(message, /first/);
  assert.doesNotMatch(message, /[\u0000-\u001f]/);
});

eachWay("a huge body of an error is an error all the same", async (kit) => {
  const { client } = scripted(kit, () => new Response("x".repeat(3 * 1024 * 1024), { status: 500 }));
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.ServerError);
});

eachWay("Retry-After is read as seconds or as a date, anything else is absent", async (kit) => {
  for (const [value, expected] of [
    ["0", 0], ["7", 7_000], ["120", 120_000], ["86400", 86_400_000],
    ["-1", undefined], ["1.5", undefined], ["1e3", undefined], ["+5", undefined], ["soon", undefined], ["", undefined], ["0x10", undefined],
  ]) {
    for (const status of [429, 503]) {
      const { client } = scripted(kit, () => json({}, { status, headers: { "retry-after": value } }), { timeoutMs: 5_000 });
      assert.equal((await failureOf(client.types.list())).retryAfterMs, expected, value);
    }
  }
  const date = new Date(Date.now() + 100_000).toUTCString();
  const { client } = scripted(kit, () => json({}, { status: 429, headers: { "retry-after": date } }), { timeoutMs: 5_000 });
  const { retryAfterMs } = await failureOf(client.types.list());
  assert.ok(retryAfterMs > 90_000 && retryAfterMs <= 101_000, String(retryAfterMs));
});

/** A server that answers with `respond`, and counts. */
async function server(respond, host = "127.0.0.1") {
  let count = 0;
  const http = createServer((request, response) => {
    count += 1;
    request.resume();
    respond(request, response);
  });
  await new Promise((resolve) => http.listen(0, host, resolve));
  return {
    url: `http://${host}:${http.address().port}`,
    count: () => count,
    close: () => new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    }),
  };
}

for (const status of [300, 301, 302, 303, 305, 307, 308]) {
  eachWay(`${status} is a RedirectError, and nothing is followed`, async (kit) => {
    const target = await server((_request, response) => response.end("[]"));
    const first = await server((_request, response) => response.writeHead(status, { location: `${target.url}/elsewhere` }).end());
    try {
      const client = new kit.ServiceDeskClient({ baseUrl: first.url, auth: { token: TOKEN } });
      for (const { operation, call } of operations.filter(({ method }) => method !== "POST")) {
        const error = await failureOf(call(client, "an-id"));
        assert.equal(error.constructor, kit.RedirectError, `${operation}: ${error}`);
        assert.deepEqual([error.name, error.code, error.status, error.operation], ["RedirectError", "redirected", status, operation]);
        assert.equal(error.location, `${target.url}/elsewhere`);
      }
      assert.deepEqual([target.count(), first.count()], [0, operations.length - 1]);
    } finally {
      await Promise.all([first.close(), target.close()]);
    }
  });
}

eachWay("a create that is redirected is not sent on", async (kit) => {
  const target = await server((_request, response) => response.end("{}"));
  const first = await server((_request, response) => response.writeHead(307, { location: target.url }).end());
  try {
    const client = new kit.ServiceDeskClient({ baseUrl: first.url, auth: { token: TOKEN } });
    const { call } = operations.find(({ method }) => method === "POST");
    assert.ok((await failureOf(call(client, ""))) instanceof kit.RedirectError);
    assert.deepEqual([target.count(), first.count()], [0, 1]);
  } finally {
    await Promise.all([first.close(), target.close()]);
  }
});

/** Where a server might point a client that listens. */
const ELSEWHERE = "https://elsewhere.example/next";
const POINTERS = { location: ELSEWHERE, "content-location": ELSEWHERE, link: `<${ELSEWHERE}>; rel="next"`, refresh: `0; url=${ELSEWHERE}`, "retry-after": "0" };

eachWay("no answer chooses where a request goes", async (kit) => {
  const retries = { retry: { attempts: 2, baseDelayMs: 0 } };
  let failing = true;
  const answers = new Map(operations.map((each) => [each.operation, each]));
  let current = "";
  const { client, asked, baseUrl } = scripted(kit, () => {
    failing = !failing;
    if (!failing) return json({ next: ELSEWHERE }, { status: 503, headers: POINTERS });
    const { status, answers: value } = answers.get(current);
    return new Response(value === undefined ? null : JSON.stringify(value), { status, headers: POINTERS });
  }, retries);
  for (const { operation, call, path } of operations) {
    current = operation;
    asked.length = 0;
    await call(client, "an-id");
    const urls = asked.map(({ url }) => url.split("?")[0]);
    const own = `${baseUrl}/service-desk-integrations/v1${path("an-id")}`;
    assert.deepEqual(urls, [own, own], operation);
  }
});

eachWay("a page of a walk does not choose the next one", async (kit) => {
  const item = (id) => ({ id, name: id, type: "t", attributes: {}, next: ELSEWHERE });
  const pages = [[item("a"), item("b")], [item("c")]];
  const { client, asked, baseUrl } = scripted(kit, () => json(pages.shift() ?? [], { headers: { ...POINTERS, "x-total-count": "3" } }));
  for await (const each of client.integrations.iterate({ pageSize: 2 })) assert.equal(each.next, ELSEWHERE);
  const own = `${baseUrl}/service-desk-integrations/v1`;
  assert.deepEqual(asked.map(({ url }) => url), [`${own}?limit=2&count=true&sorters=name`, `${own}?limit=2&offset=2&count=true&sorters=name`]);
});

eachWay("a redirect that the runtime hides is one too", async (kit) => {
  const { client } = scripted(kit, () => ({ status: 0, type: "opaqueredirect", headers: new Headers(), body: null, text: async () => "" }));
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.RedirectError, String(error));
  assert.equal(error.status, 0);
  assert.equal(error.location, undefined);
});

for (const drop of ["before", "after"]) {
  eachWay(`a connection that dies ${drop} the tenant acted is a NetworkError with its cause`, async (kit) => {
    const { sandbox, client } = tenantOf(kit);
    sandbox.fault({ ...LIST, then: { drop } });
    const error = await failureOf(client.integrations.list());
    assert.equal(error.constructor, kit.NetworkError);
    assert.deepEqual([error.name, error.code, error.operation, error.requestId], ["NetworkError", "network", "getServiceDeskIntegrations", undefined]);
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.cause.cause.code, "ECONNRESET");
    assert.match(error.message, /ECONNRESET/);
    assert.equal(error.attempts.at(-1).status, undefined);
  });

  eachWay(`over a port, a connection that dies ${drop} the tenant acted is a NetworkError`, async (kit) => {
    const sandbox = kit.createSandbox();
    const served = await kit.serve(sandbox);
    try {
      const client = new kit.ServiceDeskClient({ baseUrl: served.url, auth: { token: sandbox.token() } });
      sandbox.fault({ ...LIST, then: { drop } });
      const error = await failureOf(client.types.list());
      assert.ok(error instanceof kit.NetworkError, String(error));
      assert.ok(error.cause instanceof Error);
    } finally {
      await served.close();
    }
  });
}

eachWay("a port on which nobody listens is a NetworkError", async (kit) => {
  // No other server takes the port at this address, as one of another test could at the usual one.
  const gone = await server(() => {}, "127.0.0.77");
  await gone.close();
  const client = new kit.ServiceDeskClient({ baseUrl: gone.url, auth: { token: TOKEN } });
  const error = await failureOf(client.types.list());
  assert.ok(error instanceof kit.NetworkError);
  assert.match(error.message, /ECONNREFUSED/);
});

eachWay("a body that ends before its end is a NetworkError", async (kit) => {
  for (const truncate of [0, 1, 10]) {
    const { sandbox, client } = tenantOf(kit);
    sandbox.fault({ ...LIST, then: { truncate } });
    const error = await failureOf(client.integrations.list());
    assert.ok(error instanceof kit.NetworkError, `${truncate}: ${error}`);
    assert.ok(error.cause instanceof TypeError);
  }
});

eachWay("over a port, a body that ends before its end is a NetworkError", async (kit) => {
  const sandbox = kit.createSandbox();
  const served = await kit.serve(sandbox);
  try {
    const client = new kit.ServiceDeskClient({ baseUrl: served.url, auth: { token: sandbox.token() } });
    sandbox.fault({ ...LIST, then: { truncate: 10 } });
    assert.ok((await failureOf(client.types.list())) instanceof kit.NetworkError);
  } finally {
    await served.close();
  }
});

eachWay("an error of the API has no cause of ours", async (kit) => {
  const { client } = scripted(kit, () => json({}, { status: 404 }));
  assert.equal((await failureOf(client.types.list())).cause, undefined);
});

eachWay("an error serializes with everything that a log wants", async (kit) => {
  const { client } = scripted(kit, () => json({ detailMessage: "no such type" }, { status: 404, headers: { "slpt-request-id": "abc" } }));
  const error = await failureOf(client.types.list());
  const { name, message, code, status, operation, requestId, attempts } = JSON.parse(JSON.stringify(error));
  assert.deepEqual([name, message, code, status, operation, requestId], ["NotFoundError", error.message, "not-found", 404, "getServiceDeskIntegrationTypes", "abc"]);
  assert.equal(attempts.at(-1).requestId, "abc");
});

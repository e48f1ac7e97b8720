// The client among what surrounds it: the environment, a plugin's window, many calls at once, a program that ends.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

import { INPUT, INTEGRATION, TOKEN, eachWay, failureOf, json, operations, scripted, tenantOf, thrownBy } from "../helpers/kits.mjs";

const VARIABLES = ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"];

/** Runs with these variables and no others of theirs. */
function withEnvironment(values, run) {
  const before = VARIABLES.map((name) => [name, process.env[name]]);
  try {
    for (const name of VARIABLES) {
      if (values[name] === undefined) delete process.env[name];
      else process.env[name] = values[name];
    }
    return run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const environment = { SAIL_BASE_URL: "https://acme.example", SAIL_CLIENT_ID: "id", SAIL_CLIENT_SECRET: "s3cr3t-of-env" };

eachWay("fromEnv takes the three variables of every SailPoint SDK", async (kit) => {
  const { sandbox } = tenantOf(kit);
  const { clientId, clientSecret } = sandbox.credentials;
  const values = { SAIL_BASE_URL: sandbox.baseUrl, SAIL_CLIENT_ID: clientId, SAIL_CLIENT_SECRET: clientSecret };
  const client = withEnvironment(values, () => kit.ServiceDeskClient.fromEnv({ fetch: sandbox.fetch, apiVersion: "v3" }));
  assert.ok(client instanceof kit.ServiceDeskClient);
  assert.deepEqual([client.baseUrl, client.apiVersion], [sandbox.baseUrl, "v3"]);
  assert.ok((await client.types.list()).length > 0);
});

eachWay("fromEnv names the variable that is missing or empty", (kit) => {
  for (const name of VARIABLES) {
    for (const value of [undefined, ""]) {
      const error = thrownBy(() => withEnvironment({ ...environment, [name]: value }, () => kit.ServiceDeskClient.fromEnv()));
      assert.ok(error instanceof kit.ValidationError, String(error));
      assert.equal(error.field, name);
      assert.match(error.message, new RegExp(name));
      assert.doesNotMatch(error.message, /s3cr3t/);
    }
  }
});

eachWay("fromEnv names the variable that has white space around it", (kit) => {
  for (const name of VARIABLES) {
    for (const value of [` ${environment[name]}`, `${environment[name]}\r`, `${environment[name]}\n`, "\u00a0"]) {
      const error = thrownBy(() => withEnvironment({ ...environment, [name]: value }, () => kit.ServiceDeskClient.fromEnv()));
      assert.ok(error instanceof kit.ValidationError, String(error));
      assert.equal(error.field, name);
      assert.match(error.message, new RegExp(`${name} .*white space`));
      assert.doesNotMatch(error.message, /s3cr3t/);
    }
  }
});

eachWay("what fromEnv is given goes before the variables, which are not needed then", (kit) => {
  const make = (options, values = {}) => withEnvironment(values, () => kit.ServiceDeskClient.fromEnv(options));
  assert.equal(make({ baseUrl: "https://other.example" }, environment).baseUrl, "https://other.example");
  assert.equal(make({ tenant: "acme" }, environment).baseUrl, "https://acme.api.identitynow.com");
  assert.equal(make({ tenant: "acme", auth: { token: TOKEN } }).baseUrl, "https://acme.api.identitynow.com");
  assert.equal(make({ baseUrl: undefined, auth: undefined }, environment).baseUrl, "https://acme.example");
  assert.equal(thrownBy(() => make({ nope: 1 }, environment)).field, "nope");
});

eachWay("fromEnv refuses a bad variable without showing the secret", (kit) => {
  for (const [name, value] of [["SAIL_BASE_URL", "acme"], ["SAIL_BASE_URL", "http://acme.example"], ["SAIL_CLIENT_ID", "\n"]]) {
    const error = thrownBy(() => withEnvironment({ ...environment, [name]: value }, () => kit.ServiceDeskClient.fromEnv()));
    assert.ok(error instanceof kit.ValidationError);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /s3cr3t/);
  }
});

/** Runs with another fetch in the place of the platform's. */
async function withFetch(fetch, run) {
  const before = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    return await run();
  } finally {
    globalThis.fetch = before;
  }
}

eachWay("what wraps fetch may add fields to one request, and the next has none of them", async (kit) => {
  const sent = [];
  const tracing = async (input, init) => {
    const { headers } = input instanceof Request ? input : init;
    sent.push(Object.fromEntries(headers));
    headers.append("baggage", "trace");
    headers.set("authorization", "other");
    return json([]);
  };
  const options = { baseUrl: "https://a.example", auth: { token: TOKEN } };
  const lists = async (client) => {
    for (const headers of [{}, {}, { "x-a": "1" }, { "x-a": "2" }, {}]) await client.types.list({ headers });
  };
  await withFetch(tracing, () => lists(new kit.ServiceDeskClient(options)));
  await lists(new kit.ServiceDeskClient({ ...options, fetch: tracing }));
  const own = { accept: "application/json", authorization: `Bearer ${TOKEN}` };
  const expected = [own, own, { ...own, "x-a": "1" }, { ...own, "x-a": "2" }, own];
  assert.deepEqual(sent, [...expected, ...expected]);
});

/** As some polyfills are: a stranger's object is to them one without names of its own. */
class OtherHeaders extends Map {
  constructor(given = []) {
    super(given instanceof OtherHeaders || Array.isArray(given) ? given : Object.entries(given));
  }
}

eachWay("a class of headers that is replaced between two calls is given what the first one was", async (kit) => {
  const sent = [];
  const fetch = async (_url, { headers }) => {
    sent.push([headers.constructor.name, headers.get("authorization"), headers.get("accept")]);
    return json([]);
  };
  const { Headers } = globalThis;
  await withFetch(fetch, async () => {
    const client = new kit.ServiceDeskClient({ baseUrl: "https://a.example", auth: { token: TOKEN }, retry: "off" });
    try {
      await client.types.list();
      globalThis.Headers = OtherHeaders;
      await client.types.list();
      globalThis.Headers = class extends Headers {
        constructor(...given) {
          super(...given);
          if (given.length === 0) throw new TypeError("no more headers");
        }
      };
      const other = await failureOf(client.types.list({ headers: { "x-a": "1" } }));
      assert.ok(other instanceof kit.NetworkError && /was not sent/.test(other.message), String(other));
      await client.types.list();
    } finally {
      globalThis.Headers = Headers;
    }
  });
  const fields = [`Bearer ${TOKEN}`, "application/json"];
  assert.deepEqual(sent, [["Headers", ...fields], ["OtherHeaders", ...fields], ["", ...fields]]);
});

/** Runs with a plugin's window. */
async function inPlugin(configuration, run) {
  globalThis.window = globalThis;
  globalThis.document = {};
  globalThis.sailpointConfig = configuration;
  try {
    return await run();
  } finally {
    for (const name of ["window", "document", "sailpointConfig"]) delete globalThis[name];
  }
}

eachWay("fromPlugin takes base URL and token of the plugin's window, asked again whenever a token is needed", async (kit) => {
  const tokens = ["first", "second"];
  let asks = 0;
  const configuration = () => {
    asks += 1;
    return { baseurl: "https://acme.example", accessToken: tokens[0] };
  };
  const authorizations = [];
  const fetch = async (request) => {
    authorizations.push(request.headers.get("authorization"));
    return json([]);
  };
  await inPlugin(configuration, async () => {
    const client = kit.ServiceDeskClient.fromPlugin({ fetch });
    assert.equal(client.baseUrl, "https://acme.example");
    await client.types.list();
    const before = asks;
    tokens.shift();
    await client.types.list();
    assert.ok(asks > before);
  });
  assert.deepEqual(authorizations, ["Bearer first", "Bearer second"]);
});

eachWay("fromPlugin outside of a plugin says so", (kit) => {
  const error = thrownBy(() => kit.ServiceDeskClient.fromPlugin());
  assert.ok(error instanceof kit.ValidationError);
  assert.match(error.message, /sailpointConfig/);
});

eachWay("what fromPlugin is given goes before the window's", async (kit) => {
  await inPlugin(() => ({ baseurl: "https://acme.example", accessToken: TOKEN }), () => {
    assert.equal(kit.ServiceDeskClient.fromPlugin({ baseUrl: "https://other.example" }).baseUrl, "https://other.example");
    assert.equal(kit.ServiceDeskClient.fromPlugin({ apiVersion: "v2025" }).apiVersion, "v2025");
  });
  assert.equal(kit.ServiceDeskClient.fromPlugin({ tenant: "acme", auth: { token: TOKEN } }).baseUrl, "https://acme.api.identitynow.com");
});

eachWay("a plugin's configuration without what is needed is an error that says so", async (kit) => {
  for (const configuration of [undefined, null, {}, { baseurl: 7 }]) {
    await inPlugin(() => configuration, () => {
      const error = thrownBy(() => kit.ServiceDeskClient.fromPlugin());
      assert.ok(error instanceof kit.ValidationError, String(error));
    });
  }
  await inPlugin(() => ({ baseurl: "https://acme.example" }), async () => {
    const client = kit.ServiceDeskClient.fromPlugin({ fetch: async () => json([]) });
    assert.ok((await failureOf(client.types.list())) instanceof kit.TokenError);
  });
});

for (const { operation, call, answers, status } of operations) {
  eachWay(`${operation} tells onResponse its response once, before it settles`, async (kit) => {
    const order = [];
    let told;
    const headers = { "SLPT-Request-ID": "0123456789abcdef", "X-Extra": "yes" };
    const { client } = scripted(kit, () => (answers === undefined ? new Response(null, { status, headers }) : json(answers, { headers })));
    const onResponse = (...given) => {
      order.push("told");
      told = given;
    };
    await call(client, "an-id", { onResponse }).then(() => order.push("settled"));
    assert.deepEqual(order, ["told", "settled"]);
    assert.equal(told.length, 1);
    const [info] = told;
    assert.deepEqual([info.status, info.requestId, info.deprecated], [status, "0123456789abcdef", false]);
    assert.equal(info.headers["x-extra"], "yes");
    assert.deepEqual(Object.keys(info.headers).filter((name) => name !== name.toLowerCase()), []);
    assert.deepEqual(info.attempts.map((attempt) => [attempt.status, attempt.requestId]), [[status, "0123456789abcdef"]]);
  });
}

eachWay("onResponse is told bad answers too, and nothing where none came", async (kit) => {
  for (const [respond, statuses] of [
    [() => json({}, { status: 404 }), [404]],
    [() => new Response("x", { status: 502 }), [502]],
    [() => json("<html>"), [200]],
    [() => new Response(null, { status: 302 }), [302]],
    [() => Promise.reject(new Error("down")), []],
    [() => new Promise(() => {}), []],
  ]) {
    const told = [];
    const { client } = scripted(kit, respond);
    const error = await failureOf(client.types.list({ onResponse: (info) => told.push(info), timeoutMs: 500 }));
    assert.deepEqual(told.map(({ status }) => status), statuses, String(error));
    if (told[0]) assert.deepEqual(told[0].attempts, error.attempts);
  }
});

eachWay("what onResponse throws is ignored, also as a promise", async (kit, context) => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", listen);
  context.after(() => process.off("unhandledRejection", listen));
  for (const onResponse of [() => { throw new Error("of the caller"); }, () => { throw undefined; }]) {
    const { client } = scripted(kit, () => json([]));
    assert.deepEqual(await client.types.list({ onResponse }), []);
  }
  const failing = scripted(kit, () => json({}, { status: 404 })).client;
  assert.ok((await failureOf(failing.types.list({ onResponse: () => { throw new Error("x"); } }))) instanceof kit.NotFoundError);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(unhandled, []);
});

eachWay("onResponse may make the next call", async (kit) => {
  const { client, asked } = scripted(kit, () => json([]));
  let inner;
  await client.types.list({ onResponse: () => (inner = client.types.list()) });
  assert.deepEqual(await inner, []);
  assert.equal(asked.length, 2);
});

eachWay("X-Deprecated is told", async (kit) => {
  for (const [value, deprecated] of [["true", true], ["false", false], [undefined, false]]) {
    let told;
    const { client } = scripted(kit, () => json([], { headers: value ? { "X-Deprecated": value } : {} }));
    await client.types.list({ onResponse: (info) => (told = info) });
    assert.equal(told.deprecated, deprecated, String(value));
  }
});

eachWay("a hundred overlapping calls each get their own answer", async (kit) => {
  const { client } = scripted(kit, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    const id = request.url.split("/").at(-1);
    return Number(id) % 3 === 0 ? json({ detailMessage: `no ${id}` }, { status: 404 }) : json({ ...INTEGRATION, id });
  });
  const calls = Array.from({ length: 100 }, (_, at) => client.integrations.get(String(at)));
  for (const [at, { status, value, reason }] of (await Promise.allSettled(calls)).entries()) {
    if (at % 3 === 0) assert.ok(reason instanceof kit.NotFoundError && reason.message.includes(`no ${at}`), String(reason ?? value));
    else assert.deepEqual([status, value.id], ["fulfilled", String(at)]);
  }
});

eachWay("overlapping calls of every operation on one client work over a port", async (kit) => {
  const sandbox = kit.createSandbox();
  const served = await kit.serve(sandbox);
  try {
    const client = new kit.ServiceDeskClient({ baseUrl: served.url, auth: sandbox.credentials });
    const names = Array.from({ length: 15 }, (_, at) => `Number ${at}`);
    const made = await Promise.all(names.map((name) => client.integrations.create({ ...INPUT, name })));
    assert.deepEqual(made.map(({ name }) => name), names);
    await Promise.all(made.flatMap(({ id }) => [client.integrations.get(id), client.types.list(), client.statusCheck.get()]));
    await Promise.all(made.map(({ id }) => client.integrations.delete(id)));
    assert.equal((await client.integrations.list()).items.length, 10);
  } finally {
    await served.close();
  }
});

/** Programs, after the imports and a client of a served sandbox: each must end by itself, long before its limits do. */
const programs = {
  "a good call": "await client.types.list();",
  "a failure": "await client.integrations.get('0000').catch(() => {});",
  "an aborted call": "const c = new AbortController(); const p = client.types.list({ signal: c.signal }); c.abort(); await p.catch(() => {});",
  "an attempt that timed out": "sandbox.fault({ times: 9, then: { stallMs: 50000 } }); await client.types.list({ attemptTimeoutMs: 100, timeoutMs: 400 }).catch(() => {});",
  "a signal that never fires": "await client.types.list({ signal: new AbortController().signal });",
  // The server stays until it has answered: Node's fetch never hears that its first connection was closed while the parser
  // was being compiled, and the process would wait for the attempt's limit.
  "a call that nobody waits for": "await new Promise((answered) => { client.types.list({ onResponse: answered }).catch(() => {}); });",
};

for (const [what, program] of Object.entries(programs)) {
  for (const type of ["module", "commonjs"]) {
    const load = type === "module" ? (name) => `await import("${name}")` : (name) => `require("${name}")`;
    const code = `(async () => {
      const { ServiceDeskClient } = ${load("isc-service-desk")};
      const { createSandbox } = ${load("isc-service-desk/sandbox")};
      const { serve } = ${load("isc-service-desk/sandbox/node")};
      const sandbox = createSandbox();
      const served = await serve(sandbox);
      const client = new ServiceDeskClient({ baseUrl: served.url, auth: sandbox.credentials });
      ${program}
      await served.close();
      console.log("done");
    })();`;
    test(`a ${type} program that made ${what} ends by itself and prints nothing of the package's`, async () => {
      const options = { cwd: import.meta.dirname, timeout: 15_000, killSignal: "SIGKILL" };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, "--eval", code], options);
      assert.deepEqual({ stdout, stderr }, { stdout: "done\n", stderr: "" });
    });
  }
}

// The entry that is given its WebAssembly: how it can be given, what it says before, and what becomes of failures. Each
// program has a process of its own, since an entry is made ready once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import { packageUrl } from "../helpers/entries.mjs";

const wasm = readFileSync(new URL("dist/core_bg.wasm", packageUrl));

/** A module that exports what the core does, and imports what its bindings have not: one of another version. */
function foreign() {
  const section = (id, ...content) => [id, content.length, ...content];
  const name = (text) => [text.length, ...Buffer.from(text)];
  const type = section(1, 1, 0x60, 0, 0);
  const imported = section(2, 1, ...name("./core_bg.js"), ...name("other"), 0, 0);
  const exported = section(7, 1, ...name("__wbindgen_start"), 0, 0);
  return Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imported, ...exported]);
}

/** What a program may find where it expects the core. */
const ANSWERS = {
  "/core.wasm": [200, { "content-type": "application/wasm" }, wasm],
  "/octets": [200, { "content-type": "application/octet-stream" }, wasm],
  "/page": [200, { "content-type": "text/html" }, "<!doctype html>"],
  "/false": [200, { "content-type": "application/wasm" }, "<!doctype html>"],
  "/smallest": [200, { "content-type": "application/wasm" }, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
  "/foreign": [200, { "content-type": "application/wasm" }, foreign()],
  "/gone": [404, { "content-type": "application/wasm" }, wasm],
};

const server = createServer((request, response) => {
  const [status, headers, body] = ANSWERS[request.url];
  response.writeHead(status, headers).end(body);
});
let origin;

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

const PRELUDE = `
  const { readFile } = await import("node:fs/promises");
  const { createSandbox } = await load("isc-service-desk/sandbox");
  const slim = await load("isc-service-desk/slim");
  const origin = process.argv.at(-1);
  const bytes = () => readFile(process.argv.at(-2));
  const told = (error) => (slim.isServiceDeskError(error) ? error.code : String(error));
  const codeOf = async (work) => { try { await work(); return "none"; } catch (error) { return told(error); } };
  const messageOf = (promise) => promise.then(() => "none", ({ message }) => message);
  const total = async () => {
    const sandbox = createSandbox({ integrations: 3 });
    const { baseUrl, credentials: auth, fetch } = sandbox;
    const client = new slim.ServiceDeskClient({ baseUrl, auth, fetch });
    return (await client.integrations.list({ count: true })).total;
  };
`;

const LOADERS = {
  import: "const load = (name) => import(name);",
  require: 'const load = (await import("node:module")).createRequire(import.meta.url);',
};

/** Runs a program with slim in it, and gives what it returns. */
async function run(way, program) {
  const code = `${LOADERS[way]}${PRELUDE} console.log(JSON.stringify(await (async () => { ${program} })()));`;
  const file = new URL("dist/core_bg.wasm", packageUrl).pathname;
  const options = { cwd: import.meta.dirname, timeout: 30_000 };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", code, "--", file, origin],
    options,
  );
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const SOURCES = {
  "its bytes": "await bytes()",
  "an ArrayBuffer": "new Uint8Array(await bytes()).buffer",
  "a compiled module": "await WebAssembly.compile(await bytes())",
  "a compiled module of another realm":
    'await (await import("node:vm")).runInNewContext("(bytes) => WebAssembly.compile(bytes)")(await bytes())',
  "the text of a URL": "`${origin}/core.wasm`",
  "a URL": "new URL('/core.wasm', origin)",
  "a response": "await fetch(`${origin}/core.wasm`)",
  "a promise of a response": "fetch(`${origin}/core.wasm`)",
  "a response whose content type is another": "fetch(`${origin}/octets`)",
};

const REFUSED = {
  "an answer that is an error": [
    "fetch(`${origin}/gone`)",
    "wasm-not-loaded",
    /\/gone answered with status 404, not with WebAssembly$/,
  ],
  "a page": ["fetch(`${origin}/page`)", "wasm-not-loaded", /\/page is no WebAssembly \(text\/html\)$/],
  "a page that is called WebAssembly": [
    "`${origin}/false`",
    "wasm-not-loaded",
    /\/false is no WebAssembly \(application\/wasm\)$/,
  ],
  "another program's WebAssembly": [
    "`${origin}/smallest`",
    "wasm-not-loaded",
    /^what init\(\) was given is WebAssembly, but not isc-service-desk\/core\.wasm$/,
  ],
  "the WebAssembly of another version": [
    "`${origin}/foreign`",
    "wasm-not-loaded",
    /does not start: it is of another version/,
  ],
  "what calls itself a response": [
    "({ [Symbol.toStringTag]: 'Response' })",
    "wasm-not-loaded",
    /^init\(\) cannot use what it was given$/,
  ],
  "an address where nobody answers": [
    "'http://127.0.0.1:1/core.wasm'",
    "wasm-not-loaded",
    /could not be fetched from http:\/\/127\.0\.0\.1:1\/core\.wasm$/,
  ],
  "a promise that is broken": [
    "Promise.reject(new Error('offline'))",
    "wasm-not-loaded",
    /^what init\(\) was promised did not come$/,
  ],
  "bytes of something else": [
    "new Uint8Array(100)",
    "wasm-not-loaded",
    /^the bytes given to init\(\) are no WebAssembly$/,
  ],
  "nothing": ["undefined", "invalid-argument", /^source must be a URL, .*, got Undefined$/],
  "a number": ["42", "invalid-argument", /got Number$/],
  "an object": ["{}", "invalid-argument", /got Object$/],
};

for (const way of Object.keys(LOADERS)) {
  for (const [what, source] of Object.entries(SOURCES)) {
    test(`slim by ${way} is ready when init() was given ${what}`, async () => {
      assert.deepEqual(await run(way, `return [await slim.init(${source}) ?? "ready", await total()];`), ["ready", 3]);
    });
  }

  test(`every use of slim by ${way} before init() fails with one code`, async () => {
    const uses = {
      "a client": "new slim.ServiceDeskClient({})",
      "a client from the environment": 'slim.ServiceDeskClient.fromEnv({ tenant: "a", auth: { token: "t" } })',
      ...Object.fromEntries(
        ["id", "type", "cluster"].map((field) => [`filter.${field}.in`, `slim.filter.${field}.in(["a"])`]),
      ),
      ...Object.fromEntries(
        ["id", "name", "type", "cluster"].map((field) => [`filter.${field}.eq`, `slim.filter.${field}.eq("a")`]),
      ),
      "filter.parse": 'slim.filter.parse("x")',
      "filter.raw": 'slim.filter.raw("x")',
      "a patch": "slim.patch()",
      "a difference": "slim.diff({}, {})",
    };
    const told = await run(way, `return Promise.all([${Object.values(uses).map((use) => `codeOf(() => ${use})`)}]);`);
    assert.deepEqual(
      told,
      Object.keys(uses).map(() => "wasm-not-loaded"),
    );
  });

  test(`an init() by ${way} that failed says why, and can be tried again`, async () => {
    const tries = Object.values(REFUSED).map(
      ([source]) => `[await codeOf(() => slim.init(${source})), await messageOf(slim.init(${source}))]`,
    );
    const [told, ready] = await run(
      way,
      `return [[${tries}], [await codeOf(() => slim.patch()), await slim.init(bytes()) ?? "ready", await total()]];`,
    );
    Object.entries(REFUSED).forEach(([what, [, code, message]], at) => {
      assert.equal(told[at][0], code, what);
      assert.match(told[at][1], message, what);
    });
    assert.deepEqual(ready, ["wasm-not-loaded", "ready", 3]);
  });

  test(`many calls of init() by ${way} start one core, and later ones none`, async () => {
    // compileStreaming and not compile: Node's fetch compiles something of its own. The sandbox has started before the
    // count of instances.
    const counted = `
      let compiled = 0, instances = 0;
      const { compileStreaming } = WebAssembly;
      WebAssembly.compileStreaming = (response) => { compiled += 1; return compileStreaming(response); };
      const first = await total().catch(({ code }) => code);
      const construct = (...given) => { instances += 1; return Reflect.construct(...given); };
      WebAssembly.Instance = new Proxy(WebAssembly.Instance, { construct });
      await Promise.all([1, 2, 3].map(() => slim.init(fetch(origin + "/core.wasm"))));
      await slim.init(Promise.reject(new Error("nobody looks at it")));
      await slim.init(undefined);
      return [first, compiled, instances, await total()];`;
    const [first, compiled, instances, last] = await run(way, counted);
    assert.deepEqual([first, compiled, instances, last], ["wasm-not-loaded", 1, 1, 3]);
  });
}

test("what slim and the default entry export differs by init() alone", async () => {
  const [slim, whole] = await run("import", 'return [Object.keys(slim), Object.keys(await load("isc-service-desk"))];');
  assert.deepEqual(
    slim.filter((name) => !whole.includes(name)),
    ["init"],
  );
  assert.deepEqual(
    whole.filter((name) => !slim.includes(name)),
    [],
  );
});

test("the WebAssembly of slim can be named by its entry of the package", () => {
  assert.equal(import.meta.resolve("isc-service-desk/core.wasm"), new URL("dist/core_bg.wasm", packageUrl).href);
});

test("slim carries no copy of the WebAssembly", () => {
  assert.ok(readFileSync(new URL("dist/slim.cjs", packageUrl)).length < wasm.length / 2);
});

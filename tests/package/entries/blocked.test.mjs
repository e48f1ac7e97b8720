// Where WebAssembly may not run: each entry can be loaded, and its first use says what to do about it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";
import vm from "node:vm";

import { packageUrl } from "../helpers/entries.mjs";

/** An entry as a place without code generation has it: a page under a strict policy, an edge runtime. */
function loadedIn(surroundings, entry, codeGeneration = { strings: false, wasm: false }) {
  const globals = {
    TextDecoder,
    TextEncoder,
    URL,
    Headers,
    Request,
    Response,
    AbortController,
    AbortSignal,
    atob,
    ...surroundings,
  };
  const context = vm.createContext(globals, { codeGeneration });
  const file = new URL(`dist/${entry}.cjs`, packageUrl);
  const module = { exports: {} };
  vm.runInContext(`(function (module, exports, require) {${readFileSync(file, "utf8")}\n})`, context)(
    module,
    module.exports,
    createRequire(file),
  );
  return module.exports;
}

/** The functions of an object, which does not enumerate them. */
const members = (object) => Object.fromEntries(Object.getOwnPropertyNames(object).map((name) => [name, object[name]]));

function failureOf(use) {
  try {
    use();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** What Hermes, of React Native, was for years: the language, and little that is of the web. */
const BARE = Object.fromEntries(
  "WebAssembly TextDecoder TextEncoder URL Headers Request Response AbortController AbortSignal atob"
    .split(" ")
    .map((name) => [name, undefined]),
);

const PLACES = {
  "there is no WebAssembly": { WebAssembly: undefined },
  "a page has taken it away": { WebAssembly: null },
  "there is only the language": BARE,
};

const USES = {
  "new ServiceDeskClient()": [
    "index",
    (entry) => new entry.ServiceDeskClient({ tenant: "acme", auth: { token: "t" } }),
  ],
  "filter.name.eq()": ["index", (entry) => entry.filter.name.eq("a")],
  "patch()": ["index", (entry) => entry.patch()],
  "diff()": ["index", (entry) => entry.diff({}, {})],
  "createSandbox()": ["sandbox", (entry) => entry.createSandbox()],
};

for (const [what, [entry, use]] of Object.entries(USES)) {
  test(`${what} where no WebAssembly may be compiled names the directive that allows it`, () => {
    const loaded = loadedIn({}, entry);
    for (const again of [1, 2]) {
      const error = failureOf(() => use(loaded));
      assert.deepEqual([error.name, error.code], ["ServiceDeskError", "wasm-blocked"], `use ${again}`);
      assert.match(error.message, /'wasm-unsafe-eval' in script-src/);
      assert.match(error.cause.message, /disallowed by embedder/);
    }
  });

  for (const [where, surroundings] of Object.entries(PLACES)) {
    test(`${what} where ${where} says so`, () => {
      const error = failureOf(() => use(loadedIn(surroundings, entry)));
      assert.deepEqual([error.code, error.message], ["wasm-blocked", "this runtime has no WebAssembly"]);
    });
  }
}

// As WebKit does under a policy: it compiles, and refuses to make an instance, by an error whose class has changed.
for (const ErrorOfPolicy of [WebAssembly.CompileError, EvalError]) {
  test(`who refuses an instance by ${ErrorOfPolicy.name} is told the directive, too`, async () => {
    const Instance = function () {
      throw new ErrorOfPolicy("Refused to create a WebAssembly object");
    };
    const refusing = { WebAssembly: { ...members(WebAssembly), Instance }, EvalError };
    const blocked = { code: "wasm-blocked", message: /'wasm-unsafe-eval'/ };
    for (const [entry, use] of Object.values(USES)) assert.throws(() => use(loadedIn(refusing, entry)), blocked);
    const wasm = readFileSync(new URL("dist/core_bg.wasm", packageUrl));
    await assert.rejects(loadedIn(refusing, "slim").init(wasm), blocked);
  });
}

test("init() of slim where nothing may be compiled names the directive too", async () => {
  const slim = loadedIn({}, "slim");
  const wasm = readFileSync(new URL("dist/core_bg.wasm", packageUrl));
  await assert.rejects(slim.init(wasm), { code: "wasm-blocked", message: /'wasm-unsafe-eval'/ });
  await assert.rejects(slim.init(new Response(wasm, { headers: { "content-type": "application/wasm" } })), {
    code: "wasm-blocked",
  });
});

test("a module that was compiled elsewhere runs where nothing may be compiled", async () => {
  const slim = loadedIn({}, "slim");
  await slim.init(await WebAssembly.compile(readFileSync(new URL("dist/core_bg.wasm", packageUrl))));
  assert.equal(String(slim.filter.name.eq("a")), 'name eq "a"');
});

test("a WebAssembly that is not whole is told as what it is", async () => {
  const partial = { WebAssembly: { instantiate() {} } };
  for (const [entry, use] of Object.values(USES)) {
    const { code, message, cause } = failureOf(() => use(loadedIn(partial, entry)));
    assert.deepEqual([code, message.endsWith(`: ${cause.message}`)], ["wasm-not-loaded", true], message);
  }
  const wasm = readFileSync(new URL("dist/core_bg.wasm", packageUrl));
  await assert.rejects(loadedIn(partial, "slim").init(wasm), { code: "wasm-not-loaded" });
});

test("what the runtime lacks for the bytes is named", () => {
  const { code, message } = failureOf(loadedIn({ atob: undefined }, "index", undefined).patch);
  assert.deepEqual([code, /: .*\batob\b/.test(message)], ["wasm-not-loaded", true], message);
});

test("a failure that is not the policy's is not called one, and the next use tries again", () => {
  let isFull = true;
  const Instance = function (module, imports) {
    if (isFull) throw new RangeError("out of memory");
    return new WebAssembly.Instance(module, imports);
  };
  const { patch } = loadedIn({ WebAssembly: { ...members(WebAssembly), Instance } }, "index");
  const error = failureOf(patch);
  assert.deepEqual([error.code, error.cause.message], ["wasm-not-loaded", "out of memory"]);
  isFull = false;
  assert.equal(patch().length, 0);
});

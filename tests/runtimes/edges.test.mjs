// Runtimes that compile no WebAssembly from bytes: workerd through miniflare, and Vercel's edge runtime, each bundled
// as its own tools do it.
import assert from "node:assert/strict";
import { basename } from "node:path";
import test from "node:test";
import { inspect } from "node:util";

import { EdgeRuntime, assertDone, assertJobs, echoing, readDocument, readPackaged, tenant } from "./helpers/kit.mjs";
import { LOSSES, assertEnded, losing } from "./helpers/losses.mjs";
import { UNMIXED } from "./users.mjs";
import { WRANGLER, bundled, nitroBuilt, started, worker } from "./helpers/workers.mjs";

test("Cloudflare Workers: a module worker does the job with WebAssembly that it imports", async (context) => {
  const { sandbox, input } = await tenant(context);
  const { paths, answer } = await worker(context, "workers/worker.mjs", WRANGLER);
  assertDone(await answer(input), "Cloudflare Workers", sandbox);
  assert.deepEqual(paths.map((path) => path.replace(/-\w+(?=\.wasm$)/, "")).sort(), [
    "core_bg.wasm",
    "sandbox_core_bg.wasm",
    "worker.js",
  ]);
});

test("Cloudflare Workers: slim does the job with WebAssembly that the worker imports", async (context) => {
  const { sandbox, input } = await tenant(context);
  const { answer } = await worker(context, "workers/slim.mjs", WRANGLER);
  assertDone(await answer(input), "Cloudflare Workers", sandbox);
});

test("Cloudflare Workers: a bundle that carries bytes is told wasm-blocked, and what to do", async (context) => {
  const { answer } = await worker(context, "workers/bytes.mjs", ["worker", "browser"]);
  const { code, message } = await answer({});
  assert.equal(code, "wasm-blocked");
  assert.match(message, /an edge runtime that compiles no bytes takes a WebAssembly\.Module/);
});

test("Cloudflare Workers: a server that Nitro builds does the job, by the setting that docs/workers.md names", async (context) => {
  const { sandbox, input } = await tenant(context);
  const settings = { experimental: { wasm: true } };
  assert.ok((await readDocument("workers.md")).includes(`\`nitro: ${inspect(settings)}\``));
  const { paths, answer } = await started(context, await nitroBuilt("nitro.mjs", settings));
  // Its `navigator` is one that Nitro brings.
  assertJobs(await answer(input), sandbox);
  assert.equal(paths.filter((path) => path.endsWith(".wasm")).length, 2);
});

/** Nothing of the compatibility with Node but AsyncLocalStorage. */
const WITH_CONTEXTS = { compatibilityFlags: ["nodejs_als"] };

test("Cloudflare Workers: of users at the same time each has the token of their own async context", async (context) => {
  const { input } = await echoing(context);
  const { answer } = await worker(context, "workers/users.mjs", WRANGLER, WITH_CONTEXTS);
  assert.deepEqual(await answer(input), UNMIXED);
});

test("Cloudflare Workers: of requests at the same time each has its own user's token, through one client", async (context) => {
  const { input, answered } = await echoing(context);
  const { answer } = await worker(context, "workers/users.mjs", WRANGLER, WITH_CONTEXTS);
  const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const names = await Promise.all(users.map((user) => answer({ ...input, user })));
  assert.deepEqual(names, users.map((user) => `Bearer token-of-${user}`));
  assert.equal(answered.length, users.length);
});

for (const loss of LOSSES) {
  test(`Cloudflare Workers: ${loss.what}`, async (context) => {
    const { sandbox, input } = await losing(context, loss);
    const { answer } = await worker(context, "workers/lost.mjs", WRANGLER);
    assertEnded(loss, await answer(input), sandbox);
  });
}

/** What Vercel's bundlers make of `?module`: a module that was compiled when the function was deployed. */
const compiledImports = {
  name: "compiled-imports",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({
      path: basename(path, "?module"),
      namespace: "compiled",
    }));
    onLoad({ filter: /.*/, namespace: "compiled" }, ({ path }) => ({
      contents: `export default globalThis[${JSON.stringify(path)}];`,
    }));
  },
};

test("Vercel Edge: a function does the job with WebAssembly that it imports, compiling none", async (context) => {
  const { sandbox, input } = await tenant(context);
  const { "edge.js": code } = await bundled("edge.mjs", {
    format: "iife",
    conditions: ["edge-light"],
    plugins: [compiledImports],
  });
  const compiled = async (name) => [name, await WebAssembly.compile(await readPackaged(`dist/${name}`))];
  const modules = Object.fromEntries(await Promise.all(["core_bg.wasm", "sandbox_core_bg.wasm"].map(compiled)));
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (globals) => Object.assign(globals, modules),
    initialCode: new TextDecoder().decode(code),
  });
  const response = await runtime.dispatchFetch("http://function/", { method: "POST", body: JSON.stringify(input) });
  assertDone(await response.json(), "Vercel Edge", sandbox);
});

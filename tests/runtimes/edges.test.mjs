// Runtimes that compile no WebAssembly from bytes: workerd through miniflare, and Vercel's edge runtime, each bundled
// as its own tools do it.
import assert from "node:assert/strict";
import { basename } from "node:path";
import test from "node:test";

import { EdgeRuntime, Miniflare, assertDone, build, readPackaged, tenant } from "./kit.mjs";

/** A bundle in memory: its files by their names. */
async function bundled(name, options) {
  const entry = new URL(`programs/${name}`, import.meta.url).pathname;
  const { outputFiles, warnings } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: "bundle",
    logLevel: "silent",
    platform: "browser",
    ...options,
  });
  assert.deepEqual(warnings, []);
  return Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** A worker of workerd, without the compatibility with Node. */
async function worker(context, name, conditions) {
  const files = await bundled(name, { format: "esm", conditions, loader: { ".wasm": "copy" } });
  const type = (path) => (path.endsWith(".wasm") ? "CompiledWasm" : "ESModule");
  // The main module comes first.
  const paths = Object.keys(files).sort((a, b) => type(b).localeCompare(type(a)));
  const modules = paths.map((path) => ({ type: type(path), path, contents: files[path] }));
  const miniflare = new Miniflare({ modules, compatibilityDate: "2026-07-01", compatibilityFlags: [], cf: false });
  context.after(() => miniflare.dispose());
  return {
    paths,
    answer: async (input) =>
      (await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(input) })).json(),
  };
}

test("Cloudflare Workers: a module worker does the job with WebAssembly that it imports", async (context) => {
  const { sandbox, input } = await tenant(context);
  const { paths, answer } = await worker(context, "worker.mjs", ["workerd", "worker", "browser"]);
  assertDone(await answer(input), "Cloudflare Workers", sandbox);
  assert.deepEqual(paths.map((path) => path.replace(/-\w+(?=\.wasm$)/, "")).sort(), [
    "core_bg.wasm",
    "sandbox_core_bg.wasm",
    "worker.js",
  ]);
});

test("Cloudflare Workers: slim does the job with WebAssembly that the worker imports", async (context) => {
  const { sandbox, input } = await tenant(context);
  const { answer } = await worker(context, "worker-slim.mjs", ["workerd", "worker", "browser"]);
  assertDone(await answer(input), "Cloudflare Workers", sandbox);
});

test("Cloudflare Workers: a bundle that carries bytes is told wasm-blocked, and what to do", async (context) => {
  const { answer } = await worker(context, "worker-bytes.mjs", ["worker", "browser"]);
  const { code, message } = await answer({});
  assert.equal(code, "wasm-blocked");
  assert.match(message, /an edge runtime that compiles no bytes takes a WebAssembly\.Module/);
});

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

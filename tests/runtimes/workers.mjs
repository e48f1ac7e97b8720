// Workers of workerd, bundled as wrangler bundles one.
import assert from "node:assert/strict";
import { basename } from "node:path";

import { Miniflare, build } from "./kit.mjs";

/** The conditions that wrangler resolves imports by. */
export const WRANGLER = ["workerd", "worker", "browser"];

/** A bundle in memory: its files by their names. */
export async function bundled(name, options) {
  const entry = new URL(`programs/${name}`, import.meta.url).pathname;
  const { outputFiles, warnings } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: "bundle",
    logLevel: "silent",
    platform: "browser",
    external: ["cloudflare:*"],
    ...options,
  });
  assert.deepEqual(warnings, []);
  return Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** A worker without the compatibility with Node; `settings` are those of miniflare. */
export async function worker(context, name, conditions, settings = {}) {
  const files = await bundled(name, { format: "esm", conditions, loader: { ".wasm": "copy" } });
  const type = (path) => (path.endsWith(".wasm") ? "CompiledWasm" : "ESModule");
  // The main module comes first.
  const paths = Object.keys(files).sort((a, b) => type(b).localeCompare(type(a)));
  const modules = paths.map((path) => ({ type: type(path), path, contents: files[path] }));
  const miniflare = new Miniflare({
    modules,
    compatibilityDate: "2026-07-01",
    compatibilityFlags: [],
    cf: false,
    ...settings,
  });
  context.after(() => miniflare.dispose());
  const fetch = (input) => miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(input) });
  return { paths, fetch, answer: async (input) => (await fetch(input)).json() };
}

// Workers of workerd, bundled as wrangler bundles one, or by Nitro.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Miniflare, build, nitro, projectFolder } from "./kit.mjs";

/** The conditions that wrangler resolves imports by. */
export const WRANGLER = ["workerd", "worker", "browser"];

/** A bundle in memory: its files by their names. */
export async function bundled(name, options) {
  const entry = new URL(`../programs/${name}`, import.meta.url).pathname;
  const { outputFiles, warnings } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: "bundle",
    logLevel: "silent",
    platform: "browser",
    external: ["cloudflare:*", "node:async_hooks"],
    ...options,
  });
  assert.deepEqual(warnings, []);
  return Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** The server that Nitro builds for Workers with one route: its files by their paths. */
export async function nitroBuilt(name, settings) {
  const rootDir = fileURLToPath(new URL("nitro/", projectFolder));
  const server = await nitro.createNitro({
    rootDir,
    preset: "cloudflare_module",
    compatibilityDate: "2026-07-01",
    handlers: [{ route: "/", handler: fileURLToPath(new URL(`../programs/${name}`, import.meta.url)) }],
    logLevel: 0,
    ...settings,
  });
  try {
    await nitro.prepare(server);
    await nitro.build(server);
  } finally {
    await server.close();
  }
  const folder = server.options.output.serverDir;
  const names = await readdir(folder, { recursive: true });
  const modules = names.filter((path) => /\.(mjs|wasm)$/.test(path));
  return Object.fromEntries(await Promise.all(modules.map(async (path) => [path, await readFile(join(folder, path))])));
}

/** A worker that is bundled as wrangler does it; `settings` are those of miniflare. */
export async function worker(context, name, conditions, settings = {}) {
  return started(context, await bundled(name, { format: "esm", conditions, loader: { ".wasm": "copy" } }), settings);
}

/** A worker without the compatibility with Node. */
export function started(context, files, settings = {}) {
  const type = (path) => (path.endsWith(".wasm") ? "CompiledWasm" : "ESModule");
  // The main module comes first: it stands in no folder.
  const rank = (path) => [type(path) === "ESModule" ? 0 : 1, path.split("/").length].join();
  const paths = Object.keys(files).sort((a, b) => rank(a).localeCompare(rank(b)));
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

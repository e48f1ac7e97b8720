// The tools of the tests, which are copied beside an installed tarball where none of them can be resolved: this file is
// imported where it stands.
import { readdir } from "node:fs/promises";

export * as telemetry from "@opentelemetry/sdk-trace-node";
export { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
export { EdgeRuntime } from "edge-runtime";
export { build } from "esbuild";
export { Miniflare } from "miniflare";
export * as nitro from "nitropack";
export { default as puppeteer } from "puppeteer-core";
export { Builder as SessionBuilder } from "selenium-webdriver";
export { DriverService } from "selenium-webdriver/remote/index.js";

/** The file that an app with zones begins with. */
export const zone = new URL(import.meta.resolve("zone.js")).pathname;

const modules = new URL("node_modules/", import.meta.url);

/** The program of a package that npm installed for this machine: no script has run that would have linked it. */
async function programOf(scope, prefix, name) {
  const folder = new URL(scope, modules);
  const found = (await readdir(folder)).filter((entry) => entry.startsWith(prefix));
  if (found.length === 0) throw new Error(`npm installed no ${scope}${prefix}… for this machine`);
  return new URL(`${scope}${found[0]}/${name}`, modules).pathname;
}

export const programs = {
  node: (major) => programOf("", `node-${major}-`, "bin/node"),
  deno: () => programOf("@deno/", "", "deno"),
  bun: () => programOf("@oven/", "bun-", "bin/bun"),
};

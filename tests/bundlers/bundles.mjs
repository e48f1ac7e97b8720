// The bundlers, each through its API and as its own guide sets it up for a page: nothing in here is for the package.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join, parse, relative } from "node:path";
import { promisify } from "node:util";

import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

/** The project of a user, with the packed tarball and nothing else installed. */
export const project = process.cwd();

/** Below it, a folder for each bundle. */
export const OUTPUT = "dist";

/**
 * webpack advises on any file above 244 KiB. A script with two cores is one: that says nothing of how the package is
 * bundled.
 */
const SIZE_HINTS = /exceeds? the recommended (?:size )?limit|limit the size of your bundles/;

/**
 * Each bundles a file of the project into `app.js` in a folder, and gives what it warned of.
 * @type {Record<string, (entry: string, folder: string) => Promise<string[]>>}
 */
const BUNDLERS = {
  async esbuild(entry, folder) {
    // A slim app imports the .wasm as a file, which needs a word; no other app does.
    const loader = entry.includes("slim") ? { ".wasm": "file" } : {};
    const options = { entryPoints: [entry], bundle: true, minify: true, outfile: join(folder, "app.js"), loader };
    const { warnings } = await esbuild.build({ absWorkingDir: project, logLevel: "silent", ...options });
    return warnings.map(({ text }) => text);
  },

  async rollup(entry, folder) {
    const warnings = [];
    const onLog = (level, { message }) => void (level === "warn" && warnings.push(message));
    const bundle = await rollup({ input: join(project, entry), plugins: [nodeResolve()], onLog });
    await bundle.write({ file: join(folder, "app.js"), format: "es" });
    await bundle.close();
    return warnings;
  },

  async webpack(entry, folder) {
    const output = { path: folder, filename: "app.js" };
    const compiler = webpack({ mode: "production", target: "web", context: project, entry: `./${entry}`, output });
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
    return stats.compilation.getWarnings().map(({ message }) => message);
  },

  async vite(entry, folder) {
    const { logger, warnings } = listener();
    const page = await writePage(entry);
    const build = { outDir: folder, rolldownOptions: { input: join(project, page) } };
    await vite.build({ root: project, configFile: false, customLogger: logger, logLevel: "warn", base: "./", build });
    // Whatever the process builds or serves next has its own.
    delete process.env.NODE_ENV;
    return warnings;
  },
};

export const bundlers = Object.keys(BUNDLERS);

/** A logger of Vite that prints nothing and keeps what it is warned of. */
export function listener() {
  const warnings = [];
  const logger = vite.createLogger("silent");
  logger.warn = logger.warnOnce = logger.error = (message) => void warnings.push(message);
  return { logger, warnings };
}

/** The page of an app that Vite begins with; gives its path in the project. */
export async function writePage(entry) {
  const page = `pages/${parse(entry).base}.html`;
  await mkdir(join(project, "pages"), { recursive: true });
  await writeFile(join(project, page), pageOf([`/${entry}`]));
  return page;
}

/** A page that runs scripts. */
export const pageOf = (scripts) => {
  const body = scripts.map((script) => `<script type="module" src="${script}"></script>`).join("");
  // Without an icon a browser would ask for one.
  const head = '<meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">';
  return `<!doctype html>\n<html lang="en">\n<head>${head}</head>\n<body>${body}</body>\n</html>\n`;
};

/**
 * What a bundler made of an app.
 * @typedef {{ folder: string, page: string, warnings: string[], files: { name: string, bytes: Buffer }[] }} Bundle
 */

/** @type {Map<string, Promise<Bundle>>} */
const made = new Map();

/** The bundle of a file of `apps/`, made once. @returns {Promise<Bundle>} */
export function bundle(bundler, app) {
  const name = `${bundler}-${app}`;
  if (!made.has(name)) made.set(name, make(bundler, app, name));
  return made.get(name);
}

async function make(bundler, app, name) {
  const folder = join(project, OUTPUT, name);
  await mkdir(folder, { recursive: true });
  const said = await BUNDLERS[bundler](`apps/${app}`, folder);
  const warnings = said.filter((text) => !SIZE_HINTS.test(text));
  const files = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push({ name: relative(folder, path), bytes: await readFile(path) });
  }
  const html = files.find(({ name: file }) => file.endsWith(".html"));
  if (!html) await writeFile(join(folder, "index.html"), pageOf(["app.js"]));
  const page = `${name}/${html?.name ?? "index.html"}`;
  return { folder: name, page, warnings, files: files.filter((file) => file !== html) };
}

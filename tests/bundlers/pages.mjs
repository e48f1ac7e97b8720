// Pages in one Chromium: a tenant behind a port, bundles behind another, and what becomes of an app that is loaded.
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";

import puppeteer from "puppeteer-core";
import * as vite from "vite";

import { OUTPUT, listener, project, writePage } from "./bundles.mjs";

const require = createRequire(join(project, "package.json"));
const { createSandbox } = require("isc-service-desk/sandbox");
const { serve } = require("isc-service-desk/sandbox/node");

// The sandbox of a browser needs rights that a container has not; the rest keeps it from asking its maker for anything.
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

const HOST = "127.0.0.1";

/** A page that takes longer than this, in milliseconds, will not come: an app that fails at once leaves nothing. */
const PATIENCE_MS = 15_000;

/** @type {(() => Promise<unknown>)[]} */
const closers = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** What is started once, when it is first asked for, and ended after the tests. */
function once(start, end) {
  let started;
  return () => {
    started ??= start().then((value) => {
      closers.push(() => end(value));
      return value;
    });
    return started;
  };
}

const browser = once(
  () => puppeteer.launch({ executablePath: process.env.CHROMIUM, args: [...FLAGS, ...QUIET] }),
  (started) => started.close(),
);

const addressOf = (server) => `http://${HOST}:${server.httpServer.address().port}`;

const bundles = once(
  () => {
    const options = { logLevel: "silent", build: { outDir: OUTPUT }, preview: { host: HOST, port: 0 } };
    return vite.preview({ root: project, configFile: false, appType: "mpa", ...options });
  },
  (server) => server.close(),
);

/** The URL below which the bundles are. */
export const bundlesUrl = async () => addressOf(await bundles());

/** Each has a page before the server starts: a later one could make it bundle anew, and reload what is open. */
const DEVELOPED = ["calls.mjs", "sandbox.mjs", "typed.ts", "slim-url.mjs", "slim-query.mjs"];

const development = once(
  async () => {
    await Promise.all(DEVELOPED.map((app) => writePage(`apps/${app}`)));
    const { logger, warnings } = listener();
    const options = { customLogger: logger, logLevel: "warn", server: { host: HOST, port: 0, watch: null } };
    const server = await vite.createServer({ root: project, configFile: false, appType: "mpa", ...options });
    await server.listen();
    return { server, warnings };
  },
  ({ server }) => server.close(),
);

/** Runs an app from the server that Vite has for developers; `warnings` is what the server had to say so far. */
export async function develop(app) {
  const { server, warnings } = await development();
  return { ...(await run(`${addressOf(server)}/pages/${app}.html`)), warnings };
}

/**
 * Loads a page whose apps know a tenant of three integrations, and waits for what they leave.
 * @param {string} url
 * @param {number} [apps] how many apps the page holds
 */
export async function run(url, apps = 1) {
  const sandbox = createSandbox({ integrations: 3 });
  const served = await serve(sandbox);
  const page = await (await browser()).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    const { complaints, requests } = watch(page, served.url);
    const tenant = { baseUrl: served.url, token: sandbox.token() };
    await page.evaluateOnNewDocument(prepare, tenant);
    await page.goto(url);
    await page.waitForFunction((count) => globalThis.outcomes?.length === count, {}, apps).catch((cause) => {
      throw new Error(`an app of ${url} left no outcome; complaints: [${complaints}]`, { cause });
    });
    const outcomes = await page.evaluate(() => Promise.all(globalThis.outcomes));
    const streamed = await page.evaluate(() => globalThis.streamed);
    return { outcomes, complaints, requests, streamed };
  } finally {
    await page.close();
    await served.close();
  }
}

/** In the page, before any app: what the apps ask for, and a count of what is compiled while it arrives. */
function prepare(tenant) {
  const { compileStreaming } = WebAssembly;
  const counted = (source) => {
    globalThis.streamed += 1;
    return compileStreaming(source);
  };
  WebAssembly.compileStreaming = counted;
  Object.assign(globalThis, { tenant, streamed: 0 });
}

/**
 * What a developer would see in the console. How the tenant's answers end is the app's business: a refusal is shown
 * there, and Chromium calls many a request aborted whose body a reader has taken to its end.
 */
function watch(page, tenantUrl) {
  const complaints = [];
  const requests = [];
  const complain = (url, text) => void (url?.startsWith(tenantUrl) || complaints.push(text));
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => complain(request.url(), `${request.url()}: ${request.failure()?.errorText}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) complain(message.location().url, message.text());
  });
  return { complaints, requests };
}

// What the tests of all runtimes share: a tenant behind a port, the package's files behind another, and what a report
// must say.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

import { EXPECTED } from "../scenario.mjs";

export const environment = (name) => process.env[name] ?? assert.fail(`${name} must be set: cargo xtask test --only runtimes`);

export const {
  DriverService,
  EdgeRuntime,
  Miniflare,
  SessionBuilder,
  UndiciInstrumentation,
  build,
  nitro,
  programs,
  puppeteer,
  telemetry,
  zone,
} = await import(pathToFileURL(environment("RUNTIMES_TOOLS")).href);

/** Every runtime of the matrix, by the name that docs/runtimes.md has for it, and what it calls itself. */
export const AGENTS = {
  "Node 20.19": /^Node\.js\/20\.19\./,
  "Node 22": /^Node\.js\/22\./,
  "Node 24": /^Node\.js\/24\./,
  "Deno 2": /^Deno\/2\./,
  "Bun 1": /^Bun\/1\./,
  "Cloudflare Workers": /^Cloudflare-Workers$/,
  "Vercel Edge": /^EdgeRuntime\//,
  Chromium: /Chrome\//,
  Firefox: /Firefox\//,
  WebKit: /AppleWebKit\/(?!.*Chrome)/,
};

/** What a served tenant is asked by the job; an abort may come before its request goes out. */
const ASKED =
  "POST 200, GET 200, GET 200, GET 200, PATCH 200, GET 200, GET 200, PATCH 200, GET 200, DELETE 204, GET 404";

const packageFolder = new URL(".", import.meta.resolve("isc-service-desk/package.json"));
const ownFolder = new URL("..", import.meta.url);

/** The folder of the project that has installed the package. */
export const projectFolder = new URL("../../", packageFolder);

export const readPackaged = (name) => readFile(new URL(name, packageFolder));

/** A page of docs/, which stands beside the tests and not in the package. */
export const readDocument = (name) => readFile(new URL(`docs/${name}`, projectFolder), "utf8");

/** A tenant behind a port for the time of a test, and what a program needs to know of it. */
export async function tenant(context, authOf = ({ credentials }) => credentials) {
  const sandbox = createSandbox({ integrations: 3 });
  const served = await serve(sandbox);
  context.after(() => served.close());
  return { sandbox, input: { baseUrl: served.url, auth: authOf(sandbox) } };
}

/** For a page, where credentials don't belong. */
export const byToken = (sandbox) => ({ token: sandbox.token() });

/** What a tenant was asked, but for tokens and for what a browser asks by itself. */
export const asked = ({ requests }) =>
  requests.filter(({ method, path }) => method !== "OPTIONS" && path !== "/oauth/token");

/** Both jobs were done, in this runtime, and the served tenant was asked for one of them. */
export function assertDone(report, runtime, sandbox) {
  assert.match(String(report.agent), AGENTS[runtime], JSON.stringify(report));
  assertJobs(report, sandbox);
}

/** The same of a runtime that does not say what it is. */
export function assertJobs(report, sandbox) {
  assert.deepEqual(report.overHttp, EXPECTED, JSON.stringify(report));
  assert.deepEqual(report.inProcess, EXPECTED);
  assert.equal(
    asked(sandbox)
      .slice(0, ASKED.split(",").length)
      .map(({ method, status }) => `${method} ${status}`)
      .join(", "),
    ASKED,
  );
}

/**
 * An API behind a port that names each integration after the token that it was asked with. It is busy the first time that a
 * thing is asked for, but for what is refused to a token that is not new; `answered` are the names that it gave.
 */
export async function echoing(context) {
  const met = new Set();
  const answered = [];
  const server = createServer((request, response) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
    if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
    const { authorization } = request.headers;
    const { pathname, searchParams } = new URL(request.url, "http://x");
    const id = request.headers["x-id"] ?? pathname.split("/").at(-1);
    const isFirst = !met.has(pathname + id);
    met.add(pathname + id);
    const isRefused = id.startsWith("refused-") && authorization.startsWith("Bearer old");
    const isBusy = isFirst && !id.startsWith("refused-");
    const status = isRefused ? 401 : isBusy ? 503 : 200;
    const integration = { id, name: authorization, type: "t", attributes: {} };
    if (status === 200) answered.push(authorization);
    response.writeHead(status, { ...headers, "content-type": "application/json" });
    response.end(JSON.stringify(status !== 200 ? {} : searchParams.has("limit") ? [integration] : integration));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => (server.closeAllConnections(), server.close()));
  return { input: { baseUrl: `http://127.0.0.1:${server.address().port}` }, answered };
}

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/**
 * A site for the time of a test: the package in /dist/, programs beside it, and a page for each program in pages/. `bundles` are
 * pages' programs that are made, by their paths.
 */
export async function site(context, { policy, importMap, input, bundles = {} } = {}) {
  const map =
    importMap === undefined ? "" : `<script type="importmap">${JSON.stringify({ imports: importMap })}</script>`;
  const page = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,">
    <script src="/pages/errors.js"></script>${map}<script type="module" src="/pages/${name}.mjs"></script>`;
  const contents = (path) => {
    const name = path.slice(1);
    if (Object.hasOwn(bundles, name)) return bundles[name];
    if (name === "pages/input.mjs") return `export const input = ${JSON.stringify(input)};`;
    if (/^dist\/\w[\w.-]+$/.test(name)) return readPackaged(name);
    if (/^((scenario|lost|users)\.mjs|pages\/[\w-]+\.m?js)$/.test(name)) return readFile(new URL(name, ownFolder));
    return page(name);
  };
  const server = createServer(async (request, response) => {
    const ending = /\.(\w+)$/.exec(request.url)?.[1] ?? "html";
    const headers = {
      "content-type": TYPES[ending],
      ...(policy === undefined ? {} : { "content-security-policy": policy }),
    };
    const body = await Promise.resolve(contents(request.url)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

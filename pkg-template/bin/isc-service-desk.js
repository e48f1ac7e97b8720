#!/usr/bin/env node
// @ts-check
// The command of the package, for Node: serves a sandbox until it is interrupted.

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

const HELP = `Usage: isc-service-desk sandbox [--port N] [--host H] [--allow-host H]...

Serves a tenant in memory over HTTP: the Service Desk Integration API of SailPoint ISC, for any client.

  --port N        the port; without it a free one is picked
  --host H        the address to listen on; default 127.0.0.1. With another than this machine's own (127.0.0.0/8, ::1,
                  localhost) the credentials are random
  --allow-host H  a name or address, without a port, by which the sandbox may be asked beside localhost and H of --host;
                  may be given more than once
  --help          shows this text
  --version       shows the version of the package`;

/** How often the end of a shell is looked for. */
const LOOK_MS = 250;

const INSIDE = Symbol.for("isc-service-desk.sandbox");

/** What the command line asks for is not what the command does. */
class UsageError extends Error {}

async function main() {
  const { values, positionals } = parsed();
  if (values.help) return console.log(HELP);
  if (values.version) return console.log(createRequire(import.meta.url)("isc-service-desk/package.json").version);
  if (positionals.length !== 1 || positionals[0] !== "sandbox") {
    throw new UsageError(positionals.length === 0 ? "a command is missing" : `unknown command: ${positionals.join(" ")}`);
  }
  if (values.host === "") throw new UsageError("--host must name an address");
  const { host = "127.0.0.1", "allow-host": allowedHosts = [] } = values;
  const sandbox = sandboxAt(host);
  const served = await serve(sandbox, { port: portOf(values.port), host, allowedHosts }).catch((error) => {
    if (error?.field !== "allowedHosts") throw error;
    throw new UsageError("--allow-host must be a host name or address, without scheme and port");
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void served.close());
  if (process.env.npm_command === "exec") closeWithShell(served);
  if (!isThisMachine(sandbox, host)) {
    console.error(`isc-service-desk: warning: other machines can reach the sandbox at ${host}; its client secret is random`);
  }
  const { clientId, clientSecret } = sandbox.credentials;
  console.log(`The sandbox listens on ${served.url} until Ctrl-C. Its environment, for any SailPoint SDK:\n`);
  console.log(`SAIL_BASE_URL=${served.url}\nSAIL_CLIENT_ID=${clientId}\nSAIL_CLIENT_SECRET=${clientSecret}`);
}

/**
 * npx starts a command in a shell. A SIGTERM to npx is handed on to that shell and no further: both end, and this process gets
 * no signal. Nothing tells a process that its parent has ended, so it looks.
 * @param {import("isc-service-desk/sandbox/node").ServedSandbox} served
 */
function closeWithShell(served) {
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    void served.close();
  }, LOOK_MS);
  timer.unref();
}

/**
 * The usual credentials are no secret, so other machines do not get in by them. The record cannot be read here.
 * @param {string} host
 */
function sandboxAt(host) {
  let sandbox = createSandbox();
  if (!isThisMachine(sandbox, host)) {
    const credentials = { clientId: "sandbox-client", clientSecret: randomBytes(32).toString("hex") };
    sandbox = createSandbox({ credentials });
  }
  insideOf(sandbox).keepNoRequests();
  return sandbox;
}

/**
 * Whether what listens on this host is reached from here alone.
 * @param {import("isc-service-desk/sandbox").Sandbox} sandbox
 * @param {string} host
 * @returns {boolean}
 */
const isThisMachine = (sandbox, host) => insideOf(sandbox).isThisMachine(host);

/** @param {any} sandbox */
const insideOf = (sandbox) => sandbox[INSIDE];

function parsed() {
  const text = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({ allowPositionals: true, options: { port: text, host: text, "allow-host": { ...text, multiple: true }, help: flag, version: flag } });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string | undefined} text */
function portOf(text) {
  if (text === undefined) return 0;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new UsageError(`--port must be 0 to 65535, got ${text}`);
}

main().catch((error) => {
  console.error(`isc-service-desk: ${error instanceof Error ? error.message : error}`);
  if (error instanceof UsageError) console.error(`\n${HELP}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

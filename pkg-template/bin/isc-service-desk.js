#!/usr/bin/env node
// @ts-check
// The command of the package, for Node: serves a sandbox until it is interrupted.

import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { createSandbox } from "isc-service-desk/sandbox";
import { serve } from "isc-service-desk/sandbox/node";

const HELP = `Usage: isc-service-desk sandbox [--port N] [--host H]

Serves a tenant in memory over HTTP: the Service Desk Integration API of SailPoint ISC, for any client.

  --port N     the port; without it a free one is picked
  --host H     the address to listen on; default 127.0.0.1
  --help       shows this text
  --version    shows the version of the package`;

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
  const sandbox = createSandbox();
  const served = await serve(sandbox, { port: portOf(values.port), host: values.host ?? "127.0.0.1" });
  const { clientId, clientSecret } = sandbox.credentials;
  console.log(`The sandbox listens on ${served.url} until Ctrl-C. Its environment, for any SailPoint SDK:\n`);
  console.log(`SAIL_BASE_URL=${served.url}\nSAIL_CLIENT_ID=${clientId}\nSAIL_CLIENT_SECRET=${clientSecret}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void served.close());
}

function parsed() {
  const text = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({ allowPositionals: true, options: { port: text, host: text, help: flag, version: flag } });
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

// Shows a line of JSON for everything that happens to a call, and for a failure; none of them holds a secret.
// Run with: node examples/logs.mts (Node 22.18 or newer, in a folder where isc-service-desk is installed; no account is needed)

import { ServiceDeskClient, isServiceDeskError, type ClientEvent } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

let lines = 0;
function log(level: string, entry: object): void {
  lines += 1;
  console.log(JSON.stringify({ time: new Date().toISOString(), level, ...entry }));
}

/** What is worth a look: waits, refusals, creates that got no answer, endpoints about to end. */
function onEvent(event: ClientEvent): void {
  const isUsual = event.type === "request" || event.type === "token" || (event.type === "response" && event.status < 400);
  log(isUsual ? "debug" : "warn", event);
}

const sandbox = createSandbox();
const client = new ServiceDeskClient({
  baseUrl: sandbox.baseUrl,
  auth: sandbox.credentials,
  fetch: sandbox.fetch,
  retry: { baseDelayMs: 10 },
  onEvent,
});

sandbox.fault({ on: { method: "GET" }, then: { status: 503 } });
await client.integrations.list();
console.log(`${lines} lines for a list that was asked for twice`); // => 6 lines for a list that was asked for twice

try {
  await client.integrations.get("62945a496ef440189b1f03e3623411c8");
} catch (error) {
  if (!isServiceDeskError(error)) throw error;
  log("error", error.toJSON());
  console.log(`${error.code} after ${error.attempts.length} attempt`); // => not-found after 1 attempt
}

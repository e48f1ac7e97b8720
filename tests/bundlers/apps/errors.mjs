// An app that looks at error classes and errors of many kinds: at what a minifier may rename, and at what it may not.

import * as everything from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

const { ServiceDeskClient, ServiceDeskError } = everything;
const { baseUrl, token } = globalThis.tenant;

const describe = (error) => ({
  name: error.name,
  code: error.code,
  text: String(error),
  class: error.constructor.name,
  serialized: JSON.parse(JSON.stringify(error)).name,
  own: error instanceof ServiceDeskError && error instanceof everything[error.name],
});

async function run() {
  const basics = { baseUrl, auth: { token }, retry: "off" };
  const client = (options) => new ServiceDeskClient({ ...basics, ...options }).integrations;
  const answering = (status, body) => client({ fetch: async () => new Response(body, { status }) }).get("a");
  const failures = [
    client().list({ limit: -1 }),
    client().get("nowhere"),
    client({ auth: { token: "stale" } }).list(),
    client({ fetch: () => Promise.reject(new TypeError("no way")) }).list(),
    client({ fetch: () => new Promise(() => {}), timeoutMs: 1 }).list(),
    answering(409, "{}"),
    answering(429, "{}"),
    answering(503, "{}"),
    answering(418, "{}"),
    answering(200, "<html>"),
  ];
  const classes = Object.entries(everything).filter(([, value]) => value?.prototype instanceof Error);
  return {
    classes: classes.map(([exported, type]) => ({ exported, class: type.name, name: type.prototype.name })),
    failures: await Promise.all(failures.map((failure) => failure.then(() => undefined, describe))),
  };
}

leave(run());

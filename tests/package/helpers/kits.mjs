// What tests of the client are made with: the package by each way to load it, tenants, scripted servers, the ten operations.
import assert from "node:assert/strict";
import test from "node:test";

import { loaders } from "./entries.mjs";

/**
 * Everything that the package exports, by each way to load it. A test takes all from one, so that it mixes no two copies.
 * @type {any[]}
 */
export const kits = await Promise.all(loaders.map(async ({ name, load }) => ({
  way: name,
  ...(await load("isc-service-desk")),
  ...(await load("isc-service-desk/sandbox")),
  ...(await load("isc-service-desk/sandbox/node")),
})));

/** A test for each way to load the package. */
export function eachWay(name, run) {
  for (const kit of kits) test(`${name} (${kit.way})`, (context) => run(kit, context));
}

let tenants = 0;

/** One attempt, at once: a test of retries, or of the rate limit, says so. */
const PLAIN = Object.freeze({ retry: "off", rateLimit: "off" });

/** A tenant with an origin of its own, and a client of it. */
export function tenantOf(kit, { sandbox: settings = {}, ...options } = {}) {
  const sandbox = kit.createSandbox({ tenant: `tenant-${++tenants}`, ...settings });
  const client = new kit.ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch, ...PLAIN, ...options });
  return { sandbox, client };
}

/** Options of a client whose walk sends hundreds of requests. */
export const LONG_WALK = Object.freeze({ rateLimit: "off" });

/** The token that clients of scripted servers send. */
export const TOKEN = "t0ken-of-the-test";

/** A client of a server that answers what `respond(request, number)` gives; `asked` is what it was asked. */
export function scripted(kit, respond, options = {}) {
  /** @type {{ method: string, url: string, headers: Record<string, string>, body: string, redirect: string }[]} */
  const asked = [];
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, url, redirect } = request;
    const body = await request.clone().text();
    asked.push({ method, url, headers: Object.fromEntries(request.headers), body, redirect });
    return respond(request, asked.length);
  };
  const baseUrl = `https://tenant-${++tenants}.example`;
  const client = new kit.ServiceDeskClient({ baseUrl, auth: { token: TOKEN }, fetch, ...PLAIN, ...options });
  return { client, asked, baseUrl };
}

/** A JSON answer. */
export const json = (value, init = {}) =>
  new Response(typeof value === "string" ? value : JSON.stringify(value), {
    status: 200,
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });

/** What a promise rejects with. */
export async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("it must fail");
}

/** What a call throws at once. */
export function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  assert.fail("it must throw");
}

/** Waits until a promise is settled, and says how. */
export const settled = async (promise) => (await Promise.allSettled([promise]))[0];

/** The least that create and replace take. */
export const INPUT = Object.freeze({
  name: "Acme ServiceNow",
  description: "Tickets for disconnected apps",
  type: "ServiceNow SDIM",
  attributes: Object.freeze({ url: "https://acme.service-now.com" }),
});

/** The least that a server may answer as an integration. */
export const INTEGRATION = Object.freeze({ id: "6f2b", name: "n", type: "t", attributes: Object.freeze({}) });

export const TEMPLATE = Object.freeze({ name: "n", type: "t", attributes: Object.freeze({}), provisioningConfig: Object.freeze({}) });

export const STATUS_CHECK = Object.freeze({ provisioningStatusCheckIntervalMinutes: "30", provisioningMaxStatusCheckDays: "2" });

const PATCH = Object.freeze([{ op: "replace", path: "/description", value: "Tickets" }]);

/**
 * The ten operations: how each is called, what it must send below the path of the service, and what a server may answer.
 * @typedef {{
 *   operation: string,
 *   method: string,
 *   path: (id: string) => string,
 *   call: (client: any, id: string, options?: any) => Promise<any>,
 *   query?: string,
 *   contentType?: string,
 *   sends?: unknown,
 *   answers?: unknown,
 *   status: number,
 * }} Operation
 */

/** @type {Operation[]} */
export const operations = [
  {
    operation: "getServiceDeskIntegrations",
    method: "GET",
    path: () => "",
    query: "limit=250",
    call: (client, _id, options) => client.integrations.list({}, options),
    answers: [INTEGRATION],
    status: 200,
  },
  {
    operation: "createServiceDeskIntegration",
    method: "POST",
    path: () => "",
    call: (client, _id, options) => client.integrations.create(INPUT, options),
    contentType: "application/json",
    sends: INPUT,
    answers: INTEGRATION,
    status: 200,
  },
  {
    operation: "getServiceDeskIntegration",
    method: "GET",
    path: (id) => `/${id}`,
    call: (client, id, options) => client.integrations.get(id, options),
    answers: INTEGRATION,
    status: 200,
  },
  {
    operation: "putServiceDeskIntegration",
    method: "PUT",
    path: (id) => `/${id}`,
    call: (client, id, options) => client.integrations.replace(id, { ...INPUT, name: "Another name" }, options),
    contentType: "application/json",
    sends: { ...INPUT, name: "Another name" },
    answers: INTEGRATION,
    status: 200,
  },
  {
    operation: "patchServiceDeskIntegration",
    method: "PATCH",
    path: (id) => `/${id}`,
    call: (client, id, options) => client.integrations.patch(id, PATCH, options),
    contentType: "application/json-patch+json",
    sends: PATCH,
    answers: INTEGRATION,
    status: 200,
  },
  {
    operation: "getServiceDeskIntegrationTypes",
    method: "GET",
    path: () => "/types",
    call: (client, _id, options) => client.types.list(options),
    answers: [{ name: "n", type: "t", scriptName: "s" }],
    status: 200,
  },
  {
    operation: "getServiceDeskIntegrationTemplate",
    method: "GET",
    path: () => "/templates/GenericSDIM",
    call: (client, _id, options) => client.templates.get("GenericSDIM", options),
    answers: TEMPLATE,
    status: 200,
  },
  {
    operation: "getStatusCheckDetails",
    method: "GET",
    path: () => "/status-check-configuration",
    call: (client, _id, options) => client.statusCheck.get(options),
    answers: STATUS_CHECK,
    status: 200,
  },
  {
    operation: "updateStatusCheckDetails",
    method: "PUT",
    path: () => "/status-check-configuration",
    call: (client, _id, options) => client.statusCheck.update(STATUS_CHECK, options),
    contentType: "application/json",
    sends: STATUS_CHECK,
    answers: STATUS_CHECK,
    status: 200,
  },
  {
    operation: "deleteServiceDeskIntegration",
    method: "DELETE",
    path: (id) => `/${id}`,
    call: (client, id, options) => client.integrations.delete(id, options),
    status: 204,
  },
];

/** Every API version, and the path of the service in it. */
export const versions = [
  ["v1", "/service-desk-integrations/v1"],
  ["v3", "/v3/service-desk-integrations"],
  ["v2024", "/v2024/service-desk-integrations"],
  ["v2025", "/v2025/service-desk-integrations"],
  ["v2026", "/v2026/service-desk-integrations"],
  ["beta", "/beta/service-desk-integrations"],
];

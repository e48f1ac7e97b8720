// The clients that are compared: each gets one integration and lists 250, as its documentation says one should. `stub` takes the
// network's place: given the URL, it returns the bytes of the answer.

import { readFileSync } from "node:fs";

const TOKEN = "t0ken";
const HEADERS = { authorization: `Bearer ${TOKEN}`, accept: "application/json" };
const QUERY = { limit: 250, sorters: "name" };
const PATH = "/service-desk-integrations/v1";

const { devDependencies: versions } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** The fetch of a client: the platform's, or one that only makes a Response of the stub's bytes. */
function fetchOver(stub) {
  if (stub === undefined) return globalThis.fetch;
  const headers = { "content-type": "application/json" };
  return async (input) => new Response(stub(typeof input === "string" ? input : input.url), { headers });
}

/** What axios takes in the place of its own transport, whose bytes it turns into text itself. */
function adapterOver(stub) {
  if (stub === undefined) return undefined;
  return async (config) => {
    const data = Buffer.from(stub(config.url)).toString("utf8");
    return { data, status: 200, statusText: "OK", headers: { "content-type": "application/json" }, config, request: {} };
  };
}

function bareFetch({ baseUrl, stub }) {
  const fetch = fetchOver(stub);
  const json = async (url) => {
    const response = await fetch(url, { headers: HEADERS });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };
  const query = new URLSearchParams(QUERY);
  return { get: (id) => json(`${baseUrl}${PATH}/${encodeURIComponent(id)}`), list: () => json(`${baseUrl}${PATH}?${query}`) };
}

/** What a client must do that follows no redirect and can be aborted. */
function carefulFetch({ baseUrl, stub }) {
  const fetch = fetchOver(stub);
  const json = async (url) => {
    const { signal } = new AbortController();
    const response = await fetch(new Request(url, { headers: HEADERS, redirect: "manual", signal }));
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };
  const query = new URLSearchParams(QUERY);
  return { get: (id) => json(`${baseUrl}${PATH}/${encodeURIComponent(id)}`), list: () => json(`${baseUrl}${PATH}?${query}`) };
}

/** All defaults, but that more than 100 requests in 10 s would have to wait. */
async function ours({ baseUrl, stub, rateLimit }) {
  const { ServiceDeskClient } = await import("isc-service-desk");
  const fetch = stub && fetchOver(stub);
  const { integrations } = new ServiceDeskClient({ baseUrl, auth: { token: TOKEN }, fetch, rateLimit });
  return { get: (id) => integrations.get(id), list: async () => (await integrations.list(QUERY)).items };
}

async function openapiFetch({ baseUrl, stub }) {
  const { default: createClient } = await import("openapi-fetch");
  const client = createClient({ baseUrl, headers: HEADERS, fetch: stub && fetchOver(stub) });
  const value = ({ data, error }) => {
    if (error !== undefined) throw error;
    return data;
  };
  return {
    get: async (id) => value(await client.GET(`${PATH}/{id}`, { params: { path: { id } } })),
    list: async () => value(await client.GET(PATH, { params: { query: QUERY } })),
  };
}

async function kyClient({ baseUrl, stub }) {
  const { default: ky } = await import("ky");
  const client = ky.create({ prefixUrl: baseUrl, headers: HEADERS, fetch: stub && fetchOver(stub) });
  const path = PATH.slice(1);
  return {
    get: (id) => client.get(`${path}/${encodeURIComponent(id)}`).json(),
    list: () => client.get(path, { searchParams: QUERY }).json(),
  };
}

async function axiosClient({ baseUrl, stub }) {
  const { default: axios } = await import("axios");
  const client = axios.create({ baseURL: baseUrl, headers: HEADERS, adapter: adapterOver(stub) });
  return {
    get: async (id) => (await client.get(`${PATH}/${encodeURIComponent(id)}`)).data,
    list: async () => (await client.get(PATH, { params: QUERY })).data,
  };
}

/**
 * Each call of this one adds a pair of interceptors to its axios instance, and each pair slows down every later call: a
 * long-lived process gets a new instance every 25 calls.
 */
async function official({ baseUrl, stub, callsPerInstance = 25 }) {
  const { default: sdk } = await import("sailpoint-api-client");
  const { default: axios } = await import("axios");
  const configuration = new sdk.Configuration({ baseurl: baseUrl, accessToken: TOKEN });
  let [calls, current] = [0, undefined];
  const api = () => {
    if (calls % callsPerInstance === 0) {
      current = new sdk.ServiceDeskIntegrationApi(configuration, undefined, axios.create({ adapter: adapterOver(stub) }));
    }
    calls += 1;
    return current;
  };
  return {
    get: async (id) => (await api().getServiceDeskIntegration({ id })).data,
    list: async () => (await api().getServiceDeskIntegrations(QUERY)).data,
  };
}

const client = (name, make, options = {}) => ({ label: versions[name] ? `${name} ${versions[name]}` : name, make, ...options });

/** What the others are compared to. */
export const BASE = "fetch";
export const OURS = "isc-service-desk";

/** In the order of the tables. */
export const CLIENTS = {
  [BASE]: client("bare fetch", bareFetch),
  careful: client("fetch with Request, signal, no redirects", carefulFetch),
  [OURS]: client("isc-service-desk", ours),
  "openapi-fetch": client("openapi-fetch", openapiFetch),
  ky: client("ky", kyClient),
  axios: client("axios", axiosClient),
  "sailpoint-api-client": client("sailpoint-api-client", official),
};

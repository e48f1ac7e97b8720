// @ts-check
// Clients of the core: how one is opened, and how it is forgotten with the last that holds it.

import { close, open } from "../core.js";
import { said } from "../border.js";
import { REFUSED, errorOf } from "./carry.js";
import { given, json, member } from "./given.js";
import { isPage, keepsRequestsApart, mayResend } from "./surroundings.js";

/** @typedef {import("./carry.js").Client & { baseUrl: string, apiVersion: string }} Client */

/** @type {WeakMap<object, number>} */
const tokenFunctions = new WeakMap();
let count = 0;

/**
 * Requests are counted by the token function: the same number for the same one.
 * @param {any} token
 */
function numberOf(token) {
  if (typeof token !== "function") return 0;
  const number = tokenFunctions.get(token) ?? (count += 1);
  tokenFunctions.set(token, number);
  return number;
}

/**
 * What calls `end` with the number of what nothing holds any more.
 * @param {(id: number) => void} end
 * @returns {{ register(target: object, id: number, token: object): void, unregister(token: object): void }}
 */
export function registry(end) {
  if (typeof FinalizationRegistry === "undefined") return { register() {}, unregister() {} };
  return new FinalizationRegistry(end);
}

/** @type {ReturnType<typeof registry> | undefined} */
let clients;

/**
 * @param {any} options
 * @returns {Client}
 */
export function opened(options) {
  const [fetch, onEvent] = [member(options, "fetch"), member(options, "onEvent")];
  const token = member(member(options, "auth"), "token");
  const resends = fetch === undefined && mayResend();
  const isObserved = typeof onEvent === "function";
  const command = json([given(options)]);
  const id = open(command, isPage(), resends, isObserved, keepsRequestsApart(), numberOf(token), performance.now());
  const { error, baseUrl, apiVersion } = said();
  if (id === REFUSED) throw errorOf(error, new Error());
  const client = { id, fetch, token, onEvent, baseUrl, apiVersion };
  clients ??= registry(close);
  clients.register(client, id, client);
  return client;
}

// @ts-check
// Options that the surroundings give: the variables that every SailPoint SDK reads, or the configuration of an ISC UI
// plugin. What the caller gives goes first.

import { makeError } from "../errors.js";

/** @param {string} field @param {string} message */
const invalid = (field, message) => makeError("invalid-argument", message, { field });

/** @param {Record<string, unknown> | undefined} options @param {string[]} names */
const lacks = (options, ...names) => names.every((name) => own(options, name) === undefined);

/**
 * A member of the object itself: a page may have given every object members.
 * @param {Record<string, unknown> | undefined} object
 * @param {string} name
 */
const own = (object, name) => (Object.getOwnPropertyDescriptor(object ?? {}, name) ? object?.[name] : undefined);

/** @param {string} name */
function variable(name) {
  const value = own(/** @type {any} */ (globalThis).process?.env, name);
  if (!value) throw invalid(name, `${name} must be set in the environment, or its option given`);
  if (value !== String(value).trim()) throw invalid(name, `${name} in the environment has white space around its value`);
  return value;
}

/** @param {Record<string, unknown> | undefined} options */
export function environmentOptions(options) {
  const found = { ...options };
  if (lacks(options, "tenant", "baseUrl")) found.baseUrl = variable("SAIL_BASE_URL");
  if (lacks(options, "auth")) {
    found.auth = { clientId: variable("SAIL_CLIENT_ID"), clientSecret: variable("SAIL_CLIENT_SECRET") };
  }
  return found;
}

function configuration() {
  const read = /** @type {any} */ (globalThis).sailpointConfig;
  if (typeof read === "function") return read.call(globalThis);
  throw invalid("sailpointConfig", "window.sailpointConfig() is not there: fromPlugin() works inside an ISC UI plugin");
}

/** One for all clients: requests are counted by the token function. */
const pluginToken = async () => (await configuration())?.accessToken;

/** @param {Record<string, unknown> | undefined} options */
export function pluginOptions(options) {
  const found = { ...options };
  if (lacks(options, "tenant", "baseUrl")) found.baseUrl = configuration()?.baseurl;
  if (lacks(options, "auth")) found.auth = { token: pluginToken };
  return found;
}

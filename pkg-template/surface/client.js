// @ts-check
// The client, for every environment: names and nesting of the public surface. Each method is a closure, so that it can be taken
// from its object, and its object be wrapped.

import { clientCore } from "./client-core.js";
import { call } from "../client/carry.js";
import { opened } from "../client/client.js";
import { given, json, member, written } from "../client/given.js";
import { hide } from "../client/members.js";
import { walksOf } from "../client/walk.js";
import { environmentOptions, pluginOptions } from "./environment.js";
import { integrationIterable } from "./iterate.js";

export class ServiceDeskClient {
  constructor(options) {
    clientCore.ready();
    const client = opened(options);

    /** @param {string} name @param {unknown} argument @param {any} options @param {object} [extras] */
    const ask = (name, argument, options, extras) => run(name, argument, {}, options, extras);

    /** @param {string} name @param {unknown} argument @param {unknown} body @param {any} options @param {object} [extras] */
    const send = (name, argument, body, options, extras) => run(name, argument, written(body), options, extras);

    /**
     * @param {string} name
     * @param {unknown} argument
     * @param {import("../client/given.js").Written} body
     * @param {any} options
     * @param {object} [extras]
     */
    function run(name, argument, { json: body, problem }, options, extras) {
      const command = json([name, given(argument), given(options), problem]);
      const [signal, onResponse] = [member(options, "signal"), member(options, "onResponse")];
      return call(client, command, body, { signal, onResponse, ...extras }, new Error());
    }

    this.integrations = {
      list: (query, options) => ask("list", query, options, { filters: member(query, "filters") }),
      iterate(query, options) {
        // Checked now, not when the loop begins; later loops begin anew from the same.
        const open = walksOf(client, query, options);
        /** @type {import("../client/walk.js").Walk | undefined} */
        let first = open();
        return integrationIterable(() => {
          const walk = first ?? open();
          first = undefined;
          return walk;
        });
      },
      get: (id, options) => ask("get", id, options),
      create: (input, options) => send("create", undefined, input, options),
      replace: (id, input, options) => send("replace", id, input, options),
      patch: (id, operations, options) => send("patch", id, operations, options),
      update: (id, change, options) => send("update", id, change, options, { change }),
      delete: (id, options) => ask("delete", id, options),
    };
    this.types = { list: (options) => ask("listTypes", undefined, options) };
    this.templates = { get: (scriptName, options) => ask("getTemplate", scriptName, options) };
    this.statusCheck = {
      get: (options) => ask("getStatusCheck", undefined, options),
      update: (details, options) => send("updateStatusCheck", undefined, details, options),
    };
    hide(this, { baseUrl: client.baseUrl, apiVersion: client.apiVersion });
  }

  static fromEnv(options) {
    return clientWith(environmentOptions(options));
  }

  static fromPlugin(options) {
    return clientWith(pluginOptions(options));
  }
}

/** Outside: a bundler renames a class that names itself. */
function clientWith(options) {
  return new ServiceDeskClient(options);
}

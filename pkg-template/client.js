// @ts-check
// The client, for every environment: names and nesting of the public surface over the core, which does the work. The
// core is private to each object, so that nothing that prints or serializes a client can reach what it holds.

import { clientCore } from "./client-core.js";
import { Core } from "./core.js";
import { environmentOptions, pluginOptions } from "./environment.js";
import { IntegrationIterable } from "./iterate.js";

export class ServiceDeskClient {
  /** @type {Core} */
  #core;

  constructor(options) {
    clientCore.ready();
    const core = new Core(options);
    this.#core = core;
    this.integrations = new Integrations(core);
    this.types = Object.freeze({
      list: (options) => core.listTypes(options),
    });
    this.templates = Object.freeze({
      get: (scriptName, options) => core.getTemplate(scriptName, options),
    });
    this.statusCheck = Object.freeze({
      get: (options) => core.getStatusCheck(options),
      update: (details, options) => core.updateStatusCheck(details, options),
    });
  }

  static fromEnv(options) {
    return clientWith(environmentOptions(options));
  }

  static fromPlugin(options) {
    return clientWith(pluginOptions(options));
  }

  get baseUrl() {
    return this.#core.baseUrl;
  }

  get apiVersion() {
    return this.#core.apiVersion;
  }
}

/** Outside: a bundler renames a class that names itself. */
function clientWith(options) {
  return new ServiceDeskClient(options);
}

class Integrations {
  /** @type {Core} */
  #core;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
  }

  list(query, options) {
    return this.#core.list(query, options);
  }

  iterate(query, options) {
    // Checked now, not when the loop begins; later loops begin anew from the same.
    /** @type {import("./core.js").WalkCore | undefined} */
    let first = this.#core.walk(query, options);
    const [asked, given] = [{ ...query }, { ...options }];
    return new IntegrationIterable(() => {
      const walk = first ?? this.#core.walk(asked, given);
      first = undefined;
      return walk;
    });
  }

  get(id, options) {
    return this.#core.get(id, options);
  }

  create(input, options) {
    return this.#core.create(input, options);
  }

  replace(id, input, options) {
    return this.#core.replace(id, input, options);
  }

  patch(id, operations, options) {
    return this.#core.patch(id, operations, options);
  }

  update(id, change, options) {
    return this.#core.update(id, change, options);
  }

  delete(id, options) {
    return this.#core.delete(id, options);
  }
}

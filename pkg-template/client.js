// @ts-check
// The client, for every environment: names and nesting of the public surface over the core, which does the work. The
// core is private to each object, so that nothing that prints or serializes a client can reach what it holds.

import { Core } from "./core.js";
import { environmentOptions, pluginOptions } from "./environment.js";

export class ServiceDeskClient {
  /** @type {Core} */
  #core;

  /** @param {any} options */
  constructor(options) {
    const core = new Core(options);
    this.#core = core;
    this.integrations = new Integrations(core);
    this.types = Object.freeze({
      /** @param {any} options */
      list: (options) => core.listTypes(options),
    });
    this.templates = Object.freeze({
      /** @param {any} scriptName @param {any} options */
      get: (scriptName, options) => core.getTemplate(scriptName, options),
    });
    this.statusCheck = Object.freeze({
      /** @param {any} options */
      get: (options) => core.getStatusCheck(options),
      /** @param {any} details @param {any} options */
      update: (details, options) => core.updateStatusCheck(details, options),
    });
  }

  /** @param {any} options */
  static fromEnv(options) {
    return new ServiceDeskClient(environmentOptions(options));
  }

  /** @param {any} options */
  static fromPlugin(options) {
    return new ServiceDeskClient(pluginOptions(options));
  }

  get baseUrl() {
    return this.#core.baseUrl;
  }

  get apiVersion() {
    return this.#core.apiVersion;
  }
}

class Integrations {
  /** @type {Core} */
  #core;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
  }

  /** @param {any} query @param {any} options */
  list(query, options) {
    return this.#core.list(query, options);
  }

  /** @param {any} id @param {any} options */
  get(id, options) {
    return this.#core.get(id, options);
  }

  /** @param {any} input @param {any} options */
  create(input, options) {
    return this.#core.create(input, options);
  }

  /** @param {any} id @param {any} input @param {any} options */
  replace(id, input, options) {
    return this.#core.replace(id, input, options);
  }

  /** @param {any} id @param {any} operations @param {any} options */
  patch(id, operations, options) {
    return this.#core.patch(id, operations, options);
  }

  /** @param {any} id @param {any} options */
  delete(id, options) {
    return this.#core.delete(id, options);
  }
}

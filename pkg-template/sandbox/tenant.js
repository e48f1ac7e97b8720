// @ts-check
// The tenant in memory, for every environment, over a core of its own, which starts when the first sandbox is made.
// Nothing of the client is in it, and nothing of it in the client.

import { SandboxCore, SandboxVisitors, initSync, isThisMachine } from "../sandbox_core.js";
import { makeError } from "../errors.js";
import { Starter } from "../start/start.js";

/**
 * What the core answers, and how much of it arrives.
 * @typedef {{
 *   status: number,
 *   headers: [string, string][],
 *   body: Uint8Array<ArrayBuffer>,
 *   delivery: "whole" | "dropped" | "truncated" | "stalled",
 *   amount: number,
 * }} Reply
 */

/** Statuses whose answers have no body: `Response` throws where one is given. */
const WITHOUT_BODY = [204, 205, 304];

/** Where sandbox-node.js and the command find the way in, also when they are of another copy of the package. */
const INSIDE = Symbol.for("isc-service-desk.sandbox");

export const tenantCore = new Starter((wasm) => void initSync({ module: wasm }));

/** @type {typeof import("../sandbox.js").createSandbox} */
export function createSandbox(options = {}) {
  tenantCore.ready();
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalid("options", `options must be an object, got ${Array.isArray(options) ? "an array" : String(options)}`);
  }
  // Without what a page may have given every object.
  const { now, ...settings } = Object.assign(Object.create(null), options);
  const clock = clockOf(now === undefined ? () => Date.now() : now);
  // Who gives the clock wants the same tokens in every run.
  const random = () => (now === undefined ? crypto.getRandomValues(new Uint8Array(16)) : undefined);
  const json = toJson(settings, "options");
  const core = checked(() => new SandboxCore(json, clock()));
  const latencyMs = core.latencyMs();

  /** @type {(method: string, target: string, headers: [string, string][], body: Uint8Array) => Reply} */
  const answer = (method, target, headers, body) => {
    return replyOf(core.handle(method, target, headers.flat(), body, clock(), random()));
  };

  /**
   * What a server that listens on `host` does with the head of a request: the reply, or the most bytes of the body to read.
   * @param {string} host
   * @param {string[]} allowedHosts
   */
  const gate = (host, allowedHosts) => {
    const visitors = checked(() => new SandboxVisitors(host, toJson(allowedHosts, "allowedHosts")));
    /** @type {(method: string, target: string, headers: [string, string][]) => Reply | number} */
    return (method, target, headers) => {
      const admitted = core.admit(visitors, method, target, headers.flat(), clock());
      return typeof admitted === "number" ? admitted : replyOf(admitted);
    };
  };

  const baseUrl = core.baseUrl();
  const sandbox = {
    baseUrl,
    credentials: Object.freeze({ clientId: core.clientId(), clientSecret: core.clientSecret() }),
    token: () => core.token(clock(), random()),
    fetch: fetchOf(baseUrl, answer, latencyMs),
    get requests() {
      /** @type {import("../sandbox.js").SandboxRequest[]} */
      const records = JSON.parse(core.requests());
      return Object.freeze(records.map((record) => Object.freeze(record)));
    },
    /** @param {import("../sandbox.js").Fault} fault */
    fault: (fault) => checked(() => core.fault(toJson(fault, "fault"))),
    snapshot: () => JSON.parse(core.snapshot()),
    /** @param {import("../sandbox.js").SandboxState} state */
    restore: (state) => checked(() => core.restore(toJson(state, "state"), clock())),
  };
  const keepNoRequests = () => core.keepNoRequests();
  const inside = Object.freeze({ answer, gate, isThisMachine, keepNoRequests, latencyMs });
  Object.defineProperty(sandbox, INSIDE, Object.assign(Object.create(null), { value: inside }));
  return Object.freeze(sandbox);
}

/**
 * @param {any[]} handed
 * @returns {Reply}
 */
function replyOf([status, headers, body, delivery, amount]) {
  return { status, headers: inPairs(headers), body, delivery, amount };
}

/**
 * @param {() => number} now
 * @returns {() => number}
 */
function clockOf(now) {
  if (typeof now !== "function") throw invalid("now", `now must be a function, got ${typeof now}`);
  return () => {
    const ms = now();
    if (Number.isFinite(ms)) return ms;
    throw invalid("now", `now must give milliseconds since the epoch, got ${typeof ms === "number" ? ms : typeof ms}`);
  };
}

/**
 * JSON has no functions: they would be left out in silence.
 * @param {unknown} value
 * @param {string} name
 */
function toJson(value, name) {
  /** @type {string | undefined} */
  let json;
  try {
    json = JSON.stringify(value, (key, each) => {
      if (!["function", "symbol", "bigint"].includes(typeof each)) return each;
      throw invalid(key || name, `${key || name} must be plain JSON, got a ${typeof each}`);
    });
  } catch (error) {
    // What JSON.stringify throws itself: the value refers to itself.
    throw error instanceof TypeError ? invalid(name, `${name} must be plain JSON: ${error.message.split("\n")[0]}`) : error;
  }
  return json ?? "null";
}

/**
 * The core throws what it refuses as field and message.
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function checked(call) {
  try {
    return call();
  } catch (error) {
    throw Array.isArray(error) ? invalid(error[0], error[1]) : error;
  }
}

/**
 * @param {string} field
 * @param {string} message
 */
function invalid(field, message) {
  return makeError("invalid-argument", message, { field });
}

/**
 * @param {string[]} flat
 * @returns {[string, string][]}
 */
function inPairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? "", flat[2 * at + 1] ?? ""]);
}

/**
 * @param {string} baseUrl
 * @param {(method: string, target: string, headers: [string, string][], body: Uint8Array) => Reply} answer
 * @param {number} latencyMs
 * @returns {import("../sandbox.js").Sandbox["fetch"]}
 */
function fetchOf(baseUrl, answer, latencyMs) {
  return async (input, init) => {
    const signal = init?.signal === undefined && input instanceof Request ? input.signal : init?.signal;
    signal?.throwIfAborted();
    // Without the signal: a Request would keep a listener on it.
    const request = new Request(input, { ...init, signal: null });
    const url = new URL(request.url);
    if (url.origin !== baseUrl) {
      throw new TypeError("fetch failed", { cause: new Error(`the sandbox answers for ${baseUrl}, not for ${url.origin}`) });
    }
    const body = new Uint8Array(await abortable(request.arrayBuffer(), signal));
    const reply = answer(request.method, url.pathname + url.search, [...request.headers], body);
    if (latencyMs > 0) await pause(latencyMs, signal).over;
    signal?.throwIfAborted();
    if (reply.delivery === "dropped") throw new TypeError("fetch failed", { cause: reset() });
    if (request.redirect === "error" && reply.status >= 300 && reply.status < 400) {
      throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
    }
    const response = new Response(bodyOf(reply, signal), { status: reply.status, headers: reply.headers });
    return Object.defineProperty(response, "url", Object.assign(Object.create(null), { value: url.href }));
  };
}

/**
 * @param {Reply} reply
 * @param {AbortSignal | null | undefined} signal
 */
function bodyOf({ status, body, delivery, amount }, signal) {
  if (WITHOUT_BODY.includes(status) || body.length === 0) return null;
  if (delivery === "truncated" && amount < body.length) return truncated(body.subarray(0, amount));
  return delivery === "stalled" ? stalled(body, amount, signal) : body;
}

/**
 * A high-water mark of 0: nothing happens before somebody reads.
 * @param {Uint8Array<ArrayBuffer>} part
 */
function truncated(part) {
  let sent = part.length === 0;
  /** @type {UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>} */
  const source = {
    pull(controller) {
      if (sent) controller.error(new TypeError("terminated", { cause: reset() }));
      else controller.enqueue(part);
      sent = true;
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/**
 * Half of the body, a pause, then the rest.
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {number} ms
 * @param {AbortSignal | null | undefined} signal
 */
function stalled(body, ms, signal) {
  const half = body.length >> 1;
  let sent = 0;
  /** @type {(() => void) | undefined} */
  let cancel;
  /** @type {UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>} */
  const source = {
    async pull(controller) {
      if (sent < half) {
        controller.enqueue(body.subarray(0, half));
        sent = half;
        return;
      }
      const wait = pause(ms, signal);
      cancel = wait.cancel;
      await wait.over;
      controller.enqueue(body.subarray(half));
      controller.close();
    },
    cancel: () => cancel?.(),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/**
 * A wait that leaves neither timer nor listener, however it ends.
 * @param {number} ms
 * @param {AbortSignal | null | undefined} signal
 */
function pause(ms, signal) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const over = abortable(new Promise((resolve) => (timer = setTimeout(resolve, ms))), signal);
  const cancel = () => clearTimeout(timer);
  over.catch(cancel);
  return { over, cancel };
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | null | undefined} signal
 * @returns {Promise<T>}
 */
function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const settled = () => signal.removeEventListener("abort", abort);
    promise.then(resolve, reject).then(settled);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** The cause that Node's fetch gives. Whether the tenant had acted, a client can't know from it. */
function reset() {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", errno: -104, syscall: "read" });
}

// @ts-check
// The sandbox behind a real HTTP port, for Node (and what brings node:http). It plays on the socket what tenant.js plays on
// a stream; what is answered is the core's alone.

import { createServer } from "node:http";
import { makeError } from "./start.js";

/** @typedef {import("./sandbox.js").Sandbox} Sandbox */
/** @typedef {{ status: number, headers: [string, string][], body: Uint8Array, delivery: string, amount: number }} Reply */
/**
 * @typedef {{
 *   answer: (method: string, target: string, headers: [string, string][], body: Uint8Array) => Reply,
 *   latencyMs: number,
 * }} Inside
 */

/** The core refuses what is longer; more than twice as much is not even read. */
const MAX_BODY_BYTES = 33 * 1024 * 1024;

const INSIDE = Symbol.for("isc-service-desk.sandbox");

/** @type {typeof import("./sandbox-node.js").serve} */
export async function serve(sandbox, options = {}) {
  const inside = insideOf(sandbox);
  const { port = 0, host = "127.0.0.1" } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw makeError("invalid-argument", `port must be a whole number, 0 to 65535, got ${port}`, { field: "port" });
  }
  // Node takes an empty host for every address of the machine.
  if (typeof host !== "string" || host === "") {
    throw makeError("invalid-argument", "host must be the name or address of this machine to listen on", { field: "host" });
  }
  const server = createServer((request, response) => {
    answer(inside, request, response).catch((error) => failed(error, response));
  });
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const bound = await listen(server, port, host);
  /** @type {Promise<void> | undefined} */
  let closing;
  const close = () => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return closing;
  };
  return { url: `http://${reachable(host)}:${bound}`, port: bound, close };
}

/**
 * @param {Sandbox} sandbox
 * @returns {Inside}
 */
function insideOf(sandbox) {
  const inside = /** @type {any} */ (sandbox)?.[INSIDE];
  if (inside) return inside;
  throw makeError("invalid-argument", "sandbox must be what createSandbox() gave", { field: "sandbox" });
}

/**
 * @param {import("node:http").Server} server
 * @param {number} port
 * @param {string} host
 * @returns {Promise<number>}
 */
function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    /** @param {NodeJS.ErrnoException} cause */
    const refused = (cause) => {
      const why = cause.code === "EADDRINUSE" ? "it is taken" : cause.message;
      const error = new Error(`cannot listen on port ${port} of ${host}: ${why}`, { cause });
      reject(Object.assign(error, { code: cause.code }));
    };
    server.once("error", refused);
    server.listen(port, host, () => {
      server.off("error", refused);
      resolve(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
    });
  });
}

/**
 * A wildcard address is none to connect to.
 * @param {string} host
 */
function reachable(host) {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * @param {Inside} inside
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer(inside, request, response) {
  const body = await read(request);
  if (!body) return;
  const { method = "", url = "" } = request;
  const reply = inside.answer(method, url, pairs(request.headers), body);
  if (!(await wait(inside.latencyMs, response))) return;
  if (reply.delivery === "dropped") {
    const { socket } = request;
    // Not every runtime with node:http can reset.
    (socket.resetAndDestroy ?? socket.destroy).call(socket);
    return;
  }
  // The date is the tenant's own.
  response.sendDate = false;
  for (const [name, value] of reply.headers) response.setHeader(name, value);
  if (reply.status !== 204 && reply.status !== 304) response.setHeader("content-length", reply.body.length);
  if (body.length > MAX_BODY_BYTES) response.setHeader("connection", "close");
  response.writeHead(reply.status);
  await deliver(reply, response);
}

/**
 * Only the sandbox's clock, which is the caller's function, can throw.
 * @param {unknown} error
 * @param {import("node:http").ServerResponse} response
 */
function failed(error, response) {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "content-type": "text/plain" }).end(`the sandbox failed: ${error}`);
}

/**
 * @param {Reply} reply
 * @param {import("node:http").ServerResponse} response
 */
async function deliver({ body, delivery, amount }, response) {
  if (delivery === "truncated" && amount < body.length) {
    response.flushHeaders();
    response.write(body.subarray(0, amount), () => response.socket?.destroy());
    return;
  }
  if (delivery === "stalled" && body.length > 0) {
    const half = body.length >> 1;
    response.flushHeaders();
    response.write(body.subarray(0, half));
    if (await wait(amount, response)) response.end(body.subarray(half));
    return;
  }
  response.end(body);
}

/**
 * The body up to one byte more than the core takes; what comes after that is passed over. Nothing where the client left.
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<Uint8Array | undefined>}
 */
function read(request) {
  return new Promise((resolve) => {
    /** @type {Uint8Array[]} */
    const chunks = [];
    let length = 0;
    request.on("data", (chunk) => {
      length += chunk.length;
      if (length - chunk.length <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (length > 2 * MAX_BODY_BYTES) request.destroy();
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => resolve(undefined));
  });
}

/**
 * False where the client left before the time was over. No timer is left then.
 * @param {number} ms
 * @param {import("node:http").ServerResponse} response
 * @returns {Promise<boolean>}
 */
function wait(ms, response) {
  if (ms === 0) return Promise.resolve(!response.destroyed);
  return new Promise((resolve) => {
    const left = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      response.off("close", left);
      resolve(true);
    }, ms);
    response.once("close", left);
  });
}

/**
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @returns {[string, string][]}
 */
function pairs(headers) {
  return Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
}

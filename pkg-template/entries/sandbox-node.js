// @ts-check
// The sandbox behind a real HTTP port, for Node (and what brings node:http). It plays on the socket what tenant.js plays on
// a stream; what is answered is the core's alone.

import { createServer } from "node:http";
import { makeError } from "../start/start.js";

/** @typedef {import("../sandbox.js").Sandbox} Sandbox */
/** @typedef {{ status: number, headers: [string, string][], body: Uint8Array, delivery: string, amount: number }} Reply */
/**
 * The reply to the head of a request, or the most bytes of its body to read.
 * @typedef {(method: string, target: string, headers: [string, string][]) => Reply | number} Admit
 */
/**
 * @typedef {{
 *   answer: (method: string, target: string, headers: [string, string][], body: Uint8Array) => Reply,
 *   gate: (host: string, allowedHosts: string[]) => Admit,
 *   latencyMs: number,
 * }} Inside
 */

/** Of a body that is not looked at so much is passed over, and then the connection ends. */
const MAX_PASSED_BYTES = 64 * 1024 * 1024;

/** A body grows from here on, to twice its length each time. */
const FIRST_BYTES = 16 * 1024;

const INSIDE = Symbol.for("isc-service-desk.sandbox");

/** @type {typeof import("../sandbox-node.js").serve} */
export async function serve(sandbox, options = {}) {
  const inside = insideOf(sandbox);
  const { port = 0, host = "127.0.0.1", allowedHosts = [] } = Object.assign(Object.create(null), options);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw makeError("invalid-argument", `port must be a whole number, 0 to 65535, got ${port}`, { field: "port" });
  }
  // Node takes an empty host for every address of the machine.
  if (typeof host !== "string" || host === "") {
    throw makeError("invalid-argument", "host must be the name or address of this machine to listen on", { field: "host" });
  }
  const admit = inside.gate(host, allowedHosts);
  const server = createServer((request, response) => {
    answer(inside, admit, request, response).catch((error) => failed(error, response));
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
 * What is decided by the head is answered before the body is read.
 * @param {Inside} inside
 * @param {Admit} admit
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer(inside, admit, request, response) {
  const { method = "", url = "" } = request;
  const headers = pairs(request.headers);
  const admitted = admit(method, url, headers);
  const isDecided = typeof admitted !== "number";
  const body = isDecided ? undefined : await read(request, admitted);
  if (!isDecided && !body) return;
  const reply = isDecided ? admitted : inside.answer(method, url, headers, /** @type {Uint8Array} */ (body));
  const isPassedOver = isDecided ? announcesBody(request.headers) : !request.complete;
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
  if (isPassedOver) response.setHeader("connection", "close");
  response.writeHead(reply.status);
  await deliver(reply, response, isPassedOver ? request : undefined);
}

/** @param {import("node:http").IncomingHttpHeaders} headers */
function announcesBody(headers) {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * The sandbox's clock, which is the caller's function, can throw, and so can Node where it refuses a header.
 * @param {unknown} error
 * @param {import("node:http").ServerResponse} response
 */
function failed(error, response) {
  if (response.headersSent) return response.destroy();
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, { "content-type": "text/plain" }).end(`the sandbox failed: ${error}`);
}

/**
 * @param {Reply} reply
 * @param {import("node:http").ServerResponse} response
 * @param {import("node:http").IncomingMessage | undefined} rest The request, where the end of its body was not awaited.
 */
async function deliver({ body, delivery, amount }, response, rest) {
  if (delivery === "truncated" && amount < body.length) {
    response.flushHeaders();
    response.write(body.subarray(0, amount), () => response.socket?.destroy());
    return;
  }
  let last = body;
  if (delivery === "stalled" && body.length > 0) {
    const half = body.length >> 1;
    response.flushHeaders();
    response.write(body.subarray(0, half));
    if (!(await wait(amount, response))) return;
    last = body.subarray(half);
  }
  if (rest) {
    response.flushHeaders();
    if (last.length > 0) response.write(last);
    await passOver(rest);
    response.end();
  } else response.end(last);
}

/**
 * The body, in one buffer that grows; of a longer one than `most` bytes one byte more, as soon as that is there. Nothing where
 * the client left.
 * @param {import("node:http").IncomingMessage} request
 * @param {number} most
 * @returns {Promise<Uint8Array | undefined>}
 */
function read(request, most) {
  return new Promise((resolve) => {
    let buffer = new Uint8Array(Math.min(FIRST_BYTES, most + 1));
    let length = 0;
    /** @param {Uint8Array} chunk */
    const take = (chunk) => {
      const needed = Math.min(length + chunk.length, most + 1);
      if (needed > buffer.length) {
        const larger = new Uint8Array(Math.min(Math.max(needed, 2 * buffer.length), most + 1));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(chunk.subarray(0, needed - length), length);
      length = needed;
      if (length > most) done();
    };
    const done = () => {
      request.off("data", take);
      request.pause();
      resolve(buffer.subarray(0, length));
    };
    request.on("data", take);
    request.once("end", done);
    request.once("close", () => resolve(undefined));
  });
}

/**
 * Until the request has ended, or was long enough: where a connection is closed while bytes arrive, it is reset, and the client
 * may never see the answer.
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<void>}
 */
function passOver(request) {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve();
    let passed = 0;
    request.on("data", (chunk) => {
      passed += chunk.length;
      if (passed > MAX_PASSED_BYTES) request.destroy();
    });
    for (const event of ["end", "close"]) request.once(event, () => resolve());
    request.resume();
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

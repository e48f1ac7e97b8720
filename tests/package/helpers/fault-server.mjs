// A tenant behind real sockets, and everything that can go wrong on them: faults are functions that write the bytes themselves.
import { createServer } from "node:http";

/** What may be written before the connection goes on in silence, or ends. */
const MORE_THAN_IS_READ = Buffer.alloc(40 * 1024 * 1024, " ");

const isToken = ({ path }) => path === "/oauth/token";

/** Listens on loopback; `close` ends every connection, whatever it was in the middle of. */
async function listen(answer, host = "127.0.0.1") {
  const sockets = new Set();
  const http = createServer(answer);
  http.on("connection", (socket) => {
    sockets.add(socket);
    // Clients that leave in the middle are what is tested.
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => http.listen(0, host, resolve));
  return {
    url: `http://${host}:${http.address().port}`,
    close: () => new Promise((resolve) => {
      http.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}

/** The URL of a port on which no server listens: at this address no other test takes it meanwhile. */
export async function closedPort() {
  const { url, close } = await listen(() => {}, "127.0.0.77");
  await close();
  return url;
}

async function bytesOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Header lines: of a list of values, one line for each. */
const linesOf = (headers) => Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}\r\n`)).join("");

/**
 * What a fault is given.
 * @typedef {{
 *   act: () => Promise<{ status: number, headers: Record<string, string>, body: Buffer }>,
 *   write: (status: number, headers: Record<string, string | string[]>, body?: string | Buffer, promised?: number) => Promise<void>,
 *   end: () => void,
 *   reset: () => void,
 *   destroy: () => void,
 *   own: string,
 *   elsewhere: string,
 * }} Exchange
 */
/** @typedef {(exchange: Exchange) => unknown} Play What is done instead of a good answer. */
/** @typedef {{ method: string, path: string, query: string, authorization?: string, faulty: boolean, wrote: boolean, at: number }} Entry */

/** A tenant that acts, behind a port of its own; `elsewhere` is a second port, to which redirects may point. */
export async function openFaultServer(kit, settings = {}) {
  const sandbox = kit.createSandbox(settings);
  /** @type {Entry[]} */
  const log = [];
  /** @type {{ play: Play, times: number, on: (entry: Entry) => boolean }[]} */
  let faults = [];
  const seenElsewhere = [];

  const elsewhere = await listen(async (request, response) => {
    const { method, url, headers } = request;
    seenElsewhere.push({ method, url, headers, body: String(await bytesOf(request)) });
    response.end("{}");
  });

  async function act(request, body, entry) {
    const { authorization, accept, "content-type": type } = request.headers;
    const given = Object.entries({ authorization, accept, "content-type": type }).filter(([, value]) => value !== undefined);
    const init = { method: request.method, headers: Object.fromEntries(given), redirect: "manual", ...(body.length > 0 && { body }) };
    const answer = await sandbox.fetch(sandbox.baseUrl + request.url, init);
    entry.wrote ||= request.method !== "GET" && answer.ok && !isToken(entry);
    const headers = Object.fromEntries(answer.headers);
    for (const name of ["content-length", "transfer-encoding", "connection"]) delete headers[name];
    return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
  }

  async function answer(request) {
    const { socket } = request;
    const [path, query = ""] = request.url.split("?");
    const entry = { method: request.method, path, query, authorization: request.headers.authorization, faulty: false, wrote: false, at: performance.now() };
    log.push(entry);
    const body = await bytesOf(request);
    const fault = faults.find(({ times, on }) => times > 0 && on(entry));
    const exchange = {
      act: () => act(request, body, entry),
      write: (status, headers, text = "", promised = Buffer.byteLength(text)) => new Promise((resolve) => {
        const length = status === 204 || headers["content-length"] ? {} : { "content-length": String(promised) };
        socket.write(`HTTP/1.1 ${status} Status\r\n${linesOf({ ...length, connection: "close", ...headers })}\r\n`);
        socket.write(text, () => resolve());
      }),
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
      destroy: () => socket.destroy(),
      own: server.url,
      elsewhere: elsewhere.url,
    };
    if (fault) {
      fault.times -= 1;
      entry.faulty = true;
    }
    await (fault?.play ?? passes)(exchange);
  }

  const server = await listen((request) => {
    // A client that left has no use for an answer.
    answer(request).catch(() => request.socket.destroy());
  });

  return {
    url: server.url,
    sandbox,
    log,
    seenElsewhere,
    /** What arrived for the API, token requests left out. */
    calls: () => log.filter((entry) => !isToken(entry)),
    tokenRequests: () => log.filter(isToken),
    /** How often the tenant did what was asked, of what changes it. */
    writes: () => log.filter(({ wrote }) => wrote).length,
    /** The next `times` requests that fit suffer this; those of the API, unless told otherwise. */
    fault: (/** @type {Play} */ play, times = 1, on = (entry) => !isToken(entry)) => faults.push({ play, times, on }),
    heal: () => (faults = []),
    close: async () => {
      await Promise.all([server.close(), elsewhere.close()]);
    },
  };
}

export const onToken = isToken;

/** Does `run` with a server, and closes it whatever happens. */
export async function withFaultServer(kit, settings, run) {
  const server = await openFaultServer(kit, settings);
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

// ------------------------------------------------------------------------------------------------ what a server may do

/** The good answer. @type {Play} */
export async function passes({ act, write, end }) {
  const { status, headers, body } = await act();
  await write(status, headers, body);
  end();
}

/** An answer in the place of the tenant, which does nothing. @returns {Play} */
export const answers = (status, headers = {}, body = "{}") => async ({ write, end }) => {
  await write(status, { "content-type": "application/json", ...headers }, status === 204 ? "" : body);
  end();
};

export const PAGE = "<!doctype html><title>Sign in</title><h1>Sign in</h1>";

export const page = (status) => answers(status, { "content-type": "text/html" }, PAGE);

/** A fault before which the tenant does what it was asked. @returns {Play} */
export const acted = (play) => async (exchange) => {
  await exchange.act();
  await play(exchange);
};

/** @type {Play} */
export const resets = ({ reset }) => reset();

/** Nothing at all, and the connection stays open. @type {Play} */
export const stalls = () => {};

/** The status and half of a body. @type {Play} */
export const stallsInTheBody = ({ write }) => write(200, { "content-type": "application/json" }, "[", 100);

/** Fewer bytes than the headers promise, then the end of the connection. @type {Play} */
export const cutsTheBody = async ({ write, destroy }) => {
  await write(200, { "content-type": "application/json" }, '[{"id":"6f2', 1_000);
  destroy();
};

/** A body above what the client reads. @returns {Play} */
export const floods = (status) => answers(status, {}, MORE_THAN_IS_READ);

/** @returns {Play} */
export const redirects = (status, where) => async (exchange) => {
  const { write, end } = exchange;
  await write(status, { location: `${exchange[where]}/redirected` });
  end();
};

/** The good answer, with more header lines. @returns {Play} */
export const adds = (headers) => async ({ act, write, end }) => {
  const answer = await act();
  await write(answer.status, { ...answer.headers, ...headers }, answer.body);
  end();
};

// What must not grow, and what must not be left behind: a process of its own does it, and prints what it found as JSON.
import { getEventListeners } from "node:events";

/** The core's, which is no part of the surface: it is seen when the core starts. @type {WebAssembly.Memory} */
let memory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    memory = this.exports.memory;
  }
};

const { ServiceDeskClient, patch } = await import("isc-service-desk");
patch();

const gc = /** @type {() => void} */ (globalThis.gc);
const page = JSON.stringify([{ name: "n", type: "t", scriptName: "s" }]);
const integration = JSON.stringify({ id: "6f2b", name: "n", type: "t", attributes: { url: "u".repeat(500) } });

/** What a call may meet: good answers, refusals, retries, renewals, dead connections. */
const fetches = [
  async () => new Response(page, { headers: { "slpt-request-id": "id" } }),
  async () => new Response("{}", { status: 404 }),
  async () => Promise.reject(new TypeError("fetch failed")),
  async () => new Response("<html>", { status: 503 }),
];

const client = (fetch, options) => new ServiceDeskClient({
  baseUrl: "https://acme.example",
  auth: { token: () => "t0ken" },
  fetch,
  rateLimit: "off",
  retry: { attempts: 2, baseDelayMs: 0 },
  onEvent: () => {},
  ...options,
});

/** Bytes that are still held, after everything that can be freed is. */
async function held() {
  for (let round = 0; round < 10; round += 1) {
    gc();
    // Finalizers run in tasks of their own.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { wasm: memory.buffer.byteLength, heap: heapUsed, external: external + arrayBuffers };
}

const jobs = {
  /** A hundred thousand calls of every kind, thirty-two at once. */
  async memory() {
    let turn = 0;
    const one = client((request) => (request.method === "GET" && request.url.endsWith("/6f2b") ? Promise.resolve(new Response(integration)) : fetches[(turn += 1) % fetches.length]()));
    const call = (number) => (number % 4 === 0 ? one.integrations.get("6f2b") : one.types.list()).catch(() => {});
    const run = async (calls) => {
      for (let done = 0; done < calls; done += 32) await Promise.all(Array.from({ length: 32 }, (_, at) => call(done + at)));
    };
    await run(10_000);
    const early = await held();
    let late = early;
    // V8's tables of what is to be finalized keep the size that they once had: garbage is collected along the way.
    for (let round = 1; round < 10; round += 1) {
      await run(10_000);
      late = await held();
    }
    return { early, late };
  },

  /** Ten thousand calls with one signal, also at once. */
  async signal() {
    const { signal } = new AbortController();
    const warnings = [];
    process.on("warning", (warning) => warnings.push(warning.message));
    const one = client(async () => new Response(page));
    for (let done = 0; done < 10_000; done += 500) {
      await Promise.all(Array.from({ length: 500 }, () => one.types.list({ signal })));
    }
    await new Promise(setImmediate);
    return { listeners: getEventListeners(signal, "abort").length, warnings };
  },

  /** Clients that nobody holds any more are freed, with what they held. */
  async clients() {
    const make = async (count) => {
      for (let made = 1; made <= count; made += 1) {
        await client(async () => new Response(page)).types.list();
        // The runtime frees them when it collects garbage, and only in between tasks.
        if (made % 250 === 0) await held();
      }
    };
    await make(1_000);
    const early = await held();
    await make(9_000);
    return { early, late: await held() };
  },

  /** Attempts that time out over a fetch that neither answers nor hears an abort. */
  async silence() {
    const one = client(() => new Promise(() => {}), { retry: "off" });
    const make = async (count) => {
      for (let made = 0; made < count; made += 500) {
        await Promise.allSettled(Array.from({ length: 500 }, () => one.types.list({ timeoutMs: 1 })));
      }
    };
    await make(2_000);
    const early = await held();
    await make(30_000);
    return { early, late: await held() };
  },

  /** Calls that have ended, while somebody still holds what could answer them. */
  async strangers() {
    const kept = [];
    const never = () => new Promise((resolve) => kept.push(resolve));
    const stalled = () => {
      let chunks = 0;
      const read = () => ((chunks += 1) === 1 ? Promise.resolve({ done: false, value: new Uint8Array(2 ** 20) }) : never());
      return { status: 200, headers: [], body: { getReader: () => ({ read }) } };
    };
    // Long enough for all of them to come so far on a busy machine.
    const options = { timeoutMs: 1_000 };
    const input = { name: "n", description: "d".repeat(200_000), type: "t", attributes: {} };
    const make = (count) => Promise.allSettled(Array.from({ length: count }, () => [
      client(never, { retry: "off" }).integrations.create(input, options),
      client(stalled, { retry: "off" }).types.list(options),
    ]).flat());
    // A later round finds the memory of those before it in pieces, and may take a step more.
    for (let round = 0; round < 4; round += 1) await make(40);
    const early = await held();
    await make(40);
    return { early, late: await held(), kept: kept.length };
  },

  /** Bodies in one chunk, and in a chunk for each byte. */
  async chunks() {
    const text = JSON.stringify(Array.from({ length: 100 }, (_, place) => ({ name: `n${place}`, type: "t", scriptName: "s".repeat(3_000) })));
    const whole = new TextEncoder().encode(text);
    const one = (size) => {
      let at = 0;
      const read = async () => (at < whole.length ? { done: false, value: whole.subarray(at, (at += size)) } : { done: true });
      return client(async () => ({ status: 200, headers: [], body: { getReader: () => ({ read }) } }), { timeoutMs: "none", attemptTimeoutMs: "none" });
    };
    await one(whole.length).types.list();
    const early = await held();
    const items = await one(1).types.list();
    return { early, late: await held(), items: items.length };
  },

  /** Loops that end, or are left, while nothing collects garbage. */
  async loops() {
    const one = client(async () => new Response(`[${integration}]`));
    const loop = async (count) => {
      for (let done = 0; done < count; done += 1) {
        for await (const item of one.integrations.iterate({ max: 1 })) if (item && done % 2 === 0) break;
      }
    };
    await loop(500);
    const early = memory.buffer.byteLength;
    await loop(5_000);
    return { early, late: memory.buffer.byteLength };
  },

  /** Every kind of end; then nothing may keep the process. */
  async exit() {
    const soon = new AbortController();
    const silent = () => new Promise(() => {});
    const ends = [
      client(async () => new Response(page)).types.list(),
      client(async () => new Response(page), { rateLimit: { requests: 100, perMs: 60_000 } }).types.list(),
      client(silent).types.list({ timeoutMs: 20 }),
      client(silent).types.list({ attemptTimeoutMs: 10 }),
      client(silent).types.list({ signal: soon.signal }),
      // Its request for a token has the client's own limit, which is longer.
      client(silent, { auth: { clientId: "id", clientSecret: "secret" } }).types.list({ timeoutMs: 20 }),
      client(async () => new Response("", { status: 503, headers: { "retry-after": "30" } })).types.list({ signal: soon.signal }),
      client(async () => new Response("", { status: 503, headers: { "retry-after": "300" } })).types.list(),
    ];
    setTimeout(() => soon.abort(), 50);
    return { ends: (await Promise.allSettled(ends)).map(({ status }) => status), at: Date.now() };
  },
};

process.stdout.write(JSON.stringify(await jobs[process.argv[2]]()) + "\n");

// What a client holds after its first calls, and after many, 32 at once over a stub; and the CPU time of a call at both ends.
// Needs --expose-gc. Arguments: the client's name, how many calls are the first, how many are all, calls per axios instance where
// that matters.

import { CLIENTS, OURS } from "./clients.mjs";

const [name, ...numbers] = process.argv.slice(2);
const [first, all, callsPerInstance] = numbers.map(Number);
const AT_ONCE = 32;
/** V8's tables of what is to be finalized keep the size that they once had: they are emptied along the way. */
const PIECE = 5_000;
const integration = { id: "6f2b", name: "n", type: "t", attributes: { text: "a".repeat(1_500) } };
const bytes = new TextEncoder().encode(JSON.stringify(integration));
const options = { baseUrl: "https://tenant.example", stub: () => bytes, rateLimit: "off" };

/** The exports of a core, which are no part of the surface: they are seen when it starts. */
let core;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    if (name === OURS) core = this.exports;
  }
};

const client = await CLIENTS[name].make({ ...options, callsPerInstance });

const gc = /** @type {() => void} */ (globalThis.gc);
const megabytes = (bytes) => bytes / 2 ** 20;

/** Finalizers run in tasks of their own. */
async function collect() {
  gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
}

/** After everything that can be freed is. */
async function held() {
  for (let round = 0; round < 5; round += 1) await collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  const wasm = core && core.memory.buffer.byteLength;
  return { rss: megabytes(rss), heap: megabytes(heapUsed), external: megabytes(external), wasm: megabytes(wasm) };
}

/** CPU milliseconds per call. */
async function run(calls) {
  const start = process.cpuUsage();
  let left = calls;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      if ((await client.get("6f2b")).name !== "n") throw new Error(`${name}: not what the stub gave`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / calls;
}

await run(first / 2);
const cpuFirst = await run(first / 2);
const early = await held();
const end = all - first / 2;
for (let done = first; done < end; done += PIECE) {
  await run(Math.min(PIECE, end - done));
  await collect();
}
const cpuLast = await run(first / 2);
process.stdout.write(JSON.stringify({ first, calls: all, cpuFirst, cpuLast, early, late: await held() }));

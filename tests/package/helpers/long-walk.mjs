// Walks over a long list from a server that makes its pages up, and prints what is in memory, without garbage, at each of
// some places: a program for a process of its own, started with --expose-gc, the client's options and the places.

const [options, marks] = process.argv.slice(2).map((argument) => JSON.parse(argument));
const total = marks.at(-1);

/** @type {Set<WebAssembly.Memory>} */
const memories = new Set();
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.add(/** @type {WebAssembly.Memory} */ (this.exports.memory));
  }
};
const { ServiceDeskClient } = await import("isc-service-desk");

/** As long as a real id. */
const idOf = (place) => place.toString(16).padStart(32, "0");

async function fetch({ url }) {
  const { searchParams } = new URL(url);
  const offset = Number(searchParams.get("offset") ?? 0);
  const length = Math.min(Number(searchParams.get("limit")), total - offset);
  const items = Array.from({ length }, (_, at) => `{"id":"${idOf(offset + at)}","name":"n","type":"t","attributes":{}}`);
  return new Response(`[${items.join()}]`, { headers: { "x-total-count": String(total) } });
}

async function inMemory() {
  // Twice, since what the first collection finds is let go of by tasks after it.
  for (let i = 0; i < 2; i += 1) {
    await new Promise(setImmediate);
    /** @type {any} */ (globalThis).gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, wasm: [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
}

const client = new ServiceDeskClient({ baseUrl: "https://tenant.example", auth: { token: "t" }, fetch, ...options });
const found = [];
let count = 0;
for await (const { id } of client.integrations.iterate()) {
  if (id !== idOf(count)) throw new Error(`${id} came as number ${count}`);
  count += 1;
  if (count === marks[found.length]) found.push(await inMemory());
}
console.log(JSON.stringify(found));

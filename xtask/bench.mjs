// Measures the installed package against the limits that it promises. One line of JSON for each: what was measured, in what
// unit, the limit, and whether it holds. Medians of interleaved rounds; ends with 1 where one does not hold.

import { ServiceDeskClient, diff, filter } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

const ROUNDS = 31;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

let held = true;
function report(what, value, unit, limit) {
  held &&= value <= limit;
  console.log(JSON.stringify({ what, value, unit, limit, ok: value <= limit }));
}

/** Milliseconds that one run takes, the median of rounds of `times` runs. */
function perRun(run, times = 20) {
  const round = () => {
    const start = performance.now();
    for (let i = 0; i < times; i += 1) run();
    return (performance.now() - start) / times;
  };
  // The engine compiles what is hot a second time.
  for (let i = 0; i < 25; i += 1) round();
  return median(Array.from({ length: ROUNDS }, round));
}

const ids = Array.from({ length: 250 }, (_, at) => at.toString(16).padStart(32, "0"));
const text = String(filter.id.in(ids));
report("parse and print a filter of 250 ids", perRun(() => String(filter.parse(text))), "ms", 0.3);

const [before] = createSandbox().snapshot().integrations;
const after = structuredClone(before);
after.description = "another";
after.attributes.url = "https://another.example";
report("diff two integrations", perRun(() => diff(before, after)), "ms", 0.2);

// Both get the same pages from a fetch that costs next to nothing, so that what the loop adds is seen.
const page = JSON.stringify(createSandbox({ integrations: 250 }).snapshot().integrations);
const pages = 8;
const total = String(pages * 250);
const answer = (request) => {
  const offset = Number(new URL(request.url).searchParams.get("offset") ?? 0);
  return Promise.resolve(new Response(page.replaceAll('"id":"', `"id":"${offset}-`), { headers: { "x-total-count": total } }));
};
const client = new ServiceDeskClient({ baseUrl: "https://tenant.example", auth: { token: "t" }, fetch: answer });

async function byList() {
  let count = 0;
  for (let query = { sorters: "name", count: true }; query !== undefined; ) {
    const { items, next } = await client.integrations.list(query);
    for (const item of items) count += item.name.length > 0 ? 1 : 0;
    query = next;
  }
  return count;
}

async function byIterate() {
  let count = 0;
  for await (const item of client.integrations.iterate({ prefetch: 0 })) count += item.name.length > 0 ? 1 : 0;
  return count;
}

async function cpuOf(run) {
  const start = process.cpuUsage();
  if ((await run()) !== pages * 250) throw new Error("a loop did not see every item");
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

const ratios = [];
for (let round = 0; round < ROUNDS + 5; round += 1) {
  const [first, second] = round % 2 === 0 ? [byList, byIterate] : [byIterate, byList];
  const [one, other] = [await cpuOf(first), await cpuOf(second)];
  const ratio = round % 2 === 0 ? other / one : one / other;
  if (round >= 5) ratios.push(ratio);
}
report("CPU of iterate() over a loop of list()", median(ratios), "×", 1.05);

process.exitCode = held ? 0 : 1;

// Measures what no other client does against the limits that the package promises: filters, differences, walks. One line of JSON
// for each: what was measured, between what quartiles, in what unit, and the limit. Argument: `quick`, for few rounds.

import { ServiceDeskClient, diff, filter } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

import { quartiles } from "./report/statistics.mjs";

const isQuick = process.argv[2] === "quick";
const ROUNDS = isQuick ? 3 : 31;
const WALK_ROUNDS = isQuick ? 1 : 15;
/** The garbage of one walk is collected in a later one: a round is so many of each that most of it is their own. */
const WALKS = isQuick ? 2 : 24;
/** The engine compiles what is hot a second time. */
const WARM_UP = isQuick ? 1 : 25;

const report = (what, values, unit, limit) => console.log(JSON.stringify({ what, ...quartiles(values), unit, limit }));

/** Milliseconds that one run takes, in each of the rounds of `times` runs. */
function perRun(run, times = 20) {
  const round = () => {
    const start = performance.now();
    for (let i = 0; i < times; i += 1) run();
    return (performance.now() - start) / times;
  };
  for (let i = 0; i < WARM_UP; i += 1) round();
  return Array.from({ length: ROUNDS }, round);
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
const pages = Array.from({ length: 8 }, (_, at) => new TextEncoder().encode(page.replaceAll('"id":"', `"id":"${at}-`)));
const total = pages.length * 250;
const answer = async ({ url }) => {
  const offset = Number(new URL(url).searchParams.get("offset") ?? 0);
  return new Response(pages[offset / 250], { headers: { "x-total-count": String(total) } });
};
const auth = { token: "t" };
const client = new ServiceDeskClient({ baseUrl: "https://tenant.example", auth, fetch: answer, rateLimit: "off" });

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
  if ((await run()) !== total) throw new Error("a loop did not see every item");
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** The CPU time of `run` over that of `base`, in each of the rounds; in turn, so that a machine that becomes slower does so for both. */
async function cpuRatios(run, base) {
  const round = async () => {
    let [ours, theirs] = [0, 0];
    for (let i = 0; i < WALKS; i += 2) {
      ours += await cpuOf(run);
      theirs += (await cpuOf(base)) + (await cpuOf(base));
      ours += await cpuOf(run);
    }
    return ours / theirs;
  };
  await round();
  const ratios = [];
  while (ratios.length < WALK_ROUNDS) ratios.push(await round());
  return ratios;
}

report("CPU of iterate() over a loop of list()", await cpuRatios(byIterate, byList), "×", 1.05);

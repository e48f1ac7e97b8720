// What is measured of every client, in one run: each measure in rounds, in each round each client once, in an order that rotates.

import { BASE, CLIENTS, OURS } from "./clients.mjs";
import { Companion, output } from "./processes.mjs";
import { quartiles, rotated } from "./report/statistics.mjs";

/** The columns. `limit` is what this package promises of its ratio to bare fetch; `calls` are those of one round. */
export const MEASURES = [
  { id: "start", title: "start to first list", limit: 1.25 },
  { id: "startCpu", title: "CPU until then" },
  { id: "get", title: "get", limit: 1.3, job: { operation: "get", calls: 500, atOnce: 1 } },
  { id: "getAtOnce", title: "get, 32 at once", limit: 1.3, job: { operation: "get", calls: 512, atOnce: 32 } },
  { id: "list", title: "list", limit: 1.6, job: { operation: "list", calls: 32, atOnce: 1 } },
  { id: "listAtOnce", title: "list, 32 at once", limit: 1.6, job: { operation: "list", calls: 32, atOnce: 32 } },
  { id: "decode", title: "page from memory", limit: 1.7, job: { operation: "decode", calls: 32, atOnce: 1 } },
];

const NAMES = Object.keys(CLIENTS);
const JOBS = MEASURES.filter(({ job }) => job !== undefined);

/** Of each measure and client, the milliseconds and the ratios to the base. */
export async function measure(server, effort) {
  const startRounds = [];
  for (let round = 0; round < effort.starts; round += 1) {
    startRounds.push(await startAll(server, round));
    effort.say(`starts ${round + 1}/${effort.starts}`);
  }
  const jobRounds = [];
  for (let generation = 0; generation < effort.generations; generation += 1) {
    jobRounds.push(...(await workInRounds(server, effort, `generation ${generation + 1}/${effort.generations}`)));
  }
  return Object.fromEntries(MEASURES.map(({ id, job }) => [id, compare(job ? jobRounds : startRounds, id)]));
}

/** The rounds of one generation of processes: how a process collects its garbage is a matter of chance, and stays as it is. */
async function workInRounds(server, { rounds, warmUp, scale, say }, generation) {
  const workers = new Map();
  try {
    for (const name of NAMES) workers.set(name, await Companion.start("worker.mjs", [name, server.url, server.id]));
    const measured = [];
    for (let round = 0; round < warmUp + rounds; round += 1) {
      const times = await workAll(workers, round, scale);
      if (round >= warmUp) measured.push(times);
      say(`${generation}, round ${round + 1}/${warmUp + rounds}`);
    }
    return measured;
  } finally {
    for (const worker of workers.values()) worker.stop();
  }
}

/** Milliseconds from the start of a process until it has its first page, and their CPU time. */
async function startAll(server, round) {
  const times = { start: {}, startCpu: {} };
  for (const name of rotated(NAMES, round)) {
    const begun = Number(process.hrtime.bigint()) / 1e6;
    const { at, cpu } = JSON.parse(await output("start.mjs", [name, server.url]));
    times.start[name] = at - begun;
    times.startCpu[name] = cpu;
  }
  return times;
}

async function workAll(workers, round, scale) {
  const times = {};
  for (const { id, job } of JOBS) {
    times[id] = {};
    const calls = Math.max(1, Math.round(job.calls * scale));
    for (const name of rotated(NAMES, round)) times[id][name] = await workers.get(name).ask({ ...job, calls });
  }
  return times;
}

/** Of each client its milliseconds, and its ratios to the base in the same round. */
function compare(rounds, id) {
  const of = (name) => ({
    ms: quartiles(rounds.map((times) => times[id][name])),
    ratio: quartiles(rounds.map((times) => times[id][name] / times[id][BASE])),
  });
  return Object.fromEntries(NAMES.map((name) => [name, of(name)]));
}

/** Each promise, and what came of it. */
export function verdicts(measured) {
  const limited = MEASURES.filter(({ limit }) => limit !== undefined);
  return limited.map(({ id, title, limit }) => ({ what: title, value: measured[id][OURS].ratio.value, unit: "×", limit }));
}

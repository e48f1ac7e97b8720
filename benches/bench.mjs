// Compares the installed package with other clients, in one run, and holds it against what it promises: ends with 1 where a
// promise does not hold. With --quick it takes few measurements, to see that it works, and looks at no promise.

import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { chart } from "./report/chart.mjs";
import { footprints, verdict } from "./footprints.mjs";
import { measure, verdicts } from "./measures.mjs";
import { Companion, output } from "./processes.mjs";
import { footprintTable, limitTable, ratioTable, verdictLine } from "./report/tables.mjs";

const file = { type: "string" };
const { values: options } = parseArgs({ options: { quick: { type: "boolean" }, json: file, svg: file } });

/**
 * What a call costs falls for its first five thousand or so, of every client, until the engine has compiled what is hot for the
 * second time: hence rounds that do not count, and what they cost is seen in the time of a start.
 */
const FULL = { generations: 6, rounds: 4, warmUp: 6, starts: 15, scale: 1 };
const QUICK = { generations: 1, rounds: 1, warmUp: 0, starts: 1, scale: 0.02 };
const effort = options.quick ? QUICK : FULL;

/** A line that the next one takes the place of; nothing where nobody looks. */
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const loads = () => loadavg().map((load) => load.toFixed(1)).join(" ");
const before = loads();

const server = await Companion.start("server.mjs");
const measured = await measure(server.first, { ...effort, say }).finally(() => server.stop());
const held = await footprints({ ...effort, say });
say("limits of its own");
const limits = (await output("limits.mjs", options.quick ? ["quick"] : [])).trim().split("\n").map((line) => JSON.parse(line));
say("");

const { single, page } = server.first.bytes;
const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} CPUs`;
console.log(`
${machine}; load average ${before} before, ${loads()} after
${effort.generations * effort.rounds} rounds, ${effort.starts} starts; an integration of ${single} bytes, a page of ${page}; HTTP/1.1 over loopback

${ratioTable(measured)}

${footprintTable(held)}

${limitTable(limits)}
`);

const promises = [...verdicts(measured), verdict(held), ...limits];
if (options.json) {
  writeFileSync(options.json, JSON.stringify({ machine, effort, measured, footprints: held, limits, promises }, null, 2));
}
if (options.svg) writeFileSync(options.svg, chart(measured));
if (options.quick) {
  console.log("a quick run: no promise was looked at");
} else {
  for (const promise of promises) console.log(verdictLine(promise));
  process.exitCode = promises.every(({ value, limit }) => value <= limit) ? 0 : 1;
}

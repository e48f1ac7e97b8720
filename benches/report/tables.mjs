// Turns measurements into the tables that the command prints; docs/benchmarks.md holds the first two of them.

import { markdownTable } from "markdown-table";

import { BASE, CLIENTS, OURS } from "../clients.mjs";
import { MEASURES } from "../measures.mjs";

const two = (number) => number.toFixed(2);
const three = (number) => Number(number.toPrecision(3)).toString();
const right = (header) => ({ align: header.map((_, at) => (at === 0 ? "l" : "r")) });

/** Says of a value in a table that it is above its limit. */
export const MISSED = "✘";

/** Ratios to bare fetch with their quartiles; of bare fetch itself the milliseconds. */
export function ratioTable(measured) {
  const header = ["CPU or time, × bare fetch", ...MEASURES.map(({ title }) => title)];
  const cells = (name) => MEASURES.map((measure) => ratioCell(name, measure, measured[measure.id][name]));
  const row = ([name, { label }]) => [label, ...cells(name)];
  const limits = ["limit of isc-service-desk", ...MEASURES.map(({ limit }) => (limit === undefined ? "" : `≤ ${limit}`))];
  return markdownTable([header, ...Object.entries(CLIENTS).map(row), limits], right(header));
}

function ratioCell(name, { limit }, { ms, ratio }) {
  if (name === BASE) return `${three(ms.value)} ms`;
  const text = `${two(ratio.value)} (${two(ratio.low)}–${two(ratio.high)})`;
  return name === OURS && ratio.value > limit ? `${text} ${MISSED}` : text;
}

/** What is held after the first calls, and after all. */
export function footprintTable(rows) {
  const header = [`after ${rows[0].first} calls → after all`, "calls", "heap, MiB", "process, MiB", "wasm, MiB", "CPU per get, ms"];
  const change = (early, late) => `${three(early)} → ${three(late)}`;
  const row = ({ label, calls, cpuFirst, cpuLast, early, late }) => [
    label,
    String(calls),
    change(early.heap, late.heap),
    change(early.rss, late.rss),
    early.wasm ? change(early.wasm, late.wasm) : "",
    change(cpuFirst, cpuLast),
  ];
  return markdownTable([header, ...rows.map(row)], right(header));
}

/** Measured against limits that are no ratio to another client. */
export function limitTable(reports) {
  const header = ["isc-service-desk alone", "median", "quartiles", "limit"];
  const spread = ({ low, high }) => `${three(low)}–${three(high)}`;
  const row = ({ what, value, unit, limit, ...report }) => [what, `${three(value)} ${unit}`, spread(report), `≤ ${limit} ${unit}`];
  return markdownTable([header, ...reports.map(row)], right(header));
}

/** One line for each promise. */
export const verdictLine = ({ what, value, unit, limit }) =>
  `${value <= limit ? "✔" : MISSED} ${what}: ${three(value)} ${unit}, limit ${limit} ${unit}`;

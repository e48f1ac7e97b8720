// A quick run measures everything, and docs/benchmarks.md and its chart hold what a run prints: not its values, which differ by machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { BASE, CLIENTS, OURS } from "./clients.mjs";
import { MEASURES } from "./measures.mjs";
import { MISSED } from "./report/tables.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const directory = mkdtempSync(here("run-"));
const [json, svg] = ["run.json", "run.svg"].map((name) => join(directory, name));
const command = [here("bench.mjs"), "--quick", "--json", json, "--svg", svg];
const printed = execFileSync(process.execPath, command, { encoding: "utf8" });
const run = JSON.parse(readFileSync(json, "utf8"));

const page = readFileSync(here("docs/benchmarks.md"), "utf8");

/** The tables of a Markdown text, without the line below each header, cell by cell. */
function tables(markdown) {
  const blocks = markdown.split(/\n(?!\|)/).map((block) => block.split("\n").filter((line) => line.startsWith("|")));
  const cells = (line) => line.split("|").slice(1, -1).map((cell) => cell.trim());
  return blocks.filter((lines) => lines.length > 2).map((lines) => lines.filter((_, at) => at !== 1).map(cells));
}

/** The texts in a chart, but for the values beside the bars. */
function labels(chart) {
  const texts = [...chart.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
  return texts.filter((text) => !/^\d+\.\d\d$/.test(text));
}

const firstColumn = (table) => table.map(([label]) => label);
const ratios = (table) => table.slice(1, -1).map((row) => row.slice(1));

test("every client has every measure, with its quartiles in order", () => {
  for (const { id } of MEASURES) {
    assert.deepEqual(Object.keys(run.measured[id]), Object.keys(CLIENTS), id);
    for (const [name, { ms, ratio }] of Object.entries(run.measured[id])) {
      assert.ok(ms.value > 0, `${id} of ${name}`);
      assert.ok(ratio.low > 0 && ratio.low <= ratio.value && ratio.value <= ratio.high, `${id} of ${name}`);
    }
    assert.equal(run.measured[id][BASE].ratio.value, 1);
  }
});

test("every client says what it holds after its calls, and this package what its wasm does", () => {
  const names = run.footprints.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], Object.keys(CLIENTS));
  for (const { name, early, late, cpuFirst, cpuLast } of run.footprints) {
    for (const number of [early.heap, early.rss, late.heap, late.rss, cpuFirst, cpuLast]) assert.ok(number > 0, name);
    assert.equal(late.wasm > 0, name === OURS, name);
  }
});

test("every promise is among what a full run judges", () => {
  const limits = [...run.promises].map(({ limit }) => limit);
  assert.deepEqual(limits, [1.25, 1.3, 1.3, 1.6, 1.6, 1.7, 1, 0.3, 0.2, 1.05]);
  for (const { what, value } of run.promises) assert.ok(value > 0, what);
});

test("the page's table of ratios has the columns, the clients and the limits of a run", () => {
  const [shown, made] = [tables(page)[0], tables(printed)[0]];
  assert.deepEqual(shown[0], made[0]);
  assert.deepEqual(firstColumn(shown), firstColumn(made));
  assert.deepEqual(shown.at(-1), made.at(-1));
  const form = /^(\d+(\.\d+)? ms|\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)( ✘)?)$/;
  for (const cell of [...ratios(shown), ...ratios(made)].flat()) assert.match(cell, form);
});

test("the page's table of memory has the columns and the clients of a run", () => {
  const [shown, made] = [tables(page)[1], tables(printed)[1]];
  assert.deepEqual(shown[0].slice(1), made[0].slice(1));
  assert.deepEqual(firstColumn(shown).slice(1), firstColumn(made).slice(1));
});

test("the page marks each limit that its values miss, no other, and says so in words", () => {
  const [table] = tables(page);
  const ours = table.find(([label]) => label === CLIENTS[OURS].label).slice(1);
  const marked = ours.map((cell) => cell.endsWith(MISSED));
  const missed = ours.map((cell, at) => {
    const [value, limit = Number.POSITIVE_INFINITY] = [Number.parseFloat(cell), MEASURES[at].limit];
    // A run judges the value itself: one that is rounded to the limit may be above it.
    return value > limit || (value === limit && marked[at]);
  });
  assert.deepEqual(marked, missed);
  assert.equal(/\bmissed\b/.test(page), marked.includes(true));
});

test("the chart of the page has the panels and bars of a run", () => {
  assert.match(page, /!\[[^\]]+\]\(bench\.svg\)/);
  const [shown, made] = [readFileSync(here("docs/bench.svg"), "utf8"), readFileSync(svg, "utf8")];
  assert.deepEqual(labels(shown), labels(made));
  const count = (Object.keys(CLIENTS).length - 1) * MEASURES.filter(({ limit }) => limit !== undefined).length;
  for (const chart of [shown, made]) assert.equal(chart.match(/<rect x=/g)?.length, count);
});

// What every client holds after many calls, each in a process of its own, one after the other.

import { CLIENTS, OURS } from "./clients.mjs";
import { output } from "./processes.mjs";

/** The first of them fill what is allocated once. */
const FIRST = 1_000;
const CALLS = 100_000;
/** Enough to see whether they grow; nothing is promised of them. */
const CALLS_OF_OTHERS = 20_000;

const OFFICIAL = "sailpoint-api-client";
/** As many as it makes in bearable time with one axios instance, and one instance for as many. */
const CALLS_OF_ONE_INSTANCE = 2_000;

/** The rows: a label, and what `memory.mjs` is told. */
const FOOTPRINTS = [
  ...Object.entries(CLIENTS).map(([name, { label }]) => ({ name, label, calls: name === OURS ? CALLS : CALLS_OF_OTHERS })),
  {
    name: OFFICIAL,
    label: `${CLIENTS[OFFICIAL].label}, one axios`,
    calls: CALLS_OF_ONE_INSTANCE,
    perInstance: CALLS_OF_ONE_INSTANCE,
  },
];

export async function footprints({ scale, say }) {
  const rows = [];
  for (const { name, label, calls, perInstance } of FOOTPRINTS) {
    say(`memory of ${label}`);
    const numbers = [FIRST * scale, calls * scale, perInstance].filter((number) => number !== undefined);
    rows.push({ label, name, ...JSON.parse(await output("memory.mjs", [name, ...numbers.map(String)], ["--expose-gc"])) });
  }
  return rows;
}

/** The memory of a WebAssembly never shrinks: where calls kept anything, it would have grown. */
export function verdict(rows) {
  const { early, late, first, calls } = rows.find(({ name }) => name === OURS);
  return { what: `wasm memory after ${calls} calls to after ${first}`, value: late.wasm / early.wasm, unit: "×", limit: 1 };
}

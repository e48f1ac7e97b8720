// What the mock server answers: a page of 250 integrations of about 1.6 KB each, some of it not ASCII, the same in every run.

import { createSandbox } from "isc-service-desk/sandbox";

export const PAGE_ITEMS = 250;

const ITEM_BYTES = 1_630;
const WORDS = ["tickets", "for", "disconnected", "sources", "für", "Zürich", "—", "réseau", "東京", "demandes", "of"];

/** Numbers from 0 to 1 in an order that depends on the seed alone (a linear congruential generator). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const bytesOf = (value) => Buffer.byteLength(JSON.stringify(value));

/** The integrations that a sandbox begins with, their descriptions grown to a tenant's size. */
export function integrations(seed = 1) {
  const number = numbers(seed);
  const word = () => WORDS[Math.floor(number() * WORDS.length)];
  const hex = () => Math.floor(number() * 16).toString(16);
  const date = "2026-01-02T03:04:05.678Z";
  return createSandbox({ integrations: PAGE_ITEMS }).snapshot().integrations.map((item) => {
    const grown = { ...item, id: Array.from({ length: 32 }, hex).join(""), created: date, modified: date };
    for (let missing = ITEM_BYTES - bytesOf(grown); missing > 0; missing = ITEM_BYTES - bytesOf(grown)) {
      grown.description += ` ${word()}`.slice(0, missing);
    }
    return grown;
  });
}

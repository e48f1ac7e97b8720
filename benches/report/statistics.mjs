// What is said of many measurements: their median, and the quartiles around it.

/** @param {number[]} values */
export function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, value, high] = [1, 2, 3].map((quarter) => sorted[Math.floor((sorted.length * quarter) / 4)]);
  return { value, low, high };
}

/** The order of a round: each begins with another client, so that none always comes after the same state of the machine. */
export const rotated = (list, round) => list.map((_, at) => list[(at + round) % list.length]);

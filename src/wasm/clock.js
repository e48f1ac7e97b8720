// @ts-check
// The timers of the runtime, looked up at each use: a test may have put its own in their place.

/**
 * Not by an argument for setTimeout to hand on: many a page's own setTimeout takes two.
 * @param {(bell: number) => void} ring
 * @param {number} bell
 * @param {number} ms
 */
export const startTimer = (ring, bell, ms) => setTimeout(() => ring(bell), ms);

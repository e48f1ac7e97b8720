// Leaves what an app made of its run where the test looks for it: a page may hold several apps.

/** @param {unknown} outcome a value, or a promise of one */
export function leave(outcome) {
  (globalThis.outcomes ??= []).push(outcome);
}

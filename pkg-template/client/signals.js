// @ts-check
// Signals of callers: one listener on each, for all calls that have it, as Node warns of a leak from the eleventh on.

import { property } from "./given.js";

/** @typedef {{ calls: Set<() => void>, listener: () => void }} Hub */

/** @type {WeakMap<object, Hub>} */
const hubs = new WeakMap();

/**
 * Calls `ring` when the signal fires, until what it gives is called. A signal that cannot be listened to is looked at whenever
 * the call goes on.
 * @param {any} signal
 * @param {() => void} ring
 */
export function listen(signal, ring) {
  // A class may give options a signal that is none.
  if (typeof signal !== "object" || signal === null) return () => {};
  const hub = hubs.get(signal) ?? opened(signal);
  hub.calls.add(ring);
  return () => {
    if (!hub.calls.delete(ring) || hub.calls.size > 0) return;
    hubs.delete(signal);
    quietly(() => signal.removeEventListener("abort", hub.listener));
  };
}

/** @param {any} signal */
function opened(signal) {
  /** @type {Hub} */
  const hub = { calls: new Set(), listener: () => [...hub.calls].forEach((ring) => ring()) };
  hubs.set(signal, hub);
  quietly(() => signal.addEventListener("abort", hub.listener));
  return hub;
}

/** @param {any} signal */
export const isAborted = (signal) => Boolean(property(signal, "aborted"));

/** @param {() => void} act of a signal that may throw */
function quietly(act) {
  try {
    act();
  } catch {
    // It cannot be listened to.
  }
}

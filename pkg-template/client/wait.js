// @ts-check
// Waits of one task: for work, for a moment, for its signal, for another task.

/** What a timer of the runtime can count: a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** What ended a wait. */
export const [DONE, FAILED, LATE, WOKEN] = ["done", "failed", "late", "woken"];

/** @typedef {{ how: string, value?: any }} End */
/** @typedef {{ end: ((how: string, value?: any) => void) | undefined }} Cell */
/** @typedef {{ wait: Cell | undefined, isWoken: boolean }} Waiting */

/**
 * What comes first: the end of `work`, where there is any, the moment `until`, or the task's waking. Work that is given up
 * holds nothing of the task: it may never end.
 * @param {Waiting} task
 * @param {unknown} work a promise, or anything like one
 * @param {number | undefined} until
 * @returns {Promise<End>}
 */
export function first(task, work, until) {
  return new Promise((resolve) => {
    /** @type {any} */
    let timer;
    /** @type {Cell} */
    const cell = {
      end(how, value) {
        cell.end = undefined;
        task.wait = undefined;
        resolve(/** @type {End} */ ({ __proto__: null, how, value }));
        clear(timer);
      },
    };
    const tick = () => {
      // Timers may fire a fraction early, and count only so far.
      const left = /** @type {number} */ (until) - performance.now();
      if (left <= 0) cell.end?.(LATE);
      else timer = setTimeout(tick, Math.min(Math.ceil(left), MAX_TIMER_MS));
    };
    task.wait = cell;
    if (work !== undefined) follow(work, cell);
    if (task.isWoken) wakeUp(task);
    else if (until !== undefined) tick();
  });
}

/** @param {any} timer */
function clear(timer) {
  try {
    clearTimeout(timer);
  } catch {
    // A page may have put its own in the place of the platform's.
  }
}

/**
 * Ends what the task waits for; where it does not wait, its next wait.
 * @param {Waiting} task
 */
export function wakeUp(task) {
  task.isWoken = task.wait === undefined;
  task.wait?.end?.(WOKEN);
}

/**
 * A promise of the caller may have a `then` or a `constructor` that throws: `await` takes that for a rejection.
 * @param {unknown} work
 * @param {Cell} cell
 */
async function follow(work, cell) {
  let [how, value] = [DONE, work];
  try {
    value = await work;
  } catch (thrown) {
    [how, value] = [FAILED, thrown];
  }
  cell.end?.(how, value);
}

/**
 * Lets a promise go whose end does not matter: it must not count as a rejection that is not handled.
 * @param {any} value
 */
export async function forget(value) {
  try {
    await value;
  } catch {
    // It does not matter.
  }
}

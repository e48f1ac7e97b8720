// @ts-check
// Waits for what strangers call a promise.

/** What has come of it. */
const [WAITING, DONE, FAILED] = [0, 1, 2];

/**
 * The value of a promise, or of anything like one, or the value itself.
 *
 * A promise of somebody else's may have a `then` or a `constructor` that throws: `await` takes that for a rejection.
 */
export class Settling {
  state = WAITING;
  /** @type {unknown} the value, or what was thrown */
  result;
  #isOver = false;

  /**
   * @param {(bell: number) => void} ring called with `bell` when the state has changed, unless `end()` was called before
   * @param {number} bell
   * @param {unknown} value
   */
  constructor(ring, bell, value) {
    this.#run(ring, bell, value);
  }

  end() {
    this.#isOver = true;
  }

  /**
   * @param {(bell: number) => void} ring
   * @param {number} bell
   * @param {unknown} value
   */
  async #run(ring, bell, value) {
    let [state, result] = [DONE, value];
    try {
      result = await value;
    } catch (thrown) {
      [state, result] = [FAILED, thrown];
    }
    if (this.#isOver) return;
    [this.state, this.result] = [state, result];
    ring(bell);
  }

  /**
   * Lets a promise go whose end matters to nobody: it must not count as a rejection that nobody handles.
   * @param {unknown} value
   */
  static async forget(value) {
    try {
      await value;
    } catch {
      // It is nobody's affair.
    }
  }
}

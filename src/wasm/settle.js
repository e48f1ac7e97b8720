// @ts-check
// Waits for what strangers call a promise.

/**
 * The value of a promise, or of anything like one, or the value itself.
 *
 * A promise of somebody else's may have a `then` or a `constructor` that throws. The function that resolves a promise made
 * here takes such a throw for a rejection.
 */
export class Settling {
  /** @type {(nothing?: undefined) => void} */
  #giveUp = () => {};

  /** @param {unknown} value */
  constructor(value) {
    /** Settles in any case, so that nothing waits for a stranger's promise: with `undefined` after `end()`. */
    this.result = new Promise((resolve, reject) => {
      this.#giveUp = resolve;
      new Promise((settled) => settled(value)).then(resolve, reject);
    });
  }

  end() {
    this.#giveUp();
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

// @ts-check
// Loops over lists, for every environment. Each loop has a walk of its own in the core, which decides what is fetched;
// here a page becomes items. Items are handed out without a generator: it would cost each of them two more turns.

/** @typedef {import("./core.js").WalkCore} WalkCore */

export class IntegrationIterable {
  /** @type {() => WalkCore} */
  #start;

  /** @param {() => WalkCore} start */
  constructor(start) {
    this.#start = start;
  }

  pages() {
    return { [Symbol.asyncIterator]: () => pages(this.#start()) };
  }

  [Symbol.asyncIterator]() {
    return new Items(this.#start());
  }
}

/** @param {WalkCore} walk */
async function* pages(walk) {
  try {
    for (let page = await walk.next(); page !== undefined; page = await walk.next()) yield page;
  } finally {
    walk.free();
  }
}

class Items {
  /** @type {WalkCore} */
  #walk;
  /** The items of the page at hand, and how many of them are handed out. */
  #items = [];
  #given = 0;
  #ended = false;
  /** The call of next() that is not done yet; later calls wait for their turn. @type {Promise<unknown> | undefined} */
  #turn;

  /** @param {WalkCore} walk */
  constructor(walk) {
    this.#walk = walk;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  next() {
    if (this.#turn === undefined && this.#given < this.#items.length) return Promise.resolve(this.#give());
    const advance = () => this.#advance();
    const turn = this.#turn === undefined ? advance() : this.#turn.then(advance, advance);
    const done = () => {
      if (this.#turn === turn) this.#turn = undefined;
    };
    this.#turn = turn;
    turn.then(done, done);
    return turn;
  }

  return(value) {
    this.#end();
    return Promise.resolve({ done: true, value });
  }

  #give() {
    return { done: false, value: this.#items[this.#given++] };
  }

  async #advance() {
    while (!this.#ended && this.#given >= this.#items.length) {
      // One page at a time is kept: what is handed out goes before the next comes.
      this.#items = [];
      this.#given = 0;
      try {
        const items = await this.#walk.nextItems();
        if (items === undefined || this.#ended) this.#end();
        else this.#items = items;
      } catch (error) {
        this.#end();
        throw error;
      }
    }
    return this.#ended ? { done: true, value: undefined } : this.#give();
  }

  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#items = [];
    this.#walk.free();
  }
}

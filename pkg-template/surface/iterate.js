// @ts-check
// Loops over lists, for every environment. Each loop has a walk of its own, which decides what is fetched; here a page becomes
// items. Items are handed out without a generator: it would cost each of them two more turns.

/** @typedef {import("../client/walk.js").Walk} Walk */

/** @param {() => Walk} start */
export function integrationIterable(start) {
  return {
    pages: () => ({ [Symbol.asyncIterator]: () => iterator(start(), (page) => [page]) }),
    [Symbol.asyncIterator]: () => iterator(start(), (page) => page.items),
  };
}

/**
 * @param {Walk} walk
 * @param {(page: any) => any[]} open what of a page is handed out
 */
function iterator(walk, open) {
  /** What is at hand, and how much of it is handed out. @type {any[]} */
  let items = [];
  let count = 0;
  let isOver = false;
  /** The call of next() that is not done yet; later calls wait for their turn. @type {Promise<unknown> | undefined} */
  let turn;

  const give = () => ({ done: false, value: items[count++] });

  const end = () => {
    isOver = true;
    items = [];
    walk.end();
  };

  /** @param {Error} site */
  async function advance(site) {
    while (!isOver && count >= items.length) {
      // One page at a time is kept: what is handed out goes before the next comes.
      items = [];
      count = 0;
      try {
        const page = await walk.next(site);
        if (page === undefined || isOver) end();
        else items = open(page);
      } catch (error) {
        end();
        throw error;
      }
    }
    return isOver ? { done: true, value: undefined } : give();
  }

  const loop = {
    [Symbol.asyncIterator]: () => loop,
    next() {
      if (turn === undefined && count < items.length) return Promise.resolve(give());
      const site = new Error();
      const step = () => advance(site);
      const own = turn === undefined ? step() : turn.then(step, step);
      const done = () => {
        if (turn === own) turn = undefined;
      };
      turn = own;
      own.then(done, done);
      return own;
    },
    return(value) {
      end();
      return Promise.resolve({ done: true, value });
    },
  };
  return loop;
}

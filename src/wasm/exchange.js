// @ts-check
// One request on its way, and its answer read to the end. It stands here in one piece, as each step from the core into
// JavaScript and back costs more than what the step does.
//
// The answer is read by its members, whatever made it: a proxy's fetch, a mock, another realm. Nothing here trusts that
// it is a Response, that a promise is a Promise, or that what is thrown is an Error.

/** After so many chunks timers get their turn: a stream that has them all at hand would keep every limit from ending it. */
const CHUNKS_IN_A_ROW = 1_000;

/** A stream that gives empty chunks without a pause would keep every timer from firing. */
const MAX_EMPTY_CHUNKS = 1_000;

export class Exchange {
  #controller = new AbortController();
  #isOver = false;
  /** @type {any} of the stream that is being read */
  #reader;
  /** @type {(nothing?: undefined) => void} */
  #giveUp = () => {};

  /**
   * @param {unknown} fetch the caller's, if any; else the global one, looked up at each call
   * @param {string} method
   * @param {string} url
   * @param {Headers} headers
   * @param {string | undefined} body
   * @param {number} goodLimit how many bytes of a good answer are read
   * @param {number} badLimit how many of any other
   */
  constructor(fetch, method, url, headers, body, goodLimit, badLimit) {
    /** Settles in any case, so that nothing waits for a stranger's promise: with `undefined` after `end()`. */
    this.answer = new Promise((resolve, reject) => {
      this.#giveUp = resolve;
      const { signal } = this.#controller;
      const init = { method, headers, body, redirect: /** @type {const} */ ("manual"), signal };
      this.#carry(fetch, url, init, goodLimit, badLimit).then(resolve, reject);
    });
  }

  /** Aborts what is on its way, and lets the rest of a body go that was not read to its end. */
  end() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.abort();
    // A fetch that hears no abort would go on with it.
    cancel(this.#reader);
    this.#giveUp();
  }

  /**
   * @param {any} given
   * @param {string} url
   * @param {RequestInit} init
   * @param {number} goodLimit
   * @param {number} badLimit
   */
  async #carry(given, url, init, goodLimit, badLimit) {
    // The platform's makes a Request of its own in any case, with a signal that follows this one: half of a call's cost.
    const answer = await (given === undefined ? fetch(url, init) : given(new Request(url, init)));
    if (typeof answer !== "object" || answer === null) throw new TypeError("fetch gave no Response");
    if (this.#isOver) return cancel(answer.body);
    const { status } = answer;
    if (!Number.isInteger(status) || status < 0 || status > 999) {
      throw new TypeError("fetch gave a Response without a status");
    }
    // `Response.error()`, which some mocks resolve to; a hidden redirect has the status 0 too.
    if (answer.type === "error") throw new TypeError("fetch gave Response.error()");
    const headers = fields(answer.headers);
    const limit = status >= 200 && status < 300 ? goodLimit : badLimit;
    const { chunks, isCut } = await this.#body(answer, limit);
    this.#isOver ||= !isCut;
    return { status, headers, chunks, isCut };
  }

  /**
   * @param {any} answer
   * @param {number} limit
   */
  async #body(answer, limit) {
    const { body } = answer;
    if (body === null) return { chunks: [], isCut: false };
    // The body of some libraries is a stream of another kind, beside methods that read it.
    if (hasReader(body)) return this.#stream(body, limit);
    const whole = bytes(await inOnePiece(answer));
    return { chunks: [whole.subarray(0, limit)], isCut: whole.length > limit };
  }

  /**
   * @param {any} body
   * @param {number} limit
   */
  async #stream(body, limit) {
    const reader = body.getReader();
    this.#reader = reader;
    const chunks = [];
    let [room, empty, count] = [limit, 0, 0];
    while (!this.#isOver) {
      count += 1;
      if (count % CHUNKS_IN_A_ROW === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      const { done, value } = await reader.read();
      if (done) {
        this.#reader = undefined;
        break;
      }
      const chunk = bytes(value);
      empty = chunk.length === 0 ? empty + 1 : 0;
      if (empty > MAX_EMPTY_CHUNKS) throw new TypeError("the body gives nothing and does not end");
      // A copy: whoever gave it may use its memory again for the next one.
      chunks.push(chunk.slice(0, room));
      if (chunk.length > room) return { chunks, isCut: true };
      room -= chunk.length;
    }
    return { chunks, isCut: false };
  }
}

/**
 * Names and values, a line for each; a field that would take more is left out.
 * @param {unknown} headers
 */
function fields(headers) {
  const lines = [];
  for (const pair of list(headers)) {
    const [name, value] = list(pair);
    if (isLine(name) && isLine(value)) lines.push(name, value);
  }
  return lines.join("\n");
}

/** @param {unknown} text */
const isLine = (text) => typeof text === "string" && !text.includes("\n");

/**
 * What can be iterated, or is like an array; of anything else, nothing.
 * @param {any} given
 */
function list(given) {
  try {
    return Array.from(given);
  } catch {
    return [];
  }
}

/** @param {any} body */
function hasReader(body) {
  try {
    return typeof body.getReader === "function";
  } catch {
    return false;
  }
}

/** @param {any} answer */
async function inOnePiece(answer) {
  let whole;
  try {
    whole = answer.arrayBuffer();
  } catch {
    const text = await answer.text();
    return new TextEncoder().encode(typeof text === "string" ? text : "");
  }
  return whole;
}

/**
 * The bytes of a buffer, or of a view of one: seen through a view of our own, which no stranger's members can mislead, and
 * not copied.
 * @param {any} value
 */
function bytes(value) {
  if (typeof value?.byteLength !== "number") throw new TypeError("the body holds what is no bytes");
  return typeof value.byteOffset === "number"
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value, 0, value.byteLength);
}

/**
 * Whether a stranger's stream or reader takes note of it is its affair.
 * @param {any} it
 */
async function cancel(it) {
  try {
    await it.cancel();
  } catch {
    // There is none, or it cannot be cancelled.
  }
}

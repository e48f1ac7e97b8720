// What a caller's fetch may do besides answering, and what becomes of the call: the table of client-hostile-fetch.test.mjs.
import { runInNewContext } from "node:vm";

const thrown = new Error("of the fetch");
const no = () => { throw thrown; };

/** Whatever is done with it throws. */
const untouchable = (target = {}) => new Proxy(target, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, no])));

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Each cause has another one, made when it is asked for. */
const endless = () => ({ message: "deep", get cause() { return endless(); } });

const bytes = (text) => new TextEncoder().encode(text);

/** A good answer, as the caller's fetch makes it. */
const response = (text, init) => new Response(text, init);

/** The least that is like a Response. */
const duck = (more) => ({ status: 200, headers: [["content-type", "application/json"]], ...more });

/** A duck whose body gives these chunks, one by one. */
const chunks = (...list) => {
  const next = list[Symbol.iterator]();
  return duck({ body: { getReader: () => ({ read: async () => next.next(), cancel: async () => {} }) } });
};

/** A duck whose reader reads so. */
const reader = (read, more = {}) => duck({ body: { getReader: () => ({ read, cancel: async () => {}, ...more }) } });

const errors = (reason) => response(new ReadableStream({ start: (controller) => controller.error(reason) }));

const NETWORK = ["NetworkError"];
const CONTENT = ["BadResponseError"];
/** Runtimes and readers may see it either way; neither hangs. */
const EITHER = ["NetworkError", "BadResponseError"];
const WORKS = ["works"];
const LENIENT = ["works", "NetworkError"];
const LATE = ["TimeoutError"];

/**
 * What it does; how, given the text of a good answer; what may come of it; the cause of a NetworkError, where that is certain.
 * @type {[string, (text: string, request: Request) => unknown, string[], { cause?: unknown }?][]}
 */
export const hostile = [
  // rejects, or throws at once
  ["rejects with an Error", () => Promise.reject(thrown), NETWORK, { cause: thrown }],
  ...["text", "", 7, Number.NaN, true, 5n, Symbol("reason"), null, undefined].map((reason) => (
    /** @type {any} */ ([`rejects with ${typeof reason} ${String(reason)}`, () => Promise.reject(reason), NETWORK, reason == null ? {} : { cause: reason }])
  )),
  ["rejects with a frozen object", () => Promise.reject(Object.freeze({ any: "object" })), NETWORK],
  ["rejects with an object without a prototype", () => Promise.reject(Object.create(null)), NETWORK],
  ["rejects with a function", () => Promise.reject(no), NETWORK, { cause: no }],
  ["rejects with a message that throws", () => Promise.reject({ get message() { throw thrown; } }), NETWORK],
  ["rejects with a name, code and cause that throw", () => Promise.reject({ get name() { throw thrown; }, get code() { throw thrown; }, get cause() { throw thrown; } }), NETWORK],
  ["rejects with a text that throws", () => Promise.reject({ toString: no, [Symbol.toPrimitive]: no }), NETWORK],
  ["rejects with a message that is no text", () => Promise.reject({ message: { toString: no }, cause: 7 }), NETWORK],
  ["rejects with a cause that is itself", () => Promise.reject(Object.assign(new Error("round"), { get cause() { return this; } })), NETWORK],
  ["rejects with causes without end", () => Promise.reject(endless()), NETWORK],
  ["rejects with what nobody may touch", () => Promise.reject(untouchable()), NETWORK],
  ["rejects with a revoked proxy", () => Promise.reject(revoked()), NETWORK],
  ["rejects with a cause that is a revoked proxy", () => Promise.reject(new TypeError("fetch failed", { cause: revoked() })), NETWORK],
  ["rejects with an array that nobody may touch", () => Promise.reject(untouchable([])), NETWORK],
  ["rejects with causes in a list that holds itself", () => { const list = [7, null]; list.push(/** @type {any} */ (list)); return Promise.reject({ errors: list, cause: list }); }, NETWORK],
  ["rejects with a Response", () => Promise.reject(response("[]")), NETWORK],
  ["rejects with an AbortError of its own", () => Promise.reject(new DOMException("of the fetch", "AbortError")), NETWORK],
  ["throws an Error", no, NETWORK, { cause: thrown }],
  ["throws a text", () => { throw "text"; }, NETWORK, { cause: "text" }],
  ["throws undefined", () => { throw undefined; }, NETWORK],
  ["throws what nobody may touch", () => { throw untouchable(); }, NETWORK],

  // gives no promise, or one that is none
  ...[undefined, null, 200, "response", true, 5n, Symbol("response")].map((value) => (
    /** @type {any} */ ([`gives ${typeof value} ${String(value)}`, () => value, NETWORK])
  )),
  ["resolves to undefined", async () => undefined, NETWORK],
  ["resolves to a text", async (text) => text, NETWORK],
  ["gives a function", () => no, NETWORK],
  ["gives an empty object", () => ({}), NETWORK],
  ["gives an array", () => [200, "[]"], NETWORK],
  ["gives what nobody may touch", () => untouchable(), NETWORK],
  ["gives a revoked proxy", () => revoked(), NETWORK],
  ["resolves to what nobody may touch", async () => ({ then: (resolve) => resolve(untouchable()) }), NETWORK],
  ["gives a Response without a promise", (text) => response(text), WORKS],
  ["gives a thenable", (text) => ({ then: (resolve) => resolve(response(text)) }), WORKS],
  ["gives a thenable that never settles", () => ({ then() {} }), LATE],
  ["gives a promise that never settles", () => new Promise(() => {}), LATE],
  ["gives a thenable that resolves, then rejects", (text) => ({ then: (resolve, reject) => { resolve(response(text)); reject(thrown); } }), WORKS],
  ["gives a thenable that rejects, then resolves", (text) => ({ then: (resolve, reject) => { reject(thrown); resolve(response(text)); } }), NETWORK, { cause: thrown }],
  ["gives a thenable that throws", () => ({ then: no }), NETWORK, { cause: thrown }],
  ["gives a thenable that resolves, then throws", (text) => ({ then: (resolve) => { resolve(response(text)); throw thrown; } }), WORKS],
  ["gives a thenable whose then throws when read", () => ({ get then() { throw thrown; } }), NETWORK, { cause: thrown }],
  ["gives a thenable that resolves twice", (text) => ({ then: (resolve) => { resolve(response(text)); resolve(7); } }), WORKS],

  // gives something like a Response
  ["gives Response.error()", () => Response.error(), NETWORK],
  ["gives a duck with a text", (text) => duck({ text: async () => text }), WORKS],
  ["gives a duck with an arrayBuffer", (text) => duck({ arrayBuffer: async () => bytes(text).buffer }), WORKS],
  ["gives a duck without a body", () => duck({}), EITHER],
  ["gives a Response without a body", () => response(null), CONTENT],
  ["gives a body that was read already", async (text) => { const one = response(text); await one.text(); return one; }, EITHER],
  ["gives a body that is locked", (text) => { const one = response(text); one.body?.getReader(); return one; }, NETWORK],
  ...[undefined, null, "200", Number.NaN, Infinity, -1, 200.5, 1e9, 200n, Symbol("200"), {}, [200]].map((status) => (
    /** @type {any} */ ([`gives the status ${typeof status} ${String(status)}`, (text) => duck({ status, text: async () => text }), NETWORK])
  )),
  ["gives a status that throws", (text) => duck({ get status() { throw thrown; }, text: async () => text }), NETWORK, { cause: thrown }],
  ["gives a type that throws", (text) => duck({ get type() { throw thrown; }, text: async () => text }), LENIENT],
  ...[undefined, null, 7, "headers", {}, [7, null, [], [Symbol("x"), 7], ["x"]], new Map([["content-type", "application/json"]])].map((headers) => (
    /** @type {any} */ ([`gives the headers ${typeof headers} ${Array.isArray(headers) ? "of no pairs" : String(headers)}`, (text) => duck({ headers, text: async () => text }), LENIENT])
  )),
  ["gives headers that throw", (text) => duck({ get headers() { throw thrown; }, text: async () => text }), LENIENT],
  ["gives headers that throw when they are walked", (text) => duck({ headers: { [Symbol.iterator]: no, forEach: no, entries: no, get: no }, text: async () => text }), LENIENT],
  ["gives headers that throw in the middle", (text) => duck({ headers: { *[Symbol.iterator]() { yield ["a", "b"]; throw thrown; } }, text: async () => text }), LENIENT],
  ["gives headers of what nobody may touch", (text) => duck({ headers: [untouchable([])], text: async () => text }), LENIENT],
  ["gives headers that are a revoked proxy", (text) => duck({ headers: revoked(), text: async () => text }), LENIENT],
  ["gives pairs that are revoked proxies", (text) => duck({ headers: [revoked(), ["a", revoked()]], text: async () => text }), LENIENT],
  ["gives a body that is a revoked proxy", () => duck({ body: revoked() }), EITHER],
  ["gives a body that throws", () => duck({ get body() { throw thrown; } }), NETWORK, { cause: thrown }],
  ...["[]", 7, true, no].map((body) => /** @type {any} */ ([`gives a body that is a ${typeof body}`, () => duck({ body }), EITHER])),
  ["gives a text that rejects", () => duck({ text: () => Promise.reject(thrown) }), NETWORK, { cause: thrown }],
  ["gives a text that throws", () => duck({ text: no }), NETWORK, { cause: thrown }],
  ...[undefined, null, 7, {}].map((value) => /** @type {any} */ ([`gives a text that is ${typeof value} ${String(value)}`, () => duck({ text: async () => value }), EITHER])),
  ...["text", 7, null, undefined, {}].map((value) => /** @type {any} */ ([`gives an arrayBuffer that is ${typeof value} ${String(value)}`, () => duck({ arrayBuffer: async () => value }), EITHER])),
  ["gives a text that never comes", () => duck({ text: () => new Promise(() => {}) }), LATE],
  ["gives a Proxy of a Response", (text) => new Proxy(response(text), {}), LENIENT],
  ["gives a Proxy of a Response that forwards", (text) => new Proxy(response(text), { get: (target, key) => { const value = Reflect.get(target, key, target); return typeof value === "function" ? value.bind(target) : value; } }), WORKS],
  ["gives a Response of another realm", (text) => runInNewContext("({ status: 200, headers: [['content-type', 'application/json']], text: async () => text })", { text }), WORKS],
  ["gives bytes of another realm", (text) => chunks(runInNewContext("Uint8Array.from(list)", { list: [...bytes(text)] })), WORKS],
  ["gives a promise of another realm", (text) => runInNewContext("Promise.resolve(answer)", { answer: response(text) }), WORKS],
  ["rejects with an Error of another realm", () => runInNewContext("Promise.reject(new TypeError('of another realm'))"), NETWORK],

  // gives a stream that is none
  ["gives a stream that errors with a text", () => errors("of the stream"), NETWORK, { cause: "of the stream" }],
  ["gives a stream that errors with undefined", () => errors(undefined), NETWORK],
  ["gives a stream that errors with what nobody may touch", () => errors(untouchable()), NETWORK],
  ["gives a stream that errors after a chunk", (text) => response(new ReadableStream({ start: (controller) => controller.enqueue(bytes(text)), pull: (controller) => controller.error(thrown) })), NETWORK, { cause: thrown }],
  ["gives a stream that never ends", (text) => response(new ReadableStream({ start: (controller) => controller.enqueue(bytes(text)) })), LATE],
  ["gives a stream whose getReader throws", () => duck({ body: { getReader: no } }), NETWORK, { cause: thrown }],
  ...[undefined, null, 7, {}].map((value) => /** @type {any} */ ([`gives a stream whose reader is ${typeof value} ${String(value)}`, () => duck({ body: { getReader: () => value } }), NETWORK])),
  ["gives a stream without a reader", () => duck({ body: {} }), EITHER],
  ["gives a reader that throws", () => reader(no), NETWORK, { cause: thrown }],
  ["gives a reader that rejects", () => reader(() => Promise.reject(thrown)), NETWORK, { cause: thrown }],
  ["gives a reader that never answers", () => reader(() => new Promise(() => {})), LATE],
  ["gives a reader that answers without a promise", (text) => { let asked = 0; return reader(() => ((asked += 1) === 1 ? { done: false, value: bytes(text) } : { done: true })); }, LENIENT],
  ...[undefined, null, 7, "chunk"].map((value) => /** @type {any} */ ([`gives a reader that answers ${typeof value} ${String(value)}`, () => { let asked = 0; return reader(async () => ((asked += 1) < 3 ? value : { done: true })); }, EITHER])),
  ["gives a reader whose done throws", () => reader(async () => ({ get done() { throw thrown; } })), NETWORK],
  ["gives a reader whose value throws", () => reader(async () => ({ done: false, get value() { throw thrown; } })), NETWORK],
  ["gives a reader that is a revoked proxy", () => duck({ body: { getReader: () => revoked() } }), NETWORK],
  ["gives chunks that are a revoked proxy", () => chunks(revoked()), NETWORK],
  ["gives a reader of what nobody may touch", () => reader(async () => ({ done: false, value: untouchable() })), NETWORK],
  ...["[]", undefined, null, 3, 2 ** 40, -1, Number.NaN, {}, { length: 2 ** 40 }, { length: -1 }, [300, -1], Symbol("chunk"), 5n].map((value) => (
    /** @type {any} */ ([`gives chunks of ${typeof value} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`, () => chunks(value), NETWORK])
  )),
  ["gives a stream of texts", () => duck({ body: new ReadableStream({ start: (controller) => { controller.enqueue("[]"); controller.close(); } }) }), NETWORK],
  ["gives a stream of another kind beside an arrayBuffer", (text) => duck({ body: { pipe: no }, arrayBuffer: async () => bytes(text).buffer }), WORKS],
  ["gives empty chunks in between", (text) => chunks(new Uint8Array(0), bytes(text.slice(0, 1)), new Uint8Array(0), bytes(text.slice(1))), WORKS],
  ["gives a chunk of a detached buffer", (text) => { const chunk = bytes(text); structuredClone(chunk.buffer, { transfer: [chunk.buffer] }); return chunks(chunk); }, EITHER],
  ["gives one chunk of forty megabytes", () => chunks(new Uint8Array(40 * 1024 * 1024).fill(32)), CONTENT],
  ["gives megabytes without end", () => reader(async () => ({ done: false, value: new Uint8Array(4 * 1024 * 1024) })), CONTENT],
  ["gives megabytes and cannot be cancelled", () => reader(async () => ({ done: false, value: new Uint8Array(4 * 1024 * 1024) }), { cancel: no }), CONTENT],
  ["gives megabytes whose cancel rejects", () => reader(async () => ({ done: false, value: new Uint8Array(4 * 1024 * 1024) }), { cancel: () => Promise.reject(thrown) }), CONTENT],
  ["gives megabytes whose cancel never ends", () => reader(async () => ({ done: false, value: new Uint8Array(4 * 1024 * 1024) }), { cancel: () => new Promise(() => {}) }), CONTENT],
];

// @ts-check
// Carries a task of the core: a call, a page, an update, a token request. Each is carried by one function that begins within the
// caller's own call and awaits its own promises alone. So all code of the caller that a call runs, its token function, its
// fetch and its listeners, runs in the async context of that call, and in no other.

import { respond, change, fail, hide, poll, release, sent, start, token } from "../core.js";
import { running, said } from "../border.js";
import { isServiceDeskError, makeError } from "../errors.js";
import { described, redacted } from "./cause.js";
import { Exchange } from "./exchange.js";
import { enclosed, json } from "./given.js";
import { isAborted, listen } from "./signals.js";
import { DONE, FAILED, LATE, first, forget, wakeUp } from "./wait.js";

/** Why a task is polled. */
const [LOOK, TIME_IS_OVER, ABORTED] = [0, 1, 2];

/** @typedef {{ id: number, fetch: any, token: any, onEvent: any }} Client */

/** What a call has besides its arguments. @typedef {{ signal?: any, onResponse?: any, change?: any, filters?: any }} Extras */

/**
 * @typedef {{
 *   id: number, client: Client, extras: Extras, site: Error, thrown: any[], tokenRequest: any,
 *   wait: any, isWoken: boolean, isSettled: boolean, wake: () => void, unlisten: (() => void) | undefined, failure: any, pages: Map<number, Task> | undefined
 * }} Task
 */

/**
 * A task with what carries it.
 * @param {number} id
 * @param {Client} client
 * @param {Extras} extras
 * @param {Error} site where the caller's call was made
 * @returns {Task}
 */
export function taskOf(id, client, extras, site) {
  /** @type {Task} */
  const task = {
    id, client, extras, site, thrown: [], tokenRequest: undefined, failure: undefined, pages: undefined,
    wait: undefined, isWoken: false, isSettled: false, wake: () => wakeUp(task), unlisten: undefined,
  };
  const { signal } = extras;
  if (signal !== undefined) task.unlisten = listen(signal, task.wake);
  running.set(id, task);
  return task;
}

/** In the place of a number: what was asked for is refused. */
export const REFUSED = 0xffff_ffff;

/**
 * Begins a command, and carries it to its end.
 * @param {Client} client
 * @param {string} command
 * @param {string | undefined} json
 * @param {Extras} extras
 * @param {Error} site
 */
export async function call(client, command, json, extras, site) {
  // No code of the caller runs before its call has returned. And a stack that ends within the core would leave it in the middle of
  // something: the caller's may be near its end.
  await undefined;
  const id = start(client.id, command, json, typeof extras.onResponse === "function", performance.now());
  if (id === REFUSED) throw errorOf(said().error, site);
  return carry(taskOf(id, client, extras, site));
}

/**
 * Carries a task to its end.
 * @param {Task} task
 */
export async function carry(task) {
  try {
    for (let turn = polled(task); ; ) {
      if (turn.do === "settle") return settle(task, turn);
      // What is told to a listener may have made it abort: this comes before anything is sent.
      turn = isAborted(task.extras.signal) ? polled(task) : await CARRIERS[turn.do](task, turn);
    }
  } catch (failure) {
    if (!task.isSettled) abandon(task);
    throw failure;
  } finally {
    // Its number may be that of another task by now.
    if (running.get(task.id) === task) running.delete(task.id);
    task.unlisten?.();
    if (task.failure === undefined && task.pages?.get(task.id) === task) task.pages.delete(task.id);
  }
}

/**
 * Ends a task in the core that cannot be carried on, as what the platform gives has thrown: others would wait for it.
 * @param {Task} task
 */
function abandon(task) {
  try {
    poll(task.id, ABORTED, performance.now(), Date.now(), Math.random());
    said();
    release(task.id);
  } catch {
    // What it failed with is thrown already.
  }
}

/**
 * Begins a page of a walk, in the context of the step that needs it.
 * @param {Task} step
 * @param {number} id
 */
function beginPage(step, id) {
  const { signal, onResponse } = step.extras;
  const page = taskOf(id, step.client, { signal, onResponse }, step.site);
  page.pages = step.pages;
  page.pages?.set(id, page);
  forget(carry(page));
}

/** Of a task that belongs to no call. @type {Extras} */
const NO_CALLER = { signal: undefined, onResponse: undefined, change: undefined, filters: undefined };

/**
 * Begins a token request, in the context of the call that needs it. It belongs to no call: the one that began it may be aborted.
 * @param {Task} by
 * @param {number} id
 */
const beginTokenRequest = (by, id) => forget(carry(taskOf(id, by.client, NO_CALLER, by.site)));

/**
 * What the core says of a task that it was told something, or asked.
 * @param {Task} task
 */
function heard(task) {
  const turn = said();
  task.isSettled = turn.do === "settle";
  turn.events?.forEach((event) => notify(task.client.onEvent, event));
  // At once: a step of the walk that waits for this page may be the next to run.
  if (turn.error !== undefined) task.failure = failureOf(task, turn.error);
  turn.tokenRequests?.forEach((id) => beginTokenRequest(task, id));
  turn.pages?.forEach((id) => beginPage(task, id));
  if (turn.tokenRequest !== undefined) task.tokenRequest = running.get(turn.tokenRequest);
  return turn;
}

/**
 * @param {Task} task
 * @param {number} [why]
 */
function polled(task, why = isAborted(task.extras.signal) ? ABORTED : LOOK) {
  poll(task.id, why, performance.now(), Date.now(), Math.random());
  return heard(task);
}

/** How each effect is carried out; each gives the next. @type {Record<string, (task: Task, turn: any) => Promise<any>>} */
const CARRIERS = {
  async wait(task, { until }) {
    await first(task, undefined, until);
    return polled(task);
  },

  fetch(task, { until, request }) {
    const exchange = new Exchange(task.client.fetch, request);
    sent(task.id, performance.now());
    const tell = (how, value) => {
      if (how === FAILED) {
        const { message, code } = described(value);
        fail(task.id, message, code, exchange.isUnsent, value === undefined ? undefined : caught(task, value));
      } else {
        respond(task.id, value.status, value.headers, value.body, value.isCut, value.followedTo);
      }
    };
    return during(task, exchange.answer, until, tell, () => exchange.end());
  },

  token(task, { until, isForced, isShared }) {
    const { signal } = task.extras;
    const request = { forceRefresh: isForced === true, ...(signal === undefined || isShared ? {} : { signal }) };
    const answer = attempted(() => (0, task.client.token)(request));
    return during(task, answer, until, (how, value) => {
      if (how === FAILED) token(task.id, undefined, caught(task, value));
      else token(task.id, typeof value === "string" ? value : undefined, undefined);
    });
  },

  change(task, { until, body }) {
    const before = JSON.parse(body);
    const text = JSON.stringify(before);
    const answer = attempted(() => (0, task.extras.change)(before));
    return during(task, answer, until, (how, value) => {
      if (how === FAILED) change(task.id, "", "[]", caught(task, value));
      else change(task.id, text, json([enclosed(value)]), undefined);
    });
  },
};

/**
 * Waits for work of the caller's, and tells the core how it ended; or that its time is over; or that the task was aborted.
 * @param {Task} task
 * @param {unknown} work
 * @param {number | undefined} until
 * @param {(how: string, value: any) => void} tell
 * @param {() => void} [end] lets go what is left of the work
 */
async function during(task, work, until, tell, end) {
  for (;;) {
    const { how, value } = await first(task, work, until);
    const isDone = how === DONE || how === FAILED;
    if (isDone) tell(how, value);
    // An answer that has come counts, also where the signal has fired since.
    const turn = isDone ? polled(task, LOOK) : how === LATE ? polled(task, TIME_IS_OVER) : polled(task);
    if (turn.do === "go on" && !isDone) continue;
    end?.();
    return turn;
  }
}

/**
 * A promise of what a function of the caller's gives: it rejects where that throws.
 * @param {() => unknown} act
 */
const attempted = (act) => new Promise((resolve) => resolve(act()));

/**
 * Keeps what was thrown, and gives its place.
 * @param {Task} task
 * @param {any} value
 */
const caught = (task, value) => task.thrown.push(value) - 1;

/**
 * Calls a listener. What it throws, now or later, must not fail a call.
 * @param {any} listener
 * @param {unknown} value
 */
function notify(listener, value) {
  try {
    forget(listener?.(value));
  } catch {
    // A listener that fails changes nothing: the server has answered.
  }
}

/**
 * What the caller of the task gets.
 * @param {Task} task
 * @param {any} turn
 */
function settle(task, { body, page, keep, error, thrown, failedPage, report }) {
  if (report !== undefined) notify(task.extras.onResponse, { ...report, headers: Object.fromEntries(report.headers) });
  if (thrown !== undefined) throw task.thrown[thrown];
  if (failedPage !== undefined) throw at(task.site, task.pages?.get(failedPage)?.failure);
  if (error !== undefined) throw task.failure;
  if (body === undefined) return undefined;
  const value = parsed(task, body);
  if (page === undefined) return value;
  const places = keep?.length === value.length ? undefined : keep;
  const items = page.invalid === undefined ? (places?.map((place) => value[place]) ?? value) : sortOut(value, places, page);
  if (page.next?.filters === true) page.next.filters = task.extras.filters;
  return { items, ...page };
}

/**
 * The sound records at these places; the page has the odd ones with their values.
 * @param {any[]} value
 * @param {number[] | undefined} places
 * @param {any} page
 */
function sortOut(value, places, page) {
  const odd = new Map(page.invalid.map((record) => [record.index, record]));
  const items = [];
  page.invalid = [];
  for (const place of places ?? value.keys()) {
    if (odd.has(place)) page.invalid.push({ ...odd.get(place), value: value[place] });
    else items.push(value[place]);
  }
  return items;
}

/**
 * @param {Task} task
 * @param {string} json
 */
function parsed(task, json) {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    throw at(task.site, makeError("internal", "the platform cannot parse an answer that was checked", {}, thrown));
  }
}

/**
 * @param {Task} task
 * @param {any} error
 */
function failureOf(task, error) {
  try {
    if (error.code === "aborted") return reasonOf(task.extras.signal);
    /** @param {any} failure @returns {unknown} */
    const causeOf = (failure) => {
      const { cause, thrown, thrownToTokenRequest } = own(failure);
      if (cause !== undefined) return errorOf(cause, task.site, causeOf(cause));
      const value = thrown === undefined ? task.tokenRequest?.thrown[thrownToTokenRequest] : task.thrown[thrown];
      return value === undefined ? undefined : redacted(value, (text) => (hide(task.id, text), said().body));
    };
    return errorOf(error, task.site, causeOf(error));
  } finally {
    release(task.id);
  }
}

/** @param {any} signal */
export function reasonOf(signal) {
  try {
    return signal?.reason;
  } catch {
    return undefined;
  }
}

/**
 * What the core says, without what a page may have given every object.
 * @param {any} object
 */
const own = (object) => ({ __proto__: null, ...object });

/**
 * The error of the package that the core describes.
 * @param {any} described
 * @param {Error} site
 * @param {unknown} [cause]
 */
export function errorOf(described, site, cause) {
  const { code, message, fields, headers } = own(described);
  const more = headers === undefined ? {} : { headers: Object.fromEntries(headers) };
  return at(site, makeError(code, message, { ...fields, ...more }, cause));
}

/**
 * The error with the stack of where the caller's call was made: its own shows only how an answer was read.
 * @param {Error} site
 * @param {any} error
 */
export function at(site, error) {
  try {
    const frames = site.stack;
    if (typeof frames !== "string" || !isServiceDeskError(error)) return error;
    // V8 begins with what the error says, others with the frames.
    error.stack = frames.replace(/^Error(?=\n|$)/, () => `${error.name}: ${error.message}`);
  } catch {
    // A page may have put its own in the place of the platform's.
  }
  return error;
}

// What becomes of each operation under each fault: the table that client-faults.test.mjs runs, and docs/faults.md prints.
// To write the page anew: node tests/package/helpers/fault-matrix.mjs > docs/faults.md
import { pathToFileURL } from "node:url";

import {
  acted, adds, answers, cutsTheBody, floods, page, redirects, resets, stalls, stallsInTheBody,
} from "./fault-server.mjs";

/** Operations all of whose cells agree share a column. */
export const columns = {
  others: [
    "getServiceDeskIntegrations", "getServiceDeskIntegration", "putServiceDeskIntegration", "patchServiceDeskIntegration",
    "getServiceDeskIntegrationTypes", "getServiceDeskIntegrationTemplate", "getStatusCheckDetails", "updateStatusCheckDetails",
  ],
  remove: ["deleteServiceDeskIntegration"],
  create: ["createServiceDeskIntegration"],
};

const HEADINGS = { others: "lists, reads, replace, patch, status check", remove: "delete", create: "create" };

/**
 * One thing that goes wrong.
 * @typedef {{
 *   what: string,
 *   once: string[],
 *   always: string[],
 *   plays: Record<string, import("./fault-server.mjs").Play>,
 *   acts: boolean,
 *   failure: string,
 *   reason?: string,
 *   slow: boolean,
 *   huge: boolean,
 *   refuses: boolean,
 * }} Row
 */

const row = (what, plays, { acts = false, failure, reason, slow = false, huge = false, refuses = false }, once, always) =>
  /** @type {Row} */ ({ what, plays: typeof plays === "function" ? { "": plays } : plays, acts, failure, reason, slow, huge, refuses, once, always });

/** Each status, without a Retry-After and with one. */
const statuses = (list, headers = [{}, { "retry-after": "0" }]) => Object.fromEntries(list.flatMap((status) => headers.map((each) => (
  [`${status} ${JSON.stringify(each)}`, answers(status, each)]
))));

const REDIRECTS = [301, 302, 303, 307, 308];
const within = Object.fromEntries(REDIRECTS.map((status) => [status, redirects(status, "own")]));
const across = Object.fromEntries(REDIRECTS.map((status) => [status, redirects(status, "elsewhere")]));
const WRONG = '[{"id":7,"name":{},"type":false,"attributes":"none"}]';

const network = { failure: "NetworkError", reason: "network" };
const timeout = { failure: "TimeoutError", reason: "timeout", slow: true };
const server = { failure: "ServerError", reason: "server-error" };
const request = { failure: "ApiError", reason: "timeout" };
const content = { failure: "BadResponseError" };

const UNKNOWN = "UnknownOutcomeError after look-up";
const GONE = "gone is success";
const retried = (failure) => `${failure} after retries`;

/**
 * A cell is what comes of the call: see `WORDS`. In each line: others, delete, create.
 * @type {Row[]}
 */
export const rows = [
  //   what the server does, how, what kind of failure that is
  //     once:                                                       as long as it is asked:
  row("no server listens", () => {}, { ...network, refuses: true },
    ["retried", "retried", "retried"], [retried("NetworkError"), retried("NetworkError"), retried("NetworkError")]),
  row("resets the connection, did nothing", resets, network,
    ["retried", "retried", UNKNOWN], [retried("NetworkError"), retried("NetworkError"), UNKNOWN]),
  row("does it, resets the connection", acted(resets), { ...network, acts: true },
    ["retried", GONE, "reconciled"], [retried("NetworkError"), retried("NetworkError"), UNKNOWN]),
  row("does it, ends the connection in the body", acted(cutsTheBody), { ...network, acts: true },
    ["retried", GONE, "reconciled"], [retried("NetworkError"), retried("NetworkError"), UNKNOWN]),
  row("does it, sends two lengths of the body", acted(answers(200, { "content-length": ["2", "3"] }, "[]")), { ...network, acts: true },
    ["retried", GONE, "reconciled"], [retried("NetworkError"), retried("NetworkError"), UNKNOWN]),
  row("never answers, did nothing", stalls, timeout,
    ["retried", "retried", UNKNOWN], [retried("TimeoutError"), retried("TimeoutError"), UNKNOWN]),
  row("does it, never answers", acted(stalls), { ...timeout, acts: true },
    ["retried", GONE, "reconciled"], [retried("TimeoutError"), retried("TimeoutError"), UNKNOWN]),
  row("does it, stops in the body", acted(stallsInTheBody), { ...timeout, acts: true },
    ["retried", GONE, "reconciled"], [retried("TimeoutError"), retried("TimeoutError"), UNKNOWN]),

  row("408", statuses([408]), request,
    ["retried", "retried", UNKNOWN], [retried("ApiError"), retried("ApiError"), UNKNOWN]),
  row("does it, 408", acted(answers(408)), { ...request, acts: true },
    ["retried", GONE, "reconciled"], [retried("ApiError"), retried("ApiError"), UNKNOWN]),
  row("425", statuses([425]), { failure: "ApiError", reason: "server-error" },
    ["retried", "retried", "ApiError"], [retried("ApiError"), retried("ApiError"), "ApiError"]),
  row("429", statuses([429]), { failure: "RateLimitError", reason: "rate-limited" },
    ["retried", "retried", "retried"], [retried("RateLimitError"), retried("RateLimitError"), retried("RateLimitError")]),
  row("500", statuses([500]), server,
    ["retried", "retried", "ServerError after look-up"], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("500 with 40 MiB", floods(500), { ...server, huge: true },
    ["retried", "retried", "ServerError after look-up"], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("does it, 500", acted(answers(500)), { ...server, acts: true },
    ["retried", GONE, "reconciled"], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("501, 505", statuses([501, 505]), server,
    ["ServerError", "ServerError", UNKNOWN], ["ServerError", "ServerError", UNKNOWN]),
  row("502, 504", statuses([502, 504]), server,
    ["retried", "retried", UNKNOWN], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("502 with an HTML page", page(502), server,
    ["retried", "retried", UNKNOWN], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("does it, 502 or 504", { 502: acted(page(502)), 504: acted(answers(504)) }, { ...server, acts: true },
    ["retried", GONE, "reconciled"], [retried("ServerError"), retried("ServerError"), UNKNOWN]),
  row("503 with Retry-After", statuses([503], [{ "retry-after": "0" }]), server,
    ["retried", "retried", "retried"], [retried("ServerError"), retried("ServerError"), retried("ServerError")]),
  row("503 without, or with two", statuses([503], [{}, { "retry-after": ["0", "0"] }, { "retry-after": ["0", "1"] }]), server,
    ["retried", "retried", UNKNOWN], [retried("ServerError"), retried("ServerError"), UNKNOWN]),

  row("401", answers(401), { failure: "UnauthorizedError", reason: "unauthorized" },
    ["renewed", "renewed", "renewed"], ["UnauthorizedError after renewal", "UnauthorizedError after renewal", "UnauthorizedError after renewal"]),
  row("400", answers(400), { failure: "BadRequestError" },
    ["BadRequestError", "BadRequestError", "BadRequestError"], ["BadRequestError", "BadRequestError", "BadRequestError"]),
  row("403", answers(403), { failure: "ForbiddenError" },
    ["ForbiddenError", "ForbiddenError", "ForbiddenError"], ["ForbiddenError", "ForbiddenError", "ForbiddenError"]),
  row("404", answers(404), { failure: "NotFoundError" },
    ["NotFoundError", "NotFoundError", "NotFoundError"], ["NotFoundError", "NotFoundError", "NotFoundError"]),
  row("409", answers(409), { failure: "ConflictError" },
    ["ConflictError", "ConflictError", "ConflictError"], ["ConflictError", "ConflictError", "ConflictError"]),
  row("405, 410, 415, 422", statuses([405, 410, 415, 422], [{}]), { failure: "ApiError" },
    ["ApiError", "ApiError", "ApiError"], ["ApiError", "ApiError", "ApiError"]),
  row("a redirect within its origin", within, { failure: "RedirectError" },
    ["RedirectError", "RedirectError", "RedirectError"], ["RedirectError", "RedirectError", "RedirectError"]),
  row("a redirect to another origin", across, { failure: "RedirectError" },
    ["RedirectError", "RedirectError", "RedirectError"], ["RedirectError", "RedirectError", "RedirectError"]),

  row("200 with an HTML page, did nothing", page(200), content,
    ["BadResponseError", "works", UNKNOWN], ["BadResponseError", "works", UNKNOWN]),
  row("does it, 200 with an HTML page", acted(page(200)), { ...content, acts: true },
    ["BadResponseError", "works", "reconciled"], ["BadResponseError", "works", UNKNOWN]),
  row("does it, 200 with nothing, or 204", { 200: acted(answers(200, {}, "")), 204: acted(answers(204)) }, { ...content, acts: true },
    ["BadResponseError", "works", "reconciled"], ["BadResponseError", "works", UNKNOWN]),
  row("does it, 200 with half of the JSON", acted(answers(200, {}, '[{"id":"6f2')), { ...content, acts: true },
    ["BadResponseError", "works", "reconciled"], ["BadResponseError", "works", UNKNOWN]),
  row("does it, 200 with fields of the wrong type", acted(answers(200, {}, WRONG)), { ...content, acts: true },
    ["BadResponseError", "works", "reconciled"], ["BadResponseError", "works", UNKNOWN]),
  row("does it, 200 with 40 MiB", acted(floods(200)), { ...content, acts: true, huge: true },
    ["BadResponseError", "works", "reconciled"], ["BadResponseError", "works", UNKNOWN]),
  row("sends two cookies, or other headers twice", adds({ "set-cookie": ["a=1", "b=2"], "x-twice": ["1", "2"] }), { acts: true, failure: "" },
    ["works", "works", "works"], ["works", "works", "works"]),
];

/** The words of the cells. */
const WORDS = [
  ["works", "the answer is taken as it is"],
  ["retried", "sent once more, and that is the result"],
  ["renewed", "sent once more with a new token, outside of the budget of attempts; with a fixed token: UnauthorizedError at once"],
  [GONE, "sent once more; the 404 of that second time says that the first one was heard"],
  ["reconciled", "not sent again: the integration is looked up by its name, found as it was sent, and is the result"],
  ["… after retries", "thrown when the attempts are used up"],
  ["… after look-up", "not sent again: the integration is looked up by its name, and could not be found or the look-up failed"],
  ["an error alone", "thrown at once"],
];

/** The row's cell of an operation. */
export function cellOf(row, often, operation) {
  const column = Object.values(columns).findIndex((operations) => operations.includes(operation));
  return row[often][column];
}

const line = (cells) => `| ${cells.join(" | ")} |`;
const styled = (cell) => cell.replace(/\w+Error/, "`$&`");

function tableOf(often, shown) {
  const head = ["the server", ...Object.values(HEADINGS)];
  const body = shown.map((row) => line([row.what, ...row[often].map(styled)]));
  return [line(head), line(head.map(() => "---")), ...body].join("\n");
}

/** docs/faults.md */
export function matrixMarkdown() {
  const moved = rows.filter(({ once, always }) => String(once) !== String(always));
  const words = WORDS.map(([word, meaning]) => line([word, meaning])).join("\n");
  return `# What becomes of a call when something goes wrong

Every cell is run against a real port by \`tests/package/calls/faults.test.mjs\`; this page is printed from the same table.
"Does it" means that the tenant did what was asked before that happened; a create is never done twice.

## Once, then all is well

${tableOf("once", rows)}

## For as long as it is asked

What is not listed here ends as it does above.

${tableOf("always", moved)}

## Where the platform sends again by itself

Chromium, Firefox and Deno send a request a second time where a connection that was in use before ends without an answer, and tell only
the answer to the second. A create whose first sending was heard is reconciled there, too, after the 400 or 409 that the second one gets; a
delete is a \`NotFoundError\`. \`tests/runtimes/helpers/losses.mjs\` has what is tried in each runtime.

## The words

| cell | means |
| --- | --- |
${words}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(matrixMarkdown());

// What becomes of a call whose request or answer is lost, in whatever runtime. Some send a request again by themselves, and
// tell nobody: what a create ends with is true all the same.
import assert from "node:assert/strict";

import { asked, tenant } from "./kit.mjs";

const BASE = "/service-desk-integrations/v1";
const LIST = { method: "GET", path: BASE };
const CREATE = { method: "POST", path: BASE };
const DELETE = { method: "DELETE" };

const LISTED = [{ value: 3 }, 3];
const MADE = [{ value: "Lost desk" }, 4];
const UNKNOWN = [{ code: "unknown-outcome" }, 3];

/** Each with the ways in which it may end: what the caller is told, and how many integrations there are then. */
export const LOSSES = [
  { what: "a list whose connection dies", job: "list", on: LIST, then: { drop: "before" }, ends: [LISTED] },
  { what: "a list whose body is cut", job: "list", on: LIST, then: { truncate: 20 }, ends: [LISTED] },
  { what: "a list whose body stops", job: "list", on: LIST, then: { stallMs: 5_000 }, ends: [LISTED] },
  { what: "a list that must wait", job: "list", on: LIST, then: { status: 429, headers: { "retry-after": "0" } }, ends: [LISTED] },
  { what: "a create whose request is lost", job: "create", on: CREATE, then: { drop: "before" }, ends: [MADE, UNKNOWN] },
  { what: "a create whose answer is lost", job: "create", on: CREATE, then: { drop: "after" }, ends: [MADE] },
  { what: "a create whose answer is cut", job: "create", on: CREATE, then: { truncate: 20 }, ends: [MADE] },
  { what: "a create that a gateway gives up", job: "create", on: CREATE, then: { status: 502 }, ends: [UNKNOWN] },
  {
    what: "a delete whose answer is lost",
    job: "delete",
    on: DELETE,
    then: { drop: "after" },
    ends: [
      [{ value: "gone" }, 2],
      [{ code: "not-found" }, 2],
    ],
  },
  { what: "a create of what was just created", job: "twice", ends: [[{ code: "bad-request" }, 4]] },
];

export const LOST_ANSWER = LOSSES.find(({ what }) => what === "a create whose answer is lost");

/** A tenant that loses this, and what the one who asks is given. */
export async function losing(context, { job, on, then }, authOf) {
  const { sandbox, input } = await tenant(context, authOf);
  const [{ id }] = sandbox.snapshot().integrations;
  if (on !== undefined) sandbox.fault({ on, then });
  return { sandbox, input: { ...input, job, id } };
}

export function assertEnded({ ends }, { met, ...end }, sandbox) {
  // One is for the connection, one was lost, and something came after it.
  assert.ok(asked(sandbox).length >= 3, "nothing was lost");
  const found = [end, sandbox.snapshot().integrations.length];
  const isAllowed = ends.some((allowed) => JSON.stringify(allowed) === JSON.stringify(found));
  assert.ok(isAllowed, `${JSON.stringify(found)} is none of ${JSON.stringify(ends)}, met ${JSON.stringify(met)}`);
}

/** How often requests of this method reached the tenant. */
export const reached = (sandbox, method) => asked(sandbox).filter((request) => request.method === method).length;

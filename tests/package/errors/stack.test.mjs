// The stack of the core, which is a quarter of what is usual: what nests deepest must be far from its end. A file of its own,
// as it looks at a memory from its start.
import assert from "node:assert/strict";
import test from "node:test";

import { memories } from "../helpers/memories.mjs";

const { ServiceDeskClient, diff, filter, patch } = await import("isc-service-desk");

/** The stack stands first in the memory, and grows down. */
const STACK = 256 * 1024;

/** So many objects or arrays inside each other, with names that hold secrets. */
const nested = (levels, leaf, isList) => Array.from({ length: levels }).reduce((inner) => (isList ? [inner] : { password: inner, also: 1 }), leaf);

const integration = (inside) => ({ id: "i", name: "n", description: "d", type: "t", created: new Date().toISOString(), attributes: { inside } });

/** Answers with the same to each request, a list where one is asked for, and says of a create nothing. */
function answering(item) {
  return async ({ url, method }) => {
    if (method === "POST") throw new TypeError("lost");
    return Response.json(url.includes("limit=") ? [item] : item);
  };
}

/** What it does, whether it is refused or not. */
const done = async (act) => {
  try {
    return await act();
  } catch (error) {
    assert.ok(error.code !== undefined, error);
  }
};

test("the deepest values and filters take less than half of the stack", async () => {
  const found = [];
  for (const isList of [false, true]) {
    // With what stands around it, and in a list, 128: the most that is read.
    for (const levels of [100, 125]) {
      const [item, other] = ["a", "b"].map((leaf) => integration(nested(levels, leaf, isList)));
      const client = new ServiceDeskClient({ baseUrl: "https://tenant.example", auth: { token: "t0ken" }, fetch: answering(item), retry: { baseDelayMs: 0 } });
      found.push(await done(() => client.integrations.get("i")), await done(() => client.integrations.create(item)));
      await done(() => client.integrations.replace("i", other));
      await done(() => client.integrations.update("i", () => other));
      await done(() => client.templates.get("t"));
      await done(() => diff(item, other));
      await done(() => patch().replace("/attributes/inside", nested(levels, "a", isList)).toJSON());
    }
  }
  assert.ok(found.every((each) => each?.id === "i"), "each was read, and each create found");
  let deep = filter.name.eq("a");
  for (let i = 0; i < 60; i += 1) deep = i % 2 ? deep.and(filter.id.eq("b")) : deep.or(filter.type.eq("c"));
  assert.ok(filter.parse(`${deep.not()}`).matches({ name: "x", type: "t", attributes: {} }));
  await done(() => filter.parse(`${"not (".repeat(64)}name eq "a"${")".repeat(64)}`));
  // The first one is of what made the core of its streams.
  assert.equal(memories.length, 2);
  const bytes = new Uint8Array(memories[1].buffer, 0, STACK);
  const lowest = bytes.findIndex((byte) => byte !== 0);
  assert.ok(lowest > STACK / 2, `${STACK - lowest} bytes of it were used`);
  assert.ok(lowest < STACK - 16_384, "the stack is not there");
});

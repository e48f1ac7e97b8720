// A Request that writes the cache mode into the URL, as some polyfills do. A file of its own, as the platform is looked at once.
import assert from "node:assert/strict";

const { Request } = globalThis;
globalThis.Request = class extends Request {
  /** @param {any} input @param {any} init */
  constructor(input, init) {
    super(init?.cache === "no-store" ? `${input}?_=1` : input, init);
  }
};
const { eachWay, json, scripted } = await import("../helpers/kits.mjs");

eachWay("a Request that writes the cache mode into the URL is given none", async (kit) => {
  const { client, asked, baseUrl } = scripted(kit, () => json([]));
  await client.types.list();
  assert.equal(asked[0].url, `${baseUrl}/service-desk-integrations/v1/types`);
});

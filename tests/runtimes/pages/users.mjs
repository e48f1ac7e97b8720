// Two users of one page, one after the other: what each is told by an API that lets answers be kept.
import { ServiceDeskClient } from "/dist/index.js";
import { input } from "/pages/input.mjs";

async function answerTo(token) {
  const client = new ServiceDeskClient({ baseUrl: input.baseUrl, auth: { token } });
  return (await client.types.list())[0].name;
}

globalThis.report = answerTo("ann-token").then(async (first) => [first, await answerTo("bob-token")]);

// A server behind a port that answers many requests at once through one client: each is answered with what its own user may
// see. The API behind it tells by the token who asks.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { Agent, createServer, get } from "node:http";

import { bounded } from "../helpers/call-kit.mjs";
import { INTEGRATION, eachWay } from "../helpers/kits.mjs";

const context = new AsyncLocalStorage();

const REQUESTS = 150;

/** A server of this machine for the time of a test. */
async function served(test, respond) {
  const server = createServer(respond);
  await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2 * REQUESTS }, resolve));
  test.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** What is answered to each request of an API: the token that came with it. A fifth meets a 503 before. */
function api() {
  const asked = new Map();
  return (request, response) => {
    const number = asked.size;
    const isFirst = !asked.has(request.url);
    asked.set(request.url, request.headers.authorization);
    const isBusy = isFirst && number % 5 === 0;
    response.writeHead(isBusy ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...INTEGRATION, id: request.url.split("/").at(-1), name: request.headers.authorization }));
  };
}

/** A server that answers what its client gets for the user who asks; it asks when all requests have come. */
function front(client) {
  let count = 0;
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return (request, response) => {
    const user = request.headers["x-user"];
    context.run({ user }, async () => {
      if ((count += 1) === REQUESTS) open();
      await opened;
      const answer = await client.integrations.get(`of-${user}`).catch(({ name, message }) => ({ id: name, name: message }));
      response.end(JSON.stringify([answer.id, answer.name, context.getStore().user]));
    });
  };
}

/** What a server answers to a user. */
function answerTo(user, url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { "x-user": user } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}

const limits = {
  "that nothing holds up": { rateLimit: "off" },
  "that wait for room": { rateLimit: { requests: 20, perMs: 200 } },
  "of which few may be on their way": { rateLimit: { requests: 1_000, perMs: 200, concurrency: 10 } },
};
for (const [what, limit] of Object.entries(limits)) {
  eachWay(`a server answers ${REQUESTS} requests at once each with its own user's token, ${what}`, async (kit, test) => {
    const baseUrl = await served(test, api());
    const auth = { token: () => `token-of-${context.getStore().user}` };
    const client = new kit.ServiceDeskClient({ baseUrl, auth, retry: { baseDelayMs: 50 }, ...limit });
    const url = await served(test, front(client));
    const agent = new Agent({ maxSockets: REQUESTS });
    test.after(() => agent.destroy());
    const users = Array.from({ length: REQUESTS }, (_, index) => `user-${index}`);
    const answers = await bounded(Promise.all(users.map((user) => answerTo(user, url, agent))), 20_000);
    const wrong = answers.filter((answer, index) => {
      const user = users[index];
      return answer.join() !== [`of-${user}`, `Bearer token-of-${user}`, user].join();
    });
    assert.deepEqual(wrong, []);
  });
}

// A module worker of workerd with AsyncLocalStorage: a request does all jobs, or asks for its own user, through a client that
// all requests share.
import { AsyncLocalStorage } from "node:async_hooks";
import { ServiceDeskClient } from "isc-service-desk";
import { usersJobs } from "../../users.mjs";

const storage = new AsyncLocalStorage();
const context = { run: (user, act) => storage.run(user, act), user: () => storage.getStore() };

let client;

function clientOf({ baseUrl }) {
  const auth = { token: async () => `token-of-${storage.getStore()}` };
  client ??= new ServiceDeskClient({ baseUrl, auth, retry: { baseDelayMs: 20 }, rateLimit: { requests: 5, perMs: 30 } });
  return client;
}

export default {
  async fetch(request) {
    const { user, ...input } = await request.json();
    if (user === undefined) return Response.json(await usersJobs(ServiceDeskClient, input, context));
    return storage.run(user, async () => Response.json((await clientOf(input).integrations.get(`of-${user}`)).name));
  },
};

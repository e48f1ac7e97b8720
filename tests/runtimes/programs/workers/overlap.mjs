// A module worker whose requests share one client at module level. Each is told what to call, and when to leave, whatever
// has become of that.
import { env } from "cloudflare:workers";
import { ServiceDeskClient } from "isc-service-desk";

const client = new ServiceDeskClient(env.OPTIONS);

/** Its controller is the request's own: workerd lets no other request abort it, and has none without a request. */
function abortAfter(ms) {
  const controller = new AbortController();
  setTimeout(() => controller.abort("enough"), ms);
  return controller.signal;
}

/** One call after another; the offset tells the tenant whose they are. */
async function outcome({ calls = 1, offset = 0, abortAfterMs, options }) {
  const signal = abortAfterMs === undefined ? undefined : abortAfter(abortAfterMs);
  try {
    for (let call = 0; call < calls; call += 1) {
      await client.integrations.list({ offset }, { ...options, signal });
    }
    return "works";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : error;
  }
}

async function leave(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return "left";
}

export default {
  async fetch(request) {
    const { tasks = 1, leaveAfterMs, breaks, ...task } = await request.json();
    if (breaks !== undefined) throw new Error(breaks);
    const all = Promise.all(Array.from({ length: tasks }, () => outcome(task)));
    return Response.json(await (leaveAfterMs === undefined ? all : Promise.race([all, leave(leaveAfterMs)])));
  },
};

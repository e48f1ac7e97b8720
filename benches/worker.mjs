// One client in a process of its own, for as long as the run lasts: does the calls that it is told to, and says what CPU time each
// took. Arguments: the client's name, the server's URL, the id to get.

import { PAGE_ITEMS } from "./bodies.mjs";
import { CLIENTS } from "./clients.mjs";

const [name, baseUrl, id] = process.argv.slice(2);
const { make } = CLIENTS[name];
const bytes = new Uint8Array(await (await fetch(baseUrl)).arrayBuffer());

const overNetwork = await make({ baseUrl, rateLimit: "off" });
const overStub = await make({ baseUrl, rateLimit: "off", stub: () => bytes });

const CALLS = {
  get: async () => (await overNetwork.get(id)).id === id,
  list: async () => (await overNetwork.list()).length === PAGE_ITEMS,
  decode: async () => (await overStub.list()).length === PAGE_ITEMS,
};

/** The CPU time of one of so many calls, in ms: of all threads of this process, the collection of garbage among them. */
async function cpuPerCall({ operation, calls, atOnce }) {
  const call = CALLS[operation];
  let left = calls;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      if (!(await call())) throw new Error(`${name}: ${operation} did not bring what the server has`);
    }
  };
  const start = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / calls;
}

process.on("message", async (job) => process.send(await cpuPerCall(job)));
process.send("ready");

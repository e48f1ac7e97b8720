// A program for Node, Deno and Bun whose users are told apart by an AsyncLocalStorage.
import { AsyncLocalStorage } from "node:async_hooks";
import { ServiceDeskClient } from "isc-service-desk";
import { usersJobs } from "../users.mjs";

const storage = new AsyncLocalStorage();
const context = { run: (user, act) => storage.run(user, act), user: () => storage.getStore() };

console.log(JSON.stringify(await usersJobs(ServiceDeskClient, JSON.parse(process.argv.at(-1)), context)));

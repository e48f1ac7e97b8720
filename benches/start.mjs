// A program that lists one page, with all defaults: prints when it had the page, on the clock that all processes share, and the
// CPU time until then. Arguments: the client's name, the server's URL.

import { writeSync } from "node:fs";

import { CLIENTS } from "./clients.mjs";

const [name, baseUrl] = process.argv.slice(2);
const client = await CLIENTS[name].make({ baseUrl });
const items = await client.list();
const at = Number(process.hrtime.bigint()) / 1e6;
const { user, system } = process.cpuUsage();
writeSync(1, JSON.stringify({ at, cpu: (user + system) / 1_000, items: items.length }));
process.exit();

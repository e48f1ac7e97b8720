// An ES module for Node, Deno and Bun: the package and its sandbox, by import.
import * as entry from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../scenario.mjs";

console.log(JSON.stringify(await bothJobs(entry, createSandbox, JSON.parse(process.argv.at(-1)))));

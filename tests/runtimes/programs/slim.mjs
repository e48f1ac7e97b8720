// An ES module for Node, Deno and Bun: the slim entry, whose WebAssembly is fetched.
import * as entry from "isc-service-desk/slim";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../scenario.mjs";

const input = JSON.parse(process.argv.at(-1));
await entry.init(fetch(input.wasm));
console.log(JSON.stringify(await bothJobs(entry, createSandbox, input)));

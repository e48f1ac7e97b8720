// A program for Node, Deno and Bun that asks once while its tenant fails.
import { ServiceDeskClient } from "isc-service-desk";
import { lost } from "../lost.mjs";

console.log(JSON.stringify(await lost(ServiceDeskClient, JSON.parse(process.argv.at(-1)))));

// A route of a server that Nitro builds.
import { readRawBody } from "#imports";
import * as entry from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../scenario.mjs";

export default async (event) => bothJobs(entry, createSandbox, JSON.parse(await readRawBody(event)));

// A function of Vercel's edge runtime.
import * as entry from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../scenario.mjs";

const answer = async (request) => Response.json(await bothJobs(entry, createSandbox, await request.json()));

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

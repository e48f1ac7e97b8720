// A page that imports the package by its files' addresses: an import map would need a policy's leave.
import * as entry from "/dist/index.js";
import { createSandbox } from "/dist/sandbox.js";
import { bothJobs } from "../scenario.mjs";
import { input } from "./input.mjs";

globalThis.report = bothJobs(entry, createSandbox, input);

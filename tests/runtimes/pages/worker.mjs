// A module worker of a page: the job, and what kind of place this is.
import * as entry from "/dist/index.js";
import { createSandbox } from "/dist/sandbox.js";
import { bothJobs } from "../scenario.mjs";
import { input } from "./input.mjs";

const isPage = typeof window !== "undefined";
bothJobs(entry, createSandbox, input).then(
  (report) => postMessage({ isPage, ...report }),
  (error) => postMessage({ failed: String(error) }),
);

// A page that finds the package by an import map.
import * as entry from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../scenario.mjs";
import { input } from "./input.mjs";

globalThis.report = bothJobs(entry, createSandbox, input);

// A page that asks once while its tenant fails.
import { ServiceDeskClient } from "/dist/index.js";
import { lost } from "../lost.mjs";
import { input } from "./input.mjs";

globalThis.report = lost(ServiceDeskClient, input);

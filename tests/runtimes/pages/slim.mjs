// A page with the slim entry, whose WebAssembly is compiled while it arrives.
import * as entry from "/dist/slim.js";
import { createSandbox } from "/dist/sandbox.js";
import { bothJobs } from "../scenario.mjs";
import { input } from "./input.mjs";

const { compileStreaming } = WebAssembly;
let streamed = 0;
WebAssembly.compileStreaming = (response) => {
  streamed += 1;
  return compileStreaming.call(WebAssembly, response);
};

globalThis.report = (async () => {
  await entry.init(fetch("/dist/core_bg.wasm"));
  return { streamed, ...(await bothJobs(entry, createSandbox, input)) };
})();

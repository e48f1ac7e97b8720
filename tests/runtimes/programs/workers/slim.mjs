// A module worker of workerd with the slim entry, as a library would build on it: its WebAssembly is named by the package.
import * as entry from "isc-service-desk/slim";
import wasm from "isc-service-desk/core.wasm";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../../scenario.mjs";

export default {
  async fetch(request) {
    await entry.init(wasm);
    return Response.json(await bothJobs(entry, createSandbox, await request.json()));
  },
};

// A module worker of workerd, bundled as wrangler bundles one.
import * as entry from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { bothJobs } from "../../scenario.mjs";

export default {
  async fetch(request) {
    return Response.json(await bothJobs(entry, createSandbox, await request.json()));
  },
};

// A module worker of workerd that asks once while its tenant fails.
import { ServiceDeskClient } from "isc-service-desk";
import { lost } from "../../lost.mjs";

export default {
  async fetch(request) {
    return Response.json(await lost(ServiceDeskClient, await request.json()));
  },
};

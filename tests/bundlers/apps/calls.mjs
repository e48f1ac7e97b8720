// An app whose page names the tenant: it calls it over HTTP.

import { ServiceDeskClient } from "isc-service-desk";
import { leave } from "./outcome.mjs";
import { work } from "./work.mjs";

const { baseUrl, token } = globalThis.tenant;
leave(work(new ServiceDeskClient({ baseUrl, auth: { token } })));

// An app whose page names the tenant: it calls it over HTTP.

import { ServiceDeskClient } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";
import { work } from "./shared/work.mjs";

const { baseUrl, token } = globalThis.tenant;
leave(work(new ServiceDeskClient({ baseUrl, auth: { token } })));

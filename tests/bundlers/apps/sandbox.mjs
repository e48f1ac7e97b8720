// An app that brings its tenant along: nothing leaves the page.

import { ServiceDeskClient } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { leave } from "./shared/outcome.mjs";
import { work } from "./shared/work.mjs";

const sandbox = createSandbox({ integrations: 3 });
const auth = { token: sandbox.token() };
leave(work(new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth, fetch: sandbox.fetch })));

// An app that names an import and uses none of it.

import { ServiceDeskClient } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

leave("unused");

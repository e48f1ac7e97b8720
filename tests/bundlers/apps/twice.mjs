// An app of two modules that both use the package.

import { ServiceDeskError } from "isc-service-desk";
import { leave } from "./outcome.mjs";
import { mistake } from "./mistake.mjs";

leave(mistake() instanceof ServiceDeskError);

// An app that takes types alone.

import type { ServiceDeskIntegrationDto } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

const integration: Pick<ServiceDeskIntegrationDto, "name"> = { name: "typed" };
leave(integration.name);

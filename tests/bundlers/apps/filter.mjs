// An app that takes one small thing of the package, which needs the core all the same.

import { filter } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

leave(String(filter.name.eq('say "when"').or(filter.id.in(["a", "b"]))));

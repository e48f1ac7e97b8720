// The core as a file that an import gives the URL of: Vite.

import core from "isc-service-desk/core.wasm?url";
import { leave } from "./shared/outcome.mjs";
import { runFrom } from "./shared/slim.mjs";

leave(runFrom(core));

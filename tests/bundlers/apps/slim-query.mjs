// The core as a file that an import gives the URL of: Vite.

import core from "isc-service-desk/core.wasm?url";
import { leave } from "./outcome.mjs";
import { runFrom } from "./slim.mjs";

leave(runFrom(core));

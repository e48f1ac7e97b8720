// The core as a file that a URL names: webpack, and Vite.

import { leave } from "./shared/outcome.mjs";
import { runFrom } from "./shared/slim.mjs";

leave(runFrom(new URL("isc-service-desk/core.wasm", import.meta.url)));

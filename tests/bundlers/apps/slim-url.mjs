// The core as a file that a URL names: webpack, and Vite.

import { leave } from "./outcome.mjs";
import { runFrom } from "./slim.mjs";

leave(runFrom(new URL("isc-service-desk/core.wasm", import.meta.url)));

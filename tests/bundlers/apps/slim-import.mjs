// The core as a file that an import gives the URL of: esbuild with its `file` loader.

import core from "isc-service-desk/core.wasm";
import { leave } from "./outcome.mjs";
import { runFrom } from "./slim.mjs";

leave(runFrom(core));

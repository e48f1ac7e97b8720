// The core as a file that an import gives the URL of: esbuild with its `file` loader.

import core from "isc-service-desk/core.wasm";
import { leave } from "./shared/outcome.mjs";
import { runFrom } from "./shared/slim.mjs";

leave(runFrom(core));

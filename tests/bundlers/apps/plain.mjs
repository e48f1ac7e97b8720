// An app that takes nothing of the package: what a bundler adds by itself.

import { leave } from "./shared/outcome.mjs";

leave("plain");

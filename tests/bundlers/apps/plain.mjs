// An app that takes nothing of the package: what a bundler adds by itself.

import { leave } from "./outcome.mjs";

leave("plain");

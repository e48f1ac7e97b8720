// All that is claimed of bundles, in one process: the claims share the bundles, their servers and one Chromium.
import "./runs.mjs";
import "./bytes.mjs";
import "./slim.mjs";
import "./errors.mjs";
import "./copies.mjs";

// The package as a user reaches it: every entry, by `import` and by `require`. Tests loop over these.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The folder of the installed package, with a slash at its end. */
export const packageUrl = new URL(".", import.meta.resolve("isc-service-desk/package.json"));

/** @type {Record<string, any>} */
export const manifest = JSON.parse(readFileSync(new URL("package.json", packageUrl), "utf8"));

/** The ways to load an entry, each with the condition of `exports` that it takes. */
export const loaders = [
  { name: "import", condition: "default", load: (/** @type {string} */ entry) => import(entry) },
  { name: "require", condition: "require", load: async (/** @type {string} */ entry) => require(entry) },
];

/** `isc-service-desk`, `isc-service-desk/sandbox`, …: what can be loaded. */
export const entries = Object.keys(manifest.exports)
  .filter((path) => !/\.(json|wasm)$/.test(path))
  .map((path) => ({ name: path.replace(/^\./, "isc-service-desk"), conditions: manifest.exports[path] }));

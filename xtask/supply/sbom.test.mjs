// Shows that the bill of materials of the package in the folder PACKAGE is valid, and names what the cores consist of.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const directory = process.env.PACKAGE ?? assert.fail("PACKAGE names no folder");
const text = readFileSync(join(directory, "sbom.cdx.json"), "utf8");
const { metadata, components, dependencies } = JSON.parse(text);
const crates = components.filter(({ purl }) => purl?.startsWith("pkg:cargo/"));
const CORES = { client: "core", sandbox: "sandbox_core" };

/** The bytes of a core: its module has them, whether the file ships or not. */
async function bytes(core) {
  const { wasmBytes } = await import(pathToFileURL(join(directory, "dist", `${CORES[core]}_bytes.js`)).href);
  return Buffer.from(await wasmBytes());
}

/**
 * `name-1.2.3` of each crate that tells where it panics. Other text may stand right before it; what the standard library
 * brings stands in a folder of its own.
 */
async function panicking(core) {
  const places = (await bytes(core)).toString("latin1").matchAll(/(\/rust\/deps\/)?([a-z0-9_-]+-\d+\.\d+\.\d+)\/src\//g);
  return [...new Set([...places].filter(([, std]) => !std).map(([, , crate]) => crate))];
}

const inCore = (core) => crates.filter(({ properties }) => properties.some(({ value }) => value === core));

test("it is valid CycloneDX 1.6", async () => {
  assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text), null);
});

test("it is about this version of the package", () => {
  const { name, version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  assert.equal(metadata.component.purl, `pkg:npm/${name}@${version}`);
});

for (const core of Object.keys(CORES)) {
  test(`every crate that can be seen in the ${core} core is listed as a part of it`, async () => {
    const seen = await panicking(core);
    assert.ok(seen.length >= 2, seen.join());
    const listed = inCore(core).filter(({ scope }) => scope === "required");
    const unknown = seen.filter((crate) => !listed.some(({ name, version }) => crate.endsWith(`${name}-${version}`)));
    assert.deepEqual(unknown, []);
  });

  test(`the ${core} core is said to consist of all that is listed as a part of it`, () => {
    const used = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set(used.get(core));
    for (const ref of reached) for (const next of used.get(ref) ?? []) reached.add(next);
    assert.deepEqual(inCore(core).filter(({ purl }) => !reached.has(purl)), []);
  });
}

test("no crate of tests, of the bindings' tests or of these commands is listed", () => {
  const others = ["proptest", "wasm-bindgen-test", "wasm-bindgen-cli-support", "walrus", "clap", "anyhow", "libfuzzer-sys"];
  assert.deepEqual(crates.filter(({ name }) => others.includes(name)), []);
});

test("macros are listed as what is not contained", () => {
  const macros = ["serde_derive", "tsify-macros", "wasm-bindgen-macro"];
  const scopes = macros.map((name) => crates.find((each) => each.name === name)?.scope);
  assert.deepEqual(scopes, macros.map(() => "excluded"));
});

test("every crate has a version, a licence and a hash", () => {
  const incomplete = crates.filter(({ version, licenses, hashes }) => !(version && licenses[0].expression && hashes[0].content));
  assert.deepEqual(incomplete, []);
});

test("it tells nothing of the machine that wrote it", () => {
  assert.doesNotMatch(text, /"(timestamp|serialNumber)"|file:|\/home\/|\/root\/|[A-Z]:\\\\/);
});

test("the package brings nothing else to run", () => {
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const fields = ["dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies", "bundledDependencies", "scripts"];
  assert.deepEqual(fields.filter((field) => field in manifest), []);
  assert.deepEqual(readdirSync(join(directory, "..")).filter((name) => !name.startsWith(".")), ["isc-service-desk"]);
});

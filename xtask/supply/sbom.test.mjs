// Shows that the bill of materials of the package in the folder PACKAGE is valid, and names what the cores consist of.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const directory = process.env.PACKAGE ?? assert.fail("PACKAGE names no folder");
const text = readFileSync(join(directory, "sbom.cdx.json"), "utf8");
const { metadata, components, dependencies } = JSON.parse(text);
const crates = components.filter(({ purl }) => purl?.startsWith("pkg:cargo/"));
/** As the compiler made them: what ships has no names. */
const CORES = { client: process.env.CORE_client, sandbox: process.env.CORE_sandbox };

/** What the standard library brings, which is listed as one. */
const STANDARD = ["__rustc", "alloc", "compiler_builtins", "core", "dlmalloc", "hashbrown", "rustc_demangle", "std"];

/** Each crate that a function is named after: mangled, a crate is `Cs`, a hash, `_`, the length of its name, and the name. */
function named(core) {
  const [names] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(CORES[core])), "name");
  const crates = Buffer.from(names).toString("latin1").matchAll(/Cs[0-9A-Za-z]*_(\d+)_?(?=([a-z_]\w*))/g);
  const all = new Set([...crates].map(([, length, text]) => text.slice(0, length)));
  return [...all].filter((crate) => !STANDARD.includes(crate));
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
  test(`every crate that can be seen in the ${core} core is listed as a part of it`, () => {
    const seen = named(core);
    assert.ok(seen.includes("isc_service_desk") && seen.length > 3, seen.join());
    const listed = inCore(core).filter(({ scope }) => scope === "required").map(({ name }) => name.replaceAll("-", "_"));
    const unknown = seen.filter((crate) => crate !== "isc_service_desk" && !listed.includes(crate));
    assert.deepEqual(unknown, []);
  });

  test(`the ${core} core is said to consist of all that is listed as a part of it`, () => {
    const used = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set(used.get(core));
    for (const ref of reached) for (const next of used.get(ref) ?? []) reached.add(next);
    assert.deepEqual(inCore(core).filter(({ purl }) => !reached.has(purl)), []);
  });
}

test("every package that is bundled into a script is listed", () => {
  const dist = join(directory, "dist");
  const scripts = readdirSync(dist).filter((name) => name.endsWith(".js")).map((name) => readFileSync(join(dist, name), "utf8"));
  const places = scripts.flatMap((text) => [...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)]);
  const bundled = [...new Set(places.map(([, name]) => name))];
  assert.notDeepEqual(bundled, []);
  const listed = components.filter(({ purl, scope }) => purl?.startsWith("pkg:npm/") && scope === "required");
  assert.deepEqual(listed.map(({ name }) => name), bundled);
});

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

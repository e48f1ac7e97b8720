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

const used = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
const LIBRARY = process.env.STANDARD_LIBRARY ?? assert.fail("STANDARD_LIBRARY names no folder");
/** What the standard library brings. */
const brought = crates.filter(({ purl }) => used.get(components.find(({ name }) => name === "rust-std").purl).includes(purl));
/** The standard library's own, which are listed as one. */
const STANDARD = ["__rustc", "alloc", "core", "std"];

/** The names of a core's functions, from its section of names: 1, its length, how many there are, and each with its index. */
function functions(core) {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(CORES[core])), "name");
  const bytes = Buffer.from(section);
  let at = 0;
  const number = () => {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const text = (length) => bytes.toString("latin1", at, (at += length));
  for (;;) {
    const [kind, length] = [number(), number()];
    if (kind === 1) return Array.from({ length: number() }, () => (number(), text(number())));
    at += length;
  }
}

/**
 * Each crate that a function is named after, with the hashes that tell crates of one name apart: mangled, a crate is `Cs`, a hash, `_`, the
 * length of its name, and the name. At the very end stands the crate that asked for a copy of a generic function. It need have none of its
 * own, as rustc-demangle, whose copies of functions of core are used by all.
 */
function named(core) {
  const found = new Map();
  for (const mangled of functions(core)) {
    for (const { index, 0: { length }, 1: hash, 2: size, 3: text } of mangled.matchAll(/Cs([0-9A-Za-z]*)_(\d+)_?(?=([a-z_]\w*))/g)) {
      const crate = text.slice(0, size);
      const asks = index + length + crate.length === mangled.length;
      if (STANDARD.includes(crate) || (asks && brought.some(({ name }) => name.replaceAll("-", "_") === crate))) continue;
      found.set(crate, (found.get(crate) ?? new Set()).add(hash));
    }
  }
  return found;
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
    assert.ok(seen.has("isc_service_desk") && seen.size > 3, [...seen.keys()].join());
    const listed = inCore(core).filter(({ scope }) => scope === "required").map(({ name }) => name.replaceAll("-", "_"));
    const count = (crate) => listed.filter((name) => name === crate).length;
    // The crates of the project are what the core is.
    for (const crate of seen.keys()) if (crate.startsWith("isc_service_desk")) seen.delete(crate);
    assert.deepEqual([...seen].filter(([crate, hashes]) => count(crate) < hashes.size), []);
  });

  test(`of the crates that the standard library brings, those are parts of the ${core} core that have a function in it`, () => {
    // libm has no crate of its own there: its functions are exported by compiler_builtins, as those of C.
    const wrapped = readFileSync(join(LIBRARY, "compiler-builtins/compiler-builtins/src/math/mod.rs"), "utf8");
    const math = new Set([...wrapped.matchAll(/^ *fn (\w+)\(/gm)].map(([, name]) => name));
    assert.ok(math.has("fmod") && math.size > 100);
    const seen = new Set(named(core).keys());
    if (functions(core).some((name) => math.has(name))) seen.add("libm");
    // A crate of which Cargo.lock has another version is told from that one by the test above.
    const own = crates.filter((each) => !brought.includes(each)).map(({ name }) => name);
    const found = brought.filter(({ name }) => seen.has(name.replaceAll("-", "_")) && !own.includes(name));
    assert.deepEqual(brought.filter((each) => inCore(core).includes(each)), found);
  });

  test(`the ${core} core is said to consist of all that is listed as a part of it`, () => {
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

test("every crate has a version, a licence and a hash, but for what stands in the sources of the standard library", () => {
  const incomplete = crates.filter(({ version, licenses, hashes }) => !(version && licenses[0].expression && hashes[0]?.content));
  assert.deepEqual(incomplete.map(({ name }) => name), ["compiler_builtins", "libm"]);
  assert.ok(incomplete.every(({ version, licenses }) => version && licenses[0].expression));
});

test("the crates that the standard library brings have the version and the hash of its lock file", () => {
  const lock = readFileSync(join(LIBRARY, "Cargo.lock"), "utf8").split("[[package]]");
  for (const { name, version, hashes } of brought.filter(({ name }) => name !== "libm")) {
    const locked = lock.find((each) => each.includes(`name = "${name}"\nversion = "${version}"\n`)) ?? assert.fail(`${name} ${version}`);
    assert.equal(hashes[0]?.content, /checksum = "(\w+)"/.exec(locked)?.[1], name);
  }
  assert.deepEqual(brought.map(({ name }) => name), ["cfg-if", "compiler_builtins", "dlmalloc", "hashbrown", "libc", "libm", "rustc-demangle", "rustc-literal-escaper"]);
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

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { promisify } from "node:util";

import { entries, loaders, manifest, packageUrl } from "../helpers/entries.mjs";

/** What a declaration file says that a program can import as a value. */
function declaredValues(path) {
  const text = readFileSync(new URL(path, packageUrl), "utf8");
  const declared = text.matchAll(/^export (?:declare )?(?:abstract )?(?:class|const|function|enum) (\w+)/gm);
  const ending = path.slice(path.indexOf(".d."));
  const passed = text.matchAll(/^export \* from "(.+)\.c?js";$/gm);
  const fromOthers = [...passed].flatMap(([, file]) => declaredValues(`dist/${file}${ending}`));
  return [...declared].map(([, name]) => name).concat(fromOthers).sort();
}

/** Runs a program in a process of its own, next to this file. */
function run(code, type) {
  return promisify(execFile)(process.execPath, [`--input-type=${type}`, "--eval", code], { cwd: import.meta.dirname, timeout: 30_000 });
}

test("the client, its slim form, the sandbox and its server are entries", () => {
  const names = entries.map(({ name }) => name);
  for (const name of ["isc-service-desk", "isc-service-desk/slim", "isc-service-desk/sandbox", "isc-service-desk/sandbox/node"]) assert.ok(names.includes(name), name);
});

for (const { name, conditions } of entries) {
  for (const { name: way, condition, load } of loaders) {
    test(`${way} of ${name} gives the values that its declarations promise`, async () => {
      const exported = Object.keys(await load(name)).filter((key) => key !== "__esModule" && key !== "module.exports");
      assert.ok(exported.length > 0);
      assert.deepEqual(exported.sort(), declaredValues(conditions[condition].types));
    });
  }

  for (const [type, code] of [["module", `await import("${name}")`], ["commonjs", `require("${name}")`]]) {
    test(`a ${type} program that only loads ${name} prints nothing and ends`, async () => {
      assert.deepEqual(await run(code, type), { stdout: "", stderr: "" });
    });
  }
}

for (const { name } of entries) {
  for (const [type, load] of [["module", `await import("${name}")`], ["commonjs", `require("${name}")`]]) {
    test(`a ${type} program that loads ${name} sees no request, no timer and no change of its globals`, async () => {
      const told = `(async () => {
        const happened = [];
        for (const each of ["fetch", "setTimeout", "setInterval"]) globalThis[each] = () => void happened.push(each);
        const before = Reflect.ownKeys(globalThis).length;
        const prototypes = () => [Object, Array, Promise, Error, Function].map((each) => Reflect.ownKeys(each.prototype).length).join();
        const members = prototypes();
        ${load};
        if (Reflect.ownKeys(globalThis).length !== before) happened.push("a global");
        if (prototypes() !== members) happened.push("a prototype");
        console.log(JSON.stringify(happened));
      })();`;
      assert.deepEqual(await run(told, type), { stdout: "[]\n", stderr: "" });
    });
  }
}

test("every file that package.json names is installed", () => {
  const named = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(named));
  const files = [manifest.exports, manifest.main, manifest.types, manifest.bin].flatMap(named);
  assert.deepEqual(files.filter((file) => !existsSync(new URL(file, packageUrl))), []);
});

test("the package needs no other package", () => {
  const fields = ["dependencies", "peerDependencies", "optionalDependencies", "bundledDependencies"];
  assert.deepEqual(fields.filter((field) => field in manifest), []);
});

test("the tests see the installed tarball and none of the project's tools", () => {
  assert.match(packageUrl.pathname, /\/target\/consumer\/[^/]+\/node_modules\/isc-service-desk\/$/);
  assert.throws(() => import.meta.resolve("esbuild"), { code: "ERR_MODULE_NOT_FOUND" });
});

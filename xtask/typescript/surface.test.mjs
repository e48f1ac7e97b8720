// Shows that the declarations of the package in the folder PACKAGE say what they say with real types alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";

/** What the bindings have and no user needs: how a module is loaded, and how its memory is given back. */
const PLUMBING = /^(free|InitInput|InitOutput|SyncInitInput|initSync|dispose|asyncDispose|ptr|__wb.*)$/;

const directory = process.env.PACKAGE ?? assert.fail("PACKAGE names no folder");
const { exports } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const files = [...new Set(declarations(exports))].map((file) => join(directory, file));
const program = ts.createProgram(files, {
  strict: true,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
  noEmit: true,
});
const checker = program.getTypeChecker();

/** Every file that a `types` condition names. */
function declarations(value) {
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) => (key === "types" ? [member] : declarations(member)));
}

/** What `look` says of the nodes of a file, each with its line. */
function findings(file, look) {
  const source = program.getSourceFile(file) ?? assert.fail(`${file} cannot be read`);
  const found = [];
  const visit = (node) => {
    const complaint = look(node);
    if (complaint) found.push(`line ${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${complaint}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Names that have no type of their own. */
const isBare = ({ parent }) => ts.isModuleDeclaration(parent) || ts.isExportSpecifier(parent) || ts.isTypePredicateNode(parent);

/** A name that cannot be found has the type `any` too. */
function isAny(node) {
  const typed = ts.isIdentifier(node) ? !isBare(node) : ts.isTypeNode(node) && !ts.isTemplateLiteralTypeSpan(node);
  return typed && (checker.getTypeAtLocation(node).flags & ts.TypeFlags.Any) !== 0;
}

test("every entry has declarations for import and for require", () => {
  assert.ok(files.length >= 6, files.join());
  assert.equal(files.filter((file) => file.endsWith(".d.cts")).length, files.filter((file) => file.endsWith(".d.ts")).length);
});

test("the declarations have no error", () => {
  const errors = ts.getPreEmitDiagnostics(program).map((each) => ts.flattenDiagnosticMessageText(each.messageText, "\n"));
  assert.deepEqual(errors, []);
});

for (const file of files) {
  const name = file.slice(directory.length + 1);

  test(`nothing in ${name} is any`, () => {
    assert.deepEqual(findings(file, (node) => isAny(node) && node.getText()), []);
  });

  test(`nothing in ${name} is plumbing of the bindings`, () => {
    assert.deepEqual(findings(file, (node) => ts.isIdentifier(node) && PLUMBING.test(node.text) && node.text), []);
  });

  test(`${name} uses names of modules that a consumer has`, () => {
    const module = (node) => ts.isImportDeclaration(node) && node.moduleSpecifier.text;
    const foreign = findings(file, (node) => module(node) && !/^(isc-service-desk(\/|$)|\.\/)/.test(module(node)) && module(node));
    assert.deepEqual(foreign, []);
  });
}

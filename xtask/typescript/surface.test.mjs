// Shows that the declarations of the package in the folder PACKAGE say what they say with real types alone.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
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

const firstLine = (node) => node.getText().split("\n", 1)[0];

/** What an editor shows as something to call. */
const isCallable = (node) =>
  ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || (ts.isConstructorDeclaration(node) && !isPrivate(node));
const isPrivate = (node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);

/** What an example may name without an import; one that has an import is a whole program. */
const PRELUDE = [
  `import { ${exported("index.d.ts")} } from "isc-service-desk";`,
  'import { createSandbox, type Sandbox } from "isc-service-desk/sandbox";',
  'import { serve, type ServedSandbox } from "isc-service-desk/sandbox/node";',
  'import { init } from "isc-service-desk/slim";',
  "declare const client: ServiceDeskClient, sandbox: Sandbox, served: ServedSandbox;",
].join("\n");

function exported(name) {
  const source = program.getSourceFile(files.find((file) => basename(file) === name));
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => symbol.name).join(", ");
}

/** The fenced programs in the comments of a file, each with its line. */
function examples(file) {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^ *\* ```(.*)\n((?: *\*.*\n)*?) *\* ```$/gm)].map(({ index, 1: language, 2: lines }) => ({
    language,
    line: text.slice(0, index).split("\n").length,
    code: lines.replace(/^ *\* ?/gm, ""),
  }));
}

/** The errors of the examples of a file, with the line of each example. */
function errorsOf(file) {
  const folder = join(directory, "../../examples-of-declarations", basename(file));
  mkdirSync(folder, { recursive: true });
  const names = examples(file).map(({ language, line, code }) => {
    assert.equal(language, "ts", `line ${line}`);
    const name = join(folder, `line-${line}.mts`);
    writeFileSync(name, /^import /m.test(code) ? code : `${PRELUDE}\nexport async function example() {\n${code}}\n`);
    return name;
  });
  const compiled = ts.createProgram(names, {
    ...program.getCompilerOptions(),
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
  });
  return ts.getPreEmitDiagnostics(compiled).map(({ file, messageText }) => `${basename(file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
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

  test(`every function and method in ${name} has an example`, () => {
    const bare = (node) => isCallable(node) && !ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "example") && firstLine(node);
    assert.deepEqual(findings(file, bare), []);
  });

  // Those of the twin for `require` are the same.
  if (file.endsWith(".d.ts")) {
    test(`the examples in ${name} compile as strictly as can be`, () => {
      assert.deepEqual(errorsOf(file), []);
    });
  }

  test(`${name} says when something is thrown before it links the error, as editors take a link there for a type`, () => {
    const linked = (node) => ts.getJSDocTags(node).some((tag) => tag.tagName.text === "throws" && /^@throws\s*\{/.test(tag.getText())) && firstLine(node);
    assert.deepEqual(findings(file, linked), []);
  });

  test(`${name} uses names of modules that a consumer has`, () => {
    const module = (node) => ts.isImportDeclaration(node) && node.moduleSpecifier.text;
    const foreign = findings(file, (node) => module(node) && !/^(isc-service-desk(\/|$)|\.\/)/.test(module(node)) && module(node));
    assert.deepEqual(foreign, []);
  });
}

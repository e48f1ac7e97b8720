//! Turns the declarations that wasm-bindgen writes into those of the public `.d.ts` files, for both module systems.

use anyhow::{Result, ensure};

/// The line of `pkg-template/index.d.ts` that the wire types take the place of.
pub const MARKER: &str = "/* @wire-types */";

/// What wasm-bindgen declares for the loading of a module, beside the classes and functions.
const PLUMBING: [&str; 3] = ["InitInput", "InitOutput", "SyncInitInput"];

/// The hand-kept declarations with the wire types of `generated` in the place of the marker.
///
/// # Errors
///
/// - the marker is missing or stands twice
/// - there are no wire types
/// - a wire type is declared by hand too: TypeScript would merge the two without a word
pub fn with_wire_types(template: &str, generated: &str) -> Result<String> {
    let markers = template.lines().filter(|line| line.trim() == MARKER).count();
    ensure!(markers == 1, "index.d.ts must have one line `{MARKER}`, got {markers}");
    let types = wire_types(generated);
    ensure!(!types.is_empty(), "the bindings of the client declare no wire type");
    let by_hand = type_declarations(template);
    for Declaration { name, .. } in &types {
        let twice = by_hand.iter().any(|declaration| declaration.name == *name);
        ensure!(!twice, "`{name}` is declared in index.d.ts, and by the crate too");
    }
    let text = types.iter().map(|declaration| declaration.text).collect::<Vec<_>>().join("\n\n");
    let lines = template.lines().map(|line| if line.trim() == MARKER { text.as_str() } else { line });
    Ok(lines.collect::<Vec<_>>().join("\n") + "\n")
}

/// The same declarations for `require`: what they import from a neighbour comes from the neighbour's `.cjs`.
pub fn commonjs_twin(declarations: &str) -> String {
    let mut twin = String::with_capacity(declarations.len());
    for line in declarations.split_inclusive('\n') {
        twin.push_str(&relative_specifier_to_cjs(line));
    }
    twin
}

fn relative_specifier_to_cjs(line: &str) -> String {
    let imports = line.contains("from \"./") || line.contains("from \"../") || line.contains("import(\"./");
    if imports { line.replace(".js\"", ".cjs\"") } else { line.to_owned() }
}

/// An interface or a type with the comment above it.
struct Declaration<'a> {
    name: &'a str,
    text: &'a str,
}

fn wire_types(generated: &str) -> Vec<Declaration<'_>> {
    let mut types = type_declarations(generated);
    types.retain(|declaration| !PLUMBING.contains(&declaration.name));
    types
}

fn type_declarations(source: &str) -> Vec<Declaration<'_>> {
    statements(source).into_iter().filter_map(declaration).collect()
}

fn declaration(statement: &str) -> Option<Declaration<'_>> {
    let text = statement.trim();
    let head = skip_comments(text);
    let documented = text.len() - head.len();
    let mut words = head.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    let exported = words.next() == Some("export");
    let kind = words.next();
    let name = words.next()?;
    let text = documentation(text.get(..documented)?, text)?;
    (exported && matches!(kind, Some("interface" | "type")) && !name.is_empty()).then_some(Declaration { name, text })
}

/// The statement from its doc comment on: comments to the file as a whole, such as a linter's, stay behind.
fn documentation<'a>(comments: &str, statement: &'a str) -> Option<&'a str> {
    let start = comments.rfind("/**").unwrap_or(comments.len());
    statement.get(start..)
}

fn skip_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let end = match text.get(..2) {
            Some("/*") => text.find("*/").map(|at| at + 2),
            Some("//") => text.find('\n'),
            _ => return text,
        };
        text = end.and_then(|end| text.get(end..)).unwrap_or_default();
    }
}

/// The top-level statements, each with the comments before it.
fn statements(source: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = token(rest, first);
        let end = source.len() - rest.len() + length;
        rest = rest.get(length..).unwrap_or_default();
        match first {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && ends_statement(source.get(start..end).unwrap_or_default(), first) {
            statements.extend(source.get(start..end));
            start = end;
        }
    }
    statements
}

/// The bytes that belong together from here on: a comment, a string, or one character.
fn token(rest: &str, first: char) -> usize {
    let closed = |opening: usize, close: &str| {
        rest.get(opening..).and_then(|body| body.find(close)).map_or(rest.len(), |at| opening + at + close.len())
    };
    match first {
        '/' if rest.starts_with("/*") => closed(2, "*/"),
        '/' if rest.starts_with("//") => closed(2, "\n"),
        '"' | '\'' | '`' => string(rest, first),
        _ => first.len_utf8(),
    }
}

fn string(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            chars.next();
        } else if char == quote {
            return at + quote.len_utf8();
        }
    }
    rest.len()
}

/// A semicolon ends any statement, a closing brace only one that has a body: a type goes on after it.
fn ends_statement(statement: &str, last: char) -> bool {
    last == ';' || (last == '}' && has_body(statement))
}

fn has_body(statement: &str) -> bool {
    let head = skip_comments(statement);
    let head = head.strip_prefix("export ").unwrap_or(head);
    let head = head.strip_prefix("declare ").unwrap_or(head);
    ["interface", "class", "abstract class", "enum", "namespace"].iter().any(|word| head.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = r#"/* tslint:disable */
/* eslint-disable */
/**
 * An owner; see {@link OwnerDto}.
 */
export interface OwnerDto {
    /** One of `{`, "}" or `;`. */
    type?: "IDENTITY" | "a}b;" | 'it\'s';
    nested: { a: string; b: { c: number } };
}

export type Sorter = "name" | "-name";

export type Shape = { kind: "a"; of: string } | { kind: "b" };

export class Client {
  free(): void;
  [Symbol.dispose](): void;
}
export function probe(owner: OwnerDto): { a: string };

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
  readonly memory: WebAssembly.Memory;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;
export default function __wbg_init (module?: InitInput): Promise<InitOutput>;
"#;

    fn names(source: &str) -> Vec<&str> {
        wire_types(source).iter().map(|declaration| declaration.name).collect()
    }

    #[test]
    fn only_the_interfaces_and_types_of_the_crate_are_taken() {
        assert_eq!(names(GENERATED), ["OwnerDto", "Sorter", "Shape"]);
    }

    #[test]
    fn a_type_keeps_its_comment_and_its_braces_in_strings() {
        let types = wire_types(GENERATED);
        let owner = types.first().unwrap().text;
        assert!(
            owner.starts_with("/**\n * An owner; see {@link OwnerDto}.\n */\nexport interface OwnerDto {"),
            "{owner}"
        );
        assert!(owner.ends_with("nested: { a: string; b: { c: number } };\n}"), "{owner}");
    }

    #[test]
    fn the_marker_gives_way_to_the_types() {
        let shaped = with_wire_types("// head\n/* @wire-types */\nexport class A {}\n", GENERATED).unwrap();
        assert!(shaped.starts_with("// head\n/**\n * An owner"), "{shaped}");
        assert!(shaped.ends_with("{ kind: \"b\" };\nexport class A {}\n"), "{shaped}");
        assert!(
            !shaped.contains("tslint") && !shaped.contains("InitOutput") && !shaped.contains("dispose"),
            "{shaped}"
        );
    }

    #[test]
    fn no_marker_and_two_markers_are_refused() {
        let error = |template| with_wire_types(template, GENERATED).unwrap_err().to_string();
        assert_eq!(error("export {};"), "index.d.ts must have one line `/* @wire-types */`, got 0");
        assert_eq!(
            error("/* @wire-types */\n/* @wire-types */"),
            "index.d.ts must have one line `/* @wire-types */`, got 2"
        );
    }

    #[test]
    fn bindings_without_wire_types_are_refused() {
        let plumbing = "export type InitInput = URL;\nexport class Client { free(): void; }\n";
        let error = with_wire_types(MARKER, plumbing).unwrap_err().to_string();
        assert_eq!(error, "the bindings of the client declare no wire type");
    }

    #[test]
    fn a_type_that_is_declared_twice_is_refused() {
        let template = "/* @wire-types */\nexport interface Sorter { a: 1 }\n";
        let error = with_wire_types(template, GENERATED).unwrap_err().to_string();
        assert_eq!(error, "`Sorter` is declared in index.d.ts, and by the crate too");
    }

    #[test]
    fn the_twin_imports_from_twins_and_packages_as_they_are() {
        let source = "import type { A } from \"./errors.js\";\nexport type {\n  B,\n} from \"../x.js\";\n\
                      import type { C } from \"isc-service-desk\";\n/** Runs in a.js\". */\ntype D = import(\"./d.js\").D;\n";
        let twin = "import type { A } from \"./errors.cjs\";\nexport type {\n  B,\n} from \"../x.cjs\";\n\
                    import type { C } from \"isc-service-desk\";\n/** Runs in a.js\". */\ntype D = import(\"./d.cjs\").D;\n";
        assert_eq!(commonjs_twin(source), twin);
    }

    #[test]
    fn hostile_text_ends() {
        for text in
            ["", "\"", "`", "/*", "//", "}}}}", "((((", "export type", "export interface {}", "\\", "é\u{1F600}'"]
        {
            assert!(wire_types(text).is_empty(), "{text}");
        }
    }
}

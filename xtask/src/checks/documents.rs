//! Holds the documents to what they name: files, and in `docs/laws.md` tests and each law once.

use std::fs;

use super::links::documents;
use crate::project::Project;

const ENDINGS: [&str; 6] = [".rs", ".toml", ".js", ".mjs", ".cjs", ".mts"];

/// The cells of each law's row: its number, the law, where it is decided, its tests.
fn rows(page: &str) -> Vec<[&str; 4]> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect::<Vec<_>>())
        .filter_map(|cells| <[&str; 4]>::try_from(cells).ok())
        .filter(|[number, ..]| *number == "–" || number.parse::<u32>().is_ok())
        .collect()
}

/// What stands between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_file(name: &str) -> bool {
    name.contains('.') && !name.contains(' ') && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a source holds a test of this name, as it is written there.
fn has_test(file: &str, source: &str, name: &str) -> bool {
    if file.ends_with(".rs") {
        return source.contains(&format!("fn {name}("));
    }
    // By itself, or as a row of a table of tests.
    let quoted = |quote: &str| {
        let name = format!("{quote}{name}{quote},");
        ["(", "claim: "].iter().any(|before| source.contains(&format!("{before}{name}")))
    };
    quoted("\"") || quoted("`")
}

#[test]
fn every_file_and_test_of_the_laws_exists() {
    let project = Project::here();
    let read = |file: &str| fs::read_to_string(project.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    for [number, _, decided, tests] in rows(&read("docs/laws.md")) {
        assert!(code(decided).next().is_some(), "law {number} says nowhere where it is decided");
        code(decided).for_each(|file| drop(read(file)));
        let mut file = "";
        let mut source = String::new();
        let mut named = 0;
        for word in code(tests) {
            if is_file(word) {
                (file, source) = (word, read(word));
            } else if !file.is_empty() {
                assert!(has_test(file, &source, word), "law {number}: {file} has no test `{word}`");
                named += 1;
            }
        }
        assert!(named > 0, "law {number} names no test");
    }
}

#[test]
fn the_laws_are_numbered_from_1_to_34() {
    let page = fs::read_to_string(Project::here().path("docs/laws.md")).unwrap();
    let numbers: Vec<u32> = rows(&page).iter().filter_map(|[number, ..]| number.parse().ok()).collect();
    assert_eq!(numbers, (1..=34).collect::<Vec<_>>());
}

#[test]
fn a_test_is_found_as_it_is_written() {
    assert!(has_test("a.rs", "fn one() {}", "one") && !has_test("a.rs", "fn one_more() {}", "one"));
    assert!(has_test("a.mjs", "test(\"a b\", () => {})", "a b") && !has_test("a.mjs", "// a b", "a b"));
    assert!(has_test("a.mjs", "eachWay(`${a} b`, async () => {})", "${a} b"));
}

/// The folders whose files documents name from the root.
const FOLDERS: [&str; 9] =
    ["src", "bindings", "pkg-template", "tests", "examples", "benches", "fuzz", "xtask", ".github"];

/// What stands between backticks and looks like a path from the root.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let is_plain = |word: &&str| word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(is_plain)
        .filter(|word| word.split_once('/').is_some_and(|(folder, _)| FOLDERS.contains(&folder)))
}

#[test]
fn every_path_that_a_document_names_exists() {
    let project = Project::here();
    let mut named = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            assert!(project.path(path).exists(), "{} names {path}", document.display());
            named += 1;
        }
    }
    assert!(named > 100, "{named} paths are found");
}

#[test]
fn paths_stand_between_backticks_and_begin_with_a_folder_of_the_root() {
    let found: Vec<&str> = paths("see `src/a.rs` and `client/b.js`, `src/*.rs`, src/c.rs\n`tests/d`").collect();
    assert_eq!(found, ["src/a.rs", "tests/d"]);
}

//! Holds the documents to their links: each leads to a file, and with a fragment to a heading of it. The README stays short, and its
//! numbers are those of `docs/benchmarks.md`. Every error has a row in `docs/errors.md`.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::examples;
use crate::project::Project;

/// The README is read at the registry, by users who have not yet decided.
const README_LINES: usize = 220;

/// The lines that are not in a fence of code.
fn prose(markdown: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    markdown.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// Where the links of a document lead.
fn links(markdown: &str) -> Vec<&str> {
    prose(markdown).flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

/// The fragments that GitHub gives the headings of a document.
fn fragments(markdown: &str) -> HashSet<String> {
    let headings = prose(markdown).filter(|line| line.starts_with('#'));
    headings.map(|line| fragment(line.trim_start_matches('#').trim())).collect()
}

fn fragment(heading: &str) -> String {
    let kept = heading.chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
    kept.flat_map(char::to_lowercase).map(|char| if char == ' ' { '-' } else { char }).collect()
}

/// What is wrong with a link of the document in `file`.
fn fault(file: &Path, text: &str, link: &str) -> Option<String> {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { file.to_owned() } else { file.parent()?.join(path) };
    if !target.exists() {
        return Some(format!("{}: {link} leads to no file", file.display()));
    }
    if heading.is_empty() {
        return None;
    }
    let there = if path.is_empty() { text.to_owned() } else { fs::read_to_string(&target).unwrap_or_default() };
    (!fragments(&there).contains(heading)).then(|| format!("{}: {link} leads to no heading", file.display()))
}

/// Everything that a person reads here.
pub(super) fn documents() -> Vec<PathBuf> {
    let project = Project::here();
    let top = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    top.iter().map(|name| project.path(name)).chain(examples::documents(&project).unwrap()).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut faults = Vec::new();
    for file in documents() {
        let text = read(&file);
        let relative = links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
        faults.extend(relative.filter_map(|link| fault(&file, &text, link)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_of_docs_is_reached_from_the_readme_or_from_what_it_links_to() {
    let project = Project::here();
    let mut reached = HashSet::new();
    let mut next = vec![project.path("README.md").canonicalize().unwrap()];
    while let Some(file) = next.pop() {
        if !reached.insert(file.clone()) || file.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let text = read(&file);
        let targets = links(&text).into_iter().map(|link| link.split('#').next().unwrap_or_default());
        next.extend(targets.filter_map(|path| file.parent()?.join(path).canonicalize().ok()));
    }
    for page in documents() {
        assert!(reached.contains(&page.canonicalize().unwrap()), "no link leads to {}", page.display());
    }
}

#[test]
fn the_readme_is_short() {
    let lines = read(&Project::here().path("README.md")).lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines; what is above {README_LINES} belongs into docs/");
}

#[test]
fn the_numbers_of_the_readme_are_those_of_the_benchmarks() {
    let project = Project::here();
    let page = read(&project.path("docs/benchmarks.md"));
    let rows: Vec<String> = read(&project.path("README.md"))
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("docs/benchmarks.md"))
        .map(str::to_owned)
        .collect();
    assert!(!rows.is_empty(), "the README compares nothing");
    for row in rows {
        let cells = row.split('|').skip(2).take(2).flat_map(str::split_whitespace);
        for number in cells.filter(|word| word.starts_with(|char: char| char.is_ascii_digit())) {
            assert!(
                page.split([' ', '\n']).any(|word| word == number),
                "docs/benchmarks.md does not have {number}: {row}"
            );
        }
    }
}

#[test]
fn every_error_has_a_row() {
    let project = Project::here();
    let page = read(&project.path("docs/errors.md"));
    let source = read(&project.path("pkg-template/errors.js"));
    let rows = source.lines().filter_map(|line| line.trim().strip_prefix("[\"")?.strip_suffix("\"],"));
    let pairs: Vec<(&str, &str)> =
        rows.filter_map(|row| Some((row.split('"').next()?, row.rsplit('"').next()?))).collect();
    assert!(pairs.len() > 10, "{pairs:?}");
    for (class, code) in pairs.into_iter().filter(|(class, _)| *class != "ServiceDeskError") {
        assert!(page.contains(&format!("| `{code}` | `{class}` |")), "docs/errors.md has no row of {code}, {class}");
    }
    for code in ["internal", "wasm-blocked", "wasm-not-loaded"] {
        assert!(page.contains(&format!("| `{code}` |")), "docs/errors.md has no row of {code}");
    }
}

#[test]
fn links_are_read_outside_of_code() {
    assert_eq!(links("a [b](c.md) ![d](e.svg \"f\")\n```ts\n[g](h)\n```\n"), ["c.md", "e.svg"]);
}

#[test]
fn fragments_are_those_of_github() {
    assert_eq!(fragment("Retries, limits and time"), "retries-limits-and-time");
    assert_eq!(fragment("`wasm-blocked`: no core"), "wasm-blocked-no-core");
    assert!(fragments("```sh\n# not this\n```\n## But this\n").contains("but-this"));
    assert!(!fragments("```sh\n# not this\n```\n").contains("not-this"));
}

#[test]
fn a_link_to_nothing_is_a_fault() {
    let file = Project::here().path("README.md");
    assert!(fault(&file, "", "docs/nothing.md").is_some_and(|text| text.ends_with("leads to no file")));
    assert!(fault(&file, "# A\n", "#b").is_some_and(|text| text.ends_with("leads to no heading")));
    assert!(fault(&file, "# A\n", "#a").is_none());
}

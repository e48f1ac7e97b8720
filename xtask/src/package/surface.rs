//! Holds the declarations that ship against their committed copies, and against what no public declaration may have.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use similar::TextDiff;

use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::ecosystem::matrix::TOOLS;
use crate::files;
use crate::package::manifest::Manifest;
use crate::package::tarball::Consumer;
use crate::project::{NAME, Project};
use crate::run::step;

const SNAPSHOT: &str = "tests/declarations";

/// Compares each declaration file that `package.json` names with its copy in `tests/declarations`.
///
/// # Errors
///
/// A file cannot be read.
pub fn snapshot_tests(project: &Project) -> Result<Tally> {
    let shipped = shipped(project)?;
    let strays: Vec<String> = kept(project)?.into_iter().filter(|name| !shipped.contains(name)).collect();
    let complete =
        if strays.is_empty() { Ok(()) } else { Err(advice(&format!("no entry ships {}", strays.join(", ")))) };
    let compare = |name: &String| Tally::of(compare(project, name));
    Ok(shipped.iter().map(compare).fold(Tally::of(complete), Tally::and))
}

/// Makes the copies anew from the built package.
///
/// # Errors
///
/// A file cannot be written.
pub fn update_snapshot(project: &Project) -> Result<()> {
    step(&format!("copying the declarations to {SNAPSHOT}"), || {
        files::make_empty(&project.path(SNAPSHOT))?;
        shipped(project)?.iter().try_for_each(|name| files::copy(&built(project, name), &copy(project, name)))
    })
}

/// The names of the declarations of each entry; those for `require` are made of the same text.
fn shipped(project: &Project) -> Result<Vec<String>> {
    let manifest = Manifest::read(project)?;
    let names = manifest.stems(".d.ts").into_iter().filter_map(|stem| stem.strip_prefix("dist/"));
    Ok(names.map(|name| format!("{name}.d.ts")).collect())
}

fn kept(project: &Project) -> Result<Vec<String>> {
    let directory = project.path(SNAPSHOT);
    files::below(&directory)?.iter().map(|file| files::relative(file, &directory)).collect()
}

fn built(project: &Project, name: &str) -> PathBuf {
    project.pkg().join("dist").join(name)
}

fn copy(project: &Project, name: &str) -> PathBuf {
    project.path(SNAPSHOT).join(name)
}

fn compare(project: &Project, name: &str) -> Result<()> {
    let built = fs::read_to_string(built(project, name)).with_context(|| format!("no {name} was built"))?;
    let kept = fs::read_to_string(copy(project, name)).unwrap_or_default();
    ensure!(built == kept, advice(&difference(name, &kept, &built)));
    Ok(())
}

fn advice(what: &str) -> anyhow::Error {
    anyhow::anyhow!("{what}\nthe public surface is not what {SNAPSHOT} keeps; if it should be: cargo xtask snapshot")
}

fn difference(name: &str, kept: &str, built: &str) -> String {
    let diff = TextDiff::from_lines(kept, built);
    diff.unified_diff().header(&format!("{SNAPSHOT}/{name}"), &format!("dist/{name}")).to_string()
}

/// Runs `surface.test.mjs` on the declarations of the installed package.
///
/// # Errors
///
/// Node does not start.
pub fn surface_tests(project: &Project, consumer: &Consumer) -> Result<Tally> {
    let mut command = consumer.node_test(&[project.path(TOOLS).join("surface.test.mjs")]);
    command.env("PACKAGE", consumer.directory().join("node_modules").join(NAME));
    run_tests(Runner::Node, command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_shown_as_a_diff() {
        let shown = difference("a.d.ts", "one\ntwo\n", "one\nthree\n");
        assert_eq!(shown, "--- tests/declarations/a.d.ts\n+++ dist/a.d.ts\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n");
    }

    #[test]
    fn every_entry_with_types_is_kept() {
        let project = Project::here();
        let kept = kept(&project).unwrap();
        assert!(!kept.is_empty());
        assert_eq!(shipped(&project).unwrap().iter().filter(|name| !kept.contains(name)).count(), 0);
    }
}

//! Holds the package against what npm, bundlers and TypeScript expect of one, and against the list of its files.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::files;
use crate::package::tarball;
use crate::project::Project;
use crate::run::{self, step};
use crate::setup;

/// The folder of what looks at the tarball, and of what an example needs besides.
pub const TOOLS: &str = "xtask/package";

/// Files at the top of the package; each must be there.
pub const TOP_FILES: [&str; 8] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "THIRD-PARTY-LICENSES",
    "package.json",
    "sbom.cdx.json",
];

/// What `dist/` may consist of.
const DIST_ENDINGS: [&str; 5] = [".js", ".cjs", ".d.ts", ".d.cts", ".wasm"];

/// Runs publint and attw on the packed tarball, then npm's own corrections and the check of the file list on `pkg/`.
///
/// # Errors
///
/// One of them complains.
pub fn lint_package(project: &Project) -> Result<()> {
    setup::npm_tools(project, TOOLS)?;
    let tarball = tarball::tarball(project)?.display().to_string();
    step("publint", || run::succeed(project.tool(TOOLS, "publint", ["run", &tarball, "--strict"])))?;
    // The profile leaves out one way to resolve modules, that of Node 10: it does not read `exports`, so that sub-paths
    // could only be had as real folders. No Node that can run the package, and no TypeScript since 7, resolves that way.
    let profile = ["--profile", "node16", "--no-definitely-typed", "--no-emoji", "--format", "ascii"];
    // Programs name the file, for a bundler or a server to find; what an import of it gives is theirs to declare.
    let untyped = ["--exclude-entrypoints", "core.wasm"];
    step("attw", || {
        run::succeed(project.tool(TOOLS, "attw", [tarball.as_str()].into_iter().chain(profile).chain(untyped)))
    })?;
    step("npm pkg fix", || check_corrections(project))?;
    step("list of files", || check_files(&packed_files(project)?))
}

/// What npm would correct in `package.json` it corrects when the package is published, unseen: a `bin` may be gone then.
fn check_corrections(project: &Project) -> Result<()> {
    let directory = project.stage().join("npm-pkg-fix");
    files::make_empty(&directory)?;
    let copy = directory.join("package.json");
    files::copy(&project.pkg().join("package.json"), &copy)?;
    let ours = fs::read_to_string(&copy)?;
    let mut command = project.npm(["pkg", "fix"]);
    command.current_dir(&directory);
    run::succeed(command)?;
    let theirs = fs::read_to_string(&copy)?;
    let changed: Vec<&str> = theirs.lines().filter(|line| !ours.lines().any(|ours| ours == *line)).collect();
    ensure!(ours == theirs, "npm would change package.json to:\n{}", changed.join("\n"));
    Ok(())
}

fn packed_files(project: &Project) -> Result<Vec<String>> {
    let report = run::capture(project.npm(["pack", "./pkg", "--dry-run", "--json"]))?;
    let report: Value = serde_json::from_str(&report)?;
    let files = report.pointer("/0/files").and_then(Value::as_array).context("npm pack lists no files")?;
    Ok(files.iter().filter_map(|file| file.get("path")?.as_str().map(str::to_owned)).collect())
}

fn check_files(files: &[String]) -> Result<()> {
    let unexpected: Vec<&str> = files.iter().map(String::as_str).filter(|file| !is_expected(file)).collect();
    ensure!(unexpected.is_empty(), "the package has files that nobody expects: {}", unexpected.join(", "));
    let missing: Vec<&str> = TOP_FILES.into_iter().filter(|top| !files.iter().any(|file| file == top)).collect();
    ensure!(missing.is_empty(), "the package lacks {}", missing.join(", "));
    Ok(())
}

fn is_expected(file: &str) -> bool {
    match file.split_once('/') {
        None => TOP_FILES.contains(&file),
        Some(("bin", name)) => name.ends_with(".js") && !name.contains('/'),
        Some(("dist", name)) => DIST_ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.contains(".test."),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(files: &[&str]) -> Vec<String> {
        files.iter().map(|&file| file.to_owned()).collect()
    }

    #[test]
    fn the_files_of_a_package_are_expected() {
        let more = ["bin/isc-service-desk.js", "dist/index.js", "dist/index.d.cts", "dist/core_bg.wasm", "dist/a/b.js"];
        assert!(check_files(&owned(&[&TOP_FILES[..], &more].concat())).is_ok());
    }

    #[test]
    fn a_stray_file_is_named() {
        for stray in
            [".npmrc", "src/lib.rs", "dist/index.ts", "dist/core.wasm.map", "bin/a/b.js", "dist/a.test.js", "dist/.env"]
        {
            let error = check_files(&owned(&[&TOP_FILES[..], &[stray]].concat())).unwrap_err().to_string();
            assert_eq!(error, format!("the package has files that nobody expects: {stray}"));
        }
    }

    #[test]
    fn a_missing_document_is_named() {
        let error = check_files(&owned(&["package.json", "README.md", "LICENSE-MIT"])).unwrap_err().to_string();
        assert_eq!(
            error,
            "the package lacks CHANGELOG.md, LICENSE-APACHE, SECURITY.md, THIRD-PARTY-LICENSES, sbom.cdx.json"
        );
    }
}

//! Runs and compiles programs against the installed tarball: the tests of the package and the examples of the documents.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::checks::readme::{self, Example, Language};
use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::ecosystem::consumers::{COMPILERS, PROGRAM};
use crate::ecosystem::matrix;
use crate::ecosystem::types::typescript_below;
use crate::files;
use crate::package::lint;
use crate::package::tarball::Consumer;
use crate::project::Project;
use crate::run;
use crate::setup;

/// Runs `tests/package/**/*.test.*` in a project that has installed the tarball, TypeScript with its types stripped.
///
/// # Errors
///
/// The project cannot be prepared, or there is no test.
pub fn package_tests(project: &Project) -> Result<Tally> {
    let consumer = Consumer::install(project, "package")?;
    let tests = copy_tests(project, &consumer, "package")?;
    strip_types(project, &typescript_below(&tests)?)?;
    let files: Vec<PathBuf> = files::below(&tests)?.into_iter().filter(|file| is_test(file)).collect();
    run_listed(&consumer, &files)
}

/// Copies a folder of `tests/` beside the installed tarball; gives where it stands there.
///
/// # Errors
///
/// A file cannot be copied.
pub fn copy_tests(project: &Project, consumer: &Consumer, folder: &str) -> Result<PathBuf> {
    files::copy_tree(&project.path("tests").join(folder), &consumer.directory().join(folder))
}

/// Whether a file is one that `node --test` is given.
pub fn is_test(file: &Path) -> bool {
    let name = file.to_string_lossy();
    [".test.mjs", ".test.js", ".test.cjs"].iter().any(|ending| name.ends_with(ending))
}

/// Given no file, `node --test` would look for files of its own.
fn run_listed(consumer: &Consumer, files: &[PathBuf]) -> Result<Tally> {
    ensure!(!files.is_empty(), "there is nothing to run");
    run_tests(Runner::Node, consumer.node_test(files))
}

/// Compiles each example of the README and of `docs/`, and each program of `examples/`, with the oldest compiler and the
/// newest, and runs them; `tests/readme` says how.
///
/// # Errors
///
/// The project cannot be prepared, an example is no TypeScript or does not compile, or there is none that runs.
pub fn readme_tests(project: &Project) -> Result<Tally> {
    let consumer = Consumer::install(project, "readme")?;
    setup::npm_tools(project, lint::TOOLS)?;
    setup::npm_tools(project, matrix::TOOLS)?;
    consumer.add_scope(&project.path(lint::TOOLS), "@opentelemetry")?;
    let mut runnable = Vec::new();
    let mut typed = Vec::new();
    for document in documents(project)? {
        let name = files::relative(&document, &project.path("."))?;
        let text = fs::read_to_string(&document).with_context(|| format!("{name} cannot be read"))?;
        for example in readme::examples(&text).context(name.clone())? {
            ensure!(example.language == Language::TypeScript, "{name}, line {}: a program is TypeScript", example.line);
            let file = write_example(&consumer, &name, &example)?;
            if example.runs {
                runnable.push(file.clone());
            }
            typed.push(file);
        }
    }
    let programs = files::below(&project.path("examples"))?;
    ensure!(!runnable.is_empty() && !programs.is_empty(), "there is nothing to run");
    for program in programs {
        ensure!(program.extension().is_some_and(|ending| ending == "mts"), "{} is no .mts", program.display());
        let copy = consumer.directory().join(program.file_name().context("a file has a name")?);
        files::copy(&program, &copy)?;
        runnable.push(copy.clone());
        typed.push(copy);
    }
    COMPILERS.iter().try_for_each(|compiler| PROGRAM.check(project, compiler, consumer.directory(), &typed))?;
    strip_types(project, &typed)?;
    let runnable: Vec<_> = runnable.iter().map(|file| javascript_of(file)).collect();
    let names: Vec<_> = runnable.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    fs::write(consumer.directory().join("examples.json"), serde_json::to_string(&names)?)?;
    let test = consumer.directory().join("readme.test.mjs");
    files::copy(&project.path("tests/readme/readme.test.mjs"), &test)?;
    run_listed(&consumer, &[test])
}

/// The README and the pages of `docs/`.
pub fn documents(project: &Project) -> Result<Vec<PathBuf>> {
    let pages = files::with_extension(files::below(&project.path("docs"))?, &["md"]);
    ensure!(!pages.is_empty(), "docs/ has no page");
    Ok([project.path("README.md")].into_iter().chain(pages).collect())
}

/// The name of the file tells the document and the line.
fn write_example(consumer: &Consumer, document: &str, example: &Example) -> Result<PathBuf> {
    let file = consumer.directory().join(example_name(document, example.line));
    fs::write(&file, example.code.join("\n") + "\n")?;
    Ok(file)
}

/// Writes each file without its types, under the name that an import of it has: `a.mjs` beside `a.mts`.
fn strip_types(project: &Project, files: &[PathBuf]) -> Result<()> {
    for file in files.iter().filter(|file| !file.to_string_lossy().contains(".d.")) {
        let format = if file.extension().is_some_and(|ending| ending == "cts") { "cjs" } else { "esm" };
        let mut command = project.esbuild(["--log-level=warning"])?;
        command.arg(file).arg(format!("--format={format}")).arg(format!("--outfile={}", javascript_of(file).display()));
        run::succeed(command)?;
    }
    Ok(())
}

/// `a.mjs` for `a.mts`; what is JavaScript stays.
fn javascript_of(file: &Path) -> PathBuf {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("mts") => file.with_extension("mjs"),
        Some("cts") => file.with_extension("cjs"),
        Some("ts") => file.with_extension("js"),
        _ => file.to_path_buf(),
    }
}

fn example_name(document: &str, line: usize) -> String {
    format!("{}-line-{line}.mts", document.trim_end_matches(".md").replace(['/', '\\'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_document_and_line() {
        assert_eq!(example_name("README.md", 7), "README-line-7.mts");
        assert_eq!(example_name("docs/errors.md", 12), "docs-errors-line-12.mts");
    }

    #[test]
    fn the_readme_and_every_page_of_docs_are_documents() {
        let project = Project::here();
        let found = documents(&project).unwrap();
        for name in ["README.md", "docs/laws.md"] {
            assert!(found.contains(&project.path(name)), "{name}");
        }
    }

    #[test]
    fn stripped_files_have_the_names_that_imports_use() {
        let names = ["a.test.mts", "b.cts", "c.ts", "d.mjs"].map(|name| javascript_of(Path::new(name)));
        assert_eq!(names, ["a.test.mjs", "b.cjs", "c.js", "d.mjs"].map(PathBuf::from));
    }

    #[test]
    fn helpers_of_tests_are_no_tests() {
        assert!(is_test(Path::new("tests/a.test.mjs")));
        assert!(!is_test(Path::new("tests/entries.mjs")));
        assert!(!is_test(Path::new("tests/a.test.mts")));
    }
}

//! Runs the packed tarball in every runtime that `docs/runtimes.md` names.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::checks::examples::{copy_tests, is_test};
use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::ecosystem::browsers::{CHROMIUM, DISPLAY, FIREFOX, WEBKIT_DRIVER};
use crate::files;
use crate::package::tarball::Consumer;
use crate::project::Project;
use crate::setup;

/// What drives the runtimes needs a newer Node than the package itself: it is one of the runtimes.
const NODE_OF_TESTS: &str = "node-24-";

/// Runs `tests/runtimes/*.test.mjs` beside the installed tarball, with the runtimes that `tests/runtimes/package.json`
/// pins and the browsers of this machine.
///
/// # Errors
///
/// A runtime or a browser cannot be had, or the project cannot be prepared.
pub fn runtime_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, "tests/runtimes")?;
    let browsers = [
        ("CHROMIUM", CHROMIUM.path(project)?),
        ("FIREFOX", FIREFOX.path(project)?),
        ("WEBKIT_DRIVER", WEBKIT_DRIVER.path(project)?),
        ("XVFB", DISPLAY.path(project)?),
    ];
    let consumer = Consumer::install(project, "runtimes")?;
    files::copy_tree(&project.path("docs"), &consumer.directory().join("docs"))?;
    let tests = files::below(&copy_tests(project, &consumer, "runtimes")?)?;
    let tests: Vec<PathBuf> = tests.into_iter().filter(|file| is_test(file)).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = [node_of_tests(project)?].into_iter().chain(std::env::split_paths(&path));
    let mut command = consumer.node_test(&tests);
    command.env("PATH", std::env::join_paths(places)?).envs(browsers);
    command.env("RUNTIMES_TOOLS", project.path("tests/runtimes/tools.mjs"));
    run_tests(Runner::Node, command)
}

/// The folder of its program.
fn node_of_tests(project: &Project) -> Result<PathBuf> {
    let modules = project.path("tests/runtimes/node_modules");
    let mut entries = fs::read_dir(&modules)?.filter_map(Result::ok);
    let of_tests = entries.find(|entry| entry.file_name().to_string_lossy().starts_with(NODE_OF_TESTS));
    let found = of_tests.with_context(|| format!("npm has no {NODE_OF_TESTS}… for this machine"))?;
    Ok(found.path().join("bin"))
}

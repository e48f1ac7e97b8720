//! Bundles apps that use the installed tarball with every bundler, and runs what comes of them in a page.

use anyhow::Result;

use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::ecosystem::browsers::CHROMIUM;
use crate::files;
use crate::package::tarball::Consumer;
use crate::project::Project;
use crate::setup;

/// All bundles are made in one process, which takes longer than the tests of one file elsewhere.
const TIMEOUT: &str = "--test-timeout=600000";

/// Runs `tests/bundlers` where it stands, with its own tools; the apps are put beside the tarball, and see nothing else.
///
/// # Errors
///
/// The tools, the browser or the project cannot be had.
pub fn bundler_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, "tests/bundlers")?;
    let chromium = CHROMIUM.path(project)?;
    let consumer = Consumer::install(project, "bundlers")?;
    files::copy_tree(&project.path("tests/bundlers/apps"), &consumer.directory().join("apps"))?;
    let mut command = consumer.node();
    command.args(["--test", "--test-reporter=spec", TIMEOUT]).arg(project.path("tests/bundlers/bundlers.test.mjs"));
    command.env("CHROMIUM", chromium);
    run_tests(Runner::Node, command)
}

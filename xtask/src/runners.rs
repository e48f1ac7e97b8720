//! Runs tests of a user's kind against the installed tarball, in the test runner that most of them have.

use anyhow::Result;

use crate::examples::copy_tests;
use crate::package::Consumer;
use crate::project::Project;
use crate::setup;
use crate::tally::{Runner, Tally, run_tests};

/// Without it, Jest takes no test that is a module.
const MODULES: &str = "--experimental-vm-modules";

/// Runs `tests/runners/*.test.*` beside the installed tarball, in the environments that `jest.config.cjs` there names.
///
/// # Errors
///
/// Jest cannot be had, or the project cannot be prepared.
pub fn runner_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, "tests/runners")?;
    let consumer = Consumer::install(project, "runners")?;
    let tests = copy_tests(project, &consumer, "runners")?;
    let mut command = consumer.node();
    command.args([MODULES, "--no-warnings"]).arg(project.path("tests/runners/node_modules/jest/bin/jest.js"));
    command.arg("--config").arg(project.path("tests/runners/jest.config.cjs"));
    // Without a cache, which would outlive the tarball; two processes at a time.
    command.args(["--ci", "--verbose", "--no-cache", "--maxWorkers=2"]).env("RUNNERS_TESTS", tests);
    run_tests(Runner::Jest, command)
}

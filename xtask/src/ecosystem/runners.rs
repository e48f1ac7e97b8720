//! Runs tests of a user's kind against the installed tarball, in the test runners that most of them have.

use std::path::Path;

use anyhow::Result;

use crate::checks::examples::copy_tests;
use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::package::tarball::Consumer;
use crate::project::Project;
use crate::setup;

/// What is pinned stands here.
const TOOLS: &str = "tests/runners";

/// Without it, Jest takes no test that is a module.
const MODULES: &str = "--experimental-vm-modules";

/// Runs `tests/runners/*.test.*` and `*.vitest.mjs` beside the installed tarball, in the environments that `jest.config.cjs`
/// and `vitest.config.mjs` there name.
///
/// # Errors
///
/// Jest or Vitest cannot be had, or the project cannot be prepared.
pub fn runner_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, TOOLS)?;
    let consumer = Consumer::install(project, "runners")?;
    let tests = copy_tests(project, &consumer, "runners")?;
    Ok(jest(project, &consumer, &tests)?.and(vitest(project, &consumer, &tests)?))
}

fn jest(project: &Project, consumer: &Consumer, tests: &Path) -> Result<Tally> {
    let tools = project.path(TOOLS);
    let mut command = consumer.node();
    command.args([MODULES, "--no-warnings"]).arg(tools.join("node_modules/jest/bin/jest.js"));
    command.arg("--config").arg(tools.join("jest.config.cjs"));
    // Without a cache, which would outlive the tarball; two processes at a time.
    command.args(["--ci", "--verbose", "--no-cache", "--maxWorkers=2"]).env("RUNNERS_TESTS", tests);
    run_tests(Runner::Jest, command)
}

fn vitest(project: &Project, consumer: &Consumer, tests: &Path) -> Result<Tally> {
    let tools = project.path(TOOLS);
    let mut command = consumer.node();
    command.arg(tools.join("node_modules/vitest/vitest.mjs")).arg("run");
    command.arg("--config").arg(tools.join("vitest.config.mjs"));
    // Colours would stand between the numbers.
    command.env("RUNNERS_TESTS", tests).env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    run_tests(Runner::Vitest, command)
}

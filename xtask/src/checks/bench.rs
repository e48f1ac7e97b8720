//! Compares the packed package with other clients, and holds it against the limits that it promises.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::files;
use crate::package::tarball::{Consumer, build_and_pack};
use crate::project::Project;
use crate::run::step;
use crate::setup;

/// What to measure, and where to write it.
#[derive(Args)]
pub struct Options {
    /// Take few measurements, to see that it works; then no limit is looked at
    #[arg(long)]
    quick: bool,
    /// Write all numbers to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the ratios into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Builds, packs, and runs `benches/bench.mjs`, which ends with 1 where a limit does not hold.
///
/// # Errors
///
/// The package or the other clients cannot be installed, or node does not start.
pub fn bench(project: &Project, options: &Options) -> Result<ExitCode> {
    build_and_pack(project)?;
    let consumer = install(project, "bench")?;
    let mut command = consumer.node();
    command.arg("bench.mjs");
    if options.quick {
        command.arg("--quick");
    }
    for (name, file) in [("--json", &options.json), ("--svg", &options.svg)] {
        if let Some(file) = file {
            command.arg(name).arg(absolute(file)?);
        }
    }
    let status = command.status().context("node does not start")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// That a quick run measures everything, and that `docs/benchmarks.md` and its chart hold what a run prints.
///
/// # Errors
///
/// The package or the other clients cannot be installed.
pub fn smoke(project: &Project) -> Result<Tally> {
    let consumer = install(project, "bench-smoke")?;
    let directory = consumer.directory();
    for file in ["docs/benchmarks.md", "docs/bench.svg"] {
        files::copy(&project.path(file), &directory.join(file))?;
    }
    run_tests(Runner::Node, consumer.node_test(&[directory.join("bench.test.mjs")]))
}

/// A project that has installed the tarball, with the other clients beside it.
fn install(project: &Project, name: &str) -> Result<Consumer> {
    setup::npm_tools(project, "benches")?;
    let consumer = step("installing the tarball and the other clients", || {
        let consumer = Consumer::install(project, name)?;
        add_packages(&project.path("benches/node_modules"), &consumer.directory().join("node_modules"))?;
        Ok(consumer)
    })?;
    // Modules are resolved from where a script stands, so the scripts go there.
    files::copy_tree(&project.path("benches"), consumer.directory())?;
    Ok(consumer)
}

/// What npm keeps for itself begins with a dot.
fn add_packages(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            files::copy_installed(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

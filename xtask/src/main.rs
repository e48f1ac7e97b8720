//! The project's own commands: `cargo xtask --help`.

mod build;
mod checks;
mod ecosystem;
mod files;
mod package;
mod project;
mod run;
mod script;
mod setup;
mod supply;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::build::assemble;
use crate::checks::{bench, demo, fuzz, run_checks, table};
use crate::package::{docs, lint, release, size, surface, tarball};
use crate::project::Project;
use crate::supply::sbom;

/// Builds, checks and packs isc-service-desk.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing of the wasm target and the npm tools; every command that builds begins with it
    Setup,
    /// Make the npm package in pkg/ from scratch
    Build,
    /// Build, and pack pkg/ into target/package/*.tgz
    Pack,
    /// Build, pack, and hold the tarball against publint, attw and the list of expected files
    LintPackage,
    /// Build, and make the pages of the API: target/docs/typescript, target/doc
    Docs,
    /// Build, and keep the public declarations in tests/declarations, which `test` compares them with
    Snapshot,
    /// Write the bill of materials of the package to pkg/sbom.cdx.json, as every build does
    Sbom,
    /// Run every check that CI runs; what fails is listed at the end
    Test {
        /// Run this part alone, with those that it needs; may be given more than once
        #[arg(long, value_name = "PART", value_parser = table::names())]
        only: Vec<String>,
        /// Refuse what is built, before it is checked, unless it is this tarball, byte for byte
        #[arg(long, value_name = "FILE")]
        tarball: Option<PathBuf>,
    },
    /// Refuse a release whose tag is not the version, or whose package names another repository
    CheckRelease {
        /// As `v1.2.3`
        tag: String,
        /// The one that is released from, as `owner/name`
        repository: String,
    },
    /// Build, install the tarball in an empty project, and run xtask/demo.mjs there
    Demo,
    /// Build, and hold what users download against the budget
    Size,
    /// Build, install the tarball in an empty project, and compare it with other clients and with its limits
    Bench(bench::Options),
    /// Look for inputs that break a property of fuzz/, for a while; needs a nightly toolchain
    Fuzz {
        /// How long each target runs
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
    },
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    match project(&command).and_then(|project| run(&project, command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// This checkout, with what the command says of it.
fn project(command: &Command) -> anyhow::Result<Project> {
    match command {
        Command::Test { tarball: Some(tarball), .. } => Ok(Project::here().of_tarball(std::path::absolute(tarball)?)),
        _ => Ok(Project::here()),
    }
}

fn run(project: &Project, command: Command) -> anyhow::Result<ExitCode> {
    // Before anything is installed.
    if let Command::CheckRelease { tag, repository } = &command {
        release::check(project, tag, repository)?;
        return Ok(ExitCode::SUCCESS);
    }
    setup::setup(project)?;
    match command {
        Command::Setup | Command::CheckRelease { .. } => {}
        Command::Build => assemble::build(project)?,
        Command::Pack => tarball::build_and_pack(project)?,
        Command::LintPackage => {
            tarball::build_and_pack(project)?;
            lint::lint_package(project)?;
        }
        Command::Docs => {
            tarball::build_and_pack(project)?;
            docs::docs(project)?;
        }
        Command::Sbom => sbom::write(project, &project.pkg())?,
        Command::Snapshot => {
            assemble::build(project)?;
            surface::update_snapshot(project)?;
        }
        Command::Test { only, .. } => return Ok(run_checks::test(project, &only)),
        Command::Size => size::size(project)?,
        Command::Bench(options) => return bench::bench(project, &options),
        Command::Fuzz { seconds } => fuzz::fuzz(project, seconds)?,
        Command::Demo => return demo::demo(project),
    }
    Ok(ExitCode::SUCCESS)
}

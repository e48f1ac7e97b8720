//! Runs each fuzz target for a while: a crash ends the run, and is told with the input that it came of.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::files;
use crate::project::Project;
use crate::run::{self, Finished, step};

const CARGO_FUZZ: &str = "0.13.2";

/// In the root: the programs that link libFuzzer, and what they are told to begin with.
const TARGETS: &str = "fuzz/fuzz_targets";
const KEPT: &str = "fuzz/corpus";

/// No input that is worth keeping is longer, and shorter ones run faster.
const MAX_INPUT_BYTES: &str = "-max_len=4096";
/// A single input takes microseconds; one that takes so long has found a loop.
const MAX_INPUT_SECONDS: &str = "-timeout=10";

/// A stack of libFuzzer's own would hide the rest.
const MAX_SHOWN_LINES: usize = 40;

/// Runs every target for `seconds` each, from what is kept and what earlier runs found.
///
/// # Errors
///
/// There is no nightly toolchain, a target does not compile, or one of them crashes: then the text says where the input lies,
/// and how to replay it.
pub fn fuzz(project: &Project, seconds: u32) -> Result<()> {
    toolchain(project)?;
    cargo_fuzz(project)?;
    let targets = targets(project)?;
    step("building fuzz targets", || run::succeed(tool(project, "build", &[])).map(drop))?;
    for target in targets {
        let executions = step(&format!("fuzzing {target}"), || fuzz_one(project, &target, seconds))?;
        println!("  {executions}");
    }
    Ok(())
}

fn toolchain(project: &Project) -> Result<()> {
    let version = run::capture(project.command("rustup", ["run", "nightly", "rustc", "--version"]));
    version.map(drop).context(
        "fuzzing takes a nightly toolchain beside the pinned one: rustup toolchain install nightly --profile minimal",
    )
}

/// Into `target/`: the machine's own tools stay as they are.
fn cargo_fuzz(project: &Project) -> Result<()> {
    let program = project.path("target/tools/bin/cargo-fuzz");
    let installed = run::capture(project.command(program, ["--version"]));
    if installed.is_ok_and(|version| version.trim().ends_with(CARGO_FUZZ)) {
        return Ok(());
    }
    step(&format!("installing cargo-fuzz {CARGO_FUZZ} with cargo"), || {
        let mut command = project.cargo(["install", "cargo-fuzz", "--locked", "--force", "--version", CARGO_FUZZ]);
        command.arg("--root").arg(project.path("target/tools"));
        run::succeed(command).map(drop)
    })
}

/// The names of the programs.
fn targets(project: &Project) -> Result<Vec<String>> {
    let programs = files::with_extension(files::below(&project.path(TARGETS))?, &["rs"]);
    let name = |program: &Path| Some(program.file_stem()?.to_str()?.to_owned());
    let names: Vec<String> = programs.iter().filter_map(|program| name(program)).collect();
    ensure!(!names.is_empty(), "{TARGETS} holds no target");
    Ok(names)
}

/// Gives what libFuzzer counted.
fn fuzz_one(project: &Project, target: &str, seconds: u32) -> Result<String> {
    // libFuzzer writes what it finds into the first folder, and only reads the others.
    let found = project.path("target/fuzz/corpus").join(target);
    fs::create_dir_all(&found)?;
    let mut command = tool(project, "run", &[target]);
    command.arg(found).arg(project.path(KEPT).join(target));
    command.args(["--", MAX_INPUT_BYTES, MAX_INPUT_SECONDS, &format!("-max_total_time={seconds}")]);
    let Finished { status, output } = run::finish(command)?;
    if !status.success() {
        bail!("{target} ended with {status}\n{}", failure(target, &output));
    }
    Ok(executions(&output))
}

/// `cargo fuzz`, in the nightly toolchain: the one that runs this program gives its own to its children otherwise.
fn tool(project: &Project, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = project.command("rustup", ["run", "nightly"]);
    command.arg(project.path("target/tools/bin/cargo-fuzz")).args(["fuzz", subcommand, "--fuzz-dir", TARGETS]);
    command.args(["--target-dir", "target/fuzz/build"]).args(arguments);
    command.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTFLAGS");
    command
}

/// What the target said as it ended, and how to see it again.
fn failure(target: &str, output: &str) -> String {
    let begins = |line: &&str| line.contains("panicked at") || line.starts_with("==") || line.starts_with("error");
    let said = output.lines().skip_while(|line| !begins(line)).take_while(|line| *line != "stack backtrace:");
    let said = said.take(MAX_SHOWN_LINES).collect::<Vec<_>>().join("\n");
    match output.lines().find_map(|line| line.split_once("Test unit written to ")) {
        Some((_, input)) => format!(
            "{said}\n\nThe input lies in {input}. To replay it without libFuzzer, copy it to {KEPT}/{target}/ and run\n  \
             cargo test --package fuzz"
        ),
        None => format!("{said}\n\nNo input was written."),
    }
}

/// `Done 123456 runs in 21 second(s)`
fn executions(output: &str) -> String {
    let done = output.lines().rev().find_map(|line| line.strip_prefix("Done "));
    done.map_or_else(|| "libFuzzer told no count".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_with_its_input_and_how_to_replay_it() {
        let output = "INFO: seed corpus\n#2 INITED\nthread '<unnamed>' panicked at fuzz/src/diff.rs:7:5:\nit grew\nstack backtrace:\n 0: x\n\
                      artifact_prefix='x/'; Test unit written to /p/fuzz/fuzz_targets/artifacts/diff/crash-1\n";
        let told = failure("diff", output);
        assert!(
            told.starts_with("thread '<unnamed>' panicked at fuzz/src/diff.rs:7:5:\nit grew\n\nThe input "),
            "{told}"
        );
        assert!(told.contains("lies in /p/fuzz/fuzz_targets/artifacts/diff/crash-1. "), "{told}");
        assert!(told.ends_with("copy it to fuzz/corpus/diff/ and run\n  cargo test --package fuzz"), "{told}");
    }

    #[test]
    fn a_run_that_dies_without_an_input_says_so() {
        assert!(failure("diff", "error: could not compile").starts_with("error: could not compile\n\nNo input"));
    }

    #[test]
    fn the_count_is_the_last_line_of_libfuzzer() {
        assert_eq!(executions("#9 DONE\nDone 9 runs in 1 second(s)\n"), "9 runs in 1 second(s)");
        assert_eq!(executions(""), "libFuzzer told no count");
    }

    #[test]
    fn every_program_is_a_target() {
        let targets = targets(&Project::here()).unwrap();
        assert_eq!(targets, ["api_error", "decode", "diff", "filter", "retry_after", "token"]);
    }
}

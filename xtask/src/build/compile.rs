//! Compiles a crate of the workspace to WebAssembly and shrinks it, as is done with all WebAssembly of the package.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::files;
use crate::project::{BUILD_TOOLS, Project, WASM_TARGET};
use crate::run;

/// The standard library is compiled anew, for size and without the words of its panics: the one that rustup brings is
/// compiled for speed, and formats them.
const STANDARD_LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// Gives each crate a folder by its features. The usual one has one place for a cdylib: a core would be compiled anew
/// after the other, or taken for it.
const LAYOUT: &str = "-Zbuild-dir-new-layout";

/// Makes a panic a trap and nothing else, wherever it is: nobody could read its words, and nothing catches it.
const PANICS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// A quarter of what is usual. What stands behind it has addresses that are a byte shorter, and a memory is so much smaller;
/// what nests deepest takes a sixth of it.
const STACK: [&str; 1] = ["-Clink-arg=-zstack-size=262144"];

/// Compiles the library of the package, which the arguments select for the wasm target, and copies it to `compiled`.
///
/// As a cdylib alone: where the crate is a Rust library too, cargo leaves out link-time optimization without a word,
/// and a core is a quarter larger.
///
/// # Errors
///
/// `cargo` fails; the text holds its output.
pub fn compile<'a>(
    project: &Project,
    package: &str,
    arguments: impl IntoIterator<Item = &'a str>,
    compiled: &Path,
) -> Result<()> {
    let mut command = project.cargo(["rustc", "--quiet", "--release", "--lib", "--crate-type", "cdylib"]);
    command.args(arguments).arg("--target-dir").arg(project.cores_target());
    command.args(STANDARD_LIBRARY).arg(LAYOUT).args(["--config", &rustflags(project)?]);
    // Lets a stable toolchain take these flags. It is pinned, so they mean the same on every machine.
    command.env("RUSTC_BOOTSTRAP", "1");
    // Flags from outside would take the place of ours.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    run::succeed(command)?;
    let release = project.cores_target().join(WASM_TARGET).join("release");
    files::copy(&release.join(format!("{}.wasm", package.replace('-', "_"))), compiled)
}

/// Writes to `shrunk` what binaryen makes of a module. Which features it may use is read from its `target_features` section.
///
/// # Errors
///
/// `wasm-opt` fails; the text holds its output.
pub fn shrink<'a>(
    project: &Project,
    options: impl IntoIterator<Item = &'a str>,
    compiled: &Path,
    shrunk: &Path,
) -> Result<()> {
    let mut command = project.tool(BUILD_TOOLS, "wasm-opt", options);
    command.arg(compiled).arg("-o").arg(shrunk);
    run::succeed(command).map(drop)
}

fn rustflags(project: &Project) -> Result<String> {
    let flags = PANICS.into_iter().chain(STACK).map(str::to_owned).chain(path_remapping(project)?);
    let flags: Vec<String> = flags.map(|flag| format!("'{flag}'")).collect();
    Ok(format!("target.{WASM_TARGET}.rustflags=[{}]", flags.join(",")))
}

/// Makes the paths of dependencies and of the standard library begin at the crate's name: else the package would tell
/// this machine's home directory, and differ from machine to machine.
fn path_remapping(project: &Project) -> Result<Vec<String>> {
    let registries = project.cargo_home()?.join("registry/src");
    let mut sources = vec![project.standard_library()?];
    for entry in fs::read_dir(&registries).with_context(|| format!("no {}", registries.display()))? {
        sources.push(entry?.path());
    }
    sources.sort();
    Ok(sources.iter().map(|folder| format!("--remap-path-prefix={}/=", folder.display())).collect())
}

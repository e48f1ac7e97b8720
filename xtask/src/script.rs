//! Runs a script of `xtask/` in a project that has installed the tarball, and shows each line that it prints.

use std::io::{BufRead as _, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::files;
use crate::package::tarball::{Consumer, build_and_pack};
use crate::project::Project;
use crate::run::step;

/// Builds, packs, installs, and runs `xtask/{name}`; its exit code is this one's. `row` makes a row of a line, where the line is
/// a report; anything else that the script prints is shown as it is.
///
/// # Errors
///
/// There is no such script, the project cannot be made, or node does not start.
pub fn run(project: &Project, name: &str, heading: &str, row: fn(&str) -> Option<String>) -> Result<ExitCode> {
    let script = project.path("xtask").join(name);
    ensure!(script.is_file(), "there is no xtask/{name}");
    build_and_pack(project)?;
    let consumer = step("installing the tarball", || Consumer::install(project, name.trim_end_matches(".mjs")))?;
    // Modules are resolved from where a script stands, so the script goes there.
    files::copy(&script, &consumer.directory().join(name))?;
    let mut child = consumer.node().arg(name).stdout(Stdio::piped()).spawn().context("node does not start")?;
    let output = child.stdout.take().context("node has no output")?;
    println!("\n  {heading}");
    // Each line is shown as it comes, so that a step that hangs is seen to hang.
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{}", row(&line).unwrap_or(line));
    }
    let status = child.wait()?;
    if !status.success() {
        eprintln!("error: {name} ended with {status}");
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

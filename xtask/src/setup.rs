//! Turns a machine with rustup and Node into one that can build: installs what is missing, silent about the rest.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::project::{BUILD_TOOLS, Project, WASM_TARGET};
use crate::run;

/// The oldest Node that the package itself runs on: major and minor.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Checks Node, then adds what is missing of the Rust toolchain and of the npm tools that a build needs.
///
/// # Errors
///
/// Node or npm is missing or too old, or an installation fails; the text says what to install.
pub fn setup(project: &Project) -> Result<()> {
    node()?;
    rust(project)?;
    npm_tools(project, BUILD_TOOLS)
}

fn node() -> Result<()> {
    let advice = "install Node 20.19 or later with npm, for example from https://nodejs.org";
    let found = version_of("node").with_context(|| format!("node is not on the PATH: {advice}"))?;
    if node_version(&found).is_none_or(|version| version < OLDEST_NODE) {
        bail!("node {found} is too old: {advice}");
    }
    version_of("npm").with_context(|| format!("npm is not on the PATH: {advice}"))?;
    Ok(())
}

fn version_of(program: &str) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    Ok(run::capture(command)?.trim().to_owned())
}

/// Major and minor of `v20.19.1`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn rust(project: &Project) -> Result<()> {
    let libraries = run::capture(project.command("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if !Path::new(libraries.trim()).exists() {
        rustup(project, ["target", "add", WASM_TARGET])?;
    }
    if !project.standard_library()?.join("Cargo.lock").exists() {
        rustup(project, ["component", "add", "rust-src"])?;
    }
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if run::capture(project.cargo([subcommand, "--version"])).is_err() {
            rustup(project, ["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(project: &Project, arguments: [&str; 3]) -> Result<()> {
    run::step(&format!("installing {} with rustup", arguments[2]), || {
        run::succeed(project.command("rustup", arguments)).map(drop)
    })
}

/// Installs what the `package-lock.json` of a folder lists, unless it stands there already.
///
/// # Errors
///
/// npm cannot install it; the text names the tools.
pub fn npm_tools(project: &Project, folder: &str) -> Result<()> {
    let directory = project.path(folder);
    // npm writes this file last, so an installation that was cut off does not count.
    let installed = directory.join("node_modules/.package-lock.json");
    if modified(&installed).is_some_and(|time| Some(time) >= modified(&directory.join("package-lock.json"))) {
        return Ok(());
    }
    let names = tool_names(&fs::read_to_string(directory.join("package.json"))?)
        .with_context(|| format!("{folder}/package.json names no tools"))?;
    run::step(&format!("installing {names} with npm"), || {
        let mut command = project.npm(["ci"]);
        command.current_dir(&directory);
        run::succeed(command).map(drop)
    })
}

/// The tools that a `package.json` asks for, in one line.
fn tool_names(package: &str) -> Result<String> {
    let package: Value = serde_json::from_str(package)?;
    let tools = package.get("devDependencies").and_then(Value::as_object).context("no devDependencies")?;
    Ok(tools.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_on_both_sides_of_the_oldest() {
        assert!(node_version("v20.18.3").unwrap() < OLDEST_NODE);
        assert!(node_version("v20.19.0").unwrap() >= OLDEST_NODE);
        assert!(node_version("v22.0.0").unwrap() >= OLDEST_NODE);
        assert!(node_version("v9.99.0").unwrap() < OLDEST_NODE);
    }

    #[test]
    fn tools_are_named_as_package_json_has_them() {
        let package = r#"{ "name": "x", "devDependencies": { "@a/b": "1.0.0", "c": "2.0.0" } }"#;
        assert_eq!(tool_names(package).unwrap(), "@a/b, c");
        assert!(tool_names("{}").is_err());
    }

    #[test]
    fn what_is_no_version_is_none() {
        assert_eq!([node_version("20.19.0"), node_version("v20"), node_version("")], [None; 3]);
    }

    #[test]
    fn a_build_installs_what_makes_the_package_and_nothing_that_looks_at_it() {
        let package = Project::here().path(BUILD_TOOLS).join("package.json");
        let names = tool_names(&fs::read_to_string(package).unwrap()).unwrap();
        assert_eq!(names, "@types/node, binaryen, esbuild, fflate, typescript");
    }
}

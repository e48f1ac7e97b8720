//! Makes the pages of the API: of the shipped declarations with typedoc, of the crate with rustdoc.

use std::path::PathBuf;

use anyhow::Result;

use crate::build::cores::CORES;
use crate::checks::test_counts::Tally;
use crate::ecosystem::consumers::CONSUMERS;
use crate::ecosystem::matrix::TOOLS;
use crate::files;
use crate::package::manifest::Manifest;
use crate::package::tarball::Consumer;
use crate::project::{NAME, Project};
use crate::run::{self, step};
use crate::setup;

const TYPESCRIPT_PAGES: &str = "target/docs/typescript";

/// Makes all pages and says where they are.
///
/// # Errors
///
/// A public item has no documentation, a link leads nowhere, or a tool cannot run.
pub fn docs(project: &Project) -> Result<()> {
    step("documenting the package", || typescript(project))?;
    step("documenting the crate", || document(project, native()).map(drop))?;
    println!("\n{TYPESCRIPT_PAGES}/index.html\ntarget/doc/{}/index.html", NAME.replace('-', "_"));
    Ok(())
}

/// The same as a check; besides, each core has documented items that no other target has.
///
/// # Errors
///
/// None: what fails is counted.
pub fn doc_tests(project: &Project) -> Result<Tally> {
    let cores = CORES.map(|core| document(project, core.cargo_arguments()));
    let rust = cores.into_iter().chain([document(project, native())]).map(Tally::of);
    Ok(rust.fold(Tally::of(typescript(project)), Tally::and))
}

fn native() -> impl Iterator<Item = &'static str> {
    ["--package", NAME].into_iter()
}

fn document(project: &Project, selection: impl Iterator<Item = &'static str>) -> Result<String> {
    let mut command = project.cargo(["doc", "--quiet", "--no-deps"]);
    command.args(selection).env("RUSTDOCFLAGS", "--deny warnings");
    run::succeed(command)
}

/// What typedoc must not find is said in its `typedoc.json`.
fn typescript(project: &Project) -> Result<()> {
    setup::npm_tools(project, TOOLS)?;
    let consumer = Consumer::install(project, "docs")?;
    let package = consumer.directory().join("node_modules").join(NAME);
    let manifest = Manifest::read(project)?;
    let entries: Vec<PathBuf> =
        manifest.stems(".d.ts").iter().map(|stem| package.join(format!("{stem}.d.ts"))).collect();
    let [setting, ..] = &CONSUMERS;
    let config = setting.configure(consumer.directory(), "docs", &entries)?;
    let pages = project.path(TYPESCRIPT_PAGES);
    files::make_empty(&pages)?;
    let tools = project.path(TOOLS);
    let mut command = project.command("node", []);
    command.arg(tools.join("node_modules/typedoc/bin/typedoc")).arg("--options").arg(tools.join("typedoc.json"));
    command.arg("--tsconfig").arg(config).arg("--out").arg(pages).args(entries);
    run::succeed(command).map(drop)
}

//! Turns the crate and `pkg-template/` into the npm package in `pkg/`.

use std::fs;

use anyhow::{Result, ensure};

use crate::build::bundle;
use crate::build::cores::{CLIENT, SANDBOX};
use crate::build::inline;
use crate::ecosystem::types;
use crate::files;
use crate::package::manifest::Manifest;
use crate::package::sizes;
use crate::project::Project;
use crate::run::step;
use crate::supply::notices;
use crate::supply::sbom;

/// Files of the root that ship as they are.
const DOCUMENTS: [&str; 5] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "SECURITY.md"];

/// Makes `pkg/` from scratch and prints what it consists of.
///
/// # Errors
///
/// A step fails; the text names it and holds the output of its tool.
pub fn build(project: &Project) -> Result<()> {
    let pkg = project.pkg();
    let dist = pkg.join("dist");
    files::make_empty(&pkg)?;
    files::make_empty(&project.modules())?;
    fs::create_dir_all(&dist)?;
    step("building the joiner of streams", || inline::write_joiner(project))?;
    let client = CLIENT.build(project, &dist)?;
    SANDBOX.build(project, &dist)?;
    step("assembling the package", || assemble(project, &client))?;
    step("checking its declarations", || types::check_package(project))?;
    println!("\n{}", sizes::table(&pkg)?);
    Ok(())
}

fn assemble(project: &Project, client_declarations: &str) -> Result<()> {
    let pkg = project.pkg();
    let manifest = Manifest::read(project)?;
    bundle::copy(project)?;
    bundle::shape_declarations(project, client_declarations)?;
    bundle::bundle_modules(project, &manifest)?;
    bundle::bundle_commonjs(project, &manifest)?;
    for document in DOCUMENTS {
        let source = project.path(document);
        if source.exists() {
            files::copy(&source, &pkg.join(document))?;
        }
    }
    fs::write(pkg.join("package.json"), manifest.text()?)?;
    sbom::write(project, &pkg)?;
    notices::write(project, &pkg)?;
    for file in manifest.files() {
        ensure!(pkg.join(file).is_file(), "package.json names {file}, which nothing in pkg-template/ makes");
    }
    Ok(())
}

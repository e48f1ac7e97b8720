//! Writes the bill of materials of the package, in CycloneDX 1.6: every crate of its cores, and what its scripts bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cargo_lock::Lockfile;
use serde_json::{Value, json};

use crate::build::cores::{CORES, Core};
use crate::project::{NAME, Project};
use crate::run;
use crate::supply::crates::{Crate, Graph, IN_LIBRARY};

/// Where it stands in the package.
pub const FILE: &str = "sbom.cdx.json";

/// What esbuild puts into a script of the package.
pub const BUNDLED: [&str; 1] = ["fflate"];

/// The property that names the core of a crate.
const CORE: &str = "isc-service-desk:core";

/// The same crates give the same bytes: it has no date and no serial number.
///
/// # Errors
///
/// `cargo` cannot tell the crates, or the file cannot be written.
pub fn write(project: &Project, directory: &Path) -> Result<()> {
    Ok(fs::write(directory.join(FILE), serde_json::to_string_pretty(&bill(project)?)? + "\n")?)
}

fn bill(project: &Project) -> Result<Value> {
    let version = project.version()?;
    let cores = CORES.map(|core| Graph::of(project, core).map(|graph| (core, graph)));
    let cores = cores.into_iter().collect::<Result<Vec<_>>>()?;
    let package = format!("pkg:npm/{NAME}@{version}");
    let licence = cores.iter().find_map(|(_, graph)| graph.licences.get(graph.root.as_ref()?));
    let files: Vec<Value> = cores
        .iter()
        .map(|(core, _)| {
            json!({
                "type": "file", "bom-ref": core.label, "name": file_of(core),
                "description": "A WebAssembly core; scripts carry it too, split into streams, deflated and in base64.",
            })
        })
        .collect();
    let bundled = BUNDLED.iter().map(|name| bundled(project, name)).collect::<Result<Vec<_>>>()?;
    let std = standard_library(project)?;
    let components: Vec<Value> =
        files.into_iter().chain(crates(project, &cores)?).chain(bundled.clone()).chain([std.clone()]).collect();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "library", "bom-ref": package, "name": NAME, "version": version, "purl": package,
            "licenses": [{ "expression": licence.context("the crate states no licence")? }],
        } },
        "components": components,
        "dependencies": dependencies(&package, &cores, &bundled, &std),
    }))
}

fn file_of(core: &Core) -> String {
    format!("dist/{}_bg.wasm", core.name)
}

/// Rust's own, which no lock file names.
fn standard_library(project: &Project) -> Result<Value> {
    let told = run::capture(project.command("rustc", ["--version"]))?;
    let version = told.split(' ').nth(1).context("rustc has no version")?.to_owned();
    let purl = format!("pkg:generic/rust-std@{version}");
    Ok(json!({
        "type": "library", "bom-ref": purl, "name": "rust-std", "version": version, "scope": "required", "purl": purl,
        "description": "The standard library of Rust. The crates that it brings are listed by themselves.",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }))
}

fn purl(each: &Crate) -> String {
    format!("pkg:cargo/{}@{}", each.name, each.version)
}

/// `required` is what a core contains; `excluded`, in the words of CycloneDX, what ran when it was compiled, or left no
/// function in it.
fn crates(project: &Project, cores: &[(&Core, Graph)]) -> Result<Vec<Value>> {
    let locks = [project.path("Cargo.lock"), project.standard_library()?.join("Cargo.lock")];
    let locks = locks.into_iter().map(Lockfile::load).collect::<Result<Vec<_>, _>>()?;
    let own = cores.iter().filter_map(|(_, graph)| graph.root.clone()).collect::<BTreeSet<_>>();
    let all: BTreeMap<&Crate, &String> = cores.iter().flat_map(|(_, graph)| &graph.licences).collect();
    let others = all.into_iter().filter(|(each, _)| !own.contains(each));
    let component = |(each, licence): (&Crate, &String)| {
        let mut packages = locks.iter().flat_map(|lock| &lock.packages).filter(|package| each.is(package));
        let checksum = packages.find_map(|package| package.checksum.as_ref()).map(ToString::to_string);
        // What Rust has in its own sources may differ from what crates.io has of the same version.
        let in_library = IN_LIBRARY.iter().any(|one| one.name == each.name);
        let hash = if in_library { None } else { Some(checksum.with_context(|| purl(each))?) };
        let hashes: Vec<Value> = hash.into_iter().map(|hash| json!({ "alg": "SHA-256", "content": hash })).collect();
        let linked = cores.iter().filter(|(_, graph)| graph.linked.contains(each)).map(|(core, _)| core.label);
        let linked: Vec<Value> = linked.map(|core| json!({ "name": CORE, "value": core })).collect();
        Ok(json!({
            "type": "library", "bom-ref": purl(each), "name": each.name, "version": each.version,
            "scope": if linked.is_empty() { "excluded" } else { "required" },
            "hashes": hashes,
            "licenses": [{ "expression": licence }], "purl": purl(each), "properties": linked,
        }))
    };
    others.map(component).collect()
}

/// As npm's lock file pins it.
fn bundled(project: &Project, name: &str) -> Result<Value> {
    let lock: Value = serde_json::from_str(&fs::read_to_string(project.path("xtask/package-lock.json"))?)?;
    let entry = lock.get("packages").and_then(|packages| packages.get(format!("node_modules/{name}")));
    let field = |field: &str| entry?.get(field)?.as_str();
    let (version, licence) = field("version").zip(field("license")).with_context(|| format!("{name} is not locked"))?;
    let hash = field("integrity").and_then(|text| text.strip_prefix("sha512-")).context("no hash")?;
    let hash: String = STANDARD.decode(hash)?.iter().map(|byte| format!("{byte:02x}")).collect();
    let purl = format!("pkg:npm/{name}@{version}");
    Ok(json!({
        "type": "library", "bom-ref": purl, "name": name, "version": version, "scope": "required",
        "hashes": [{ "alg": "SHA-512", "content": hash }], "licenses": [{ "expression": licence }], "purl": purl,
    }))
}

/// The package consists of its cores and of what is bundled, a core of what its crate uses.
fn dependencies(package: &str, cores: &[(&Core, Graph)], bundled: &[Value], std: &Value) -> Vec<Value> {
    let reference = |component: &Value| component.get("bom-ref").and_then(Value::as_str).map(str::to_owned);
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (core, graph) in cores {
        for (user, used) in &graph.uses {
            let user = if graph.root.as_ref() == Some(user) { core.label.to_owned() } else { purl(user) };
            uses.entry(user).or_default().extend(used.iter().map(purl));
        }
        uses.entry(core.label.to_owned()).or_default().extend(reference(std));
        uses.entry(reference(std).unwrap_or_default()).or_default().extend(graph.standard.iter().map(purl));
    }
    let parts = cores.iter().map(|(core, _)| core.label.to_owned()).chain(bundled.iter().filter_map(reference));
    uses.insert(package.to_owned(), parts.collect());
    uses.into_iter().map(|(user, used)| json!({ "ref": user, "dependsOn": used })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_each_time() {
        let project = Project::here();
        assert_eq!(bill(&project).unwrap(), bill(&project).unwrap());
    }
}

//! Holds what the project is made from against its rules: sources, licences, pins, and the bill of materials.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use cargo_lock::Lockfile;
use serde_json::Value;
use spdx::Expression;

use crate::build::cores::CORES;
use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::files;
use crate::package::tarball::Consumer;
use crate::project::{NAME, Project};
use crate::setup;
use crate::supply::crates::Graph;
use crate::supply::notices;

/// The folder of the tools that read a bill of materials.
const TOOLS: &str = "xtask/supply";

/// Crates whose versions must fit to the byte: there is one of each.
const FAMILY: [&str; 6] =
    ["js-sys", "wasm-bindgen", "wasm-bindgen-futures", "wasm-bindgen-shared", "wasm-bindgen-cli-support", "web-sys"];

/// Crates whose build script asks for features of nightly, and gets them where `RUSTC_BOOTSTRAP` is set; docs/supply.md says
/// what each one does with them.
const PROBING: [&str; 2] = ["proc-macro2", "thiserror"];

/// Each rule as a check of its own, and the tests of the bill of materials in the installed package.
///
/// # Errors
///
/// There is no lock file, or the package cannot be installed.
pub fn supply_tests(project: &Project) -> Result<Tally> {
    let lock = Lockfile::load(project.path("Cargo.lock"))?;
    let rules = [sources(&lock), family(&lock), licences(project), npm_locks(project), probing(project)];
    let kept = rules.into_iter().map(Tally::of).fold(Tally::default(), Tally::and);
    Ok(kept.and(bill_tests(project)?))
}

fn bill_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, TOOLS)?;
    let consumer = Consumer::install(project, "supply")?;
    let mut command = consumer.node_test(&[project.path(TOOLS).join("sbom.test.mjs")]);
    command.env("PACKAGE", consumer.directory().join("node_modules").join(NAME));
    command.env("STANDARD_LIBRARY", project.standard_library()?);
    command.envs(CORES.map(|core| (format!("CORE_{}", core.label), core.compiled(project))));
    run_tests(Runner::Node, command)
}

/// Every crate that is not of this workspace comes from crates.io, with a checksum.
fn sources(lock: &Lockfile) -> Result<()> {
    let foreign = lock.packages.iter().filter(|package| {
        let registry = package.source.as_ref().is_some_and(|source| source.is_default_registry());
        package.source.is_some() && !(registry && package.checksum.is_some())
    });
    none(foreign.map(|package| package.name.as_str()), "come from elsewhere than crates.io, or have no checksum")
}

fn family(lock: &Lockfile) -> Result<()> {
    let count = |name: &&str| lock.packages.iter().filter(|package| package.name.as_str() == *name).count();
    none(FAMILY.into_iter().filter(|name| count(name) != 1), "must be in Cargo.lock once")
}

/// Of everything that a core is compiled from, by the list in `deny.toml`.
fn licences(project: &Project) -> Result<()> {
    let rules: toml::Table = fs::read_to_string(project.path("deny.toml"))?.parse()?;
    let allowed = rules.get("licenses").and_then(|licences| licences.get("allow")?.as_array());
    let allowed: Vec<&str> =
        allowed.context("deny.toml allows no licence")?.iter().filter_map(|id| id.as_str()).collect();
    let mut refused = Vec::new();
    for core in CORES {
        for (each, licence) in Graph::of(project, core)?.licences {
            if !permits(&licence, &allowed).with_context(|| each.name.clone())? {
                refused.push(format!("{} ({licence})", each.name));
            }
        }
    }
    none(refused.iter().map(String::as_str), "have licences that deny.toml does not allow")
}

/// By the word in its sources, of everything that a core is compiled with but Rust's own.
fn probing(project: &Project) -> Result<()> {
    let mut found = BTreeSet::new();
    for core in CORES {
        let graph = Graph::of(project, core)?;
        let others = graph.licences.keys().filter(|each| graph.root.as_ref() != Some(*each));
        for each in others.filter(|each| !graph.standard.contains(each)) {
            let folder = notices::folder(project, each)?;
            let scripts = files::below(&folder.join("build"))?.into_iter().chain([folder.join("build.rs")]);
            if scripts.filter_map(|script| fs::read_to_string(script).ok()).any(|text| text.contains("RUSTC_BOOTSTRAP"))
            {
                found.insert(each.name.clone());
            }
        }
    }
    let page = fs::read_to_string(project.path("docs/supply.md"))?;
    let known = PROBING.iter().filter(|name| page.contains(&format!("`{name}`"))).copied();
    ensure!(
        known.eq(found.iter()),
        "build scripts of these look at RUSTC_BOOTSTRAP: {}",
        Vec::from_iter(found).join(", ")
    );
    Ok(())
}

fn permits(licence: &str, allowed: &[&str]) -> Result<bool> {
    let expression = Expression::parse(licence).map_err(|error| anyhow::anyhow!("`{licence}`: {}", error.reason))?;
    Ok(expression.evaluate(|required| allowed.contains(&required.to_string().as_str())))
}

/// What npm installs is pinned by hash, and by no address of one registry.
fn npm_locks(project: &Project) -> Result<()> {
    let sources = project.sources()?;
    let locks: Vec<&String> = sources.iter().filter(|name| name.ends_with("package-lock.json")).collect();
    ensure!(!locks.is_empty(), "there is no package-lock.json");
    locks
        .iter()
        .try_for_each(|lock| npm_lock(&fs::read_to_string(project.path(lock))?).with_context(|| lock.to_string()))
}

fn npm_lock(text: &str) -> Result<()> {
    let lock: Value = serde_json::from_str(text)?;
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else { bail!("it lists no packages") };
    let installed = packages.iter().filter(|(path, _)| !path.is_empty());
    // What stands in the archive of another package has the hash of that one.
    let is_inside = |path: &str, package: &Value| {
        let outer = path.rsplit_once("/node_modules/").map(|(outer, _)| outer);
        package.get("inBundle") == Some(&Value::Bool(true)) && outer.is_some_and(|outer| packages.contains_key(outer))
    };
    let loose = installed.filter(|(path, package)| {
        package.get("resolved").is_some() || (package.get("integrity").is_none() && !is_inside(path, package))
    });
    none(loose.map(|(path, _)| path.as_str()), "have no hash, or name a registry")
}

fn none<'a>(found: impl Iterator<Item = &'a str>, complaint: &str) -> Result<()> {
    let found: Vec<&str> = found.collect();
    ensure!(found.is_empty(), "{} {complaint}", found.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one crate of the family besides, in `more` versions.
    fn lock(source: &str, more: usize) -> Lockfile {
        let package = |name: &str, version: usize, rest: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}.0.0\"\n{rest}\n")
        };
        let family = FAMILY.iter().map(|name| package(name, 0, ""));
        let more = (0..more).map(|version| package("js-sys", version + 1, ""));
        let packages = family.chain(more).chain([package("a", 1, source)]).collect::<Vec<_>>();
        format!("version = 4\n{}", packages.join("\n")).parse().unwrap()
    }

    #[test]
    fn a_crate_of_another_place_or_without_a_checksum_is_refused() {
        let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        let checksum = format!("{registry}\nchecksum = \"{}\"", "0".repeat(64));
        let git = format!("source = \"git+https://a.example/a#{}\"", "0".repeat(40));
        assert!(sources(&lock("", 0)).is_ok() && sources(&lock(&checksum, 0)).is_ok());
        for source in [registry, &git] {
            assert!(
                sources(&lock(source, 0)).unwrap_err().to_string().starts_with("a come from elsewhere"),
                "{source}"
            );
        }
    }

    #[test]
    fn two_versions_of_what_must_fit_are_refused() {
        assert!(family(&lock("", 0)).is_ok());
        assert_eq!(family(&lock("", 1)).unwrap_err().to_string(), "js-sys must be in Cargo.lock once");
    }

    #[test]
    fn one_choice_and_every_part_of_a_licence_must_be_allowed() {
        let permits = |licence| permits(licence, &["MIT", "Zlib"]).unwrap();
        assert!(permits("MIT") && permits("GPL-3.0-only OR MIT") && permits("MIT AND Zlib"));
        assert!(!permits("GPL-3.0-only") && !permits("MIT AND Unicode-3.0") && !permits("MIT WITH LLVM-exception"));
    }

    #[test]
    fn a_licence_that_is_none_is_an_error() {
        assert!(permits("", &["MIT"]).is_err() && permits("Mine", &["MIT"]).is_err());
    }

    #[test]
    fn a_package_of_npm_has_a_hash_and_no_address() {
        let lock = |package: &str| npm_lock(&format!(r#"{{"packages": {{"": {{}}, "node_modules/a": {package}}}}}"#));
        assert!(lock(r#"{"integrity": "sha512-x"}"#).is_ok());
        for loose in ["{}", r#"{"integrity": "sha512-x", "resolved": "https://a.example"}"#] {
            assert_eq!(lock(loose).unwrap_err().to_string(), "node_modules/a have no hash, or name a registry");
        }
        let inside = r#"{"integrity": "sha512-x"}, "node_modules/a/node_modules/b": {"inBundle": true}"#;
        assert!(lock(inside).is_ok());
        assert!(lock(r#"{"inBundle": true}"#).is_err() && lock(&inside.replace("inBundle", "dev")).is_err());
    }
}

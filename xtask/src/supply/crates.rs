//! Tells which crates are compiled into a core, and which only run while it is compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use cargo_lock::Lockfile;

use crate::build::cores::Core;
use crate::project::{Project, WASM_TARGET};
use crate::run;

/// A crate that stands in the sources of the standard library, so that no lock file has a hash of it.
pub struct InLibrary {
    pub name: &'static str,
    manifest: &'static str,
    /// Where its licence stands.
    pub folder: &'static str,
    /// The cores that have functions of it.
    cores: &'static [&'static str],
}

/// libm is a module of compiler_builtins there: no graph of cargo's names it.
pub const IN_LIBRARY: [InLibrary; 2] = [
    InLibrary {
        name: "compiler_builtins",
        manifest: "compiler-builtins/compiler-builtins/Cargo.toml",
        folder: "compiler-builtins",
        cores: &["client", "sandbox"],
    },
    InLibrary {
        name: "libm",
        manifest: "compiler-builtins/libm/Cargo.toml",
        folder: "compiler-builtins/libm",
        cores: &["client"],
    },
];

/// A crate of a certain version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
}

impl Crate {
    /// Whether a lock file means this one.
    pub fn is(&self, package: &cargo_lock::Package) -> bool {
        package.name.as_str() == self.name && package.version.to_string() == self.version
    }
}

/// Everything that one build compiles.
#[derive(Debug, Default)]
pub struct Graph {
    /// The crate that is built. The other crates of this project that it uses count as it.
    pub root: Option<Crate>,
    /// What becomes part of the `.wasm`.
    pub linked: BTreeSet<Crate>,
    /// What stays behind: macros, which write code, and what they are made of; crates of the standard library that a core
    /// has no function of. A crate may be both.
    pub tools: BTreeSet<Crate>,
    /// The crates that the standard library brings.
    pub standard: BTreeSet<Crate>,
    /// What each one uses.
    pub uses: BTreeMap<Crate, BTreeSet<Crate>>,
    /// As the crate states it.
    pub licences: BTreeMap<Crate, String>,
}

impl Graph {
    /// Of a core: its own crate and what it uses when it runs, with no crate of tests or build scripts, and the same of the
    /// standard library, which is compiled with it.
    ///
    /// # Errors
    ///
    /// `cargo` cannot tell.
    pub fn of(project: &Project, core: &Core) -> Result<Self> {
        let shape = ["--edges", "normal", "--prefix", "depth", "--no-dedupe", "--format", "{p}\t{l}"];
        let mut command = project.cargo(["tree", "--quiet", "--locked"].into_iter().chain(shape));
        command.args(core.cargo_arguments());
        let mut graph = Self::parse(&run::capture(command)?)?;
        graph.add_standard(core, &standard(project, &shape)?);
        Ok(graph)
    }

    fn add_standard(&mut self, core: &Core, standard: &BTreeMap<Crate, String>) {
        for (each, licence) in standard {
            let is_left = IN_LIBRARY.iter().any(|one| one.name == each.name && one.cores.contains(&core.label));
            if is_left { &mut self.linked } else { &mut self.tools }.insert(each.clone());
            self.licences.insert(each.clone(), licence.clone());
            self.standard.insert(each.clone());
        }
    }

    /// Each line begins with its depth below the root: what stands above it with one less uses it.
    fn parse(tree: &str) -> Result<Self> {
        let mut graph = Self::default();
        // The way down to the present line, and whether it goes through a macro.
        let mut path: Vec<(Crate, bool)> = Vec::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let (depth, each, is_macro, licence) = parts(line).with_context(|| format!("`{line}` is no crate"))?;
            ensure!(depth <= path.len(), "`{line}` is used by nobody");
            path.truncate(depth);
            if let Some(root) = graph.root.as_ref().filter(|_| depth > 0 && is_here(line)) {
                path.push((root.clone(), false));
                continue;
            }
            let mut is_tool = is_macro;
            if let Some((user, of_macro)) = path.last() {
                is_tool |= of_macro;
                graph.uses.entry(user.clone()).or_default().insert(each.clone());
            }
            if path.is_empty() {
                graph.root = Some(each.clone());
            }
            graph.licences.insert(each.clone(), licence.replace('/', " OR "));
            if is_tool { &mut graph.tools } else { &mut graph.linked }.insert(each.clone());
            path.push((each, is_tool));
        }
        ensure!(graph.root.is_some(), "no crate is compiled");
        Ok(graph)
    }
}

/// The crates that the standard library brings, with their licences: those that its lock file has a hash of, and those
/// of its folder that are no part of Rust's own.
fn standard(project: &Project, shape: &[&str]) -> Result<BTreeMap<Crate, String>> {
    let library = project.standard_library()?;
    let mut command = project.cargo(["tree", "--quiet", "--locked", "--target", WASM_TARGET]);
    // `proc_macro` goes wherever `std` goes. The manifest asks for nightly; nothing is compiled.
    command.args(["--package", "std", "--package", "proc_macro"]).args(shape).env("RUSTC_BOOTSTRAP", "1");
    command.arg("--manifest-path").arg(library.join("Cargo.toml"));
    let lock = Lockfile::load(library.join("Cargo.lock"))?;
    let mut crates = Graph::parse(&run::capture(command)?)?.licences;
    crates.retain(|each, _| lock.packages.iter().any(|package| each.is(package) && package.checksum.is_some()));
    for one in &IN_LIBRARY {
        let (each, licence) = read(&library, one).with_context(|| one.manifest)?;
        crates.insert(each, licence);
    }
    Ok(crates)
}

fn read(library: &Path, one: &InLibrary) -> Result<(Crate, String)> {
    let manifest: toml::Table = fs::read_to_string(library.join(one.manifest))?.parse()?;
    let field = |field: &str| manifest.get("package")?.get(field)?.as_str().map(str::to_owned);
    ensure!(field("name").as_deref() == Some(one.name), "another crate stands there");
    let version = field("version").context("it has no version")?;
    Ok((Crate { name: one.name.to_owned(), version }, field("license").context("it has no licence")?))
}

/// Whether its sources stand in a folder of this machine.
fn is_here(line: &str) -> bool {
    line.split_once('\t').is_some_and(|(package, _)| package.contains(" (/"))
}

/// Of `2serde_derive v1.0.0 (proc-macro)\tMIT`: depth, crate, whether it is a macro, licence.
fn parts(line: &str) -> Option<(usize, Crate, bool, &str)> {
    let (package, licence) = line.split_once('\t')?;
    let name = package.trim_start_matches(|c: char| c.is_ascii_digit());
    let depth = package.get(..package.len() - name.len())?.parse().ok()?;
    let mut words = name.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let each = Crate { name: name.to_owned(), version: version.to_owned() };
    Some((depth, each, words.any(|word| word == "(proc-macro)"), licence))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0own v0.1.0 (/here)\tMIT\n1serde v1.0.0\tMIT/Apache-2.0\n2derive v1.0.0 (proc-macro)\tMIT\n\
                        3syn v2.0.0\tMIT\n4ident v1.0.0\tUnicode-3.0\n1shared v1.0.0\tMIT\n2ident v1.0.0\tUnicode-3.0\n";

    fn names(crates: &BTreeSet<Crate>) -> Vec<&str> {
        crates.iter().map(|each| each.name.as_str()).collect()
    }

    #[test]
    fn what_only_a_macro_uses_is_a_tool() {
        let graph = Graph::parse(TREE).unwrap();
        assert_eq!(graph.root.unwrap().name, "own");
        assert_eq!(names(&graph.linked), ["ident", "own", "serde", "shared"]);
        assert_eq!(names(&graph.tools), ["derive", "ident", "syn"]);
    }

    #[test]
    fn a_crate_of_the_project_counts_as_the_root() {
        let tree = "0own v0.1.0 (/here)\tMIT\n1core v0.1.0 (/here/core)\tMIT\n2serde v1.0.0\tMIT\n1other v1.0.0\tMIT\n";
        let graph = Graph::parse(tree).unwrap();
        assert_eq!(names(&graph.linked), ["other", "own", "serde"]);
        assert_eq!(names(graph.uses.get(&graph.root.unwrap()).unwrap()), ["other", "serde"]);
    }

    #[test]
    fn each_crate_has_what_it_uses_and_its_licence() {
        let graph = Graph::parse(TREE).unwrap();
        let serde = Crate { name: "serde".into(), version: "1.0.0".into() };
        assert_eq!(names(graph.uses.get(&serde).unwrap()), ["derive"]);
        assert_eq!(graph.licences.get(&serde).unwrap(), "MIT OR Apache-2.0");
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        assert!(Graph::parse("").is_err());
        assert!(Graph::parse("own v0.1.0\tMIT").is_err());
        assert!(Graph::parse("1own v0.1.0\tMIT").is_err());
    }
}

//! Tells which crates are compiled into a core, and which only run while it is compiled.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};

use crate::cores::Core;
use crate::project::Project;
use crate::run;

/// A crate of a certain version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
}

/// Everything that one build compiles.
#[derive(Debug, Default)]
pub struct Graph {
    /// The crate that is built.
    pub root: Option<Crate>,
    /// What becomes part of the `.wasm`.
    pub linked: BTreeSet<Crate>,
    /// Macros, and what they are made of: they write code, and stay behind. A crate may be both.
    pub tools: BTreeSet<Crate>,
    /// What each one uses.
    pub uses: BTreeMap<Crate, BTreeSet<Crate>>,
    /// As the crate states it.
    pub licences: BTreeMap<Crate, String>,
}

impl Graph {
    /// Of a core: its own crate and what it uses when it runs, with no crate of tests or build scripts.
    ///
    /// # Errors
    ///
    /// `cargo` cannot tell.
    pub fn of(project: &Project, core: &Core) -> Result<Self> {
        let shape = ["--edges", "normal", "--prefix", "depth", "--no-dedupe", "--format", "{p}\t{l}"];
        let mut command = project.cargo(["tree", "--quiet", "--locked"].into_iter().chain(shape));
        command.args(core.cargo_arguments());
        Self::parse(&run::capture(command)?)
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

//! Writes the licences of what others wrote in the package, where a licence asks for its text to go along.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::build::cores::CORES;
use crate::files;
use crate::project::Project;
use crate::supply::crates::{Crate, Graph, IN_LIBRARY};
use crate::supply::sbom;

/// Where they stand in the package.
pub const FILE: &str = "THIRD-PARTY-LICENSES";

const HEADING: &str = "This package contains code of others.\n\nUnder the Apache License, Version 2.0, whose text is in LICENSE-APACHE: \
                       the standard library of Rust";

/// What may be had under the licence that the package ships anyway is only named.
///
/// # Errors
///
/// `cargo` cannot tell the crates, or one of them has a licence whose text it does not bring.
pub fn write(project: &Project, directory: &Path) -> Result<()> {
    let graphs = CORES.map(|core| Graph::of(project, core));
    let graphs = graphs.into_iter().collect::<Result<Vec<_>>>()?;
    let (mut apache, mut others) = (BTreeSet::new(), BTreeSet::new());
    for graph in &graphs {
        for each in graph.linked.iter().filter(|each| graph.root.as_ref() != Some(*each)) {
            let is_apache =
                graph.licences.get(each).is_some_and(|licence| licence.split(" OR ").any(|one| one == "Apache-2.0"));
            if is_apache { &mut apache } else { &mut others }.insert(each);
        }
    }
    let mut text = HEADING.to_owned();
    for each in apache {
        let _ = write!(text, ", {} {}", each.name, each.version);
    }
    text.push_str(".\n");
    let mut sources: Vec<(String, PathBuf)> = Vec::new();
    for each in others {
        sources.push((format!("{} {}", each.name, each.version), folder(project, each)?));
    }
    sources.extend(sbom::BUNDLED.map(|name| (name.to_owned(), project.path("xtask/node_modules").join(name))));
    for (name, folder) in sources {
        let licence = licence(&folder).with_context(|| format!("{name} brings no licence"))?;
        let _ = write!(text, "\n{}\n\n{name}:\n\n{}\n", "-".repeat(80), licence.trim());
    }
    Ok(fs::write(directory.join(FILE), text)?)
}

/// Where the sources of a crate stand.
///
/// # Errors
///
/// They are not there.
pub fn folder(project: &Project, each: &Crate) -> Result<PathBuf> {
    if let Some(one) = IN_LIBRARY.iter().find(|one| one.name == each.name) {
        return Ok(project.standard_library()?.join(one.folder));
    }
    let name = format!("{}-{}", each.name, each.version);
    for registry in fs::read_dir(project.cargo_home()?.join("registry/src"))? {
        let folder = registry?.path().join(&name);
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    anyhow::bail!("the sources of {name} are not there")
}

fn licence(folder: &Path) -> Result<String> {
    let is_licence = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
        file.parent() == Some(folder) && name.starts_with("LICEN")
    };
    let file = files::below(folder)?.into_iter().find(is_licence).context("no file LICENSE")?;
    Ok(fs::read_to_string(file)?.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_licence_that_asks_for_it_goes_along_whole() {
        let directory = std::env::temp_dir().join(format!("xtask-notices-{}", std::process::id()));
        files::make_empty(&directory).unwrap();
        write(&Project::here(), &directory).unwrap();
        let text = fs::read_to_string(directory.join(FILE)).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        for name in [
            "\ncompiler_builtins 0.1",
            "\nlibm 0.2",
            "contributors listed in CREDITS.TXT",
            "musl libc",
            "\nserde-wasm-bindgen 0.6.5:\n",
            "\nfflate:\n",
            ", serde_json 1",
            "Arjun Barrett",
        ] {
            assert!(text.contains(name), "{name} is not in\n{text}");
        }
        let licences: Vec<&str> = text.split(&"-".repeat(80)).skip(1).collect();
        assert!(licences.len() > 4 && licences.iter().all(|licence| licence.len() > 500), "{text}");
    }
}

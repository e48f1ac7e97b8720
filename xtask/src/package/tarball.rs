//! Turns `pkg/` into the tarball that npm would publish, and the tarball into an empty project that uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::build::assemble;
use crate::files;
use crate::package::reproducible;
use crate::project::{NAME, Project};
use crate::run::{self, step};

/// Makes `pkg/` from scratch, and the tarball of it: the one that is to be released, byte for byte, where there is one.
///
/// # Errors
///
/// A step of the build fails, or npm does, or the bytes are others.
pub fn build_and_pack(project: &Project) -> Result<()> {
    assemble::build(project)?;
    pack(project)?;
    let Some(released) = project.released() else { return Ok(()) };
    step("comparing it with what is to be released", || {
        reproducible::same_as_tarball(&project.pkg(), &tarball(project)?, released, &project.path("target/released"))
    })
}

/// Packs `pkg/` into `target/package/*.tgz`, in the place of an older tarball.
fn pack(project: &Project) -> Result<()> {
    step("packing pkg/", || {
        for old in tarballs(project)? {
            fs::remove_file(old)?;
        }
        run::succeed(project.npm(["pack", "./pkg", "--pack-destination", "target/package"])).map(drop)
    })
}

/// The tarball of the last `pack`.
///
/// # Errors
///
/// There is none, or more than one.
pub fn tarball(project: &Project) -> Result<PathBuf> {
    let mut tarballs = tarballs(project)?;
    ensure!(tarballs.len() == 1, "target/package must hold one tarball, got {}", tarballs.len());
    tarballs.pop().context("no tarball")
}

fn tarballs(project: &Project) -> Result<Vec<PathBuf>> {
    Ok(files::with_extension(files::below(&project.stage())?, &["tgz"]))
}

/// A project of a user: an empty folder in which the tarball, and nothing else, is installed.
pub struct Consumer {
    directory: PathBuf,
}

impl Consumer {
    /// Installs the tarball in `target/consumer/{name}`, which is emptied first. No registry is asked.
    ///
    /// # Errors
    ///
    /// npm fails, or a `node_modules` above the folder would lend the project what it did not install.
    pub fn install(project: &Project, name: &str) -> Result<Self> {
        let directory = project.path("target/consumer").join(name);
        files::make_empty(&directory)?;
        refuse_lenders(&directory, &project.path(""))?;
        fs::write(directory.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
        let mut command = project.npm(["install", "--offline", "--no-save", "--no-package-lock"]);
        command.current_dir(&directory).arg(tarball(project)?);
        run::succeed(command).context("the tarball cannot be installed")?;
        let installed = directory.join("node_modules").join(NAME);
        ensure!(installed.is_dir() && !installed.is_symlink(), "npm did not install a copy of the package");
        Ok(Self { directory })
    }

    /// Installs what an example needs besides the package: all that is installed in `tools` of a scope of npm.
    ///
    /// # Errors
    ///
    /// It is not there, or cannot be copied.
    pub fn add_scope(&self, tools: &Path, scope: &str) -> Result<()> {
        let packages = tools.join("node_modules").join(scope);
        ensure!(packages.is_dir(), "{} has nothing of {scope}", tools.display());
        files::copy_tree(&packages, &self.directory.join("node_modules").join(scope)).map(drop)
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// `node` in the project, with nothing from outside that changes how it resolves or starts.
    pub fn node(&self) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.directory).env_remove("NODE_PATH").env_remove("NODE_OPTIONS");
        command
    }

    /// `node --test` on files of the project, two at a time; each gets the process that it would have in a user's hands.
    pub fn node_test(&self, files: &[PathBuf]) -> Command {
        let mut command = self.node();
        command.args(["--test", "--test-reporter=spec", "--test-concurrency=2", "--test-timeout=300000"]).args(files);
        command
    }
}

fn refuse_lenders(directory: &Path, root: &Path) -> Result<()> {
    for parent in directory.ancestors().skip(1).take_while(|parent| parent.starts_with(root)) {
        let lender = parent.join("node_modules");
        if lender.exists() {
            bail!("{} would be seen by the consumer project: remove it", lender.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_modules_between_the_root_and_the_project_is_refused() {
        let root = std::env::temp_dir().join(format!("xtask-lenders-{}", std::process::id()));
        let directory = root.join("target/consumer/x");
        fs::create_dir_all(directory.join("node_modules")).unwrap();
        assert!(refuse_lenders(&directory, &root).is_ok());
        fs::create_dir_all(root.join("target/node_modules")).unwrap();
        let error = refuse_lenders(&directory, &root).unwrap_err().to_string();
        fs::remove_dir_all(&root).unwrap();
        assert!(error.contains("target/node_modules would be seen"), "{error}");
    }
}

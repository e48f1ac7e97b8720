//! Finds Chromium and Firefox; installs Debian's where there is none.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::run;

/// A browser that tests drive, by the names of its program and the package of Debian that brings it.
pub struct Browser {
    programs: &'static [&'static str],
    package: &'static str,
}

pub const CHROMIUM: Browser =
    Browser { programs: &["chromium", "chromium-browser", "google-chrome"], package: "chromium" };
pub const FIREFOX: Browser = Browser { programs: &["firefox-esr", "firefox"], package: "firefox-esr" };

impl Browser {
    /// The program, installed first where it is missing.
    ///
    /// # Errors
    ///
    /// There is none, and `apt-get` cannot install it; the text says what to install.
    pub fn program(&self, project: &Project) -> Result<PathBuf> {
        if let Some(found) = self.found() {
            return Ok(found);
        }
        let package = self.package;
        run::step(&format!("installing {package} with apt-get"), || {
            run::succeed(apt(project, &["update"]))?;
            run::succeed(apt(project, &["install", "--yes", "--no-install-recommends", package])).map(drop)
        })
        .with_context(|| format!("install {}", self.programs.join(" or ")))?;
        self.found().with_context(|| format!("{package} brought none of {}", self.programs.join(", ")))
    }

    fn found(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let places = || std::env::split_paths(&path);
        self.programs.iter().find_map(|program| places().map(|place| place.join(program)).find(|file| file.is_file()))
    }
}

fn apt(project: &Project, arguments: &[&'static str]) -> Command {
    let mut command = project.command("apt-get", arguments.iter().copied());
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_found_by_any_of_its_names() {
        let browser = Browser { programs: &["no-such-program", "sh"], package: "none" };
        assert!(browser.found().is_some_and(|program| program.ends_with("sh")));
        assert!(Browser { programs: &["no-such-program"], package: "none" }.found().is_none());
    }
}

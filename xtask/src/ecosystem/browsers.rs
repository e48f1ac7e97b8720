//! Finds the browsers and what drives them; installs Debian's where there is none.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::run;

/// By the names that it may have, and the package of Debian that brings it.
pub struct Program {
    names: &'static [&'static str],
    package: &'static str,
}

pub const CHROMIUM: Program =
    Program { names: &["chromium", "chromium-browser", "google-chrome"], package: "chromium" };
pub const FIREFOX: Program = Program { names: &["firefox-esr", "firefox"], package: "firefox-esr" };
/// It brings `WebKitGTK`, which has no window-less mode: hence the display.
pub const WEBKIT_DRIVER: Program = Program { names: &["WebKitWebDriver"], package: "webkit2gtk-driver" };
pub const DISPLAY: Program = Program { names: &["Xvfb"], package: "xvfb" };

impl Program {
    /// Where it is, installed first where it is missing.
    ///
    /// # Errors
    ///
    /// There is none, and `apt-get` cannot install it; the text says what to install.
    pub fn path(&self, project: &Project) -> Result<PathBuf> {
        if let Some(found) = self.found() {
            return Ok(found);
        }
        let package = self.package;
        run::step(&format!("installing {package} with apt-get"), || {
            run::succeed(apt(project, &["update"]))?;
            run::succeed(apt(project, &["install", "--yes", "--no-install-recommends", package])).map(drop)
        })
        .with_context(|| format!("install {}", self.names.join(" or ")))?;
        self.found().with_context(|| format!("{package} brought none of {}", self.names.join(", ")))
    }

    fn found(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let places = || std::env::split_paths(&path);
        self.names.iter().find_map(|name| places().map(|place| place.join(name)).find(|file| file.is_file()))
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
        let program = Program { names: &["no-such-program", "sh"], package: "none" };
        assert!(program.found().is_some_and(|path| path.ends_with("sh")));
        assert!(Program { names: &["no-such-program"], package: "none" }.found().is_none());
    }
}

//! The places of the project: what is written by hand, what is built, and where the tools are.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run;

/// The target that both cores are compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The folder of the npm tools that a build needs: each build installs them, and no others.
pub const BUILD_TOOLS: &str = "xtask";

/// The name of the crate and of the npm package.
pub const NAME: &str = "isc-service-desk";

/// A checkout of the project.
pub struct Project {
    root: PathBuf,
    /// Where cargo keeps what it downloads, if not where it is told to from outside.
    cargo_home: Option<PathBuf>,
    /// The tarball that a build must give again.
    released: Option<PathBuf>,
}

impl Project {
    /// The checkout that this program was compiled in.
    pub fn here() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: xtask.parent().unwrap_or(xtask).to_path_buf(), cargo_home: None, released: None }
    }

    /// A copy of it, with downloads of its own.
    pub fn elsewhere(root: PathBuf, cargo_home: PathBuf) -> Self {
        Self { root, cargo_home: Some(cargo_home), released: None }
    }

    /// The same, as that which a tarball was built from.
    pub fn of_tarball(self, released: PathBuf) -> Self {
        Self { released: Some(released), ..self }
    }

    /// The tarball that a build must give again, where there is one.
    pub fn released(&self) -> Option<&Path> {
        self.released.as_deref()
    }

    /// A path given from the root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The package as it is built: what `npm pack` packs.
    pub fn pkg(&self) -> PathBuf {
        self.path("pkg")
    }

    /// What goes into the package as it is written.
    pub fn template(&self) -> PathBuf {
        self.path("pkg-template")
    }

    /// The modules that the scripts of the package are bundled from: those of the template, the glue of the cores, their bytes.
    pub fn modules(&self) -> PathBuf {
        self.path("target/package/modules")
    }

    /// Intermediate files of a build, and the tarball.
    pub fn stage(&self) -> PathBuf {
        self.path("target/package")
    }

    /// `cargo` in the root, of the toolchain that runs this program.
    pub fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(cargo, arguments);
        command.envs(self.cargo_home.iter().map(|home| ("CARGO_HOME", home)));
        command
    }

    /// Where cargo keeps what it downloads.
    ///
    /// # Errors
    ///
    /// Nothing tells.
    pub fn cargo_home(&self) -> Result<PathBuf> {
        let told = self.cargo_home.clone().or_else(|| env::var_os("CARGO_HOME").map(PathBuf::from));
        let usual = || env::home_dir().map(|home| home.join(".cargo"));
        told.or_else(usual).context("neither CARGO_HOME nor a home directory is known")
    }

    /// Where rustup puts the sources of the standard library.
    ///
    /// # Errors
    ///
    /// `rustc` cannot tell.
    pub fn standard_library(&self) -> Result<PathBuf> {
        let sysroot = run::capture(self.command("rustc", ["--print", "sysroot"]))?;
        Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library"))
    }

    /// Where both cores are compiled, so that what they have in common is compiled once.
    pub fn cores_target(&self) -> PathBuf {
        self.path("target/cores")
    }

    /// A program on the `PATH`, in the root.
    pub fn command<'a>(&self, program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// `npm` in the root, without notices, funding lines and audits.
    pub fn npm<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command("npm", arguments);
        command.args(["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]);
        command
    }

    /// A tool that the `package.json` of a folder pins, in the root.
    pub fn tool<'a>(&self, folder: &str, name: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        self.command(self.path(folder).join("node_modules/.bin").join(name), arguments)
    }

    /// esbuild itself and not the script on its `.bin`: that one adds a stack of its own to every error.
    ///
    /// # Errors
    ///
    /// npm has not installed it for this machine.
    pub fn esbuild<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Result<Command> {
        let platforms = self.path("xtask/node_modules/@esbuild");
        let mut builds = fs::read_dir(&platforms).with_context(|| format!("no {}", platforms.display()))?;
        let build = builds.next().context("npm installed esbuild for no platform")??;
        Ok(self.command(build.path().join("bin/esbuild"), arguments))
    }

    /// Every file that is, or could be, committed, from the root.
    ///
    /// # Errors
    ///
    /// `git` cannot tell.
    pub fn sources(&self) -> Result<Vec<String>> {
        let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let names = run::capture(self.command("git", listed)).context("git lists the sources")?;
        Ok(names.split_terminator('\0').filter(|name| self.path(name).is_file()).map(str::to_owned).collect())
    }

    /// The version that the workspace gives to the crate and to the package.
    ///
    /// # Errors
    ///
    /// `cargo` cannot read the workspace.
    pub fn version(&self) -> Result<String> {
        let id = run::capture(self.cargo(["pkgid", "--package", NAME]))?;
        id.trim().rsplit(['#', '@']).next().map(str::to_owned).with_context(|| format!("no version in `{id}`"))
    }
}

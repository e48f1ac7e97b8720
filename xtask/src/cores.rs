//! Turns the crate into the two WebAssembly cores of the package, each with its glue and its inlined bytes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::files;
use crate::glue;
use crate::names::{self, Bound};
use crate::order;
use crate::project::{NAME, Project, WASM_TARGET};
use crate::run::{self, step};
use crate::snip;

/// One way to compile the crate for WebAssembly.
pub struct Core {
    pub label: &'static str,
    /// How its files begin: `core_bg.wasm` in the package, `core.js` and `core_bytes.js` among the modules.
    pub name: &'static str,
    features: &'static [&'static str],
}

pub const CLIENT: Core = Core { label: "client", name: "core", features: &["--features", "client"] };
pub const SANDBOX: Core =
    Core { label: "sandbox", name: "sandbox_core", features: &["--no-default-features", "--features", "sandbox"] };

/// The standard library is compiled anew, for size and without the words of its panics: the one that rustup brings is
/// compiled for speed, and formats them.
const STANDARD_LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// Gives each crate a folder by its features. The usual one has one place for a cdylib: a core would be compiled anew
/// after the other, or taken for it.
const LAYOUT: &str = "-Zbuild-dir-new-layout";

/// Makes a panic a trap and nothing else, wherever it is: nobody could read its words, and nothing catches it.
const PANICS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// A quarter of what is usual. What stands behind it has addresses that are a byte shorter, and a memory is so much smaller;
/// what nests deepest takes a sixth of it.
const STACK: [&str; 1] = ["-Clink-arg=-zstack-size=262144"];

impl Core {
    /// What selects this core in any cargo command.
    pub fn cargo_arguments(&self) -> impl Iterator<Item = &'static str> {
        ["--package", NAME, "--target", WASM_TARGET].into_iter().chain(self.features.iter().copied())
    }

    /// Compiles, binds and shrinks the core into `dist`, with its glue and its bytes among the modules; gives the TypeScript
    /// declarations of its bindings.
    ///
    /// # Errors
    ///
    /// A tool fails; the text names the step and holds the tool's output.
    pub fn build(&self, project: &Project, dist: &Path) -> Result<String> {
        let label = self.label;
        let compiled = step(&format!("building {label} core"), || self.compile(project))?;
        let bound = step(&format!("binding {label} core"), || self.bind(project, &compiled))?;
        step(&format!("shrinking {label} core"), || self.shrink(project, &bound, dist))?;
        // The glue, and scripts of the crate that it imports.
        for script in files::with_extension(files::below(&bound)?, &["js"]) {
            let name = files::relative(&script, &bound)?;
            files::copy(&script, &project.modules().join(name))?;
        }
        Ok(fs::read_to_string(bound.join(format!("{}.d.ts", self.name)))?)
    }

    /// As a cdylib alone: where the crate is a Rust library too, cargo leaves out link-time optimization without a word,
    /// and the core is a quarter larger.
    fn compile(&self, project: &Project) -> Result<PathBuf> {
        let mut command = project.cargo(["rustc", "--quiet", "--release", "--lib", "--crate-type", "cdylib"]);
        command.arg("--target-dir").arg(project.cores_target()).args(self.cargo_arguments());
        command.args(STANDARD_LIBRARY).arg(LAYOUT).args(["--config", &rustflags(project)?]);
        // Lets a stable toolchain take these flags. It is pinned, so they mean the same on every machine.
        command.env("RUSTC_BOOTSTRAP", "1");
        // Flags from outside would take the place of ours.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        run::succeed(command)?;
        let release = project.cores_target().join(WASM_TARGET).join("release");
        let compiled = self.compiled(project);
        files::copy(&release.join(format!("{}.wasm", NAME.replace('-', "_"))), &compiled)?;
        Ok(compiled)
    }

    /// What the compiler makes, before anything is taken out of it.
    pub fn compiled(&self, project: &Project) -> PathBuf {
        project.stage().join(format!("{}.wasm", self.label))
    }

    fn glue(&self) -> String {
        format!("{}.js", self.name)
    }

    fn wasm(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    fn bind(&self, project: &Project, wasm: &Path) -> Result<PathBuf> {
        let directory = project.stage().join(self.label);
        files::make_empty(&directory)?;
        let mut bindgen = Bindgen::new();
        bindgen
            .input_bytes(self.name, snip::without_throws(&fs::read(wasm)?)?)
            .out_name(self.name)
            .typescript(true)
            .omit_default_module_path(true);
        bindgen.web(true)?.generate(&directory)?;
        let (wasm, glue) = (directory.join(self.wasm()), directory.join(self.glue()));
        let long = Bound { wasm: fs::read(&wasm)?, glue: glue::fitted(&fs::read_to_string(&glue)?)? };
        let short = names::shortened(&long)?;
        fs::write(wasm, short.wasm)?;
        fs::write(glue, short.glue)?;
        Ok(directory)
    }

    /// No feature flags: `wasm-opt` reads what the module may use from its `target_features` section.
    fn shrink(&self, project: &Project, bound: &Path, dist: &Path) -> Result<()> {
        let name = self.wasm();
        let output = dist.join(&name);
        let mut command = project.tool("wasm-opt", ["-Oz", "--strip-debug", "--strip-producers"]);
        command.arg(bound.join(&name)).arg("-o").arg(&output);
        run::succeed(command)?;
        fs::write(&output, order::named(&fs::read(&output)?)?)?;
        let sort = ["--reorder-functions-by-name", "--strip-debug", "--generate-stack-ir", "--optimize-stack-ir"];
        let mut command = project.tool("wasm-opt", sort);
        command.arg(&output).arg("-o").arg(&output);
        run::succeed(command)?;
        let wasm = fs::read(&output).with_context(|| format!("wasm-opt wrote no {name}"))?;
        let module = project.modules().join(format!("{}_bytes.js", self.name));
        Ok(fs::write(module, bytes_module(&name, &wasm)?)?)
    }
}

fn rustflags(project: &Project) -> Result<String> {
    let flags = PANICS.into_iter().chain(STACK).map(str::to_owned).chain(path_remapping(project)?);
    let flags: Vec<String> = flags.map(|flag| format!("'{flag}'")).collect();
    Ok(format!("target.{WASM_TARGET}.rustflags=[{}]", flags.join(",")))
}

/// Makes the paths of dependencies and of the standard library begin at the crate's name: else the package would tell
/// this machine's home directory, and differ from machine to machine.
fn path_remapping(project: &Project) -> Result<Vec<String>> {
    let registries = project.cargo_home()?.join("registry/src");
    let mut sources = vec![project.standard_library()?];
    for entry in fs::read_dir(&registries).with_context(|| format!("no {}", registries.display()))? {
        sources.push(entry?.path());
    }
    sources.sort();
    Ok(sources.iter().map(|folder| format!("--remap-path-prefix={}/=", folder.display())).collect())
}

/// A module that carries the file, deflated, and gives its bytes anew at each call.
fn bytes_module(file: &str, wasm: &[u8]) -> Result<String> {
    let mut deflated = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, wasm, &mut deflated)?;
    let (base64, length) = (STANDARD.encode(deflated), wasm.len());
    Ok(format!(
        r#"// The bytes of {file}, so that the core comes with the module that asks for it: no file to find, none to fetch.
import {{ unpack }} from "./unpack.js";

export const wasmBytes = () => unpack("{base64}", {length});
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_core_is_built_without_the_client() {
        assert!(SANDBOX.cargo_arguments().any(|word| word == "--no-default-features"));
        assert!(!SANDBOX.cargo_arguments().any(|word| word == "client"));
    }
}

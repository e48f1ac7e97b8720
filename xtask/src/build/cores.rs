//! Turns the crates of `bindings/` into the WebAssembly cores of the package, each with its glue and its inlined bytes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

use crate::build::compile::{compile, shrink};
use crate::build::glue;
use crate::build::inline;
use crate::build::names::{self, Bound};
use crate::build::order;
use crate::build::snip;
use crate::files;
use crate::project::{Project, WASM_TARGET};
use crate::run::step;

/// A crate of `bindings/` that is compiled to a `.wasm` of the package.
pub struct Core {
    /// Its folder there.
    pub label: &'static str,
    /// How its files begin: `core_bg.wasm` in the package, `core.js` and `core_bytes.js` among the modules.
    pub name: &'static str,
    pub package: &'static str,
}

pub const CLIENT: Core = Core { label: "client", name: "core", package: "isc-service-desk-client" };
pub const SANDBOX: Core = Core { label: "sandbox", name: "sandbox_core", package: "isc-service-desk-sandbox" };

/// All cores: what builds, documents, lists and checks them reads this.
pub const CORES: [&Core; 2] = [&CLIENT, &SANDBOX];

impl Core {
    /// What selects this core in any cargo command.
    pub fn cargo_arguments(&self) -> impl Iterator<Item = &'static str> {
        ["--package", self.package, "--target", WASM_TARGET].into_iter()
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
        let shrunk = dist.join(self.wasm());
        step(&format!("shrinking {label} core"), || self.shrink(project, &bound, &shrunk))?;
        step(&format!("inlining {label} core"), || inline::write(project, self.name, &shrunk))?;
        let glue = bound.join(self.glue());
        let mut text = fs::read_to_string(&glue)?;
        // Scripts of the crate that the glue imports stand beside it, where others can import them, too.
        for script in files::with_extension(files::below(&bound.join("snippets"))?, &["js"]) {
            let (path, name) = (files::relative(&script, &bound)?, script.file_name().unwrap_or_default());
            let name = name.to_string_lossy();
            text = text.replace(&format!("\"./{path}\""), &format!("\"./{name}\""));
            text = text.replace(&format!("'./{path}'"), &format!("\"./{name}\""));
            files::copy(&script, &project.modules().join(&*name))?;
        }
        fs::write(project.modules().join(self.glue()), text)?;
        Ok(fs::read_to_string(bound.join(format!("{}.d.ts", self.name)))?)
    }

    fn compile(&self, project: &Project) -> Result<PathBuf> {
        let compiled = self.compiled(project);
        compile(project, self.package, self.cargo_arguments(), &compiled)?;
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

    fn shrink(&self, project: &Project, bound: &Path, output: &Path) -> Result<()> {
        shrink(project, ["-Oz", "--strip-debug", "--strip-producers"], &bound.join(self.wasm()), output)?;
        fs::write(output, order::named(&fs::read(output)?)?)?;
        let sort = ["--reorder-functions-by-name", "--strip-debug", "--generate-stack-ir", "--optimize-stack-ir"];
        shrink(project, sort, output, output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_core_is_a_crate_of_the_bindings() {
        let bindings = Project::here().path("bindings");
        for core in CORES {
            let manifest = fs::read_to_string(bindings.join(core.label).join("Cargo.toml")).unwrap();
            assert!(manifest.contains(&format!("name = \"{}\"", core.package)), "{}", core.label);
        }
    }
}

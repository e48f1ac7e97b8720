//! Holds declarations, programs and the facade against the TypeScript compiler, as strict consumers do.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::cores::{CLIENT, SANDBOX};
use crate::files;
use crate::project::Project;
use crate::run;

/// One kind of consumer.
pub struct Setting {
    name: &'static str,
    /// Node's way to find modules, or that of bundlers.
    node: bool,
    lib: &'static [&'static str],
    types: &'static [&'static str],
}

const DOM: &[&str] = &["es2022", "dom", "dom.iterable"];

/// Each of these must be able to use the package as it is: the global types that it has are all that there are.
pub const CONSUMERS: [Setting; 3] = [
    Setting { name: "node, with DOM types", node: true, lib: DOM, types: &[] },
    Setting { name: "node, with Node's types alone", node: true, lib: &["es2022"], types: &["node"] },
    Setting { name: "bundler, with DOM types", node: false, lib: DOM, types: &[] },
];

/// Programs that run in Node, and may use what a page has too.
pub const PROGRAM: Setting = Setting { name: "programs in Node", node: true, lib: DOM, types: &["node"] };

impl Setting {
    /// Compiles `files`, which stand in `directory`, without output.
    ///
    /// # Errors
    ///
    /// The compiler reports an error.
    pub fn check(&self, project: &Project, directory: &Path, files: &[PathBuf]) -> Result<()> {
        compile(project, directory, &self.options(), files).context(self.name)
    }

    fn options(&self) -> Value {
        let (module, resolution) = if self.node { ("nodenext", "nodenext") } else { ("esnext", "bundler") };
        json!({
            "strict": true,
            "noUncheckedIndexedAccess": true,
            "skipLibCheck": false,
            "target": "es2022",
            "module": module,
            "moduleResolution": resolution,
            "lib": self.lib,
            "types": self.types,
        })
    }
}

fn compile(project: &Project, directory: &Path, options: &Value, files: &[PathBuf]) -> Result<()> {
    let config = directory.join("tsconfig.json");
    fs::write(&config, json!({ "compilerOptions": options, "files": files }).to_string())?;
    let mut command = project.tool("tsc", ["--noEmit", "--pretty", "false", "--project", "tsconfig.json"]);
    command.current_dir(directory).arg("--typeRoots").arg(project.path("xtask/node_modules/@types"));
    run::succeed(command).map(drop)
}

/// Compiles the package's own declarations for each kind of consumer: every name that they use must be there.
///
/// # Errors
///
/// The compiler reports an error.
pub fn check_package(project: &Project) -> Result<()> {
    let files = typescript_below(&project.pkg().join("dist"))?;
    CONSUMERS.iter().try_for_each(|setting| setting.check(project, &project.stage(), &files))
}

/// All TypeScript files below a folder, sorted; none where there is no folder.
///
/// # Errors
///
/// A folder cannot be read.
pub fn typescript_below(directory: &Path) -> Result<Vec<PathBuf>> {
    Ok(files::with_extension(files::below(directory)?, &["ts", "mts", "cts"]))
}

/// What an import of a `.wasm` file gives in the environments that take one.
const WASM_IMPORTS: &str = r#"declare module "*.wasm" { const module: WebAssembly.Module; export default module; }
declare module "*.wasm?module" { const module: WebAssembly.Module; export default module; }
"#;

/// Compiles the scripts of `pkg-template/` that begin with `// @ts-check` against the bindings of the built cores.
///
/// # Errors
///
/// The compiler reports an error, or there is no such script.
pub fn check_facade(project: &Project) -> Result<()> {
    let directory = project.stage().join("facade");
    files::make_empty(&directory)?;
    let dist = project.pkg().join("dist");
    let mut checked = Vec::new();
    for script in files::with_extension(files::below(&dist)?, &["js"]) {
        let copy = directory.join(script.strip_prefix(&dist)?);
        files::copy(&script, &copy)?;
        if fs::read_to_string(&script)?.starts_with("// @ts-check") {
            checked.push(copy);
        }
    }
    ensure!(!checked.is_empty(), "no script of pkg-template/ begins with `// @ts-check`");
    // What the scripts say of the public types, they say by these.
    for declarations in files::with_extension(files::below(&dist)?, &["ts"]) {
        files::copy(&declarations, &directory.join(declarations.strip_prefix(&dist)?))?;
    }
    for core in [&CLIENT, &SANDBOX] {
        let declarations = format!("{}.d.ts", core.name);
        files::copy(&project.stage().join(core.label).join(&declarations), &directory.join(&declarations))?;
    }
    let imports = directory.join("wasm.d.ts");
    fs::write(&imports, WASM_IMPORTS)?;
    checked.push(imports);
    compile(project, &directory, &facade_options(), &checked)
}

/// The bindings name types that only the newest libraries have. What has no JSDoc type is `any`.
fn facade_options() -> Value {
    json!({
        "strict": true,
        "noImplicitAny": false,
        "allowJs": true,
        "skipLibCheck": true,
        "target": "esnext",
        "module": "nodenext",
        "lib": ["esnext", "dom", "dom.iterable"],
        "types": ["node"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_consumer_skips_the_check_of_libraries() {
        for setting in &CONSUMERS {
            assert_eq!(setting.options().get("skipLibCheck"), Some(&Value::Bool(false)), "{}", setting.name);
        }
    }

    #[test]
    fn one_consumer_has_no_dom_and_another_has_nothing_of_node() {
        assert!(CONSUMERS.iter().any(|setting| !setting.lib.contains(&"dom")));
        assert!(CONSUMERS.iter().any(|setting| setting.types.is_empty()));
    }
}

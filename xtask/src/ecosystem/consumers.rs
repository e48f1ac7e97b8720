//! The consumers that the package's types are made for: which compiler they have, with which settings.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::project::Project;
use crate::run;

/// A release of TypeScript.
pub struct Compiler {
    pub name: &'static str,
    /// Its folder below a `node_modules`.
    package: &'static str,
}

/// The one that the package itself is made with.
pub const NEWEST: Compiler = Compiler { name: "TypeScript 7", package: "xtask/node_modules/typescript" };

/// The oldest that the package's types promise to work with, and the newest.
pub const COMPILERS: [Compiler; 2] =
    [Compiler { name: "TypeScript 5.4", package: "xtask/typescript/node_modules/typescript-5.4" }, NEWEST];

/// How modules are found.
#[derive(Clone, Copy)]
enum Resolution {
    Node16,
    NodeNext,
    Bundler,
}

/// One kind of consumer.
pub struct Setting {
    pub name: &'static str,
    resolution: Resolution,
    lib: &'static [&'static str],
    types: &'static [&'static str],
    /// What is asked for besides `strict`.
    strictness: &'static [&'static str],
    /// Which programs of `tests/types` it compiles: those at the top, or in a folder.
    pub programs: &'static [&'static str],
}

/// The libraries of TypeScript, and the packages of types.
type Platform = (&'static [&'static str], &'static [&'static str]);

const DOM: &[&str] = &["es2022", "dom", "dom.iterable"];
const PLAIN: &[&str] = &["es2022"];

/// Everything that a consumer may have on and that concerns the declarations of a package. Node's own types do not compile
/// with the exact meaning of optional properties; where `import` is made `require`, its syntax is not kept verbatim.
const STRICTEST: &[&str] = &["exactOptionalPropertyTypes", "isolatedModules", "verbatimModuleSyntax"];
const BESIDE_NODE: &[&str] = &["isolatedModules", "verbatimModuleSyntax"];
const MADE_REQUIRE: &[&str] = &["exactOptionalPropertyTypes", "isolatedModules"];

/// What `tsc --init` asks for. To skip the check of libraries lets the exact meaning stand beside Node's types.
const AS_INIT: &[&str] = &["exactOptionalPropertyTypes", "isolatedModules", "verbatimModuleSyntax", "skipLibCheck"];

/// Each of these must be able to use the package as it is: the global types that it has are all that there are.
pub const CONSUMERS: [Setting; 7] = {
    use Resolution::{Bundler, Node16};
    const WITH_DOM: Platform = (DOM, &[]);
    const WITH_NODE: Platform = (PLAIN, &["node"]);
    [
        consumer("node16, with DOM types", Node16, WITH_DOM, STRICTEST, &["", "require"]),
        consumer("node16, with Node's types", Node16, WITH_NODE, BESIDE_NODE, &["", "require", "inexact"]),
        consumer("node16, import made require, with DOM types", Node16, WITH_DOM, MADE_REQUIRE, &["import"]),
        consumer(
            "node16, import made require, with Node's types",
            Node16,
            WITH_NODE,
            &["isolatedModules"],
            &["import"],
        ),
        consumer("bundler, with DOM types", Bundler, WITH_DOM, STRICTEST, &[""]),
        consumer("bundler, with Node's types", Bundler, WITH_NODE, BESIDE_NODE, &["", "inexact"]),
        consumer("node16, with no platform", Node16, (PLAIN, &[]), STRICTEST, &["bare"]),
    ]
};

/// Programs that run in Node, and may use what a page has too.
pub const PROGRAM: Setting = consumer("programs in Node", Resolution::NodeNext, (DOM, &["node"]), AS_INIT, &[]);

const fn consumer(
    name: &'static str,
    resolution: Resolution,
    (lib, types): Platform,
    strictness: &'static [&'static str],
    programs: &'static [&'static str],
) -> Setting {
    Setting { name, resolution, lib, types, strictness, programs }
}

impl Setting {
    /// Compiles `files`, which stand in `directory`, without output.
    ///
    /// # Errors
    ///
    /// The compiler reports an error.
    pub fn check(&self, project: &Project, compiler: &Compiler, directory: &Path, files: &[PathBuf]) -> Result<()> {
        let name = format!("{}, {}", compiler.name, self.name);
        let config = self.configure(directory, &name, files)?;
        compile(project, compiler, &config).context(name)
    }

    /// Writes the configuration for `files`, named after what it is for: checks of one folder can run at once.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn configure(&self, directory: &Path, purpose: &str, files: &[PathBuf]) -> Result<PathBuf> {
        let words = purpose.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let file = format!("tsconfig.{}.json", words.collect::<Vec<_>>().join("-").to_lowercase());
        configure(&directory.join(file), &self.options(), files)
    }

    fn options(&self) -> Value {
        let (module, resolution) = match self.resolution {
            Resolution::Node16 => ("node16", "node16"),
            Resolution::NodeNext => ("nodenext", "nodenext"),
            Resolution::Bundler => ("esnext", "bundler"),
        };
        let mut options = json!({
            "strict": true,
            "noUncheckedIndexedAccess": true,
            "skipLibCheck": false,
            "target": "es2022",
            "module": module,
            "moduleResolution": resolution,
            "lib": self.lib,
            "types": self.types,
        });
        if let Some(options) = options.as_object_mut() {
            options.extend(self.strictness.iter().map(|&flag| (flag.to_owned(), Value::Bool(true))));
        }
        options
    }
}

/// Writes a configuration; gives its path.
///
/// # Errors
///
/// It cannot be written.
pub fn configure(config: &Path, options: &Value, files: &[PathBuf]) -> Result<PathBuf> {
    fs::write(config, json!({ "compilerOptions": options, "files": files }).to_string())?;
    Ok(config.to_path_buf())
}

/// Compiles what a configuration names, without output.
///
/// # Errors
///
/// The compiler reports an error.
pub fn compile(project: &Project, compiler: &Compiler, config: &Path) -> Result<()> {
    let mut command = project.command("node", []);
    command.arg(project.path(compiler.package).join("bin/tsc")).args(["--noEmit", "--pretty", "false"]);
    command.arg("--typeRoots").arg(project.path("xtask/node_modules/@types")).arg("--project").arg(config);
    // Its errors name files from here.
    command.current_dir(config.parent().unwrap_or(config));
    run::succeed(command).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_consumer_skips_the_check_of_libraries() {
        for setting in &CONSUMERS {
            let options = setting.options();
            assert_eq!(options.get("skipLibCheck"), Some(&Value::Bool(false)), "{}", setting.name);
            let exact = options.get("exactOptionalPropertyTypes").is_some();
            assert_eq!(exact, !setting.types.contains(&"node"), "{}", setting.name);
        }
    }

    #[test]
    fn one_consumer_has_no_dom_another_nothing_of_node_and_a_third_neither() {
        let has = |dom: bool, node: bool| {
            CONSUMERS
                .iter()
                .any(|setting| setting.lib.contains(&"dom") == dom && setting.types.contains(&"node") == node)
        };
        assert!(has(false, true) && has(true, false) && has(false, false));
    }
}

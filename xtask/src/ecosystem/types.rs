//! Holds declarations and the facade against the TypeScript compiler, as strict consumers do.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::build::cores::CORES;
use crate::ecosystem::consumers::{CONSUMERS, NEWEST, compile, configure};
use crate::files;
use crate::project::Project;

/// Compiles the package's own declarations for each kind of consumer on a platform: every name that they use must be there.
///
/// # Errors
///
/// The compiler reports an error.
pub fn check_package(project: &Project) -> Result<()> {
    let files = typescript_below(&project.pkg().join("dist"))?;
    let mut settings = CONSUMERS.iter().filter(|setting| setting.programs.contains(&""));
    settings.try_for_each(|setting| setting.check(project, &NEWEST, &project.stage(), &files))
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
    let (modules, dist) = (project.modules(), project.pkg().join("dist"));
    let mut checked = Vec::new();
    for script in files::with_extension(files::below(&modules)?, &["js"]) {
        let copy = directory.join(script.strip_prefix(&modules)?);
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
    for core in CORES {
        let declarations = format!("{}.d.ts", core.name);
        files::copy(&project.stage().join(core.label).join(&declarations), &directory.join(&declarations))?;
    }
    let imports = directory.join("wasm.d.ts");
    fs::write(&imports, WASM_IMPORTS)?;
    checked.push(imports);
    compile(project, &NEWEST, &configure(&directory.join("tsconfig.json"), &facade_options(), &checked)?)
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

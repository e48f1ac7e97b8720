//! Turns `pkg-template/` into the JavaScript and the declarations of the package, for `import` and for `require`.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::build::declarations::{commonjs_twin, with_wire_types};
use crate::ecosystem::types;
use crate::files;
use crate::package::manifest::Manifest;
use crate::project::Project;
use crate::run;

/// Copies the template: `bin/` to `bin/` of the package, declarations to `dist/`, other scripts to the modules that are bundled.
///
/// # Errors
///
/// The template holds another kind of file, or one cannot be copied.
pub fn copy(project: &Project) -> Result<()> {
    let template = project.template();
    for file in files::below(&template)? {
        let name = files::relative(&file, &template)?;
        match place(&name) {
            Some(Place::Package) => files::copy(&file, &project.pkg().join(&name))?,
            Some(Place::Dist) => files::copy(&file, &project.pkg().join("dist").join(&name))?,
            Some(Place::Modules) => files::copy(&file, &project.modules().join(&name))?,
            None if name == "package.json" => {}
            None => bail!("pkg-template/{name}: only .js and .d.ts files go into the package"),
        }
    }
    Ok(())
}

/// Where a file of the template goes.
#[derive(Debug, PartialEq)]
enum Place {
    Package,
    Dist,
    Modules,
}

fn place(name: &str) -> Option<Place> {
    match name {
        _ if name.starts_with("bin/") && name.ends_with(".js") => Some(Place::Package),
        _ if name.ends_with(".d.ts") => Some(Place::Dist),
        _ if name.ends_with(".js") => Some(Place::Modules),
        _ => None,
    }
}

/// Puts the wire types into `index.d.ts`, then writes the `.d.cts` twin of each declaration file.
///
/// # Errors
///
/// The marker or the wire types are missing, see [`with_wire_types`]; a file cannot be read or written.
pub fn shape_declarations(project: &Project, generated: &str) -> Result<()> {
    let dist = project.pkg().join("dist");
    let index = dist.join("index.d.ts");
    let template = fs::read_to_string(&index).context("pkg-template/index.d.ts cannot be read")?;
    fs::write(&index, with_wire_types(&template, generated)?)?;
    for file in types::typescript_below(&dist)? {
        fs::write(file.with_extension("cts"), commonjs_twin(&fs::read_to_string(&file)?))?;
    }
    Ok(())
}

/// Says whose code is in a script: a line above it, and none that bundlers of users would carry into a file of its own.
const NOTICE: &str = "// With fflate, under the MIT License: see THIRD-PARTY-LICENSES.\n";

/// Bundles the entries that `package.json` names with `.js`, all in one run: what two of them need is in a file that both
/// import, so that they share its state and its classes, and a program has few files to load. What comes from npm goes in, too.
///
/// # Errors
///
/// esbuild fails or warns, npm has not installed a library, or a script would import what the package does not bring.
pub fn bundle_modules(project: &Project, manifest: &Manifest) -> Result<()> {
    let directory = project.modules();
    let mut command = project.esbuild(["--bundle", "--splitting", "--format=esm", "--target=es2022"])?;
    command.current_dir(&directory).env("NODE_PATH", project.path("xtask/node_modules"));
    command.args(["--preserve-symlinks", "--external:node:*", "--external:*.wasm", "--external:*.wasm?module"]);
    command.args(
        manifest
            .stems(".js")
            .into_iter()
            .filter_map(|stem| Some(format!("./entries/{}.js", stem.strip_prefix("dist/")?))),
    );
    command.arg("--chunk-names=shared-[hash]").arg(format!("--outdir={}", project.pkg().join("dist").display()));
    let report = bundle(project, command)?;
    refuse_outside(&report, |path| path.contains(".wasm"))?;
    for script in with_npm(&report)? {
        let script = directory.join(script);
        fs::write(&script, NOTICE.to_owned() + &fs::read_to_string(&script)?)?;
    }
    Ok(())
}

/// Bundles each entry that `package.json` names with `.cjs` from its `.js`: one file that requires Node's own modules at most.
///
/// # Errors
///
/// esbuild fails or warns, or a bundle would require something else.
pub fn bundle_commonjs(project: &Project, manifest: &Manifest) -> Result<()> {
    for stem in manifest.stems(".cjs") {
        let mut command = project.esbuild(["--bundle", "--format=cjs", "--platform=node", "--target=node20.19"])?;
        // In the package, so that the paths in the bundle's comments are the package's.
        command.current_dir(project.pkg()).arg("--packages=external");
        command.arg(format!("./{stem}.js")).arg(format!("--outfile={stem}.cjs"));
        let report = bundle(project, command);
        report.and_then(|report| refuse_outside(&report, |_| false)).with_context(|| format!("{stem}.cjs"))?;
    }
    Ok(())
}

/// Runs esbuild; gives its outputs, as it reports them, by their paths.
fn bundle(project: &Project, mut command: Command) -> Result<Map<String, Value>> {
    let file = project.stage().join("bundle.json");
    // Without the configurations of TypeScript that other steps leave above: esbuild would follow the nearest.
    command.args(["--charset=utf8", "--log-level=warning", "--tsconfig-raw={}"]);
    command.arg(format!("--metafile={}", file.display()));
    let warnings = run::succeed(command)?;
    ensure!(warnings.trim().is_empty(), "esbuild warns:\n{warnings}");
    outputs(&fs::read_to_string(&file)?)
}

fn outputs(metafile: &str) -> Result<Map<String, Value>> {
    let mut report: Value = serde_json::from_str(metafile)?;
    match report.get_mut("outputs").map(Value::take) {
        Some(Value::Object(outputs)) => Ok(outputs),
        _ => bail!("the report of esbuild has no outputs"),
    }
}

/// Node's own modules may be imported from outside, and what `allowed` names; nothing else.
fn refuse_outside(outputs: &Map<String, Value>, allowed: fn(&str) -> bool) -> Result<()> {
    let imports = outputs.values().filter_map(|output| output.get("imports")?.as_array()).flatten();
    let outside = imports.filter(|import| import.get("external").and_then(Value::as_bool) == Some(true));
    let paths = outside.filter_map(|import| import.get("path")?.as_str());
    let refused: Vec<&str> = paths.filter(|path| !path.starts_with("node:") && !allowed(path)).collect();
    ensure!(refused.is_empty(), "it would import {}, which the package does not bring", refused.join(", "));
    Ok(())
}

/// The outputs that have something of a library in them.
fn with_npm(outputs: &Map<String, Value>) -> Result<Vec<&str>> {
    let has_library = |output: &Value| {
        let inputs = output.get("inputs").and_then(Value::as_object);
        inputs.is_some_and(|inputs| inputs.keys().any(|input| input.contains("node_modules/")))
    };
    let found: Vec<&str> =
        outputs.iter().filter(|(_, output)| has_library(output)).map(|(path, _)| path.as_str()).collect();
    ensure!(!found.is_empty(), "no library is bundled: the package has notices of some");
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_declarations_have_a_place_and_nothing_else_has() {
        assert_eq!(place("index.js"), Some(Place::Modules));
        assert_eq!(place("errors/base.d.ts"), Some(Place::Dist));
        assert_eq!(place("bin/isc-service-desk.js"), Some(Place::Package));
        assert_eq!([place("index.ts"), place("notes.md"), place("index.cjs")], [None, None, None]);
    }

    const METAFILE: &str = r#"{"outputs": {
        "dist/a.js": { "inputs": { "a.js": {} }, "imports": [
            { "path": "node:http", "external": true }, { "path": "./core_bg.wasm", "external": true },
            { "path": "dist/shared.js" }
        ] },
        "dist/shared.js": { "inputs": { "../node_modules/fflate/index.js": {} }, "imports": [] }
    }}"#;

    #[test]
    fn only_modules_of_node_and_what_is_named_may_come_from_outside() {
        let outputs = outputs(METAFILE).unwrap();
        assert!(refuse_outside(&outputs, |path| path.ends_with(".wasm")).is_ok());
        let error = refuse_outside(&outputs, |_| false).unwrap_err().to_string();
        assert_eq!(error, "it would import ./core_bg.wasm, which the package does not bring");
    }

    #[test]
    fn a_script_with_a_library_in_it_is_known() {
        assert_eq!(with_npm(&outputs(METAFILE).unwrap()).unwrap(), ["dist/shared.js"]);
        assert!(with_npm(&outputs(r#"{"outputs": {}}"#).unwrap()).is_err());
    }
}

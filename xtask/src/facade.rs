//! Turns `pkg-template/` into the JavaScript and the declarations of the package, for `import` and for `require`.

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::declarations::{commonjs_twin, with_wire_types};
use crate::files;
use crate::manifest::Manifest;
use crate::project::Project;
use crate::run;
use crate::types;

/// Copies every script and declaration of the template: `bin/` to `bin/`, all else to `dist/`.
///
/// # Errors
///
/// The template holds another kind of file, or one cannot be copied.
pub fn copy(project: &Project) -> Result<()> {
    let template = project.template();
    for file in files::below(&template)? {
        let name = files::relative(&file, &template)?;
        match place(&name) {
            Some(place) => files::copy(&file, &project.pkg().join(place))?,
            None if name == "package.json" => {}
            None => bail!("pkg-template/{name}: only .js and .d.ts files go into the package"),
        }
    }
    Ok(())
}

fn place(name: &str) -> Option<String> {
    let taken = name.ends_with(".js") || name.ends_with(".d.ts");
    taken.then(|| if name.starts_with("bin/") { name.to_owned() } else { format!("dist/{name}") })
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

/// Puts what a script of the template imports from npm into the script: the package depends on nothing.
///
/// # Errors
///
/// esbuild fails, or npm has not installed the library.
pub fn bundle_dependencies(project: &Project) -> Result<()> {
    let script = project.pkg().join("dist/unpack.js");
    let mut command = project.esbuild(["--bundle", "--format=esm", "--target=es2022", "--charset=utf8"])?;
    command.env("NODE_PATH", project.path("xtask/node_modules")).args([
        "--log-level=warning",
        "--allow-overwrite",
        "--preserve-symlinks",
    ]);
    command.current_dir(project.path("xtask")).arg(project.template().join("unpack.js"));
    command.arg("--legal-comments=inline").arg(format!("--outfile={}", script.display()));
    command.arg("--banner:js=// With fflate, under the MIT License: see THIRD-PARTY-LICENSES.");
    run::succeed(command).map(drop)
}

/// Bundles each entry that `package.json` names with `.cjs` from its `.js`: one file that requires Node's own modules at most.
///
/// # Errors
///
/// esbuild fails or warns, or a bundle would require something else.
pub fn bundle_commonjs(project: &Project, manifest: &Manifest) -> Result<()> {
    for stem in manifest.stems(".cjs") {
        bundle(project, stem).with_context(|| format!("{stem}.cjs"))?;
    }
    Ok(())
}

fn bundle(project: &Project, stem: &str) -> Result<()> {
    let report = project.stage().join("bundle.json");
    let mut command = project.esbuild(["--bundle", "--format=cjs", "--platform=node", "--target=node20.19"])?;
    // In the package, so that the paths in the bundle's comments are the package's.
    command.current_dir(project.pkg()).args(["--charset=utf8", "--packages=external", "--log-level=warning"]);
    command.arg(format!("./{stem}.js")).arg(format!("--outfile={stem}.cjs"));
    command.arg(format!("--metafile={}", report.display()));
    let warnings = run::succeed(command)?;
    ensure!(warnings.trim().is_empty(), "esbuild warns:\n{warnings}");
    let outside = outside_imports(&fs::read_to_string(&report)?)?;
    ensure!(outside.is_empty(), "it would require {}, and may require Node's own modules only", outside.join(", "));
    Ok(())
}

/// What a bundle imports from outside that is not one of Node's own modules.
fn outside_imports(metafile: &str) -> Result<Vec<String>> {
    let report: Value = serde_json::from_str(metafile)?;
    let outputs = report.get("outputs").and_then(Value::as_object).context("the report of esbuild has no outputs")?;
    let imports = outputs.values().filter_map(|output| output.get("imports")?.as_array()).flatten();
    let paths = imports.filter_map(|import| import.get("path")?.as_str());
    Ok(paths.filter(|path| !path.starts_with("node:")).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_declarations_have_a_place_and_nothing_else_has() {
        assert_eq!(place("index.js").as_deref(), Some("dist/index.js"));
        assert_eq!(place("errors/base.d.ts").as_deref(), Some("dist/errors/base.d.ts"));
        assert_eq!(place("bin/isc-service-desk.js").as_deref(), Some("bin/isc-service-desk.js"));
        assert_eq!([place("index.ts"), place("notes.md"), place("index.cjs")], [None, None, None]);
    }

    #[test]
    fn only_modules_of_node_may_be_required() {
        let metafile = r#"{"outputs": {"dist/a.cjs": {"imports": [
            {"path": "node:http", "kind": "require-call", "external": true},
            {"path": "isc-service-desk", "kind": "require-call", "external": true}
        ]}}}"#;
        assert_eq!(outside_imports(metafile).unwrap(), ["isc-service-desk"]);
    }
}

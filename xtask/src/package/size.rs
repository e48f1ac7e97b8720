//! Measures what a user of the package downloads, says what it consists of, and holds it against the budget.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::build::cores::CLIENT;
use crate::package::sizes::gzip;
use crate::package::tarball::{Consumer, build_and_pack};
use crate::project::{BUILD_TOOLS, Project};
use crate::run;

/// The most bytes that each may have: what was reached, rounded up.
const APP_GZIP: usize = 85 * KIB;
const SLIM_BROTLI: usize = 86 * KIB;

const KIB: usize = 1024;

/// So many of the largest functions are listed.
const LISTED: usize = 25;

/// A file or a bundle in the forms in which it travels.
struct Weight {
    name: &'static str,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Weight {
    fn of(name: &'static str, bytes: &[u8]) -> Result<Self> {
        Ok(Self { name, raw: bytes.len(), gzip: gzip(bytes)?, brotli: brotli(bytes)? })
    }
}

/// Builds, packs, prints the table and the largest functions of the client's core.
///
/// # Errors
///
/// The build fails, or the budget does not hold.
pub fn size(project: &Project) -> Result<()> {
    build_and_pack(project)?;
    let weights = weigh(project)?;
    println!("\n{}", table(&weights));
    println!("the largest functions of core.wasm, bytes:");
    for (bytes, name) in functions(&named(project)?)?.into_iter().take(LISTED) {
        println!("{bytes:>8}  {name}");
    }
    println!();
    check(&weights)
}

/// Only the budget, for the package as it was packed last.
///
/// # Errors
///
/// A bundle cannot be made, or the budget does not hold.
pub fn check_packed(project: &Project) -> Result<()> {
    check(&weigh(project)?)
}

fn weigh(project: &Project) -> Result<[Weight; 4]> {
    let consumer = Consumer::install(project, "size")?;
    let app = fs::read_to_string(project.path("xtask/size-app.mjs"))?;
    let slim = app.replace("\"isc-service-desk\"", "\"isc-service-desk/slim\"");
    ensure!(app != slim, "the app does not import the package");
    let dist = project.pkg().join("dist");
    Ok([
        Weight::of("core.wasm", &fs::read(dist.join("core_bg.wasm"))?)?,
        Weight::of("its bindings, minified", &minified(project, &project.modules().join("core.js"))?)?,
        Weight::of("an app that lists and creates", &bundle(project, &consumer, "app.mjs", &app)?)?,
        Weight::of("the same over slim, without core.wasm", &bundle(project, &consumer, "slim.mjs", &slim)?)?,
    ])
}

fn check([wasm, _, app, slim]: &[Weight; 4]) -> Result<()> {
    for (what, bytes, budget) in
        [("the app, gzip", app.gzip, APP_GZIP), ("slim with core.wasm, brotli", slim.brotli + wasm.brotli, SLIM_BROTLI)]
    {
        println!("{what}: {bytes} bytes of {budget}");
        ensure!(bytes <= budget, "{what}: {bytes} bytes, {} above the budget", bytes - budget);
    }
    Ok(())
}

fn bundle(project: &Project, consumer: &Consumer, name: &str, source: &str) -> Result<Vec<u8>> {
    let entry = consumer.directory().join(name);
    fs::write(&entry, source)?;
    esbuild(project, consumer.directory(), &entry, &["--bundle", "--format=esm"])
}

fn minified(project: &Project, script: &Path) -> Result<Vec<u8>> {
    esbuild(project, &project.stage(), script, &[])
}

fn esbuild(project: &Project, directory: &Path, entry: &Path, more: &[&'static str]) -> Result<Vec<u8>> {
    let output = directory.join("minified.js");
    let mut command = project.esbuild(["--minify", "--target=es2022", "--log-level=warning", "--allow-overwrite"])?;
    command.current_dir(directory).args(more).arg(entry).arg(format!("--outfile={}", output.display()));
    run::succeed(command)?;
    Ok(fs::read(output)?)
}

/// The client's core as it ships, but with the names of its functions.
fn named(project: &Project) -> Result<PathBuf> {
    let output = project.stage().join("core_named.wasm");
    let mut command = project.tool(BUILD_TOOLS, "wasm-opt", ["-Oz", "-g"]);
    command.arg(project.stage().join(CLIENT.label).join("core_bg.wasm")).arg("-o").arg(&output);
    run::succeed(command)?;
    Ok(output)
}

/// The functions of a module, the largest first.
fn functions(module: &Path) -> Result<Vec<(usize, String)>> {
    let bytes = fs::read(module).with_context(|| format!("no {}", module.display()))?;
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), HashMap::new());
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(sections) = section.as_known() else { continue };
                for section in sections {
                    if let Name::Function(map) = section? {
                        for naming in map {
                            let naming = naming?;
                            names.insert(naming.index, naming.name);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let name = |index| {
        names.get(&index).map_or_else(|| index.to_string(), |name| format!("{:#}", rustc_demangle::demangle(name)))
    };
    let mut functions: Vec<_> = (imported..).zip(sizes).map(|(index, size)| (size, name(index))).collect();
    functions.sort_by(|one, other| other.cmp(one));
    Ok(functions)
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    encoder.write_all(bytes)?;
    Ok(encoder.into_inner().len())
}

fn table(weights: &[Weight]) -> String {
    let row = |[name, raw, gzip, brotli]: [&str; 4]| format!("{name:<38} {raw:>10} {gzip:>10} {brotli:>10}\n");
    let rows = weights.iter().map(|weight| {
        let [raw, gzip, brotli] = [weight.raw, weight.gzip, weight.brotli].map(|bytes| bytes.to_string());
        row([weight.name, &raw, &gzip, &brotli])
    });
    row(["bytes", "raw", "gzip", "brotli"]) + &rows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn brotli_shrinks_what_repeats_more_than_gzip_does() {
        let bytes = "isc-service-desk ".repeat(1_000);
        let (gzip, brotli) = (gzip(bytes.as_bytes()).unwrap(), brotli(bytes.as_bytes()).unwrap());
        assert!(brotli > 0 && brotli < gzip, "{brotli} {gzip}");
    }

    #[test]
    fn functions_come_with_their_names_the_largest_first() {
        let directory = std::env::temp_dir().join(format!("xtask-size-{}", std::process::id()));
        files::make_empty(&directory).unwrap();
        // (module (func $small) (func $large nop nop))
        let code = [0x0a, 9, 2, 2, 0, 0x0b, 4, 0, 1, 1, 0x0b];
        let names = b"\0\x18\x04name\x01\x11\x02\0\x05small\x01\x07largest";
        let types = [1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0];
        let module = [&b"\0asm\x01\0\0\0"[..], &types, &code, names].concat();
        let file = directory.join("a.wasm");
        fs::write(&file, module).unwrap();
        let functions = functions(&file).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(functions, [(4, "largest".to_owned()), (2, "small".to_owned())]);
    }

    #[test]
    fn the_readme_and_the_benchmarks_promise_the_budget() {
        for document in ["README.md", "docs/benchmarks.md"] {
            let text = fs::read_to_string(Project::here().path(document)).unwrap().replace('\n', " ");
            for promise in [
                format!("at most {} KiB through gzip", APP_GZIP / KIB),
                format!("at most {} KiB through brotli", SLIM_BROTLI / KIB),
            ] {
                assert!(text.contains(&promise), "{document} does not say: {promise}");
            }
        }
    }

    #[test]
    fn what_is_above_its_budget_is_named() {
        let weights =
            |bytes| ["wasm", "glue", "app", "slim"].map(|name| Weight { name, raw: 0, gzip: bytes, brotli: 0 });
        assert!(check(&weights(APP_GZIP)).is_ok());
        assert_eq!(
            check(&weights(APP_GZIP + 7)).unwrap_err().to_string(),
            format!("the app, gzip: {} bytes, 7 above the budget", APP_GZIP + 7)
        );
    }
}

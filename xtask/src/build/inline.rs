//! Writes WebAssembly into JavaScript modules, so that a core comes with the module that asks for it: no file to find, none to
//! fetch.

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::build::compile::{compile, shrink};
use crate::project::{Project, WASM_TARGET};

/// The crate that is compiled to what makes a core of its streams.
pub const JOINER: &str = "split-stream";

/// What selects it, as what is compiled, in any cargo command.
pub const JOINER_SELECTION: [&str; 4] = ["--package", JOINER, "--target", WASM_TARGET];

/// What makes a core of its streams, among the modules as `joiner.js`.
///
/// # Errors
///
/// A tool fails; the text holds its output.
pub fn write_joiner(project: &Project) -> Result<()> {
    let (compiled, shrunk) = (project.stage().join("split_stream.wasm"), project.stage().join("joiner.wasm"));
    compile(project, JOINER, JOINER_SELECTION, &compiled)?;
    shrink(project, ["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"], &compiled, &shrunk)?;
    let base64 = STANDARD.encode(fs::read(shrunk)?);
    let module =
        format!("// What makes WebAssembly of its streams, as WebAssembly.\nexport const joiner = \"{base64}\";\n");
    Ok(fs::write(project.modules().join("joiner.js"), module)?)
}

/// The bytes of a core, split into streams and deflated, among the modules as `<name>_bytes.js`.
///
/// # Errors
///
/// The file is missing, or no core.
pub fn write(project: &Project, name: &str, core: &Path) -> Result<()> {
    let wasm = fs::read(core)?;
    let split = split_stream::split(&wasm)?;
    let mut deflated = Vec::new();
    // Each stream is of another kind, and some change on the way: they take some 40 blocks, where 15 are the usual most.
    let options = zopfli::Options { maximum_block_splits: 64, ..zopfli::Options::default() };
    zopfli::compress(options, zopfli::Format::Deflate, &*split, &mut deflated)?;
    let (base64, lengths) = (STANDARD.encode(deflated), format!("{}, {}", split.len(), wasm.len()));
    let module = format!(
        r#"// The bytes of {name}_bg.wasm.
import {{ unpack }} from "./start/unpack.js";

export const wasmBytes = () => unpack("{base64}", {lengths});
"#
    );
    Ok(fs::write(project.modules().join(format!("{name}_bytes.js")), module)?)
}

//! Gives what a core and its glue import from each other the shortest names there are: those that wasm-bindgen makes stand
//! in both files, and end with hashes, which nothing compresses.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result};
use walrus::ModuleConfig;

use crate::build::glue::replaced;

/// What `slim.js` knows a core of ours by, and what tools know the memory of any core by.
const KEPT: [&str; 2] = ["__wbindgen_start", "memory"];

/// A core, and the JavaScript that starts it.
pub struct Bound {
    pub wasm: Vec<u8>,
    pub glue: String,
}

/// The pair with short names. The module that the core imports from is named by a checksum of the glue: the short names
/// are the same in every version, and a core must not start with the glue of another one.
///
/// # Errors
///
/// The two do not name the same things, or the glue has not the form that is known.
pub fn shortened(Bound { wasm, glue }: &Bound) -> Result<Bound> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(wasm)?;
    let mut exports = HashMap::new();
    for (export, short) in
        module.exports.iter_mut().filter(|export| !KEPT.contains(&export.name.as_str())).zip(short_names())
    {
        exports.insert(std::mem::replace(&mut export.name, short.clone()), short);
    }
    let mut short_glue = with_short_exports(glue, &exports)?;
    let (mut sources, checksum) = (HashSet::new(), format!("{:08x}", crc32fast::hash(glue.as_bytes())));
    for (import, short) in module.imports.iter_mut().zip(short_names()) {
        short_glue = replaced(&short_glue, &format!(" {}: function(", import.name), &format!(" {short}: function("))?;
        sources.insert(std::mem::replace(&mut import.module, checksum.clone()));
        import.name = short;
    }
    for source in sources {
        short_glue = replaced(&short_glue, &format!("\"{source}\": import0"), &format!("\"{checksum}\": import0"))?;
    }
    Ok(Bound { wasm: module.emit_wasm(), glue: short_glue })
}

/// a, b, … Z, aa, ba, …
fn short_names() -> impl Iterator<Item = String> {
    let letters = || ('a'..='z').chain('A'..='Z');
    let pairs = letters().flat_map(move |second| letters().map(move |first| format!("{first}{second}")));
    letters().map(String::from).chain(pairs)
}

/// The glue reads every export as a property of `wasm`.
fn with_short_exports(glue: &str, exports: &HashMap<String, String>) -> Result<String> {
    const OF: &str = "wasm.";
    let mut parts = glue.split(OF);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        let kept = KEPT.contains(&name).then_some(name);
        let short = kept.or_else(|| exports.get(name).map(String::as_str));
        text.extend([OF, short.with_context(|| format!("the core exports no `{name}`, which its glue reads"))?, rest]);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module};

    use super::*;

    const GLUE: &str = "add() {\n wasm.core_add(wasm.__wbindgen_malloc, 1); wasm.__wbindgen_start();\n}\n\
                        import0 = {\n  __wbg_now_1f: function() {},\n  __wbg_now_2e: function() {},\n};\n\
                        return { \"./core_bg.js\": import0 };\n";

    fn bound(imports: &[&str], glue: &str) -> Bound {
        let mut module = Module::default();
        let nothing = module.types.add(&[], &[]);
        for import in imports {
            module.add_import_func("./core_bg.js", import, nothing);
        }
        for export in ["__wbindgen_start", "core_add", "__wbindgen_malloc"] {
            let builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            let function = builder.finish(vec![], &mut module.funcs);
            module.exports.add(export, function);
        }
        Bound { wasm: module.emit_wasm(), glue: glue.into() }
    }

    #[test]
    fn both_sides_have_the_same_short_names() {
        let Bound { wasm, glue } = shortened(&bound(&["__wbg_now_1f", "__wbg_now_2e"], GLUE)).unwrap();
        let module = Module::from_buffer(&wasm).unwrap();
        let exports: Vec<&str> = module.exports.iter().map(|export| export.name.as_str()).collect();
        let imports: Vec<&str> = module.imports.iter().map(|import| import.name.as_str()).collect();
        assert_eq!((exports, imports), (vec!["__wbindgen_start", "a", "b"], vec!["a", "b"]));
        assert!(glue.starts_with("add() {\n wasm.a(wasm.b, 1); wasm.__wbindgen_start();\n}\n"), "{glue}");
        assert!(glue.contains("{\n  a: function() {},\n  b: function() {},\n}"), "{glue}");
        let source = &module.imports.iter().next().unwrap().module;
        assert!(source.len() == 8 && glue.contains(&format!("{{ \"{source}\": import0 }}")), "{source} {glue}");
    }

    #[test]
    fn a_core_does_not_fit_the_glue_of_another_version() {
        let imports = ["__wbg_now_1f", "__wbg_now_2e"];
        let source = |glue: &str| {
            let module = Module::from_buffer(&shortened(&bound(&imports, glue)).unwrap().wasm).unwrap();
            module.imports.iter().next().unwrap().module.clone()
        };
        assert_ne!(source(GLUE), source(&GLUE.replace("malloc, 1", "malloc, 2")));
    }

    #[test]
    fn a_name_that_only_one_of_them_has_is_refused() {
        let error = |imports: &[&str], glue: &str| shortened(&bound(imports, glue)).err().unwrap().to_string();
        assert_eq!(error(&["other"], GLUE), "` other: function(` stands 0 times in the glue, not once");
        let unknown = GLUE.replace("core_add", "core_sub");
        assert_eq!(error(&[], &unknown), "the core exports no `core_sub`, which its glue reads");
        assert!(error(&["__wbg_now_1f"], "./core_bg.js").contains("not once"));
    }

    #[test]
    fn no_two_short_names_are_the_same() {
        let names: Vec<String> = short_names().collect();
        assert_eq!(names.len(), 52 + 52 * 52);
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}

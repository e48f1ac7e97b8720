//! Takes the throws of wasm-bindgen for its own misuse out of a compiled core, and leaves a trap in the place of each.
//!
//! The compiler itself makes a trap of every panic. These are the panics of wasm-bindgen, which throw from JavaScript
//! instead: no caller of the package can come to one, and with them go their words and the import.

use anyhow::{Result, bail, ensure};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

/// Functions that never return: what calls them has no other way on.
const THROWS: [&str; 2] = ["wasm_bindgen::throw_str", "wasm_bindgen::__rt::throw_null"];

/// The module with a trap in the place of every throw.
///
/// # Errors
///
/// It is no module, or none of the functions is in it: then wasm-bindgen has other names for them.
pub fn without_throws(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(wasm)?;
    let throws: Vec<FunctionId> = module
        .funcs
        .iter()
        .filter(|function| function.name.as_deref().is_some_and(|symbol| THROWS.iter().any(|name| is(symbol, name))))
        .map(|function| function.id())
        .collect();
    ensure!(!throws.is_empty(), "the core has no function {}", THROWS.join(", and none "));
    for throw in throws {
        trap(&mut module, throw)?;
    }
    Ok(module.emit_wasm())
}

fn is(symbol: &str, name: &str) -> bool {
    format!("{:#}", rustc_demangle::demangle(symbol)) == name
}

fn trap(module: &mut Module, function: FunctionId) -> Result<()> {
    let FunctionKind::Local(LocalFunction { args, .. }) = &module.funcs.get(function).kind else {
        bail!("a throw comes from outside of the core");
    };
    let args = args.clone();
    let kind = module.types.get(module.funcs.get(function).ty());
    let (params, results) = (kind.params().to_vec(), kind.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(args));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_its_mangled_name() {
        assert!(is("_RNvCs_12wasm_bindgen9throw_str", "wasm_bindgen::throw_str"));
        assert!(is("_ZN12wasm_bindgen9throw_str17h0123456789abcdefE", "wasm_bindgen::throw_str"));
        assert!(!is("_RNvCs_12wasm_bindgen9throw_val", "wasm_bindgen::throw_str"));
    }

    /// A module with functions of these names, each of which does something.
    fn having(names: &[&str]) -> Module {
        let mut module = Module::default();
        for name in names {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
            builder.name((*name).to_owned()).func_body().i32_const(1);
            let function = builder.finish(vec![], &mut module.funcs);
            module.exports.add(name, function);
        }
        module
    }

    #[test]
    fn a_throw_is_a_trap_and_nothing_else_is() {
        let names = ["_RNvCs_12wasm_bindgen9throw_str", "_RNvNtCs_12wasm_bindgen4___rt10throw_null", "other"];
        let snipped = Module::from_buffer(&without_throws(&having(&names).emit_wasm()).unwrap()).unwrap();
        let traps = names.map(|name| {
            let function = snipped.funcs.by_name(name).unwrap();
            let body = snipped.funcs.get(function).kind.unwrap_local();
            matches!(*body.block(body.entry_block()).instrs, [(walrus::ir::Instr::Unreachable(_), _)])
        });
        assert_eq!(traps, [true, true, false]);
    }

    #[test]
    fn a_throw_that_is_imported_is_refused() {
        let mut module = having(&["_RNvNtCs_12wasm_bindgen4___rt10throw_null"]);
        let plain = module.types.add(&[], &[]);
        let (function, _) = module.add_import_func("m", "throw", plain);
        module.funcs.get_mut(function).name = Some("_RNvCs_12wasm_bindgen9throw_str".to_owned());
        assert!(without_throws(&module.emit_wasm()).unwrap_err().to_string().contains("outside"));
    }

    #[test]
    fn a_module_without_any_is_not_taken_for_a_smaller_one() {
        let nothing = Module::default().emit_wasm();
        assert!(without_throws(&nothing).unwrap_err().to_string().contains("no function wasm_bindgen::throw_str"));
        assert!(without_throws(b"no module").is_err());
    }
}

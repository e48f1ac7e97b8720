//! Takes the words of panics out of a compiled core, and leaves the trap in which each of them ends.
//!
//! Nobody can read them: a core prints nothing, and nothing in it catches a panic. With them go the arguments that they
//! are put together from, and the formatting that only they use.

use anyhow::{Result, ensure};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

use crate::{places, words};

/// Functions of these names never return: what calls them has no other way on.
const PANICS: [&str; 18] = [
    "core::panicking::",
    "std::panicking::",
    "__rustc::rust_begin_unwind",
    "__rustc::rust_panic",
    "core::cell::panic_already",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::slice::sort::shared::smallsort::panic_on_ord_violation",
    "core::str::slice_error_fail",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "std::alloc::rust_oom",
    "wasm_bindgen::throw_str",
    "wasm_bindgen::__rt::throw_null",
];

/// The module with a trap in the place of every panic.
///
/// # Errors
///
/// It is no module, or none of the functions is in it, or no place: then the compiler has other forms for them.
pub fn without_panics(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(wasm)?;
    let panics: Vec<FunctionId> = module
        .funcs
        .iter()
        .filter(|function| function.name.as_deref().is_some_and(is_panic))
        .map(|function| function.id())
        .collect();
    ensure!(!panics.is_empty(), "no function of the core is known as a panic");
    for panic in panics {
        trap(&mut module, panic);
    }
    ensure!(places::blank(&mut module) > 0, "the core has no place in the sources, although it panics");
    ensure!(words::blank(&mut module) > 0, "the core has no words of panics, although it panics");
    Ok(module.emit_wasm())
}

fn is_panic(symbol: &str) -> bool {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    PANICS.iter().any(|panic| name.starts_with(panic))
}

fn trap(module: &mut Module, function: FunctionId) {
    let FunctionKind::Local(LocalFunction { args, .. }) = &module.funcs.get(function).kind else { return };
    let args = args.clone();
    let kind = module.types.get(module.funcs.get(function).ty());
    let (params, results) = (kind.params().to_vec(), kind.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(args));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_known_by_their_mangled_names() {
        assert!(is_panic("_RNvNtCs_4core9panicking9panic_fmt"));
        assert!(is_panic("_ZN4core6option13unwrap_failed17h0123456789abcdefE"));
        assert!(!is_panic("_ZN4core3fmt5write17h0123456789abcdefE") && !is_panic("panic"));
    }

    #[test]
    fn a_module_without_any_is_not_taken_for_a_smaller_one() {
        let nothing = Module::default().emit_wasm();
        assert!(without_panics(&nothing).unwrap_err().to_string().contains("known as a panic"));
        assert!(without_panics(b"no module").is_err());
    }
}

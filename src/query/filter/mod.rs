//! Filter expressions: built, parsed, printed and tested.

pub mod expression;
pub mod field;
pub mod matching;
mod parse;
mod print;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;
pub(crate) mod refusal;
mod scan;
mod tree;

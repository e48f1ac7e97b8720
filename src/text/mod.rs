//! Texts without the tables and searches of the standard library, which are most of a small `.wasm`.

mod ascii;
pub mod decimal;
pub mod percent;
pub mod similar;
pub mod visible;

pub use ascii::{Parts, contains, cut, exactly, of_bytes, parts, split_before_any, split_once};

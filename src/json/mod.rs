//! JSON as text: read level by level, checked against shapes, written as it came.

pub mod pointer;
mod reader;
mod scalar;
mod scanner;
pub mod shape;
mod writer;

pub use reader::{Json, Kind, MAX_DEPTH, Member, NotJson, Object};
pub use writer::{ObjectWriter, quote, write_array, write_string};

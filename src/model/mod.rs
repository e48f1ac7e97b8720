//! The wire types of the ten operations and their validation.

mod invalid;
pub mod json;
mod json_scalar;
mod json_write;
pub mod percent;
pub mod pointer;
pub mod secrets;

pub use invalid::{Invalid, Position};

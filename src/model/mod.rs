//! The wire types of the ten operations and their validation.

mod invalid;
pub mod percent;

pub use invalid::{Invalid, Position};

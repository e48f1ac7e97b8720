//! Pages of a list: their queries, their order, and the walk over all of them.

pub mod iterate;
pub mod list;
mod number;
mod seen;
pub mod sorter;
pub mod step;
pub mod walk;

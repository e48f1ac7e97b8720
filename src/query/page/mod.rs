//! Pages of a list: their queries, their order, and the walk over all of them.

mod dedup;
pub mod iterate;
pub mod list;
mod number;
pub mod sorter;
pub mod step;
pub mod walk;

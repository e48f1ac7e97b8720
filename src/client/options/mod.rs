//! Options and queries as JavaScript gave them, read and checked.

pub mod given;
pub mod header;
pub mod listing;
pub mod settings;

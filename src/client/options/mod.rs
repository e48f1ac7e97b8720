//! Options and queries as JavaScript gave them, read and checked.

pub mod header;
pub mod listing;
pub mod option_value;
pub mod settings;

//! From Rust and JavaScript to the files of the package.

pub mod assemble;
pub mod bundle;
pub mod compile;
pub mod cores;
pub mod declarations;
pub mod glue;
pub mod inline;
pub mod names;
pub mod order;
pub mod snip;

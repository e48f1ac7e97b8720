//! The packed package: what it holds, how large it is, whether it may be released.

pub mod docs;
pub mod lint;
pub mod manifest;
pub mod release;
pub mod reproducible;
pub mod size;
pub mod sizes;
pub mod surface;
pub mod tarball;

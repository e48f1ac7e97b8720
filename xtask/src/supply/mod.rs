//! What the package is made from.

pub mod audit;
pub mod crates;
pub mod notices;
pub mod sbom;

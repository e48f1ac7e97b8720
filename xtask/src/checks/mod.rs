//! What `cargo xtask test` runs, and the programs that are run by hand.

pub mod bench;
pub mod demo;
#[cfg(test)]
pub mod documents;
pub mod examples;
pub mod fuzz;
#[cfg(test)]
pub mod links;
pub mod readme;
pub mod run_checks;
pub mod table;
pub mod test_counts;
#[cfg(test)]
pub mod workflows;

//! Where the package must work: compilers, bundlers, runners, runtimes and browsers.

pub mod browsers;
pub mod bundlers;
pub mod consumers;
pub mod matrix;
pub mod runners;
pub mod runtimes;
pub mod types;

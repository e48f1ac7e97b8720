//! Calls without a network: a virtual clock, seeded chance, a server that fails, and scripts that replay what happened.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "support of tests: each uses a part of it, and a failure here is a failure of the test"
)]

pub mod crowd;
pub mod dates;
pub mod desk;
pub mod given;
pub mod job;
pub mod laws;
pub mod machine;
pub mod random;
pub mod scenario;
pub mod server;
pub mod world;
mod world_laws;

pub use desk::Desk;
pub use job::{Job, Role, Stage};
pub use machine::{Ask, Happening, Machine, Policy, Setup, replay};
pub use random::Random;
pub use scenario::Scenario;
pub use server::Server;
pub use world::{Access, WalkPlan, World};

use proptest::test_runner::{Config, RngSeed};

pub fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(13), ..Config::default() }
}

//! Calls without a network: a virtual clock, seeded chance, a server that fails, and scripts that replay what happened.

pub mod dates;
pub mod desk;
pub mod given;
pub mod laws;
pub mod machine;
pub mod random;
pub mod scenario;
pub mod world;

pub use desk::Desk;
pub use machine::{Ask, Happening, Machine, Policy, Setup, replay};
pub use random::Random;
pub use scenario::Scenario;
pub use world::job::{Job, Role, Stage};
pub use world::server::Server;
pub use world::{Access, WalkPlan, World};

use proptest::test_runner::{Config, RngSeed};

pub fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(13), ..Config::default() }
}

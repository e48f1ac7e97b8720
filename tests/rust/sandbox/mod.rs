//! The tenant in memory.

mod behaviour;
mod gateway;
mod operations;
mod properties;
mod state;
pub mod support;

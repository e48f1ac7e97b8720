//! The engine of the client: one call, the session, and both against simulated servers.

mod calls;
mod creates;
mod events;
mod limiter;
mod secrets;
mod session;
pub mod support;
mod worlds;

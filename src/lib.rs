//! A typed client for the Service Desk Integration API of SailPoint Identity Security Cloud.
//!
//! Everything is decided here without a clock, a random source or a socket. Each layer knows those below it and no other:
//!
//! | module | turns | into |
//! | --- | --- | --- |
//! | [`text`], [`json`], [`http`] | texts, JSON and HTTP | parts of them, as they were written |
//! | [`wire`] | JSON of the wire | checked values, with a JSON Pointer where a check fails |
//! | [`query`] | filter and sorter texts, page requests | checked expressions and page walks |
//! | [`patch`] | two integrations | the smallest list of `replace` operations |
//! | [`client`] | commands, and what happens to them | effects: send, wait, ask, settle |
//!
//! [`sandbox`] stands beside the client: the same requests, answered by a tenant in memory. The crates below `bindings/` turn
//! JavaScript values into commands, and say the effects; `pkg-template/` carries them out with fetch and timers.

pub mod client;
pub mod clock;
pub mod http;
mod invalid;
pub mod json;
pub mod patch;
pub mod query;
pub mod sandbox;
mod slab;
pub mod text;
pub mod wire;

pub use invalid::{Invalid, Position, Refused};

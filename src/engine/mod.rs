//! Calls as machines without I/O.

pub mod message;

pub use message::{Headers, Method, Request, Response};

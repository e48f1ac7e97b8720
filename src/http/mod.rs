//! Requests and answers as plain values, and what stands in them.

pub mod dates;
pub mod host;
pub mod message;
pub mod retry_after;

pub use message::{Headers, Method, Request, Response};

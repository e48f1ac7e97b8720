//! Calls as machines without I/O.

pub mod endpoint;
pub mod message;
pub mod operation;
pub mod segment;

pub use endpoint::{ApiVersion, BaseUrl, Endpoint};
pub use message::{Headers, Method, Request, Response};
pub use operation::Operation;

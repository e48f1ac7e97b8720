//! Calls as machines without I/O.

pub mod api_error;
pub mod body;
pub mod call;
pub mod clock;
pub mod decode;
pub mod endpoint;
pub mod error;
pub mod given;
pub mod header;
pub mod listing;
pub mod message;
pub mod operation;
pub mod plan;
pub mod report;
pub mod retry_after;
pub mod segment;
pub mod settings;
pub mod token;
pub mod update;

pub use call::{Call, Effect, Event, Outcome, Step};
pub use endpoint::{ApiVersion, BaseUrl, Endpoint};
pub use error::{Error, ErrorKind};
pub use message::{Headers, Method, Request, Response};
pub use operation::Operation;
pub use settings::Settings;

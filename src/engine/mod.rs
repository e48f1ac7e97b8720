//! Calls as machines without I/O.

pub mod api_error;
pub mod body;
mod calendar;
pub mod call;
pub mod clock;
pub mod creations;
pub mod decode;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod given;
pub mod governor;
pub mod header;
pub mod judge;
pub mod listing;
pub mod memory;
pub mod message;
pub mod operation;
pub mod plan;
pub mod reconcile;
pub mod report;
pub mod retry;
pub mod retry_after;
pub mod segment;
pub mod settings;
pub mod token;
pub mod update;

pub use call::Call;
pub use endpoint::{ApiVersion, BaseUrl, Endpoint};
pub use error::{Error, ErrorKind};
pub use event::{Effect, Event, Notice, Outcome, Step};
pub use message::{Headers, Method, Request, Response};
pub use operation::Operation;
pub use settings::Settings;

//! Calls as machines without I/O: what is asked, what is sent, what an answer means, and what follows it.

pub mod call;
pub mod error;
pub mod options;
pub mod request;
pub mod response;
pub mod session;

pub use call::event::{Effect, Event, Notice, Outcome, Step};
pub use call::machine::Call;
pub use error::{Error, ErrorKind};
pub use options::settings::Settings;
pub use request::endpoint::{ApiVersion, BaseUrl, Endpoint};
pub use request::operation::Operation;
pub use session::Session;

//! A tenant in memory: requests in, answers out, with the semantics that are known of the real one.
//!
//! [`Tenant::handle`] takes an [`Incoming`] and the time, and gives a [`Reply`]. It has no clock, no randomness and no
//! I/O: the same options and the same requests at the same times give the same answers, ids included. Whoever carries
//! requests to it plays the [`Delivery`] of a reply, such as a connection that dies in the middle of a body.
//!
//! ```
//! use isc_service_desk::http::Headers;
//! use isc_service_desk::sandbox::{Incoming, Options, Tenant};
//!
//! let mut tenant = Tenant::new(Options::default(), 0)?;
//! let token = tenant.token(0);
//! let headers: Headers = [("authorization", format!("Bearer {token}"))].into_iter().collect();
//! let target = "/service-desk-integrations/v1/types".to_owned();
//! let reply = tenant.handle(&Incoming { method: "GET".to_owned(), target, headers, body: Vec::new() }, 1_000);
//! assert_eq!(reply.status, 200);
//! # Ok::<(), isc_service_desk::Invalid>(())
//! ```
//!
//! In scope: the ten operations in the paths of every version, the token endpoint, what the gateway does (401, 429,
//! CORS). Out of scope: users and their rights, the SIM integrations, the tickets themselves.
//!
//! A rule that no public source states says `assumed` where it stands; where both ways are plausible, it is an option.

mod behaviour;
mod gateway;
mod http;
mod operations;
mod state;
mod tenant;

pub use behaviour::options::Options;
pub use http::message::{Admission, Delivery, Incoming, Instant, Record, Reply};
pub use http::visitor::{Visitors, is_this_machine};
pub use tenant::{MAX_BODY_BYTES, Tenant};

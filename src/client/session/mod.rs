//! All clients of one copy of the package as one machine without I/O: their calls, walks and updates, the tokens and the
//! limits that they share.
//!
//! **[`Session::poll`] a task when it has begun, when it is woken, and after each `handle_*`; carry out the [`Effect`], until it
//! is [`Effect::Settle`].** After each call of a method, [`Session::poll_wake`] names the tasks that are to be polled because of
//! what another task has found out.
//!
//! ```text
//!  commands   start · open_walk · next_page · abort · close_walk
//!  handle_*   response · failure · timeout · token · change · sent
//!  poll_*     poll(task) → Turn { notices, pages, token_requests, effect } · poll_wake() → task
//! ```

mod carrier;
mod client;
mod command;
pub mod effect;
pub mod limiter;
mod machine;
pub mod token;
mod token_request;
pub mod update;
mod updating;
mod walking;

pub use client::Surroundings;
pub use command::{Action, Body, Command, text};
pub use effect::{Clock, Effect, Ending, Page, Report, Settled, TaskNotice, TokenAnswer, Turn};
pub use machine::Session;

/// A client of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientId(pub usize);

/// What a function of the outside carries: a call, an update, a page, a token request, a step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskId(pub usize);

/// A walk over the pages of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkId(pub usize);

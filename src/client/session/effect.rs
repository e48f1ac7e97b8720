//! What a session asks of the outside, and what it is told.

use super::TaskId;
use crate::client::call::event::Notice;
use crate::client::error::Error;
use crate::client::response::report::{Attempt, ResponseInfo};
use crate::clock::{Instant, Now};
use crate::http::message::Request;
use crate::json::shape::Odd;
use crate::query::ListQuery;

/// What the clocks and the random source of the outside show.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// What the clocks show.
    pub now: Now,
    /// From 0 to 1.
    pub random: f64,
}

/// What comes of polling a task.
#[derive(Debug)]
pub struct Turn {
    /// What is to be told to the observer of the task's client, before anything else.
    pub notices: Vec<TaskNotice>,
    /// Pages of a walk that are to be fetched: each is a task, to be polled and carried by a function of its own. The caller's
    /// signal ends it, and its response is reported to the caller.
    pub pages: Vec<TaskId>,
    /// Token requests that have begun, which are tasks of no caller.
    pub token_requests: Vec<TaskId>,
    /// What is to be done then.
    pub effect: Effect,
}

/// A notice, and the operation that it is about; that of a token is about none.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskNotice {
    /// The operationId.
    pub operation: Option<&'static str>,
    /// What is to be told.
    pub notice: Notice,
}

/// What a task waits for.
#[derive(Debug)]
pub enum Effect {
    /// Send this and call [`Session::handle_response`](super::Session::handle_response) or
    /// [`Session::handle_failure`](super::Session::handle_failure); at `until`
    /// [`Session::handle_timeout`](super::Session::handle_timeout).
    Fetch {
        /// What to send.
        request: Box<Request>,
        /// When to give it up.
        until: Option<Instant>,
    },
    /// Ask the token function and call [`Session::handle_token`](super::Session::handle_token); at `until`
    /// [`Session::handle_timeout`](super::Session::handle_timeout).
    AskToken {
        /// Whether it must not give the token that it gave before.
        is_forced: bool,
        /// Whether its answer serves more calls than this one.
        is_shared: bool,
        /// When to give it up.
        until: Option<Instant>,
    },
    /// Let the caller change this integration and call [`Session::handle_change`](super::Session::handle_change) or
    /// [`Session::handle_change_failure`](super::Session::handle_change_failure); at `until`
    /// [`Session::handle_timeout`](super::Session::handle_timeout).
    AskChange {
        /// Its JSON.
        json: String,
        /// When to give it up.
        until: Option<Instant>,
    },
    /// Poll again when the task is woken, or at `until`.
    Wait {
        /// Never, where there is none.
        until: Option<Instant>,
        /// The token request whose end is waited for. What it caught may be what the task fails with.
        token_request: Option<TaskId>,
    },
    /// Go on with what is being done: nothing has changed.
    Pending,
    /// The task has ended like this.
    Settle(Box<Settled>),
}

/// How a task ended.
#[derive(Debug)]
pub struct Settled {
    /// The last response and the history, where the caller asked for them.
    pub report: Option<Report>,
    /// What its caller gets.
    pub ending: Ending,
}

/// What `onResponse` is told.
#[derive(Debug)]
pub struct Report {
    /// The last response.
    pub response: ResponseInfo,
    /// The history of the call.
    pub attempts: Vec<Attempt>,
}

/// What the caller of a task gets.
pub enum Ending {
    /// Nothing, where the operation returns nothing, and after the last page.
    Nothing,
    /// This JSON.
    Json(String),
    /// A page.
    Page(Box<Page>),
    /// A failure. The task must be [released](super::Session::release) then: until that it can hide secrets.
    Failed(Box<Error>),
    /// What the caller's own function threw.
    Thrown(usize),
    /// The failure of this task, which fetched a page.
    FailedPage(TaskId),
}

/// A page of a list.
pub struct Page {
    /// The JSON of its items.
    pub json: String,
    /// Which of them are handed out; all, where there is none.
    pub keep: Option<Vec<usize>>,
    /// Which of those are given apart, and why.
    pub odd: Vec<Odd>,
    /// What was asked for.
    pub query: ListQuery,
    /// Items of the whole list, where that is known.
    pub total: Option<u64>,
    /// The query of the page after it.
    pub next: Option<ListQuery>,
}

/// Of a good answer its length alone: it may hold secrets that the server does not mask.
impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Json(json) => f.debug_tuple("Json").field(&json.len()).finish(),
            Self::Page(page) => f.debug_tuple("Page").field(&page.json.len()).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Thrown(place) => f.debug_tuple("Thrown").field(place).finish(),
            Self::FailedPage(task) => f.debug_tuple("FailedPage").field(task).finish(),
        }
    }
}

/// What a token function did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAnswer {
    /// It gave this.
    Text(crate::wire::Secret),
    /// It gave something else.
    NoText,
    /// It threw, or rejected; the place of what was thrown in the list of its task.
    Threw(usize),
}

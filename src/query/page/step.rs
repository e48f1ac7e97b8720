//! Says what a walk wants done next, and what can become of it.

use std::fmt;

use super::list::ListQuery;

/// What [`PageWalk::poll`](super::walk::PageWalk::poll) says is to be done. Each request ends in one of `Page`, `Discard` and `Raise`.
#[derive(Debug, Clone, PartialEq)]
pub enum WalkStep {
    /// Send this; then say what came of it.
    Request(PageRequest),
    /// Give the loop the items of this page at the indices `keep` (ascending, at least one).
    Page {
        /// Whose page.
        ticket: Ticket,
        /// Which of its items are new, and wanted.
        keep: Vec<usize>,
        /// The total of the whole walk, where it is known.
        total: Option<u64>,
    },
    /// Forget this request: abort it where it is under way, drop what came of it.
    Discard(Ticket),
    /// End the loop with the failure of this request.
    Raise(Ticket),
    /// End the loop with this. The page that showed it is discarded next.
    Drift(PageDrift),
    /// Nothing to do until something happens.
    Wait,
    /// The walk is over.
    Done,
}

/// One page to be requested.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRequest {
    /// Names the request when something has become of it.
    pub ticket: Ticket,
    /// What to ask for.
    pub query: ListQuery,
}

/// Names one request of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub(crate) u32);

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFailure {
    /// The server answered 400, as some servers do past the end of the list.
    BadRequest,
    /// Anything else.
    Other,
}

/// The list changed under the walk, or the server does not page: going on would lose or repeat items. `PageDriftError`
/// in JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDrift {
    /// What was seen, and where.
    pub message: String,
}

impl fmt::Display for PageDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PageDrift {}

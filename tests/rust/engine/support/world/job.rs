//! What carries one task of a session, and what is known of it.

use isc_service_desk::client::session::{Ending, Report, TaskId};
use isc_service_desk::client::{Error, Notice};

use crate::engine::support::machine::{Happening, Setup};

pub struct Job {
    pub client: usize,
    pub role: Role,
    pub setup: Setup,
    pub task: Option<TaskId>,
    pub begun_at: f64,
    pub ended_at: Option<f64>,
    /// Whether the request of the runtime that it was a part of has ended: it is never polled again.
    pub is_abandoned: bool,
    /// What it waited for when it was aborted.
    pub aborted_in: Option<Stage>,
    pub ending: Option<Ending>,
    pub report: Option<Report>,
    pub notices: Vec<Notice>,
    /// What the network has told it.
    pub told: Vec<Happening>,
    pub stage: Stage,
    /// Counts what it was to do: what is due for an earlier turn comes too late.
    pub turn: u64,
    /// The job of the token request that it waits for.
    pub request: Option<usize>,
    /// Those that it has waited for, and until when.
    pub requests: Vec<(usize, f64)>,
    /// The tick at which it took its place in the queue.
    pub queued_tick: usize,
    /// When and how it got its token.
    pub token: Began,
    /// The token of its last request.
    pub carried: Option<String>,
    /// Tokens that its own function has given it.
    pub own_tokens: Vec<String>,
    pub sent_until: Option<f64>,
    pub is_renewed: bool,
    /// A Retry-After forbids requests before it.
    pub not_before: f64,
    /// Whether its last request was the POST of a create.
    pub is_post: bool,
    /// Whether a create may have happened.
    pub is_open: bool,
    /// How many requests of its call have ended.
    pub attempts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// A call or an update.
    Command,
    TokenRequest {
        by: usize,
        in_background: bool,
    },
    Step(usize),
    Page(usize),
}

/// What a job waits for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// It has not begun.
    Unborn,
    New,
    Token,
    Permit,
    Pause,
    /// A step waits for a page.
    Page,
    Answer,
    TokenFunction {
        is_forced: bool,
    },
    Change,
    Ended,
}

/// When a call got its token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Began {
    pub tick: usize,
    pub at: f64,
    /// Whether a token request that it waited for, or its own function, has brought it.
    pub is_direct: bool,
}

impl Stage {
    /// Whether something of the outside's is under way, which the task is told the end of.
    pub fn is_work(self) -> bool {
        matches!(self, Self::Answer | Self::TokenFunction { .. } | Self::Change)
    }
}

impl Job {
    pub fn new(client: usize, at: f64, role: Role, setup: Setup) -> Self {
        Self {
            client,
            role,
            setup,
            task: None,
            begun_at: at,
            ended_at: None,
            is_abandoned: false,
            aborted_in: None,
            ending: None,
            report: None,
            notices: Vec::new(),
            told: Vec::new(),
            stage: Stage::Unborn,
            turn: 0,
            request: None,
            requests: Vec::new(),
            queued_tick: 0,
            token: Began::default(),
            carried: None,
            own_tokens: Vec::new(),
            sent_until: None,
            is_renewed: false,
            not_before: f64::NEG_INFINITY,
            is_post: false,
            is_open: false,
            attempts: 0,
        }
    }

    pub fn is_token_request(&self) -> bool {
        matches!(self.role, Role::TokenRequest { .. })
    }

    pub fn error(&self) -> Option<&Error> {
        if let Some(Ending::Failed(error)) = &self.ending { Some(error) } else { None }
    }

    pub fn is_ok(&self) -> bool {
        matches!(self.ending, Some(Ending::Nothing | Ending::Json(_) | Ending::Page(_)))
    }

    /// What the caller of an operation gets.
    #[track_caller]
    pub fn result(&self) -> Result<Option<&str>, &Error> {
        match self.ending.as_ref().unwrap() {
            Ending::Failed(error) => Err(error),
            _ => Ok(self.json()),
        }
    }

    /// The JSON that its caller got.
    pub fn json(&self) -> Option<&str> {
        match self.ending.as_ref()? {
            Ending::Json(json) => Some(json),
            Ending::Page(page) => Some(&page.json),
            _ => None,
        }
    }
}

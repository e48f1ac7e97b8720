//! What a call is told, and what it asks for.

use std::fmt;

use crate::client::error::Error;
use crate::client::response::decode::Answer;
use crate::client::response::report::{Attempt, ResponseInfo};
use crate::client::session::token::{Generation, Issued, TokenReason};
use crate::clock::{Duration, Instant};
use crate::http::message::{Method, Request, Response, TransportFailure};
use crate::json::pointer::Pointer;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The caller wants the call to begin.
    Started,
    /// A token, where one was asked for.
    Token(Issued),
    /// There is none to be had.
    TokenFailed(Box<Error>),
    /// The request may go.
    Admitted,
    /// It may not go yet, and will in some time.
    Queued {
        /// How long it will probably wait.
        expected: Duration,
        /// Until when the server has asked everyone to wait, if it has.
        held: Option<Instant>,
    },
    /// The answer, read to its end.
    Response(Response),
    /// No answer came, or it broke off.
    Failed(TransportFailure),
    /// The wait is over.
    Woke,
    /// [`Step::until`] has come.
    TimedOut,
    /// The caller's signal fired.
    Aborted,
}

/// What to do next.
#[derive(Debug)]
pub enum Effect {
    /// Get a token, and tell [`Event::Token`] or [`Event::TokenFailed`]. `rejected` is the one that the server refused.
    GetToken {
        /// It is not to be had again.
        rejected: Option<Generation>,
    },
    /// Ask for a place within the rate limit, and tell [`Event::Admitted`], or [`Event::Queued`] where it must wait.
    Admit,
    /// Wait for that place, and tell [`Event::Admitted`], or [`Event::Queued`] where the server has asked everyone to wait.
    Queue,
    /// Send this, and tell [`Event::Response`] or [`Event::Failed`].
    Send(Box<Request>),
    /// Wait until this moment, and tell [`Event::Woke`].
    Wait(Instant),
    /// Nothing: this is how the call ends.
    Finished(Box<Outcome>),
}

/// An effect, and what goes with it.
#[derive(Debug)]
pub struct Step {
    /// What to do.
    pub effect: Effect,
    /// When to give the effect up and tell [`Event::TimedOut`]; `None` means never.
    pub until: Option<Instant>,
    /// Until when the server asks everyone under the same key to wait, where it just did.
    pub hold: Option<Instant>,
    /// What an observer is to be told first.
    pub notices: Vec<Notice>,
}

/// Something that an observer of the call wants to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A request goes out.
    Request {
        /// Counted from 1 within the call.
        attempt: u32,
        /// Its method.
        method: Method,
        /// Its URL, which holds no secret.
        url: String,
    },
    /// An answer has come.
    Response {
        /// That of its request.
        attempt: u32,
        /// Its status.
        status: u16,
        /// From the request until the body was read.
        duration: Duration,
        /// Its SLPT-Request-ID.
        request_id: Option<String>,
    },
    /// The call waits.
    Wait {
        /// What for.
        reason: WaitReason,
        /// How long, as far as can be told.
        length: Duration,
    },
    /// A create of unknown outcome has been found to have happened.
    Reconciled {
        /// The id of what it made.
        id: String,
    },
    /// An integration is sent as a whole with what stands for secrets: a mask, or a ciphertext.
    HiddenSecrets {
        /// Where.
        paths: Vec<Pointer>,
    },
    /// The API announced an endpoint's end.
    Deprecated {
        /// The URL that was asked.
        url: String,
    },
    /// A token has come.
    Token {
        /// Why it was asked for.
        reason: TokenReason,
        /// From its request until it was there.
        duration: Duration,
    },
}

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// Its turn within the rate limit.
    RateLimit,
    /// The next attempt.
    Retry,
    /// What the server asked for.
    RetryAfter,
}

impl WaitReason {
    /// Its name in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate-limit",
            Self::Retry => "retry",
            Self::RetryAfter => "retry-after",
        }
    }
}

/// How a call ended.
pub struct Outcome {
    /// The last response, where there was one.
    pub response: Option<ResponseInfo>,
    /// The call's history.
    pub attempts: Vec<Attempt>,
    /// When the last request was sent.
    pub sent: Option<Instant>,
    /// What the caller gets.
    pub result: Result<Answer, Box<Error>>,
}

/// Of a good answer its length alone: it may be a token, or hold secrets that the server does not mask.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { response, attempts, sent, result } = self;
        let result = result.as_ref().map(|answer| answer.json.as_ref().map(String::len));
        let mut shown = f.debug_struct("Outcome");
        shown.field("response", response).field("attempts", attempts).field("sent", sent);
        shown.field("result", &result).finish()
    }
}

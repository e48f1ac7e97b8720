//! Every way a call can fail, with the stable code that callers switch on.

use std::borrow::Cow;
use std::fmt;

use super::request::operation::Operation;
use super::response::api_error::ApiFailure;
use super::response::report::Attempt;
use crate::{Invalid, Position, Refused};

/// A failure, as the caller is told of it. No text in it holds a credential.
#[derive(Debug, PartialEq)]
pub struct Error {
    /// What failed.
    pub kind: ErrorKind,
    /// One line for a person.
    pub message: String,
    /// The operation that failed, where a call was made.
    pub operation: Option<Operation>,
    /// The SLPT-Request-ID of the response behind it.
    pub request_id: Option<String>,
    /// The URL of the last request, where one was sent.
    pub url: Option<String>,
    /// The call's history.
    pub attempts: Vec<Attempt>,
    /// What was thrown behind it.
    pub thrown: Option<Thrown>,
}

/// Something that the platform, or a function of the caller, threw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thrown {
    /// A place in the list of what was thrown to this task.
    Own(usize),
    /// A place in the list of the token request that the task waited for.
    OfTokenRequest(usize),
}

/// What failed, with what only this kind knows.
#[derive(Debug, PartialEq)]
pub enum ErrorKind {
    /// The input was refused before anything was sent.
    Invalid {
        /// An option's name, a JSON Pointer into the body, or `filters`.
        field: Cow<'static, str>,
        /// The offending part of a text.
        position: Option<Position>,
    },
    /// The server answered with an error.
    Api(Box<ApiFailure>),
    /// The server answered with a redirect; none is followed.
    Redirected {
        /// Its status; 0 where the runtime hides it.
        status: u16,
        /// Where it pointed, where the runtime tells.
        location: Option<String>,
    },
    /// No token was to be had.
    Token(TokenFailure),
    /// No response came.
    Network,
    /// It took too long.
    Timeout(Limit),
    /// A 2xx whose body is not what the operation returns.
    BadResponse {
        /// Its status.
        status: u16,
        /// JSON Pointer to the offending value, where there is one.
        path: Option<String>,
    },
    /// Nobody knows whether the create happened.
    UnknownOutcome {
        /// The name that was to be created.
        name: String,
        /// The failure that left it open.
        cause: Box<Error>,
    },
    /// The list changed under the walk, or the server does not page.
    PageDrift,
    /// Others kept changing the integration.
    EditConflict,
    /// The change cannot be written without the risk to erase secrets that the server hides.
    SecretsAtRisk {
        /// JSON Pointers to the changes that need a wider write.
        paths: Vec<String>,
        /// Why the server refused the smallest one, where it was sent.
        cause: Option<Box<Error>>,
    },
    /// The caller's signal fired: the caller gets its reason, not this.
    Aborted,
    /// A state that cannot be reached; reported instead of a panic.
    Internal,
}

/// What the token endpoint said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFailure {
    /// The status of its answer.
    pub status: Option<u16>,
    /// `error` of RFC 6749.
    pub oauth_error: Option<String>,
    /// `error_description` of RFC 6749.
    pub oauth_description: Option<String>,
}

/// Which limit a timeout is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `attemptTimeoutMs`
    Attempt,
    /// `timeoutMs`
    Call,
}

impl Limit {
    /// Its name in `TimeoutError.limit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Call => "call",
        }
    }
}

impl ErrorKind {
    /// The stable name to switch on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid-argument",
            Self::Api(failure) => code_of_status(failure.status),
            Self::Redirected { .. } => "redirected",
            Self::Token(_) => "token-request-failed",
            Self::Network => "network",
            Self::Timeout(_) => "timeout",
            Self::BadResponse { .. } => "bad-response",
            Self::UnknownOutcome { .. } => "unknown-outcome",
            Self::PageDrift => "page-drift",
            Self::EditConflict => "edit-conflict",
            Self::SecretsAtRisk { .. } => "secrets-at-risk",
            Self::Aborted | Self::Internal => "internal",
        }
    }
}

/// What makes a 403 a `forbidden`.
const fn code_of_status(status: u16) -> &'static str {
    match status {
        400 => "bad-request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        409 => "conflict",
        429 => "rate-limited",
        500..=599 => "server-error",
        _ => "unexpected-status",
    }
}

impl Error {
    /// A failure outside any call, or not yet told which.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Box<Self> {
        let message = message.into();
        Box::new(Self {
            kind,
            message,
            operation: None,
            request_id: None,
            url: None,
            attempts: Vec::new(),
            thrown: None,
        })
    }

    /// The same failure to get a token, for another call that waited for it. Whatever it came from is told as such a failure;
    /// a clone of each kind that there is would be a kilobyte.
    pub fn to_another(&self) -> Box<Self> {
        let failure =
            if let ErrorKind::Token(failure) = &self.kind { failure.clone() } else { TokenFailure::default() };
        let mut error = Self::new(ErrorKind::Token(failure), self.message.clone());
        (error.request_id, error.url) = (self.request_id.clone(), self.url.clone());
        error.thrown = match self.thrown {
            Some(Thrown::Own(place)) => Some(Thrown::OfTokenRequest(place)),
            other => other,
        };
        error
    }
}

impl From<Invalid> for Box<Error> {
    fn from(invalid: Invalid) -> Self {
        let Refused { field, message, position } = invalid.into_inner();
        Error::new(ErrorKind::Invalid { field, position }, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

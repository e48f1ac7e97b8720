//! What arrives at the tenant and what leaves it, as plain values.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::http::{Headers, Request, Response};

/// A request as it came in.
#[derive(Clone, Default)]
pub struct Incoming {
    /// Its method as written, e.g. `GET`.
    pub method: String,
    /// Path and query, percent-encoded as they were sent; an absolute URL is taken too, its origin does not matter.
    pub target: String,
    /// The `authorization` field among them.
    pub headers: Headers,
    /// The body's bytes; empty where there is none.
    pub body: Vec<u8>,
}

impl Incoming {
    /// How long the body is, also where it was refused unread for the length that its head announces.
    pub(crate) fn length(&self) -> usize {
        let announced = self.headers.get("content-length").unwrap_or("0");
        // What no number of this machine holds is longer than every bound.
        let is_number = announced.bytes().all(|byte| byte.is_ascii_digit());
        let announced = announced.parse().unwrap_or(if is_number { usize::MAX } else { 0 });
        self.body.len().max(announced)
    }
}

/// No header value, no query and no body: each may hold a credential.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, headers, body, .. } = self;
        f.debug_struct("Incoming").field("method", method).field("headers", headers).field("body", &body.len()).finish()
    }
}

impl From<&Request> for Incoming {
    fn from(request: &Request) -> Self {
        Self {
            method: request.method.as_str().to_owned(),
            target: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.as_ref().map(|body| body.reveal().as_bytes().to_vec()).unwrap_or_default(),
        }
    }
}

impl From<Request> for Incoming {
    fn from(request: Request) -> Self {
        Self::from(&request)
    }
}

/// When something happens. The core has no randomness: it is handed in with the time.
#[derive(Clone, Copy)]
pub struct Instant {
    /// Milliseconds since the epoch.
    pub now_ms: u64,
    /// What a token of this moment is made of. Without it tokens are the same in every run.
    pub random: Option<[u8; 16]>,
}

impl From<u64> for Instant {
    fn from(now_ms: u64) -> Self {
        Self { now_ms, random: None }
    }
}

/// What is known of a request before its body is read.
pub enum Admission {
    /// The body does not matter: this is the answer.
    Answered(Box<Reply>),
    /// The body is to be read. One that is longer than so many bytes is answered with 413.
    Awaited {
        /// The most bytes that are looked at.
        most: usize,
    },
}

/// What the tenant answers, and how much of it arrives.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The status; 0 where the connection dies without an answer.
    pub status: u16,
    /// The fields, without those of the transport (`content-length`, `connection`).
    pub headers: Headers,
    /// The whole body, also where less of it is to be delivered.
    pub body: Vec<u8>,
    /// How it is to be delivered.
    pub delivery: Delivery,
    /// The line of the record.
    pub record: Record,
}

impl Reply {
    /// The response that a client reads to its end; `None` where the connection dies before that.
    pub fn into_response(self) -> Option<Response> {
        let Self { status, headers, body, delivery, .. } = self;
        let arrives = match delivery {
            Delivery::Whole | Delivery::Stalled { .. } => true,
            Delivery::Truncated { bytes } => bytes >= body.len(),
            Delivery::Dropped => false,
        };
        arrives.then_some(Response { status, headers, body, cut: false })
    }
}

/// No header value and no body: an answer holds tokens.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers, body, delivery, .. } = self;
        let mut shown = f.debug_struct("Reply");
        shown.field("status", status).field("headers", headers).field("body", &body.len());
        shown.field("delivery", delivery).finish()
    }
}

/// How a reply reaches the client: the part of a fault that the transport plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As it is.
    Whole,
    /// Not at all: the connection dies.
    Dropped,
    /// The connection dies after so many bytes of the body.
    Truncated {
        /// How many arrive.
        bytes: usize,
    },
    /// Half of the body, a pause, then the rest.
    Stalled {
        /// How long the pause is.
        ms: u32,
    },
}

/// What arrived and what became of it: no Authorization value, no secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// As written.
    pub method: String,
    /// Percent-encoded as sent.
    pub path: String,
    /// Percent-encoded as sent, without `?`; values that may be secret are `[redacted]`.
    pub query: String,
    /// What was answered; 0 where the connection died without an answer.
    pub status: u16,
    /// The Content-Type field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The JSON, its secrets hidden; of a token request the grant type alone. A text in brackets stands for a body that is
    /// no JSON, or too long to keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

//! Requests and responses as plain values.

use std::fmt;

use crate::model::secret::Secret;

/// The HTTP methods of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or asks for a token.
    Post,
    /// Replaces as a whole.
    Put,
    /// Replaces parts.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Header fields in order; names are lower case, each at most once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of a field; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sets a field, in the place of an earlier one of that name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let name = name.to_ascii_lowercase();
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.into()));
    }

    /// All fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.set(name.as_ref(), value);
        }
        headers
    }
}

/// Names only: a value may be a credential, or an echo of one.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where: an absolute URL.
    pub url: String,
    /// The `authorization` field among them.
    pub headers: Headers,
    /// JSON, or the form of a token request: either may hold secrets.
    pub body: Option<Secret>,
    /// A longer body of a good answer is not read to its end; for one that is not good, [`MAX_ERROR_BYTES`] holds.
    pub max_body_bytes: usize,
}

/// No good answer of the API comes near: a page of 250 integrations has some hundred KiB.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// No error says more, and no token is longer.
pub const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// What came back, read to its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status; 0 where the runtime hides a redirect.
    pub status: u16,
    /// As many fields as the runtime lets its caller read.
    pub headers: Headers,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Whether the body went on: it was longer than a client reads.
    pub cut: bool,
}

/// No header value and no body: an answer may hold secrets, or echo them.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers, body, cut } = self;
        let mut shown = f.debug_struct("Response");
        shown.field("status", status).field("headers", headers).field("body", &body.len()).field("cut", cut).finish()
    }
}

//! Turns what is wrong with a request into the status and the body that the API documents for it.

use serde_json::{Value, json};

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// 400 with what is wrong with the content.
    BadRequest(String),
    /// 400 where no template of that type exists: another body, seen on a live tenant.
    NoTemplate(String),
    /// 401 with the reason.
    Unauthorized(&'static str),
    /// 403: the API documents it for patch operations that are not allowed.
    Forbidden(String),
    /// 404.
    NotFound,
    /// 405 with the methods that are taken. Assumed: not documented.
    MethodNotAllowed(&'static str),
    /// 409. Assumed: not documented.
    Conflict(String),
    /// 413. Assumed: not documented.
    BodyTooLarge,
    /// 413, which no client tries again: there is no room for what is to be kept. No real tenant says so.
    Full,
    /// 414. Assumed: not documented.
    TargetTooLong,
    /// 421 with who is answered: the request was sent to another host.
    Misdirected(&'static str),
    /// 429 with the seconds after which it may be tried again.
    RateLimited(u64),
    /// The token endpoint's own errors. Source: RFC 6749, section 5.2.
    OAuth(u16, &'static str, &'static str),
    /// The status that a fault asks for.
    Fault(u16),
}

impl Problem {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::NoTemplate(_) => 400,
            Self::Unauthorized(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::Conflict(_) => 409,
            Self::BodyTooLarge | Self::Full => 413,
            Self::TargetTooLong => 414,
            Self::Misdirected(_) => 421,
            Self::RateLimited(_) => 429,
            Self::OAuth(status, ..) | Self::Fault(status) => *status,
        }
    }

    /// The header field that belongs to it.
    pub(crate) fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::RateLimited(seconds) => Some(("retry-after", seconds.to_string())),
            Self::MethodNotAllowed(methods) => Some(("allow", (*methods).to_owned())),
            Self::OAuth(401, ..) => Some(("www-authenticate", "Basic realm=\"oauth\"".to_owned())),
            _ => None,
        }
    }

    /// The documented bodies: 401 and 429 have shapes of their own, all others are an `ErrorResponseDto`.
    pub(crate) fn body(&self, tracking_id: &str) -> Value {
        match self {
            Self::NoTemplate(kind) => {
                json!({ "detailMessage": format!("Application template for {kind} integration was not found.") })
            }
            Self::Unauthorized(reason) => json!({ "error": reason }),
            Self::Fault(401) => json!({ "error": "JWT validation failed: JWT is expired" }),
            Self::RateLimited(_) | Self::Fault(429) => json!({ "message": " Rate Limit Exceeded " }),
            Self::OAuth(_, error, description) => json!({ "error": error, "error_description": description }),
            _ => self.described(tracking_id),
        }
    }

    fn described(&self, tracking_id: &str) -> Value {
        let messages = json!([{ "locale": "en-US", "localeOrigin": "DEFAULT", "text": self.text() }]);
        let mut body = json!({ "detailCode": self.detail_code(), "trackingId": tracking_id, "messages": messages });
        if let (400, Some(body)) = (self.status(), body.as_object_mut()) {
            body.insert("causes".to_owned(), messages);
        }
        body
    }

    fn detail_code(&self) -> &'static str {
        match self.status() {
            400 => "400.1 Bad Request Content",
            403 => "403 Forbidden",
            404 => "404 Not found",
            405 => "405 Method Not Allowed",
            409 => "409 Conflict",
            413 => "413 Payload Too Large",
            414 => "414 URI Too Long",
            421 => "421 Misdirected Request",
            500 => "500.0 Internal Fault",
            502 => "502 Bad Gateway",
            503 => "503 Service Unavailable",
            504 => "504 Gateway Timeout",
            401..=499 => "400.0 Bad Request",
            _ => "500.1 Downstream Service Fault",
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::BadRequest(text) | Self::Forbidden(text) | Self::Conflict(text) => text,
            Self::Misdirected(text) => text,
            Self::NotFound | Self::Fault(404) => {
                "The server did not find a current representation for the target resource."
            }
            Self::MethodNotAllowed(_) => "The method is not allowed for the target resource.",
            Self::BodyTooLarge => "The request body is too large.",
            Self::Full => {
                "The sandbox is full: it keeps at most 256 MiB of integrations. Delete some, or restore a smaller state."
            }
            Self::TargetTooLong => "The request target is too long.",
            Self::Fault(403) => "The server understood the request but refuses to authorize it.",
            Self::Fault(400..=499) => "The request was syntactically correct but its content is semantically invalid.",
            _ => "An internal fault occurred.",
        }
    }
}

/// A 400 with this text.
pub(crate) fn bad(text: impl Into<String>) -> Problem {
    Problem::BadRequest(text.into())
}

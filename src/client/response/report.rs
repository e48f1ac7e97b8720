//! What a caller is told about a call: its history and its last response.

use serde::Serialize;
use tsify::Tsify;

use crate::clock::{Duration, Now};
use crate::http::message::{Headers, Response};

/// One line of a call's history.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it was sent, in milliseconds since the epoch.
    pub started_at_ms: f64,
    /// From then until its body was read or it failed, in milliseconds.
    pub duration_ms: f64,
    /// The status of its response; absent where none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The SLPT-Request-ID of its response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Why it was not the last: "rate-limited", "server-error", "network", "timeout", "unauthorized", "bad-response", "refused".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string")]
    pub retry_reason: Option<&'static str>,
    /// The wait between it and the next one, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<f64>,
}

/// Why an attempt was not the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryReason {
    /// 429
    RateLimited,
    /// A status of 500 and above, or 425.
    ServerError,
    /// No answer came.
    Network,
    /// The attempt's limit was reached, or the server's (408).
    Timeout,
    /// 401, with a token that can be renewed.
    Unauthorized,
    /// A 2xx that cannot be read: what a create made is looked for then.
    BadResponse,
    /// A 400 or 409 of a create that the platform may have sent twice: what it made is looked for then.
    Refused,
}

/// The last response of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseInfo {
    /// Its status.
    pub status: u16,
    /// Its headers, without an echo of the credential.
    pub headers: Headers,
    /// The SLPT-Request-ID header, where the caller may read it.
    pub request_id: Option<String>,
    /// The API announced this endpoint's end (X-Deprecated).
    pub deprecated: bool,
}

impl Attempt {
    /// An attempt that ended now.
    pub(crate) fn ended(started: Now, now: Now, response: Option<&ResponseInfo>) -> Self {
        Self {
            started_at_ms: started.epoch_ms,
            duration_ms: (now.moment - started.moment).0,
            status: response.map(|response| response.status),
            request_id: response.and_then(|response| response.request_id.clone()),
            retry_reason: None,
            waited_ms: None,
        }
    }

    /// Another one follows, after a wait.
    pub(crate) fn retried(&mut self, reason: RetryReason, waited: Duration) {
        self.retry_reason = Some(reason.as_str());
        self.waited_ms = Some(waited.0);
    }
}

impl ResponseInfo {
    pub(crate) fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers.clone(),
            request_id: response.headers.get("slpt-request-id").map(str::to_owned),
            deprecated: response.headers.get("x-deprecated").is_some_and(|value| value.eq_ignore_ascii_case("true")),
        }
    }
}

impl RetryReason {
    /// Why an answer of this status is asked for again, where it is.
    pub const fn of_status(status: u16) -> Option<Self> {
        match status {
            408 => Some(Self::Timeout),
            429 => Some(Self::RateLimited),
            425 | 500 | 502 | 503 | 504 => Some(Self::ServerError),
            _ => None,
        }
    }

    /// Its name in `Attempt.retryReason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "rate-limited",
            Self::ServerError => "server-error",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Unauthorized => "unauthorized",
            Self::BadResponse => "bad-response",
            Self::Refused => "refused",
        }
    }
}

/// The total of a list, where the server counted and the caller may read it.
pub fn total(response: &ResponseInfo) -> Option<u64> {
    let value = response.headers.get("x-total-count")?.trim_ascii();
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_digits() {
        let total = |value: &str| {
            let headers = Headers::from_iter([("x-total-count", value)]);
            total(&ResponseInfo::of(&Response { status: 200, headers, ..Response::default() }))
        };
        assert_eq!(total("600"), Some(600));
        for bad in ["", "-1", "+1", "1.5", "many", "99999999999999999999999"] {
            assert_eq!(total(bad), None, "{bad}");
        }
    }
}

//! What an attempt's end means: a value, or a failure, whether it may pass, and whether the server may have acted.

use super::api_error::{ApiFailure, one_line, text};
use super::decode::{Answer, decode};
use super::report::RetryReason;
use crate::client::error::{Error, ErrorKind, Limit, Thrown, TokenFailure};
use crate::client::request::operation::Operation;
use crate::clock::{Duration, Now, TimeLimit};
use crate::http::message::{Request, Response, TransportFailure};
use crate::json::Json;
use crate::json::pointer::Pointer;
use crate::json::shape::Mismatch;
use crate::text::decimal::{decimal, whole};
use crate::text::visible::{is_visible, visible};
use crate::text::{contains, of_bytes};
use crate::wire::secrets::Secrets;
use crate::wire::{Redactor, Secret};

/// Why nothing was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsent {
    /// No connection was made; the next may be.
    Unreachable,
    /// The name of the host is none.
    UnknownHost,
    /// Its certificate is not trusted.
    Certificate,
    /// The platform sends no such request.
    Refused,
}

impl Unsent {
    /// What may help.
    const fn hint(self) -> &'static str {
        match self {
            Self::Unreachable | Self::Refused => "",
            Self::UnknownHost => ": is the name of the tenant, or the base URL, right?",
            Self::Certificate => {
                ": the certificate is not trusted here; Node, Deno and Bun trust those of the file that NODE_EXTRA_CA_CERTS names, such \
                 as a proxy's (in Deno: DENO_CERT)"
            }
        }
    }
}

/// What is in the code of a failure where nothing was sent: Node's and Bun's.
const UNSENT_CODES: [(&str, Unsent); 12] = [
    ("ECONNREFUSED", Unsent::Unreachable),
    ("EAI_AGAIN", Unsent::Unreachable),
    ("UND_ERR_CONNECT_TIMEOUT", Unsent::Unreachable),
    ("ConnectionRefused", Unsent::Unreachable),
    ("ENOTFOUND", Unsent::UnknownHost),
    // DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID and more.
    ("CERT", Unsent::Certificate),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", Unsent::Certificate),
    ("UNABLE_TO_GET_ISSUER", Unsent::Certificate),
    ("ERR_INVALID_URL", Unsent::Refused),
    ("UND_ERR_INVALID_ARG", Unsent::Refused),
    ("ERR_ACCESS_DENIED", Unsent::Refused),
    ("ERR_SSL_WRONG_VERSION_NUMBER", Unsent::Refused),
];

/// The same in the words of Deno, which has no codes; the first counts.
const UNSENT_WORDS: [(&str, Unsent); 6] = [
    ("Temporary failure in name resolution", Unsent::Unreachable),
    ("failed to lookup address information", Unsent::UnknownHost),
    ("invalid peer certificate", Unsent::Certificate),
    ("received corrupt message", Unsent::Refused),
    ("--allow-net", Unsent::Refused),
    ("client error (Connect)", Unsent::Unreachable),
];

/// Why a failure was not sent, where it was not.
fn unsent(failure: &TransportFailure) -> Option<Unsent> {
    let named =
        |table: &[(&str, Unsent)], text: &str| table.iter().find(|(part, _)| contains(text, part)).map(|(_, why)| *why);
    let by_code = failure.code.as_deref().and_then(|code| named(&UNSENT_CODES, code));
    let known = by_code.or_else(|| named(&UNSENT_WORDS, &failure.message));
    known.or(failure.is_unsent.then_some(Unsent::Refused))
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An operation of the API, which carries a token.
    Operation(Operation),
    /// The token endpoint, which does not.
    TokenEndpoint,
}

/// A failed attempt.
#[derive(Debug)]
pub struct Failure {
    /// What the caller would be told.
    pub error: Box<Error>,
    /// Why it might pass, where it might.
    pub reason: Option<RetryReason>,
    /// How long the server asks to wait.
    pub asked: Option<Duration>,
    /// The status, where there was one.
    pub status: Option<u16>,
    /// Whether the server may have done what it was asked to.
    pub may_have_acted: bool,
}

/// Judges the attempts of one call; it knows the secrets that nothing may show.
#[derive(Debug)]
pub struct Classifier {
    pub(crate) target: Target,
    redactor: Redactor,
    secrets: Secrets,
    pub(crate) keeps_odd: bool,
}

impl Classifier {
    /// For the attempts at this, with a rule for what is secret.
    pub fn of(target: Target, secrets: Secrets) -> Self {
        Self { target, redactor: Redactor::default(), secrets, keeps_odd: false }
    }

    /// Nothing that it tells will show this, however a server echoes it.
    pub fn hide_secret(&mut self, secret: &Secret) {
        self.redactor.add(secret.reveal());
    }

    /// Lets go of what it needs for the texts of one answer only.
    pub fn rest(&mut self) {
        self.redactor.rest();
    }

    /// A text of somebody else's without the secrets that it might echo.
    pub fn hide(&self, text: &str) -> String {
        self.redactor.hide(text)
    }

    /// Takes what a server echoes out of an answer: it must not get into an error or a header that the caller prints. A
    /// good body is the caller's own data, and stays as it is.
    pub fn hide_echoes(&self, response: &mut Response) {
        if !is_good(response.status) {
            response.body = self.redactor.hide(&of_bytes(&response.body)).into_bytes();
        }
        let headers = &response.headers;
        // All that is told of an answer comes from here, its request id and its location, too.
        let is_clean = headers.iter().all(|(name, value)| is_visible(name) && is_visible(value));
        if !is_clean || self.redactor.finds(headers.lines()) {
            let clean = |text: &str| visible(&self.redactor.hide(text));
            response.headers = headers.iter().map(|(name, value)| (clean(name), clean(value))).collect();
        }
    }

    /// Hides the secret attributes that the request sends.
    pub fn hide_secrets_of(&mut self, request: &Request) {
        let Some(json) = request.body.as_ref().and_then(|body| Json::parse(body.reveal()).ok()) else { return };
        self.secrets.list_of(json);
        let mut values = Vec::new();
        self.secrets.values(json, &mut values);
        values.iter().for_each(|value| self.redactor.add(value));
    }

    /// Where the integration that a request sends has what stands for a secret: a mask, or a ciphertext.
    pub fn stand_ins(&self, request: &Request) -> Vec<Pointer> {
        let mut found = Vec::new();
        let json = request.body.as_ref().and_then(|body| Json::parse(body.reveal()).ok());
        if let Some(attributes) = json.and_then(Json::as_object).and_then(|members| members.get("attributes")) {
            self.secrets.stand_ins(attributes, &Pointer::root().child("attributes"), &mut found);
        }
        found
    }

    /// What the answer to `operation` (that of the target, or a look-up for it) means.
    ///
    /// # Errors
    ///
    /// A [`Failure`] for everything but a good answer.
    pub fn response(&self, target: Target, response: Response, now: Now) -> Result<Answer, Box<Failure>> {
        let status = response.status;
        match status {
            200..=299 => self.good(target, response),
            0 | 300..=399 => Err(Failure::of_status(status, redirected(target, &response))),
            _ => Err(self.refused(target, &response, now)),
        }
    }

    fn good(&self, target: Target, response: Response) -> Result<Answer, Box<Failure>> {
        let status = response.status;
        let bad = |message: String, path| {
            let message = [&decimal(status.into()), " from ", name(target), ", but ", &message].concat();
            let error = Error::new(ErrorKind::BadResponse { status, path }, message);
            let mut failure = Failure::of_status(status, error);
            failure.reason = None;
            failure.may_have_acted = true;
            failure
        };
        match target {
            Target::Operation(operation) => {
                let decoded = decode(operation, response, self.keeps_odd);
                decoded.map_err(|Mismatch { path, message }| bad(one_line(&self.redactor.hide(&message)), path))
            }
            Target::TokenEndpoint if response.cut => Err(bad("the answer is longer than 1 MiB".to_owned(), None)),
            Target::TokenEndpoint => Ok(Answer { json: Some(of_bytes(&response.body)), ..Answer::default() }),
        }
    }

    /// What makes a 403 a failure with all that the server said.
    fn refused(&self, target: Target, response: &Response, now: Now) -> Box<Failure> {
        let (mut failure, said) = ApiFailure::read(response, now);
        failure.redact(&self.redactor);
        let asked = failure.retry_after_ms.map(Duration);
        let said = said.map(|said| [": ", &one_line(&self.redactor.hide(&said))].concat()).unwrap_or_default();
        let message = [&decimal(response.status.into()), " from ", name(target), &said].concat();
        let kind = match target {
            Target::Operation(_) => ErrorKind::Api(Box::new(failure)),
            Target::TokenEndpoint => ErrorKind::Token(self.token_failure(response)),
        };
        let mut failure = Failure::of_status(response.status, Error::new(kind, message));
        // A gateway that names a time has turned the request away.
        failure.may_have_acted &= !(response.status == 503 && asked.is_some());
        failure.asked = asked;
        failure
    }

    /// `error` and `error_description` of RFC 6749, section 5.2.
    fn token_failure(&self, response: &Response) -> TokenFailure {
        let body = of_bytes(&response.body);
        let members = Json::parse(&body).ok().and_then(Json::as_object).unwrap_or_default();
        let hidden = |name| text(&members, name).map(|text| visible(&self.redactor.hide(&text)));
        TokenFailure {
            status: Some(response.status),
            oauth_error: hidden("error"),
            oauth_description: hidden("error_description"),
        }
    }

    /// An attempt that brought no response.
    pub fn lost(&self, failure: &TransportFailure) -> Box<Failure> {
        let what = if failure.is_unsent { "was not sent" } else { "got no answer" };
        let unsent = unsent(failure);
        let hint = unsent.map_or("", Unsent::hint);
        let message = [self.name(), " ", what, ": ", &one_line(&self.redactor.hide(&failure.message)), hint].concat();
        let mut error = Error::new(ErrorKind::Network, message);
        error.thrown = failure.thrown.map(Thrown::Own);
        Box::new(Failure {
            error,
            // What cannot be made now cannot be made later.
            reason: unsent.is_none_or(|why| why == Unsent::Unreachable).then_some(RetryReason::Network),
            asked: None,
            status: None,
            may_have_acted: unsent.is_none(),
        })
    }

    /// An attempt, or the whole call, that took too long.
    pub fn late(&self, limit: Limit, time: TimeLimit) -> Box<Failure> {
        let ms = if let TimeLimit::Ms(ms) = time { whole(ms) } else { String::new() };
        let message = [self.name(), " was not done within the ", limit.as_str(), " limit of ", &ms, " ms"].concat();
        let reason = (limit == Limit::Attempt).then_some(RetryReason::Timeout);
        let error = Error::new(ErrorKind::Timeout(limit), message);
        Box::new(Failure { error, reason, asked: None, status: None, may_have_acted: true })
    }

    /// Its name in messages.
    pub fn name(&self) -> &'static str {
        name(self.target)
    }
}

impl Failure {
    fn of_status(status: u16, error: Box<Error>) -> Box<Self> {
        let may_have_acted = matches!(status, 408 | 500..);
        Box::new(Self {
            error,
            reason: RetryReason::of_status(status),
            asked: None,
            status: Some(status),
            may_have_acted,
        })
    }

    /// Why something follows it, in the words of [`Attempt::retry_reason`](crate::client::response::report::Attempt::retry_reason).
    pub fn retry_reason(&self) -> RetryReason {
        match (self.reason, self.status) {
            (Some(reason), _) => reason,
            (None, Some(200..=299)) => RetryReason::BadResponse,
            (None, _) => RetryReason::ServerError,
        }
    }
}

pub(crate) const fn is_good(status: u16) -> bool {
    matches!(status, 200..=299)
}

fn name(target: Target) -> &'static str {
    match target {
        Target::Operation(operation) => operation.route().id,
        Target::TokenEndpoint => "the token endpoint",
    }
}

fn redirected(target: Target, response: &Response) -> Box<Error> {
    let location = response.headers.get("location").map(str::to_owned);
    let (who, what) = match target {
        Target::Operation(_) => ("the server", "the base URL"),
        Target::TokenEndpoint => ("the token endpoint", "tokenUrl or the base URL"),
    };
    let how = match (response.status, &location) {
        (0, Some(_)) => " answered by a redirect that fetch followed, or from another origin: check fetch, and ",
        _ => " answered with a redirect, and none is followed: check ",
    };
    let message = [who, how, what].concat();
    Error::new(ErrorKind::Redirected { status: response.status, location }, message)
}

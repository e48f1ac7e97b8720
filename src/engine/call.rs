//! One call as a machine: what happened goes in, what to do next comes out.

use super::api_error::{ApiFailure, one_line, text};
use super::clock::{Moment, Now};
use super::decode::decode;
use super::error::{Error, ErrorKind, Limit, TokenFailure};
use super::given::{TimeLimit, whole};
use super::message::{Request, Response};
use super::operation::Operation;
use super::report::{Attempt, ResponseInfo};
use super::settings::CallSettings;
use crate::model::json::Json;
use crate::model::secrets::Secrets;
use crate::model::{Redactor, Secret};

/// A shorter attribute is no secret worth hiding: it would be found in every word.
const MIN_SECRET_BYTES: usize = 4;

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An operation of the API, which carries a token.
    Operation(Operation),
    /// The token endpoint, which does not.
    TokenEndpoint,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The caller wants the call to begin.
    Started,
    /// A token, where one was asked for.
    Token(Secret),
    /// There is none to be had.
    TokenFailed(Box<Error>),
    /// The answer, read to its end.
    Response(Response),
    /// No answer came, or it broke off; the text says why.
    Failed(String),
    /// [`Step::until`] has come.
    TimedOut,
    /// The caller's signal fired.
    Aborted,
}

/// What to do next.
#[derive(Debug)]
pub enum Effect {
    /// Get a token, and tell [`Event::Token`] or [`Event::TokenFailed`].
    GetToken,
    /// Send this, and tell [`Event::Response`] or [`Event::Failed`].
    Send(Box<Request>),
    /// Nothing: this is how the call ends.
    Finished(Box<Outcome>),
}

/// An effect, and the moment after which its end is no longer waited for.
#[derive(Debug)]
pub struct Step {
    /// What to do.
    pub effect: Effect,
    /// When to give up and tell [`Event::TimedOut`]; `None` means never.
    pub until: Option<Moment>,
}

/// How a call ended.
#[derive(Debug)]
pub struct Outcome {
    /// The last response, where there was one.
    pub response: Option<ResponseInfo>,
    /// The call's history.
    pub attempts: Vec<Attempt>,
    /// The JSON text for the caller, `None` where the operation returns nothing.
    pub result: Result<Option<String>, Box<Error>>,
}

/// A call on its way.
///
/// **Tell it [`Event::Started`], carry out each effect that [`Call::step`] returns, and tell it what came of it, until the
/// effect is [`Effect::Finished`].** It may be told [`Event::Aborted`] at any time.
///
/// It reads no clock: every step is told what the clocks show.
#[derive(Debug)]
pub struct Call {
    target: Target,
    request: Request,
    timeout: TimeLimit,
    attempt_timeout: TimeLimit,
    deadline: Option<Moment>,
    /// When the attempt that is on its way was sent.
    sent: Option<Now>,
    token: Option<Secret>,
    redactor: Redactor,
    attempts: Vec<Attempt>,
    response: Option<ResponseInfo>,
}

impl Call {
    /// A call of an operation; `request` has no `authorization` yet.
    pub fn new(operation: Operation, request: Request, settings: &CallSettings) -> Self {
        Self::to(Target::Operation(operation), request, settings)
    }

    /// A request for a token.
    pub fn for_token(request: Request, settings: &CallSettings) -> Self {
        Self::to(Target::TokenEndpoint, request, settings)
    }

    fn to(target: Target, request: Request, settings: &CallSettings) -> Self {
        Self {
            target,
            request,
            timeout: settings.timeout,
            attempt_timeout: settings.attempt_timeout,
            deadline: None,
            sent: None,
            token: None,
            redactor: Redactor::default(),
            attempts: Vec::new(),
            response: None,
        }
    }

    /// As a part of something longer: it ends with that one's deadline, and goes on with its history.
    pub fn within(self, deadline: Option<Moment>, history: Vec<Attempt>) -> Self {
        Self { deadline, attempts: history, ..self }
    }

    /// Nothing that it tells will show this, however a server echoes it.
    pub fn hiding(mut self, secret: &Secret) -> Self {
        self.redactor.add(secret.reveal());
        self
    }

    /// A text of somebody else's without the secrets that it might echo.
    pub fn hide(&self, text: &str) -> String {
        self.redactor.hide(text)
    }

    /// Takes in what happened, and says what to do next.
    pub fn step(&mut self, event: Event, now: Now) -> Step {
        match event {
            Event::Started => self.start(now),
            Event::Token(token) => {
                self.redactor.add(token.reveal());
                self.token = Some(token);
                self.send(now)
            }
            Event::TokenFailed(error) => self.fail(error),
            Event::Response(response) => self.receive(response, now),
            Event::Failed(reason) => self.lose(&reason, now),
            Event::TimedOut => self.time_out(now),
            Event::Aborted => self.fail(Error::new(ErrorKind::Aborted, "aborted")),
        }
    }

    fn start(&mut self, now: Now) -> Step {
        self.deadline = self.deadline.or_else(|| self.timeout.after(now));
        match self.target {
            Target::Operation(_) => Step { effect: Effect::GetToken, until: self.deadline },
            Target::TokenEndpoint => self.send(now),
        }
    }

    fn send(&mut self, now: Now) -> Step {
        self.sent = Some(now);
        let mut request = self.request.clone();
        if let Some(token) = &self.token {
            request.headers.set("authorization", format!("Bearer {}", token.reveal()));
        }
        Step { effect: Effect::Send(Box::new(request)), until: self.give_up_at(now) }
    }

    /// The end of the attempt or of the call, whichever comes first.
    fn give_up_at(&self, sent: Now) -> Option<Moment> {
        match (self.attempt_timeout.after(sent), self.deadline) {
            (Some(attempt), Some(call)) => Some(attempt.earlier(call)),
            (attempt, call) => attempt.or(call),
        }
    }

    fn receive(&mut self, mut response: Response, now: Now) -> Step {
        self.hide_echoes(&mut response);
        self.record(now, Some(&response));
        self.response = Some(ResponseInfo::of(&response));
        let result = match response.status {
            200..=299 => self.read(response),
            0 | 300..=399 => Err(redirected(&response)),
            _ => Err(self.refused(&response, now)),
        };
        self.finish(result)
    }

    /// A server that echoes a secret must not put it into an error or a header that the caller prints. A good body is
    /// the caller's own data, and stays as it is.
    fn hide_echoes(&mut self, response: &mut Response) {
        if !(200..=299).contains(&response.status) {
            self.redact_own_body();
            response.body = self.redactor.hide(&String::from_utf8_lossy(&response.body)).into_bytes();
        }
        response.headers = response.headers.iter().map(|(name, value)| (name, self.redactor.hide(value))).collect();
    }

    /// The secret attributes that this call sends.
    fn redact_own_body(&mut self) {
        let Some(body) = &self.request.body else { return };
        let Ok(json) = Json::parse(body.reveal()) else { return };
        let mut secrets = Secrets::default();
        if let Some(attributes) = json.as_object().and_then(|members| members.get("attributes")) {
            secrets.list(attributes);
        }
        let mut values = Vec::new();
        secrets.values(json, &mut values);
        values.iter().filter(|value| value.len() >= MIN_SECRET_BYTES).for_each(|value| self.redactor.add(value));
    }

    fn read(&self, response: Response) -> Result<Option<String>, Box<Error>> {
        let status = response.status;
        match self.target {
            Target::Operation(operation) => decode(operation, response).map_err(|mismatch| {
                let message = format!("{status} from {}, but {}", operation.route().id, mismatch.message);
                Error::new(ErrorKind::BadResponse { status, path: mismatch.path }, message)
            }),
            Target::TokenEndpoint => Ok(Some(String::from_utf8_lossy(&response.body).into_owned())),
        }
    }

    /// What makes a 403 a failure with all that the server said.
    fn refused(&self, response: &Response, now: Now) -> Box<Error> {
        let (mut failure, said) = ApiFailure::read(response, now);
        failure.redact(&self.redactor);
        let said = said.map(|said| format!(": {}", one_line(&self.redactor.hide(&said)))).unwrap_or_default();
        let message = format!("{} from {}{said}", response.status, self.name());
        match self.target {
            Target::Operation(_) => Error::new(ErrorKind::Api(Box::new(failure)), message),
            Target::TokenEndpoint => Error::new(ErrorKind::Token(self.token_failure(response)), message),
        }
    }

    /// `error` and `error_description` of RFC 6749, section 5.2.
    fn token_failure(&self, response: &Response) -> TokenFailure {
        let body = String::from_utf8_lossy(&response.body);
        let members = Json::parse(&body).ok().and_then(Json::as_object).unwrap_or_default();
        let hidden = |name| text(&members, name).map(|text| self.redactor.hide(&text));
        TokenFailure {
            status: Some(response.status),
            oauth_error: hidden("error"),
            oauth_description: hidden("error_description"),
        }
    }

    /// An attempt that brought no response.
    fn lose(&mut self, reason: &str, now: Now) -> Step {
        self.record(now, None);
        let message = format!("{} got no answer: {}", self.name(), one_line(&self.redactor.hide(reason)));
        self.fail(Error::new(ErrorKind::Network, message))
    }

    fn time_out(&mut self, now: Now) -> Step {
        let is_deadline = self.deadline.is_some_and(|deadline| now.moment >= deadline);
        let (limit, limit_ms) =
            if is_deadline { (Limit::Call, self.timeout) } else { (Limit::Attempt, self.attempt_timeout) };
        let ms = if let TimeLimit::Ms(ms) = limit_ms { whole(ms) } else { String::new() };
        let message = format!("{} was not done within the {} limit of {ms} ms", self.name(), limit.as_str());
        if self.sent.is_some() {
            self.record(now, None);
        }
        self.fail(Error::new(ErrorKind::Timeout(limit), message))
    }

    fn record(&mut self, now: Now, response: Option<&Response>) {
        let sent = self.sent.take().unwrap_or(now);
        self.attempts.push(Attempt::ended(sent, now, response));
    }

    fn fail(&mut self, error: Box<Error>) -> Step {
        self.finish(Err(error))
    }

    fn finish(&mut self, result: Result<Option<String>, Box<Error>>) -> Step {
        let attempts = std::mem::take(&mut self.attempts);
        let response = self.response.take();
        let result = result.map_err(|error| self.explain(error, response.as_ref(), &attempts));
        Step { effect: Effect::Finished(Box::new(Outcome { response, attempts, result })), until: None }
    }

    /// Tells an error whose it is.
    fn explain(&self, mut error: Box<Error>, response: Option<&ResponseInfo>, attempts: &[Attempt]) -> Box<Error> {
        match self.target {
            Target::Operation(operation) => error.operation = Some(operation),
            Target::TokenEndpoint if !matches!(error.kind, ErrorKind::Token(_)) => {
                let status = response.map(|response| response.status);
                error.kind = ErrorKind::Token(TokenFailure { status, ..TokenFailure::default() });
            }
            Target::TokenEndpoint => {}
        }
        error.request_id = error.request_id.or_else(|| response?.request_id.clone());
        error.attempts = attempts.to_vec();
        error
    }

    fn name(&self) -> &'static str {
        match self.target {
            Target::Operation(operation) => operation.route().id,
            Target::TokenEndpoint => "the token endpoint",
        }
    }
}

fn redirected(response: &Response) -> Box<Error> {
    let location = response.headers.get("location").map(str::to_owned);
    let message = "the server answered with a redirect, and none is followed: check the base URL".to_owned();
    Error::new(ErrorKind::Redirected { status: response.status, location }, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::message::{Headers, Method};

    const TOKEN: &str = "THE-TOKEN";

    /// A call at the moment where its first request is on its way.
    struct Scenario {
        call: Call,
        clock: f64,
    }

    impl Scenario {
        fn new(target: Target) -> Self {
            let request = Request {
                method: Method::Get,
                url: "https://a.example".into(),
                headers: Headers::default(),
                body: None,
            };
            Self { call: Call::to(target, request, &CallSettings::default()), clock: 0.0 }
        }

        fn sent(operation: Operation) -> Self {
            let mut scenario = Self::new(Target::Operation(operation));
            assert!(matches!(scenario.step(Event::Started).effect, Effect::GetToken));
            let step = scenario.step(Event::Token(Secret::new(TOKEN)));
            let Effect::Send(request) = step.effect else { panic!("expected a request") };
            assert_eq!(request.headers.get("authorization"), Some("Bearer THE-TOKEN"));
            scenario
        }

        fn step(&mut self, event: Event) -> Step {
            self.call.step(event, Now { moment: Moment::at(self.clock), epoch_ms: 1_000_000.0 + self.clock })
        }

        fn end(&mut self, event: Event) -> Outcome {
            match self.step(event).effect {
                Effect::Finished(outcome) => *outcome,
                other => panic!("expected the end, got {other:?}"),
            }
        }

        fn answered(&mut self, status: u16, body: &str) -> Outcome {
            let headers = [("slpt-request-id", "abc"), ("location", "https://b.example/?t=THE-TOKEN")];
            let response = Response { status, headers: headers.into_iter().collect(), body: body.into(), cut: false };
            self.end(Event::Response(response))
        }
    }

    fn error_of(outcome: Outcome) -> Error {
        *outcome.result.expect_err("a failure")
    }

    #[test]
    fn a_good_answer_ends_the_call_with_its_text() {
        let mut scenario = Scenario::sent(Operation::List);
        scenario.clock = 12.0;
        let outcome = scenario.answered(200, "[]");
        assert_eq!(outcome.result, Ok(Some("[]".into())));
        let expected = Attempt {
            started_at_ms: 1_000_000.0,
            duration_ms: 12.0,
            status: Some(200),
            request_id: Some("abc".into()),
        };
        assert_eq!(outcome.attempts, [expected]);
        assert_eq!(outcome.response.expect("a response").request_id.as_deref(), Some("abc"));
    }

    #[test]
    fn a_refused_call_says_operation_status_text_and_request() {
        let error = error_of(Scenario::sent(Operation::Get).answered(404, r#"{"messages":[{"text":"gone"}]}"#));
        assert_eq!(error.message, "404 from getServiceDeskIntegration: gone");
        assert_eq!((error.kind.code(), error.request_id.as_deref()), ("not-found", Some("abc")));
        assert_eq!((error.operation, error.attempts.len()), (Some(Operation::Get), 1));
    }

    #[test]
    fn each_status_has_its_code() {
        for (status, code) in [
            (400, "bad-request"),
            (401, "unauthorized"),
            (403, "forbidden"),
            (404, "not-found"),
            (409, "conflict"),
            (429, "rate-limited"),
            (500, "server-error"),
            (599, "server-error"),
            (418, "unexpected-status"),
            (600, "unexpected-status"),
            (199, "unexpected-status"),
            (0, "redirected"),
            (300, "redirected"),
            (399, "redirected"),
            (204, "bad-response"),
        ] {
            assert_eq!(error_of(Scenario::sent(Operation::Get).answered(status, "")).kind.code(), code, "{status}");
        }
    }

    #[test]
    fn an_echoed_credential_is_hidden_wherever_it_stands() {
        let error = error_of(Scenario::sent(Operation::Get).answered(400, r#"{"message":"bad THE-TOKEN"}"#));
        assert!(!format!("{error:?} {error}").contains(TOKEN), "{error:?}");
        let error = error_of(Scenario::sent(Operation::Get).answered(302, ""));
        let ErrorKind::Redirected { location, .. } = error.kind else { panic!("a redirect") };
        assert_eq!(location.as_deref(), Some("https://b.example/?t=[redacted]"));
    }

    #[test]
    fn debug_of_a_call_on_its_way_shows_no_credential() {
        assert!(!format!("{:?}", Scenario::sent(Operation::Get).call).contains(TOKEN));
    }

    #[test]
    fn a_body_that_went_on_is_no_answer() {
        let headers = Headers::default();
        let response = Response { status: 200, headers, body: b"[]".to_vec(), cut: true };
        let error = error_of(Scenario::sent(Operation::List).end(Event::Response(response)));
        assert_eq!(error.kind, ErrorKind::BadResponse { status: 200, path: None });
    }

    #[test]
    fn no_answer_is_a_network_error_with_its_reason() {
        let error = error_of(Scenario::sent(Operation::Delete).end(Event::Failed("fetch failed".into())));
        assert_eq!(error.message, "deleteServiceDeskIntegration got no answer: fetch failed");
        assert_eq!((error.kind, error.attempts.len()), (ErrorKind::Network, 1));
    }

    #[test]
    fn the_nearer_of_both_limits_bounds_an_attempt() {
        let mut scenario = Scenario::new(Target::Operation(Operation::Get));
        assert_eq!(scenario.step(Event::Started).until, Some(Moment::at(60_000.0)));
        scenario.clock = 30_000.0;
        assert_eq!(scenario.step(Event::Token(Secret::new(TOKEN))).until, Some(Moment::at(50_000.0)));
        scenario.clock = 50_000.0;
        let error = error_of(scenario.end(Event::TimedOut));
        assert_eq!(error.kind, ErrorKind::Timeout(Limit::Attempt));
        assert_eq!(error.message, "getServiceDeskIntegration was not done within the attempt limit of 20000 ms");

        let mut scenario = Scenario::new(Target::Operation(Operation::Get));
        scenario.step(Event::Started);
        scenario.clock = 45_000.0;
        assert_eq!(scenario.step(Event::Token(Secret::new(TOKEN))).until, Some(Moment::at(60_000.0)));
        scenario.clock = 60_000.0;
        assert_eq!(error_of(scenario.end(Event::TimedOut)).kind, ErrorKind::Timeout(Limit::Call));
    }

    #[test]
    fn a_token_that_does_not_come_in_time_is_the_calls_timeout() {
        let mut scenario = Scenario::new(Target::Operation(Operation::Get));
        scenario.step(Event::Started);
        scenario.clock = 60_000.0;
        let error = error_of(scenario.end(Event::TimedOut));
        assert_eq!((error.kind, error.attempts.len()), (ErrorKind::Timeout(Limit::Call), 0));
    }

    #[test]
    fn every_failure_of_the_token_endpoint_is_a_token_error() {
        let refused = error_of({
            let mut scenario = Scenario::new(Target::TokenEndpoint);
            assert!(matches!(scenario.step(Event::Started).effect, Effect::Send(_)));
            scenario.answered(401, r#"{"error":"invalid_client","error_description":"Unknown"}"#)
        });
        assert_eq!(refused.message, "401 from the token endpoint: invalid_client: Unknown");
        let expected = TokenFailure {
            status: Some(401),
            oauth_error: Some("invalid_client".into()),
            oauth_description: Some("Unknown".into()),
        };
        assert_eq!(refused.kind, ErrorKind::Token(expected));
        for event in [Event::Failed("reset".into()), Event::TimedOut] {
            let mut scenario = Scenario::new(Target::TokenEndpoint);
            scenario.step(Event::Started);
            assert_eq!(error_of(scenario.end(event)).kind.code(), "token-request-failed");
        }
        let mut scenario = Scenario::new(Target::TokenEndpoint);
        scenario.step(Event::Started);
        let moved = error_of(scenario.answered(307, ""));
        assert_eq!(moved.kind, ErrorKind::Token(TokenFailure { status: Some(307), ..TokenFailure::default() }));
    }
}

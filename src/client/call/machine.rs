//! One call as a machine: what happened goes in, what to do next comes out.

use super::created_ids::CreatedIds;
use super::event::{Effect, Event, Notice, Outcome, Step, WaitReason};
use super::memory::{BodyBudget, Reservation};
use super::reconcile::{self, Found};
use super::retry::Retry;
use crate::Invalid;
use crate::client::error::{Error, ErrorKind, Limit, TokenFailure};
use crate::client::options::settings::CallSettings;
use crate::client::request::operation::Operation;
use crate::client::request::plan::{Plan, Search};
use crate::client::response::api_error::ApiFailure;
use crate::client::response::classify::{Classifier, Failure, Target, is_good};
use crate::client::response::decode::Answer;
use crate::client::response::report::{Attempt, ResponseInfo, RetryReason};
use crate::client::session::token::Issued;
use crate::clock::{Duration, Instant, Now, TimeLimit};
use crate::http::message::{Request, Response, TransportFailure};
use crate::text::decimal::whole;
use crate::text::split_before_any;
use crate::wire::Secret;

/// A call on its way.
///
/// **Tell it [`Event::Started`], carry out each effect that [`Call::step`] returns, and tell it what came of it, until the
/// effect is [`Effect::Finished`].** It may be told [`Event::Aborted`] at any time.
///
/// ```text
/// Started ─► GetToken ─► Admit ─► Send ─► Finished
///               ▲          ▲ │      │
///               │      Queue ┘      │ may pass: Wait
///               └───────────────────┘
/// ```
///
/// A request for a token has only Send and Wait. A create whose outcome is open goes the same way once more, with a
/// look-up in the place of its request. It reads no clock and no random source: every step is told what they show.
#[derive(Debug)]
pub struct Call {
    classifier: Classifier,
    request: Request,
    search: Option<Box<Search>>,
    timeout: TimeLimit,
    attempt_timeout: TimeLimit,
    retry: Retry,
    /// Whether its caller is told of the last response.
    reports: bool,
    doubts_base: bool,
    /// Whether another token is to be had where the server refuses this one.
    renewable: bool,
    /// Whether the platform may send a request a second time, and says nothing of it.
    resent: bool,
    /// What other creates have made, this one cannot have made; only a create has it.
    created_ids: Option<CreatedIds>,
    /// Room for its body.
    reservation: Option<Reservation>,
    observed: bool,

    deadline: Option<Instant>,
    phase: Phase,
    /// The failure that left open whether a create happened: while it is there, the look-up is what is sent.
    unknown_outcome: Option<Box<Failure>>,
    /// Whether an attempt before this one may have acted.
    may_have_acted: bool,
    token: Option<Issued>,
    renewed: bool,
    /// Requests that count against the attempts.
    made: u32,
    /// All requests.
    number: u32,
    first_sent: Option<Now>,
    sent: Option<Now>,
    attempts: Vec<Attempt>,
    response: Option<ResponseInfo>,
    hold: Option<Instant>,
    notices: Vec<Notice>,
}

/// What the call waits to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Token,
    Admission,
    InFlight,
    Pause,
    Ended,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Token => "Token",
            Self::Admission => "Admission",
            Self::InFlight => "InFlight",
            Self::Pause => "Pause",
            Self::Ended => "Ended",
        }
    }
}

impl Call {
    /// A call of an operation; the plan's request has no `authorization` yet.
    pub fn new(plan: Plan, settings: &CallSettings) -> Self {
        let Plan { operation, request, search, keeps_odd } = plan;
        let mut call = Self::to(Target::Operation(operation), request, settings);
        call.search = search;
        call.classifier.keeps_odd = keeps_odd;
        call
    }

    /// A request for a token.
    pub fn for_token(request: Request, settings: &CallSettings) -> Self {
        Self::to(Target::TokenEndpoint, request, settings)
    }

    fn to(target: Target, request: Request, settings: &CallSettings) -> Self {
        let mut classifier = Classifier::of(target, settings.secrets.clone());
        classifier.hide_secrets_of(&request);
        Self {
            classifier,
            request,
            search: None,
            timeout: settings.timeout,
            attempt_timeout: settings.attempt_timeout,
            retry: settings.retry,
            reports: settings.reports,
            doubts_base: settings.doubts_base,
            renewable: false,
            resent: false,
            created_ids: None,
            reservation: None,
            observed: false,
            deadline: None,
            phase: Phase::New,
            unknown_outcome: None,
            may_have_acted: false,
            token: None,
            renewed: false,
            made: 0,
            number: 0,
            first_sent: None,
            sent: None,
            attempts: Vec::new(),
            response: None,
            hold: None,
            notices: Vec::new(),
        }
    }

    /// As a part of something longer: it ends with that one's deadline, and goes on with its history.
    pub fn within(&mut self, deadline: Option<Instant>, history: Vec<Attempt>) -> &mut Self {
        self.deadline = deadline;
        self.attempts = history;
        self
    }

    /// With a token that can be renewed where the server refuses it.
    pub fn renewable(&mut self) -> &mut Self {
        self.renewable = true;
        self
    }

    /// By a platform that may send a request a second time of its own accord, where a connection ends without an answer: the
    /// only answer is then that to the second, which meets what the first one made.
    pub fn resent(&mut self) -> &mut Self {
        self.resent = true;
        self
    }

    /// Among other calls of a client: what one of its creates has made, no other is told that it has made.
    pub fn among(&mut self, created_ids: &CreatedIds) -> &mut Self {
        let is_create = self.classifier.target == Target::Operation(Operation::Create);
        self.created_ids = is_create.then(|| created_ids.clone());
        self
    }

    /// With room for its body for as long as it lasts.
    ///
    /// # Errors
    ///
    /// As [`BodyBudget::reserve`].
    pub fn reserving(&mut self, budget: &BodyBudget) -> Result<&mut Self, Invalid> {
        let body = self.request.body.as_ref();
        self.reservation = body.map(|body| budget.reserve(body.reveal().len())).transpose()?;
        Ok(self)
    }

    /// With an observer, who is told [`Step::notices`].
    pub fn observed(&mut self) -> &mut Self {
        self.observed = true;
        if self.classifier.target == Target::Operation(Operation::Replace) {
            let paths = self.classifier.stand_ins(&self.request);
            self.notices.extend((!paths.is_empty()).then_some(Notice::HiddenSecrets { paths }));
        }
        self
    }

    /// Nothing that it tells will show this, however a server echoes it.
    pub fn hiding(&mut self, secret: &Secret) -> &mut Self {
        self.classifier.hide_secret(secret);
        self
    }

    /// A text of somebody else's without the secrets that it might echo.
    pub fn hide(&self, text: &str) -> String {
        self.classifier.hide(text)
    }

    /// The name of its operation.
    pub fn name(&self) -> &'static str {
        self.classifier.name()
    }

    /// Takes in what happened, and says what to do next. `random` is from 0 to 1.
    pub fn step(&mut self, event: Event, now: Now, random: f64) -> Step {
        let (effect, until) = self.next(event, now, random);
        self.classifier.rest();
        let notices = std::mem::take(&mut self.notices);
        Step { effect, until, hold: self.hold.take(), notices }
    }

    fn next(&mut self, event: Event, now: Now, random: f64) -> Next {
        match (self.phase, event) {
            (_, Event::Aborted) => self.fail(Error::new(ErrorKind::Aborted, "aborted")),
            (Phase::New, Event::Started) => self.start(now),
            (Phase::Token, Event::Token(token)) => self.admit(token),
            (Phase::Token, Event::TokenFailed(error)) => self.give_up(error),
            (Phase::Admission, Event::Admitted) => self.send(now),
            (Phase::Admission, Event::Queued { expected, held }) => self.queue(expected, held, now),
            (Phase::InFlight, Event::Response(response)) => self.receive(response, now, random),
            (Phase::InFlight, Event::Failed(failure)) => self.on_transport_error(&failure, now, random),
            (Phase::InFlight, Event::TimedOut) => self.time_out(now, random),
            (Phase::Pause, Event::Woke) => self.approach(now),
            (Phase::Token | Phase::Admission, Event::TimedOut) => self.run_out(),
            (phase, _) => {
                let message = ["a call was told what cannot happen (", phase.as_str(), ")"].concat();
                self.fail(Error::new(ErrorKind::Internal, message))
            }
        }
    }

    fn start(&mut self, now: Now) -> Next {
        self.deadline = self.deadline.or_else(|| self.timeout.after(now));
        self.approach(now)
    }

    /// Begins an attempt.
    fn approach(&mut self, now: Now) -> Next {
        if self.is_over(now) {
            return self.run_out();
        }
        match self.classifier.target {
            Target::Operation(_) => self.get_token(false),
            Target::TokenEndpoint => self.send(now),
        }
    }

    fn is_over(&self, now: Now) -> bool {
        self.deadline.is_some_and(|deadline| now.moment >= deadline)
    }

    /// The deadline has come while nothing was in flight.
    fn run_out(&mut self) -> Next {
        let late = self.classifier.late(Limit::Call, self.timeout);
        self.give_up(late.error)
    }

    fn get_token(&mut self, is_rejected: bool) -> Next {
        self.phase = Phase::Token;
        let rejected = self.token.take().filter(|_| is_rejected).map(|token| token.generation);
        (Effect::GetToken { rejected }, self.deadline)
    }

    fn admit(&mut self, token: Issued) -> Next {
        self.classifier.hide_secret(&token.secret);
        self.token = Some(token);
        self.phase = Phase::Admission;
        (Effect::Admit, self.deadline)
    }

    fn queue(&mut self, expected: Duration, held: Option<Instant>, now: Now) -> Next {
        if let Some(until) = held.filter(|until| !self.may_wait(*until, now)) {
            return self.give_up(held_back(self.classifier.name(), until - now.moment));
        }
        self.notice(|_| Notice::Wait { reason: WaitReason::RateLimit, length: expected });
        (Effect::Queue, self.deadline)
    }

    /// Whether the call would wait so long if the server had asked it.
    fn may_wait(&self, until: Instant, now: Now) -> bool {
        let is_short = match self.retry {
            Retry::On(policy) => until - now.moment <= policy.max_retry_after,
            Retry::Off => true,
        };
        is_short && self.deadline.is_none_or(|deadline| until < deadline)
    }

    fn send(&mut self, now: Now) -> Next {
        // Timers are late where a machine slept or was busy: what is sent then may still act, and nobody waits for it.
        if self.is_over(now) {
            return self.run_out();
        }
        self.phase = Phase::InFlight;
        self.sent = Some(now);
        self.first_sent = self.first_sent.or(Some(now));
        self.number += 1;
        let mut request = self.current_request().clone();
        request.all_fields = self.reports;
        if let Some(token) = &self.token {
            request.headers.add("authorization", &["Bearer ", token.secret.reveal()]);
        }
        let attempt = self.number;
        self.notice(|call| Notice::Request { attempt, method: request.method, url: call.url() });
        let until = match (self.attempt_timeout.after(now), self.deadline) {
            (Some(attempt), Some(call)) => Some(attempt.earlier(call)),
            (attempt, call) => attempt.or(call),
        };
        (Effect::Send(Box::new(request)), until)
    }

    fn current_request(&self) -> &Request {
        let look_up = self.search.as_ref().and_then(|search| search.request.as_ref());
        look_up.filter(|_| self.unknown_outcome.is_some()).unwrap_or(&self.request)
    }

    fn current_target(&self) -> Target {
        if self.unknown_outcome.is_some() { Target::Operation(Operation::List) } else { self.classifier.target }
    }

    fn receive(&mut self, mut response: Response, now: Now, random: f64) -> Next {
        self.classifier.hide_echoes(&mut response);
        let info = ResponseInfo::of(&response);
        self.record(now, Some(&info));
        if info.deprecated {
            self.notice(|call| Notice::Deprecated { url: call.url() });
        }
        self.response = Some(info);
        if self.unknown_outcome.is_some() && is_good(response.status) {
            return self.look_into(response, now, random);
        }
        match self.classify(response, now) {
            Ok(answer) => self.finish(Ok(answer)),
            Err(failure) => self.handle(failure, now, random),
        }
    }

    /// What the last response means, with its id.
    fn classify(&self, response: Response, now: Now) -> Result<Answer, Box<Failure>> {
        let is_page = response.body.trim_ascii_start().first() == Some(&b'<');
        let doubts_url = is_page || matches!(response.status, 0 | 300..=399 | 404);
        let judged = self.classifier.response(self.current_target(), response, now);
        judged.map_err(|mut failure| {
            failure.error.request_id = self.response.as_ref().and_then(|response| response.request_id.clone());
            self.located(failure, doubts_url)
        })
    }

    /// The failure with the URL of the request that failed; in its message too, where that may be what is wrong.
    fn located(&self, mut failure: Box<Failure>, doubts_url: bool) -> Box<Failure> {
        let url = self.url();
        if doubts_url {
            let shown = split_before_any(&url, b"?").map_or(url.as_str(), |(path, _)| path);
            // The API's own answers have an id: the address is right then.
            let is_doubled = self.doubts_base && failure.status == Some(404) && failure.error.request_id.is_none();
            let hint = if is_doubled { "): must baseUrl end before the API version?" } else { ")" };
            failure.error.message.push_str(&[" (", shown, hint].concat());
        }
        failure.error.url = Some(url);
        failure
    }

    /// The URL of the current request, as it may be shown.
    pub fn url(&self) -> String {
        self.classifier.hide(&self.current_request().url)
    }

    /// An attempt that brought no response.
    fn on_transport_error(&mut self, failure: &TransportFailure, now: Now, random: f64) -> Next {
        self.record(now, None);
        let lost = self.classifier.lost(failure);
        // A connection could not be made.
        let doubts_url = !lost.may_have_acted && !failure.is_unsent;
        let failure = self.located(lost, doubts_url);
        self.handle(failure, now, random)
    }

    fn time_out(&mut self, now: Now, random: f64) -> Next {
        self.record(now, None);
        let failure = match self.is_over(now) {
            true => self.classifier.late(Limit::Call, self.timeout),
            false => self.classifier.late(Limit::Attempt, self.attempt_timeout),
        };
        self.handle(self.located(failure, false), now, random)
    }

    fn record(&mut self, now: Now, response: Option<&ResponseInfo>) {
        let sent = self.sent.unwrap_or(now);
        self.made += 1;
        let attempt = Attempt::ended(sent, now, response);
        if let Some(response) = response {
            let (number, status, duration) = (self.number, response.status, now.moment - sent.moment);
            let request_id = attempt.request_id.clone();
            self.notice(|_| Notice::Response { attempt: number, status, duration, request_id });
        }
        self.attempts.push(attempt);
    }

    /// Decides what follows a failed attempt.
    fn handle(&mut self, failure: Box<Failure>, now: Now, random: f64) -> Next {
        if failure.status == Some(429) {
            self.hold = failure.asked.map(|asked| now.moment + asked);
        }
        if failure.status == Some(401) && self.renewable && !self.renewed {
            return self.renew();
        }
        if let Some(doubt) = &self.unknown_outcome {
            // For a refusal one look is enough: nobody waits long to be told what is known.
            return if doubt.may_have_acted {
                self.try_again(failure, now, random)
            } else {
                self.give_up(failure.error)
            };
        }
        let is_gone = failure.status == Some(404) && self.may_have_acted;
        match self.classifier.target {
            Target::Operation(Operation::Delete) if is_gone => return self.finish(Ok(Answer::default())),
            Target::Operation(Operation::Create) if failure.may_have_acted => {
                return self.begin_look_up(failure, now, random);
            }
            // What a name that is taken is answered with; which of the two is documented nowhere.
            Target::Operation(Operation::Create) if self.resent && matches!(failure.status, Some(400 | 409)) => {
                return self.doubt_refusal(failure, now);
            }
            // What 425 says of the early data that it is about is more than a create should rely on.
            Target::Operation(Operation::Create) if failure.status == Some(425) => return self.give_up(failure.error),
            _ => {}
        }
        self.may_have_acted |= failure.may_have_acted;
        self.try_again(failure, now, random)
    }

    /// One more try with another token, which counts as no attempt.
    fn renew(&mut self) -> Next {
        self.renewed = true;
        self.made = self.made.saturating_sub(1);
        self.note_retry(RetryReason::Unauthorized, Duration(0.0));
        self.get_token(true)
    }

    #[expect(clippy::boxed_local, reason = "out of its box it would be copied")]
    fn try_again(&mut self, failure: Box<Failure>, now: Now, random: f64) -> Next {
        let pause = failure.reason.and_then(|reason| {
            let pause = self.retry.pause(self.made, failure.asked, random)?;
            let until = now.moment + pause.length;
            self.deadline.is_none_or(|deadline| until < deadline).then_some((reason, pause, until))
        });
        let Some((reason, pause, until)) = pause else { return self.give_up(failure.error) };
        self.note_retry(reason, pause.length);
        let reason = if pause.asked { WaitReason::RetryAfter } else { WaitReason::Retry };
        self.pause(reason, pause.length, until)
    }

    fn pause(&mut self, reason: WaitReason, length: Duration, until: Instant) -> Next {
        self.notice(|_| Notice::Wait { reason, length });
        self.phase = Phase::Pause;
        (Effect::Wait(until), None)
    }

    fn note_retry(&mut self, reason: RetryReason, waited: Duration) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.retried(reason, waited);
        }
    }

    /// A create that may have happened is not sent again; what it made is looked up.
    fn begin_look_up(&mut self, failure: Box<Failure>, now: Now, random: f64) -> Next {
        let may_look = self.may_look(now);
        let pause = self.retry.pause(0, failure.asked, random).filter(|_| may_look);
        let (reason, asked) = (failure.retry_reason(), failure.asked);
        let is_plain_error = failure.status == Some(500);
        self.unknown_outcome = Some(failure);
        let Some(pause) = pause else { return self.stay_in_doubt(is_plain_error && self.retry == Retry::Off) };
        let until = now.moment + pause.length;
        let fits = self.deadline.is_none_or(|deadline| until < deadline);
        // The server may still be at it; but where there is no time to wait, a look now is better than none.
        let (length, until) = match (fits, asked) {
            (true, _) => (pause.length, until),
            (false, None) => (Duration(0.0), now.moment),
            (false, Some(_)) => return self.stay_in_doubt(false),
        };
        self.note_retry(reason, length);
        self.made = 0;
        self.pause(if pause.asked { WaitReason::RetryAfter } else { WaitReason::Retry }, length, until)
    }

    fn may_look(&self, now: Now) -> bool {
        self.search.as_ref().is_some_and(|search| search.request.is_some()) && !self.is_over(now)
    }

    /// The name may be taken by what this very create has made. Nothing goes on that a look would have to wait for, and
    /// whatever else it shows, the refusal stands.
    fn doubt_refusal(&mut self, failure: Box<Failure>, now: Now) -> Next {
        if self.retry == Retry::Off || !self.may_look(now) {
            return self.fail(failure.error);
        }
        self.unknown_outcome = Some(failure);
        self.made = 0;
        self.note_retry(RetryReason::Refused, Duration(0.0));
        self.approach(now)
    }

    /// What the look-up says.
    fn look_into(&mut self, response: Response, now: Now, random: f64) -> Next {
        let is_refused = self.unknown_outcome.as_ref().is_some_and(|doubt| !doubt.may_have_acted);
        let skew = if is_refused { reconcile::SMALL_SKEW } else { reconcile::SKEW };
        let not_before = reconcile::not_before_ms(&response, self.first_sent.unwrap_or(now), now, skew);
        let list = match self.classify(response, now) {
            Ok(list) => list.json.unwrap_or_default(),
            Err(failure) => return self.handle(failure, now, random),
        };
        let name = self.search.as_ref().map_or("", |search| search.name.as_str());
        let found = match &self.request.body {
            Some(sent) => reconcile::find(&list, name, sent, not_before),
            None => Found::Unclear,
        };
        match found {
            Found::Made { id, .. } if self.created_ids.as_ref().is_some_and(|created_ids| created_ids.hold(&id)) => {
                self.stay_in_doubt(false)
            }
            Found::Made { text, id } => {
                self.notice(|_| Notice::Reconciled { id });
                self.finish(Ok(Answer { json: Some(text), ..Answer::default() }))
            }
            Found::Nothing => {
                let is_plain_error = self.unknown_outcome.as_ref().and_then(|doubt| doubt.status) == Some(500);
                self.stay_in_doubt(is_plain_error)
            }
            Found::Unclear => self.stay_in_doubt(false),
        }
    }

    /// Ends the call with an error; while a create is in doubt, that is what its caller must know.
    fn give_up(&mut self, error: Box<Error>) -> Next {
        if self.unknown_outcome.is_some() { self.stay_in_doubt(false) } else { self.fail(error) }
    }

    /// The create may have happened, unless its own error says that it did not.
    fn stay_in_doubt(&mut self, did_not_happen: bool) -> Next {
        let Some(failure) = self.unknown_outcome.take() else {
            return self.fail(Error::new(ErrorKind::Internal, "no doubt"));
        };
        let mut cause = failure.error;
        if did_not_happen || !failure.may_have_acted {
            return self.fail(cause);
        }
        let name = self.search.as_ref().map(|search| search.name.clone()).unwrap_or_default();
        let message =
            ["whether the integration was created is not known, look before you create it again: ", &cause.message]
                .concat();
        let request_id = cause.request_id.clone();
        cause.operation = Some(Operation::Create);
        cause.attempts = self.attempts.to_vec();
        let mut error = Error::new(ErrorKind::UnknownOutcome { name, cause }, message);
        error.request_id = request_id;
        self.fail(error)
    }

    fn fail(&mut self, error: Box<Error>) -> Next {
        self.finish(Err(error))
    }

    fn finish(&mut self, result: Result<Answer, Box<Error>>) -> Next {
        self.phase = Phase::Ended;
        let attempts = std::mem::take(&mut self.attempts);
        let response = self.response.take();
        let result = result.map_err(|error| self.explain(error, &attempts));
        let sent = self.sent.map(|sent| sent.moment);
        if let (Some(created_ids), Ok(Answer { json: Some(made), .. })) = (&self.created_ids, &result) {
            created_ids.add(made);
        }
        (Effect::Finished(Box::new(Outcome { response, attempts, sent, result })), None)
    }

    /// Tells an error whose it is.
    fn explain(&self, mut error: Box<Error>, attempts: &[Attempt]) -> Box<Error> {
        match self.classifier.target {
            Target::Operation(operation) => error.operation = Some(operation),
            Target::TokenEndpoint => {
                let status = match error.kind {
                    ErrorKind::Token(_) => None,
                    ErrorKind::Redirected { status, .. } | ErrorKind::BadResponse { status, .. } => Some(Some(status)),
                    _ => Some(None),
                };
                if let Some(status) = status {
                    error.kind = ErrorKind::Token(TokenFailure { status, ..TokenFailure::default() });
                }
            }
        }
        error.attempts = attempts.to_vec();
        if error.url.is_none() && self.sent.is_some() {
            error.url = Some(self.url());
        }
        error
    }

    fn notice(&mut self, notice: impl FnOnce(&Self) -> Notice) {
        if self.observed {
            let notice = notice(self);
            self.notices.push(notice);
        }
    }
}

/// An effect, and when to give it up.
type Next = (Effect, Option<Instant>);

/// The server has asked for a longer wait than the call may make, before the call was sent at all.
fn held_back(name: &str, left: Duration) -> Box<Error> {
    let failure = ApiFailure { status: 429, retry_after_ms: Some(left.0), ..ApiFailure::default() };
    let seconds = whole((left.0 / 1000.0).ceil());
    let message = [name, " was not sent: the server has asked all calls to wait ", &seconds, " s longer"].concat();
    Error::new(ErrorKind::Api(Box::new(failure)), message)
}

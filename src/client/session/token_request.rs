//! Requests for a token that calls share. A request belongs to no call: the one that began it may be aborted.

use super::carrier::{Brought, Carried, Carrier, checked, no_token};
use super::effect::{Effect, Ending, Settled, TaskNotice, Turn};
use super::machine::{Input, Kind, Scope, Session};
use super::token::{Generation, Issued, Supply, Token, TokenReason};
use super::{ClientId, TaskId};
use crate::client::call::event::{Notice, Outcome};
use crate::client::call::retry::Retry;
use crate::client::options::settings::Auth;
use crate::client::{Call, Error, ErrorKind};
use crate::clock::{Instant, TimeLimit};

/// Where a call's token comes from.
pub(super) enum TokenSource {
    /// It is there.
    Token(Issued),
    /// The caller's function gives one for this call.
    Function {
        /// Whether it must be another one than before.
        is_forced: bool,
    },
    /// This task brings one.
    Request(TaskId),
}

/// A request for a token.
pub(super) struct TokenRequest {
    reason: TokenReason,
    /// It was begun behind a call, which has a token: it may fail.
    in_background: bool,
    /// The calls that wait for it.
    waiting: Vec<TaskId>,
    begun: Instant,
    work: Work,
}

enum Work {
    /// Client credentials buy one.
    Buy(Carrier),
    /// The caller's function gives one.
    Ask { until: Option<Instant>, is_asked: bool },
}

impl TokenRequest {
    pub(super) fn into_call(self) -> Option<Box<Call>> {
        if let Work::Buy(carrier) = self.work { Some(carrier.call) } else { None }
    }
}

impl Session {
    /// Where the token of a call comes from; `rejected` is the one that the server refused.
    pub(super) fn token_source(&mut self, scope: Scope, rejected: Option<Generation>, turn: &mut Turn) -> TokenSource {
        let closed = TokenSource::Function { is_forced: false };
        let Some(client) = self.clients.get_mut(scope.client.0) else { return closed };
        let reason = match &client.auth {
            Auth::Token(token) => {
                return TokenSource::Token(Issued { secret: token.clone(), generation: Generation::default() });
            }
            Auth::Function { is_shared: true } if rejected == Some(client.forced) => TokenReason::Rejected,
            Auth::Function { is_shared } => {
                return TokenSource::Function { is_forced: rejected.is_some() && !is_shared };
            }
            Auth::Client(_) => match client.cache.supply(rejected, scope.moment()) {
                Supply::Ready(token) => return TokenSource::Token(token),
                Supply::Renew(token) => {
                    // Where requests are kept apart, it would end with the one that happens to begin it.
                    if !self.is_apart {
                        self.token_request(scope, TokenReason::Expiring, true, turn);
                    }
                    return TokenSource::Token(token);
                }
                Supply::Buy(reason) => reason,
            },
        };
        let request = self.token_request(scope, reason, false, turn);
        if let Some(request) = self.token_request_mut(request) {
            request.waiting.push(scope.task);
        }
        TokenSource::Request(request)
    }

    /// The request that is on its way, or a new one. Where requests are kept apart, each call has its own.
    fn token_request(&mut self, scope: Scope, reason: TokenReason, in_background: bool, turn: &mut Turn) -> TaskId {
        let client = self.clients.get(scope.client.0);
        if let Some(known) = client.and_then(|client| client.token_request) {
            return known;
        }
        let work = match client.map(|client| (&client.auth, &client.defaults)) {
            Some((Auth::Client(credentials), defaults)) => {
                let mut settings = defaults.clone();
                settings.retry = if in_background { Retry::Off } else { settings.retry };
                let mut call = Box::new(Call::for_token(credentials.token_request(), &settings));
                call.hiding(&credentials.client_secret);
                Work::Buy(Carrier::for_token(call))
            }
            // A function that never answers must not keep every later call waiting for it.
            Some((_, defaults)) => {
                let mut limits = [defaults.attempt_timeout, defaults.timeout].into_iter();
                let limit = limits.find(|limit| *limit != TimeLimit::None);
                Work::Ask { until: limit.and_then(|limit| limit.after(scope.clock.now)), is_asked: false }
            }
            None => Work::Ask { until: None, is_asked: false },
        };
        let request = TokenRequest { reason, in_background, waiting: Vec::new(), begun: scope.moment(), work };
        let id = self.begin(scope.client, Kind::TokenRequest(Box::new(request)));
        turn.token_requests.push(id);
        if let Some(client) = self.clients.get_mut(scope.client.0).filter(|_| !self.is_apart) {
            client.token_request = Some(id);
        }
        id
    }

    fn token_request_mut(&mut self, id: TaskId) -> Option<&mut TokenRequest> {
        match self.tasks.get_mut(id.0).map(|task| &mut task.kind) {
            Some(Kind::TokenRequest(request)) => Some(request),
            _ => None,
        }
    }

    /// A call waits no more. A request that no call waits for is given up.
    pub(super) fn leave_token_request(&mut self, client: ClientId, id: TaskId, waiter: TaskId) {
        let Some(request) = self.token_request_mut(id) else { return };
        request.waiting.retain(|waiting| *waiting != waiter);
        if request.waiting.is_empty() && !request.in_background {
            self.forget_token_request(client, id);
            self.cancel(id);
        }
    }

    /// The next call that needs a token begins another request.
    fn forget_token_request(&mut self, client: ClientId, id: TaskId) {
        if let Some(client) = self.clients.get_mut(client.0).filter(|client| client.token_request == Some(id)) {
            client.token_request = None;
        }
    }

    pub(super) fn advance_token_request(
        &mut self,
        scope: Scope,
        request: &mut TokenRequest,
        input: Option<Input>,
        turn: &mut Turn,
    ) -> Effect {
        let got = match (&mut request.work, input) {
            (Work::Buy(carrier), input) => match self.carry(scope, carrier, input, turn) {
                Carried::Waits(effect) => return effect,
                Carried::Ended(outcome) => self.bought(scope.client, *outcome, request.begun, carrier.call.url()),
            },
            (Work::Ask { .. }, Some(Input::Abort)) => Err(Error::new(ErrorKind::Aborted, "aborted")),
            (Work::Ask { .. }, Some(Input::Token(answer))) => checked(answer).map(|secret| {
                let client = self.clients.get_mut(scope.client.0);
                let generation = client.map(|client| {
                    client.forced = client.forced.next();
                    client.forced
                });
                Issued { secret, generation: generation.unwrap_or_default() }
            }),
            (Work::Ask { until, .. }, Some(Input::Timeout)) if scope.is_past(*until) => {
                Err(no_token("the token function was not done in time"))
            }
            (Work::Ask { until, is_asked }, _) => {
                if std::mem::replace(is_asked, true) {
                    return Effect::Pending;
                }
                return Effect::AskToken { is_forced: true, is_shared: true, until: *until };
            }
        };
        self.land(scope, request, got, turn)
    }

    fn bought(
        &mut self,
        client: ClientId,
        outcome: Outcome,
        begun: Instant,
        url: String,
    ) -> Result<Issued, Box<Error>> {
        let Outcome { result, sent, .. } = outcome;
        let text = result?.json.unwrap_or_default();
        let token = Token::read(text.as_bytes(), sent.unwrap_or(begun)).map_err(|reason| {
            let mut error = no_token(&["the token endpoint gave no token: ", reason, " (", &url, ")"].concat());
            error.url = Some(url);
            error
        })?;
        let client = self.clients.get_mut(client.0).ok_or_else(|| no_token("the client is closed"))?;
        Ok(client.cache.keep(token))
    }

    /// Gives what it has brought to the calls that wait for it.
    fn land(
        &mut self,
        scope: Scope,
        request: &mut TokenRequest,
        got: Result<Issued, Box<Error>>,
        turn: &mut Turn,
    ) -> Effect {
        self.forget_token_request(scope.client, scope.task);
        let now = scope.moment();
        if got.is_ok() {
            let notice = Notice::Token { reason: request.reason, duration: now - request.begun };
            self.notice(scope.client, turn, TaskNotice { operation: None, notice });
        } else if let Some(client) = self.clients.get_mut(scope.client.0).filter(|_| request.in_background) {
            client.cache.rest(now);
        }
        for waiter in std::mem::take(&mut request.waiting) {
            let brought = match &got {
                Ok(issued) => Brought::Token(issued.clone()),
                Err(_) if request.in_background => Brought::Nothing,
                Err(error) => Brought::Failure(error.to_another()),
            };
            if let Some(carrier) = self.tasks.get_mut(waiter.0).and_then(|task| task.kind.carrier_mut()) {
                carrier.brought = Some(brought);
            }
            // It is woken also where requests are kept apart: it began the request itself.
            self.wake_own(waiter);
        }
        Effect::Settle(Settled::of(None, Ending::Nothing))
    }
}

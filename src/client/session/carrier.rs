//! Carries one call through what it asks of the session: a token, a permit of the limiter, a wait.

use super::effect::{Effect, TaskNotice, TokenAnswer, Turn};
use super::limiter::{Admission, Permit};
use super::machine::{Input, Kind, Scope, Session, Task};
use super::token::{Generation, Issued, TokenReason, is_token};
use super::token_request::TokenSource;
use super::{ClientId, TaskId};
use crate::client::call::event::{self, Event, Notice, Outcome, Step};
use crate::client::error::{Thrown, TokenFailure};
use crate::client::{Call, Error, ErrorKind};
use crate::clock::Instant;
use crate::wire::Secret;

/// A call, and where it stands.
pub(super) struct Carrier {
    pub(super) call: Box<Call>,
    /// Whether the caller wants to know of the last response.
    pub(super) reports: bool,
    /// Whether the gateway counts its requests: that of a token goes elsewhere.
    is_counted: bool,
    stage: Stage,
    permit: Option<Permit>,
    /// What the token request that it waits for has brought.
    pub(super) brought: Option<Brought>,
}

/// What the call waits for.
#[derive(Debug, Clone, Copy)]
enum Stage {
    New,
    /// The generation is that of what was to be had when it was asked.
    TokenFunction {
        is_forced: bool,
        begun: Instant,
        generation: Generation,
    },
    TokenRequest {
        request: TaskId,
        rejected: Option<Generation>,
        until: Option<Instant>,
    },
    Permit {
        until: Option<Instant>,
        was_held: Option<Instant>,
    },
    Answer {
        until: Option<Instant>,
    },
    Pause(Instant),
}

/// What a token request has brought to a call that waited for it.
pub(super) enum Brought {
    Token(Issued),
    Failure(Box<Error>),
    /// It was made behind a call, and may fail: the call must look anew where its token comes from.
    Nothing,
}

/// How far a call was carried.
pub(super) enum Carried {
    /// Until it waits for this.
    Waits(Effect),
    /// To its end.
    Ended(Box<Outcome>),
}

/// What becomes of an effect of a call within the session.
enum Next {
    Event(Event),
    Wait(Effect),
}

impl Carrier {
    pub(super) fn new(call: Box<Call>, reports: bool) -> Self {
        Self { call, reports, is_counted: true, stage: Stage::New, permit: None, brought: None }
    }

    /// That of a request for a token.
    pub(super) fn for_token(call: Box<Call>) -> Self {
        Self { is_counted: false, ..Self::new(call, false) }
    }
}

impl Session {
    /// Carries a call on, with what its task was told.
    pub(super) fn carry(
        &mut self,
        scope: Scope,
        carrier: &mut Carrier,
        input: Option<Input>,
        turn: &mut Turn,
    ) -> Carried {
        let mut next = self.look(scope, carrier, input, turn);
        loop {
            let event = match next {
                Next::Event(event) => event,
                Next::Wait(effect) => return Carried::Waits(effect),
            };
            let Step { effect, until, hold, notices } = carrier.call.step(event, scope.clock.now, scope.clock.random);
            let operation = Some(carrier.call.name());
            turn.notices.extend(notices.into_iter().map(|notice| TaskNotice { operation, notice }));
            if let Some(hold) = hold.filter(|_| carrier.is_counted) {
                self.hold(scope.client, hold);
            }
            next = match effect {
                event::Effect::GetToken { rejected } => self.get_token(scope, carrier, rejected, until, turn),
                event::Effect::Admit => self.enter(scope, carrier, until),
                event::Effect::Queue => {
                    let admission = self.ask(scope, carrier);
                    let was_held = if let Some(Admission::Held(held)) = admission { Some(held) } else { None };
                    carrier.stage = Stage::Permit { until, was_held };
                    self.queue(scope, carrier, admission)
                }
                event::Effect::Send(request) => {
                    carrier.stage = Stage::Answer { until };
                    Next::Wait(Effect::Fetch { request, until })
                }
                event::Effect::Wait(moment) => {
                    carrier.stage = Stage::Pause(moment);
                    Next::Wait(Effect::Wait { until: Some(moment), token_request: None })
                }
                event::Effect::Finished(outcome) => {
                    self.give_back(scope, carrier);
                    return Carried::Ended(outcome);
                }
            };
        }
    }

    /// Whether what the call waits for has come.
    fn look(&mut self, scope: Scope, carrier: &mut Carrier, input: Option<Input>, turn: &mut Turn) -> Next {
        match (carrier.stage, input) {
            (Stage::New, None) => Next::Event(Event::Started),
            (Stage::TokenFunction { is_forced, begun, generation }, Some(Input::Token(answer))) => {
                let event = self.token_given(scope, answer, is_forced, begun, turn);
                Next::Event(event.map_or_else(Event::TokenFailed, |secret| Event::Token(Issued { secret, generation })))
            }
            (Stage::TokenRequest { request, .. }, Some(Input::Abort)) => {
                self.leave_token_request(scope.client, request, scope.task);
                Next::Event(Event::Aborted)
            }
            (Stage::TokenRequest { request, rejected, until }, _) => match carrier.brought.take() {
                Some(Brought::Token(issued)) => Next::Event(Event::Token(issued)),
                Some(Brought::Failure(error)) => Next::Event(Event::TokenFailed(error)),
                Some(Brought::Nothing) => self.get_token(scope, carrier, rejected, until, turn),
                None if scope.is_past(until) => {
                    self.leave_token_request(scope.client, request, scope.task);
                    Next::Event(Event::TimedOut)
                }
                None => Next::Wait(Effect::Wait { until, token_request: Some(request) }),
            },
            (Stage::Permit { .. }, None) => {
                let admission = self.ask(scope, carrier);
                self.queue(scope, carrier, admission)
            }
            (Stage::Pause(moment), None) if scope.is_past(Some(moment)) => Next::Event(Event::Woke),
            (Stage::Pause(moment), None) => Next::Wait(Effect::Wait { until: Some(moment), token_request: None }),
            (Stage::Answer { .. }, Some(input)) => {
                self.give_back(scope, carrier);
                input.into_event().map_or(Next::Wait(Effect::Pending), Next::Event)
            }
            (_, Some(input)) => input.into_event().map_or(Next::Wait(Effect::Pending), Next::Event),
            (_, None) => Next::Wait(Effect::Pending),
        }
    }

    fn get_token(
        &mut self,
        scope: Scope,
        carrier: &mut Carrier,
        rejected: Option<Generation>,
        until: Option<Instant>,
        turn: &mut Turn,
    ) -> Next {
        match self.token_source(scope, rejected, turn) {
            TokenSource::Token(issued) => Next::Event(Event::Token(issued)),
            TokenSource::Function { is_forced } => {
                let generation = self.clients.get(scope.client.0).map(|client| client.forced).unwrap_or_default();
                carrier.stage = Stage::TokenFunction { is_forced, begun: scope.moment(), generation };
                Next::Wait(Effect::AskToken { is_forced, is_shared: false, until })
            }
            TokenSource::Request(request) => {
                carrier.stage = Stage::TokenRequest { request, rejected, until };
                Next::Wait(Effect::Wait { until, token_request: Some(request) })
            }
        }
    }

    fn token_given(
        &self,
        scope: Scope,
        answer: TokenAnswer,
        is_forced: bool,
        begun: Instant,
        turn: &mut Turn,
    ) -> Result<Secret, Box<Error>> {
        let secret = checked(answer)?;
        let reason = if is_forced { TokenReason::Rejected } else { TokenReason::Missing };
        let notice = Notice::Token { reason, duration: scope.moment() - begun };
        self.notice(scope.client, turn, TaskNotice { operation: None, notice });
        Ok(secret)
    }

    // The limiter.

    fn enter(&mut self, scope: Scope, carrier: &mut Carrier, until: Option<Instant>) -> Next {
        let Some((_, shared)) = self.limiter(scope.client) else { return Next::Event(Event::Admitted) };
        carrier.permit = Some(shared.limiter.enter(scope.task));
        carrier.stage = Stage::Permit { until, was_held: None };
        match self.ask(scope, carrier) {
            Some(Admission::Go) | None => Next::Event(Event::Admitted),
            Some(admission) => Next::Event(self.queued(scope, carrier, admission)),
        }
    }

    fn queued(&mut self, scope: Scope, carrier: &Carrier, admission: Admission) -> Event {
        let shared = self.limiter(scope.client).zip(carrier.permit);
        let expected = shared.map(|((_, shared), permit)| shared.limiter.expected(permit, scope.moment()));
        let held = if let Admission::Held(until) = admission { Some(until) } else { None };
        Event::Queued { expected: expected.unwrap_or_default(), held }
    }

    /// Waits for its turn. A hold that begins meanwhile ends the wait: whether to wait for that is the call's decision.
    fn queue(&mut self, scope: Scope, carrier: &Carrier, admission: Option<Admission>) -> Next {
        let Stage::Permit { until, was_held } = carrier.stage else { return Next::Wait(Effect::Pending) };
        let again = match admission {
            Some(Admission::Go) | None => return Next::Event(Event::Admitted),
            _ if scope.is_past(until) => return Next::Event(Event::TimedOut),
            Some(admission @ Admission::Held(held)) if was_held.is_none_or(|before| before < held) => {
                return Next::Event(self.queued(scope, carrier, admission));
            }
            Some(Admission::Held(moment) | Admission::At(moment)) => Some(moment),
            Some(Admission::Behind) => None,
        };
        let until = again.into_iter().chain(until).reduce(Instant::earlier);
        Next::Wait(Effect::Wait { until, token_request: None })
    }

    fn ask(&mut self, scope: Scope, carrier: &Carrier) -> Option<Admission> {
        let permit = carrier.permit?;
        let (place, shared) = self.limiter(scope.client)?;
        let admission = shared.limiter.poll(permit, scope.moment());
        if admission == Admission::Go {
            self.wake_first(place);
        }
        Some(admission)
    }

    /// Gives up a place in the queue, or tells that the answer has come.
    fn give_back(&mut self, scope: Scope, carrier: &mut Carrier) {
        let Some(permit) = carrier.permit.take() else { return };
        let Some((place, shared)) = self.limiter(scope.client) else { return };
        shared.limiter.leave(permit);
        shared.limiter.done(permit, scope.moment());
        self.wake_first(place);
    }

    fn hold(&mut self, client: ClientId, until: Instant) {
        let Some((_, shared)) = self.limiter(client) else { return };
        shared.limiter.hold(until);
        let waiting: Vec<TaskId> = shared.limiter.waiting().collect();
        waiting.into_iter().for_each(|task| self.wake(task));
    }

    /// The request of a task has been sent now.
    pub fn handle_sent(&mut self, task: TaskId, now: Instant) {
        let Some(Task { client, kind, .. }) = self.tasks.get(task.0) else { return };
        let Some(Carrier { permit: Some(permit), stage: Stage::Answer { until }, .. }) = kind.carrier() else { return };
        let (client, permit, until) = (*client, *permit, *until);
        if let Some((_, shared)) = self.limiter(client) {
            shared.limiter.sent(permit, now, until);
        }
    }

    fn limiter(&mut self, client: ClientId) -> Option<(usize, &mut super::client::SharedLimiter)> {
        let (place, _) = self.clients.get(client.0)?.rate?;
        Some((place, self.limiters.get_mut(place)?))
    }

    /// Wakes the first that waits for a limiter.
    pub(super) fn wake_first(&mut self, place: usize) {
        let first = self.limiters.get(place).and_then(|shared| shared.limiter.first());
        if let Some(first) = first {
            self.wake(first);
        }
    }
}

impl Kind {
    /// The call that is on its way.
    pub(super) fn carrier(&self) -> Option<&Carrier> {
        match self {
            Self::Call(carrier, _) => Some(carrier),
            Self::Page(page) => Some(&page.carrier),
            Self::Update(updating) => updating.carrier(),
            Self::TokenRequest(_) | Self::Next(_) | Self::Failed(_) | Self::Released => None,
        }
    }

    pub(super) fn carrier_mut(&mut self) -> Option<&mut Carrier> {
        match self {
            Self::Call(carrier, _) => Some(carrier),
            Self::Page(page) => Some(&mut page.carrier),
            Self::Update(updating) => updating.carrier_mut(),
            Self::TokenRequest(_) | Self::Next(_) | Self::Failed(_) | Self::Released => None,
        }
    }
}

/// The token that a function gave.
///
/// # Errors
///
/// A token error where it threw, or gave something else.
pub(super) fn checked(answer: TokenAnswer) -> Result<Secret, Box<Error>> {
    let message = match answer {
        TokenAnswer::Text(token) if is_token(token.reveal()) => return Ok(token),
        TokenAnswer::Text(token) if token.reveal().is_empty() => "the token function gave an empty string",
        TokenAnswer::Text(_) => {
            "the token function must give the token alone: visible ASCII characters, no white space"
        }
        TokenAnswer::NoText => "the token function must give a string",
        TokenAnswer::Threw(place) => {
            let mut error = no_token("the token function failed");
            error.thrown = Some(Thrown::Own(place));
            return Err(error);
        }
    };
    Err(no_token(message))
}

/// There is no token to be had.
pub(super) fn no_token(message: &str) -> Box<Error> {
    Error::new(ErrorKind::Token(TokenFailure::default()), message)
}

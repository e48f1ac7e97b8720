//! The session: its tasks, what they are told, and what they say is to be done.

use std::cell::OnceCell;
use std::fmt;

use super::carrier::{Carried, Carrier};
use super::client::{Client, SharedLimiter};
use super::effect::{Clock, Effect, Ending, Page, Report, Settled, TaskNotice, TokenAnswer, Turn};
use super::token_request::TokenRequest;
use super::updating::Updating;
use super::walking::{PageTask, Walk};
use super::{ClientId, TaskId, WalkId};
use crate::client::call::event::{Event, Outcome};
use crate::client::call::memory::BodyBudget;
use crate::client::response::decode::Answer;
use crate::client::response::report::total;
use crate::client::{Call, Error, ErrorKind};
use crate::clock::Instant;
use crate::http::message::{Response, TransportFailure};
use crate::query::ListQuery;
use crate::slab::Slab;

/// See the [module](super).
pub struct Session {
    /// Whether requests are kept apart in one memory: then no task waits for another, and none is woken.
    pub(super) is_apart: bool,
    pub(super) clients: Slab<Client>,
    pub(super) limiters: Slab<SharedLimiter>,
    pub(super) tasks: Slab<Task>,
    pub(super) walks: Slab<Walk>,
    pub(super) budget: OnceCell<BodyBudget>,
    woken: Vec<TaskId>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// How much it holds: what it holds are secrets, mostly.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Session");
        shown.field("clients", &self.clients.len()).field("tasks", &self.tasks.len());
        shown.field("walks", &self.walks.len()).finish()
    }
}

/// What one function of the outside carries.
pub(super) struct Task {
    pub(super) client: ClientId,
    pub(super) kind: Kind,
    pub(super) input: Option<Input>,
    /// Whether nothing waits for it any more.
    pub(super) is_cancelled: bool,
}

/// The task that is advanced, its client, and the moment.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) task: TaskId,
    pub(super) client: ClientId,
    pub(super) clock: Clock,
}

impl Scope {
    pub(super) fn moment(&self) -> Instant {
        self.clock.now.moment
    }

    /// Whether a moment has come.
    pub(super) fn is_past(&self, until: Option<Instant>) -> bool {
        until.is_some_and(|until| self.moment() >= until)
    }
}

/// What a task does.
pub(super) enum Kind {
    /// An operation; of a list, the page that was asked for.
    Call(Carrier, Option<ListQuery>),
    Update(Box<Updating>),
    Page(PageTask),
    Next(WalkId),
    TokenRequest(Box<TokenRequest>),
    /// It has failed, and what it caught may still be looked at.
    Failed(Option<Box<Call>>),
    /// That is over, but a step of its walk may still name it.
    Released,
}

/// What a task is told.
pub(super) enum Input {
    Response(Response),
    Failure(TransportFailure),
    Timeout,
    Token(TokenAnswer),
    Change {
        before: String,
        after: String,
    },
    /// The caller's function threw, or gave what is no integration.
    ChangeFailure(Ending),
    Abort,
}

impl Input {
    /// What it is to a call.
    pub(super) fn into_event(self) -> Option<Event> {
        match self {
            Self::Response(response) => Some(Event::Response(response)),
            Self::Failure(failure) => Some(Event::Failed(failure)),
            Self::Timeout => Some(Event::TimedOut),
            Self::Abort => Some(Event::Aborted),
            Self::Token(_) | Self::Change { .. } | Self::ChangeFailure(_) => None,
        }
    }
}

impl Session {
    /// One without clients.
    pub const fn new() -> Self {
        Self {
            is_apart: false,
            clients: Slab::new(),
            limiters: Slab::new(),
            tasks: Slab::new(),
            walks: Slab::new(),
            budget: OnceCell::new(),
            woken: Vec::new(),
        }
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// How many calls wait for their turn in a limiter.
    pub fn in_queues(&self) -> usize {
        self.limiters.iter().map(|(_, shared)| shared.limiter.waiting().count()).sum()
    }

    /// How many requests of a limiter are on their way.
    pub fn on_their_way(&self) -> usize {
        self.limiters.iter().map(|(_, shared)| shared.limiter.on_their_way()).sum()
    }

    /// The moments of how many requests the limiters keep.
    pub fn moments(&self) -> usize {
        self.limiters.iter().map(|(_, shared)| shared.limiter.moments()).sum()
    }

    /// How many tasks there ever were at once: so much memory is kept for them.
    pub fn most_tasks(&self) -> usize {
        self.tasks.places()
    }

    /// The answer to a request, read to its end.
    pub fn handle_response(&mut self, task: TaskId, response: Response) {
        self.tell(task, Input::Response(response));
    }

    /// No answer came, or it broke off.
    pub fn handle_failure(&mut self, task: TaskId, failure: TransportFailure) {
        self.tell(task, Input::Failure(failure));
    }

    /// The `until` of an effect has come.
    pub fn handle_timeout(&mut self, task: TaskId) {
        self.tell(task, Input::Timeout);
    }

    /// The token function has answered.
    pub fn handle_token(&mut self, task: TaskId, answer: TokenAnswer) {
        self.tell(task, Input::Token(answer));
    }

    /// The caller has changed the integration `before` to `after`; both are JSON as the platform writes it.
    pub fn handle_change(&mut self, task: TaskId, before: String, after: String) {
        self.tell(task, Input::Change { before, after });
    }

    /// The caller's function threw, or gave what is no JSON.
    pub fn handle_change_failure(&mut self, task: TaskId, ending: Ending) {
        self.tell(task, Input::ChangeFailure(ending));
    }

    /// The caller's signal has fired.
    pub fn abort(&mut self, task: TaskId) {
        self.tell(task, Input::Abort);
    }

    fn tell(&mut self, task: TaskId, input: Input) {
        if let Some(task) = self.tasks.get_mut(task.0) {
            task.input = Some(input);
        }
    }

    /// A text of the outside without the secrets of the task that it might echo. The task has failed, and is not released yet.
    pub fn hide(&self, task: TaskId, text: &str) -> String {
        match self.tasks.get(task.0).map(|task| &task.kind) {
            Some(Kind::Failed(Some(call))) => call.hide(text),
            _ => text.to_owned(),
        }
    }

    /// A task that failed is over: what it caught has been looked at. The number of a page stays taken for as long as
    /// [`Ending::FailedPage`] may name it.
    pub fn release(&mut self, id: TaskId) {
        let may_be_named = self.may_be_named(id);
        match self.tasks.get_mut(id.0) {
            Some(Task { kind: kind @ Kind::Failed(_), .. }) if may_be_named => *kind = Kind::Released,
            Some(Task { kind: Kind::Failed(_), .. }) => drop(self.tasks.remove(id.0)),
            _ => {}
        }
    }

    /// A task that is to be polled.
    pub fn poll_wake(&mut self) -> Option<TaskId> {
        (!self.woken.is_empty()).then(|| self.woken.remove(0))
    }

    pub(super) fn wake(&mut self, task: TaskId) {
        if !self.is_apart {
            self.woken.push(task);
        }
    }

    /// Wakes a task of the same request of the runtime.
    pub(super) fn wake_own(&mut self, task: TaskId) {
        self.woken.push(task);
    }

    /// Ends a task that nothing waits for.
    pub(super) fn cancel(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.get_mut(id.0) {
            task.is_cancelled = true;
            self.wake_own(id);
        }
    }

    pub(super) fn begin(&mut self, client: ClientId, kind: Kind) -> TaskId {
        TaskId(self.tasks.insert(Task { client, kind, input: None, is_cancelled: false }))
    }

    /// What a task waits for.
    pub fn poll(&mut self, id: TaskId, clock: Clock) -> Turn {
        let mut turn =
            Turn { notices: Vec::new(), pages: Vec::new(), token_requests: Vec::new(), effect: Effect::Pending };
        let Some(mut task) = self.tasks.take(id.0) else {
            turn.effect = Effect::Settle(Settled::failed(Error::new(ErrorKind::Internal, "there is no such task")));
            return turn;
        };
        if task.is_cancelled {
            task.input = Some(Input::Abort);
        }
        let scope = Scope { task: id, client: task.client, clock };
        turn.effect = self.advance(scope, &mut task, &mut turn);
        match &turn.effect {
            Effect::Settle(settled) if matches!(settled.ending, Ending::Failed(_)) => {
                task.kind = Kind::Failed(task.kind.into_call());
                self.tasks.put_back(id.0, task);
            }
            Effect::Settle(_) => self.tasks.give_up(id.0),
            _ => self.tasks.put_back(id.0, task),
        }
        turn
    }

    fn advance(&mut self, scope: Scope, task: &mut Task, turn: &mut Turn) -> Effect {
        let input = task.input.take();
        match &mut task.kind {
            Kind::Call(carrier, query) => {
                let is_aborted = matches!(input, Some(Input::Abort));
                if let Some(query) = query.as_ref().filter(|query| query.matches_nothing() && !is_aborted) {
                    let page = Page::empty(query.clone());
                    return Effect::Settle(Settled::of(None, Ending::Page(Box::new(page))));
                }
                match self.carry(scope, carrier, input, turn) {
                    Carried::Waits(effect) => effect,
                    Carried::Ended(outcome) => Effect::Settle(settled(*outcome, carrier.reports, query.take())),
                }
            }
            Kind::Update(updating) => self.advance_update(scope, updating, input, turn),
            Kind::Page(page) => self.advance_page(scope, page, task.is_cancelled, input, turn),
            Kind::Next(walk) => self.advance_walk(*walk, task.is_cancelled, input, turn),
            Kind::TokenRequest(request) => self.advance_token_request(scope, request, input, turn),
            Kind::Failed(_) | Kind::Released => {
                Effect::Settle(Settled::failed(Error::new(ErrorKind::Internal, "the task has ended")))
            }
        }
    }

    /// Tells the observer of a client.
    pub(super) fn notice(&self, client: ClientId, turn: &mut Turn, notice: TaskNotice) {
        if self.clients.get(client.0).is_some_and(Client::is_observed) {
            turn.notices.push(notice);
        }
    }
}

impl Kind {
    /// The call that knows which secrets must not show.
    fn into_call(self) -> Option<Box<Call>> {
        match self {
            Self::Call(carrier, _) => Some(carrier.call),
            Self::Page(page) => Some(page.carrier.call),
            Self::Update(updating) => updating.into_call(),
            Self::TokenRequest(request) => request.into_call(),
            Self::Next(_) | Self::Failed(_) | Self::Released => None,
        }
    }
}

impl Settled {
    pub(super) fn of(report: Option<Report>, ending: Ending) -> Box<Self> {
        Box::new(Self { report, ending })
    }

    pub(super) fn failed(error: Box<Error>) -> Box<Self> {
        Self::of(None, Ending::Failed(error))
    }
}

impl Page {
    fn empty(query: ListQuery) -> Self {
        let total = query.count().then_some(0);
        Self { json: "[]".to_owned(), keep: None, odd: Vec::new(), query, total, next: None }
    }
}

/// What an outcome is to the caller; `query` is that of a list.
fn settled(outcome: Outcome, reports: bool, query: Option<ListQuery>) -> Box<Settled> {
    let Outcome { response, attempts, result, .. } = outcome;
    let total = response.as_ref().and_then(total);
    let report = response.filter(|_| reports).map(|response| Report { response, attempts });
    let ending = match (result, query) {
        (Err(error), _) => Ending::Failed(error),
        (Ok(Answer { json: None, .. }), _) => Ending::Nothing,
        (Ok(Answer { json: Some(json), .. }), None) => Ending::Json(json),
        (Ok(Answer { json: Some(json), names, odd }), Some(query)) => {
            let next = query.next(names.len(), total);
            Ending::Page(Box::new(Page { json, keep: None, odd, query, total, next }))
        }
    };
    Settled::of(report, ending)
}

//! Walks over the pages of a list: each page is a task of its own, and each step of the loop is one that waits for a page.

use super::carrier::{Carried, Carrier};
use super::effect::{Effect, Ending, Page, Report, Settled, Turn};
use super::machine::{Input, Kind, Scope, Session, Task};
use super::{ClientId, TaskId, WalkId};
use crate::client::call::event::Outcome;
use crate::client::options::settings::CallSettings;
use crate::client::response::decode::Answer;
use crate::client::response::report::total;
use crate::client::{Error, ErrorKind, Operation};
use crate::json::shape::Odd;
use crate::query::{IterateQuery, ListQuery, PageFailure, PageRequest, PageWalk, Ticket, WalkStep};

/// A walk, and its pages.
pub(super) struct Walk {
    client: ClientId,
    settings: CallSettings,
    pages: PageWalk,
    page: Option<WalkPage>,
    /// The step that waits for a page.
    waiting: Option<TaskId>,
}

/// One page that is on its way, or has come and waits for its turn.
struct WalkPage {
    query: ListQuery,
    task: Option<TaskId>,
    /// Whether its task has ended: another may have its number by now.
    is_over: bool,
    json: Option<String>,
    odd: Vec<Odd>,
}

/// A task that fetches a page.
pub(super) struct PageTask {
    walk: WalkId,
    ticket: Ticket,
    pub(super) carrier: Carrier,
}

impl Session {
    pub(super) fn add_walk(&mut self, client: ClientId, settings: CallSettings, query: IterateQuery) -> WalkId {
        let walk = Walk { client, settings, pages: PageWalk::new(query), page: None, waiting: None };
        WalkId(self.walks.insert(walk))
    }

    /// Begins a step of a walk: the task ends with the next page, or with nothing after the last one. One at a time.
    pub fn next_page(&mut self, id: WalkId) -> TaskId {
        let client = self.walks.get_mut(id.0).map(|walk| {
            walk.pages.want_page();
            walk.client
        });
        let task = self.begin(client.unwrap_or(ClientId(usize::MAX)), Kind::Next(id));
        if let Some(walk) = self.walks.get_mut(id.0) {
            walk.waiting = Some(task);
        }
        task
    }

    /// Ends a walk: what is under way is given up, and a step that waits ends with nothing.
    pub fn close_walk(&mut self, id: WalkId) {
        self.stop_walk(id);
        if let Some(step) = self.walks.remove(id.0).and_then(|walk| walk.waiting) {
            self.cancel(step);
        }
    }

    fn stop_walk(&mut self, id: WalkId) {
        let Some(walk) = self.walks.get_mut(id.0) else { return };
        walk.pages.stop();
        if let Some(page) = walk.page.take() {
            self.let_go(page);
        }
    }

    /// A page that its walk needs no more.
    fn let_go(&mut self, page: WalkPage) {
        let is_failed = page.is_failed();
        let Some(task) = page.task else { return };
        if !page.is_over {
            self.cancel(task);
        } else if is_failed && matches!(self.tasks.get(task.0), Some(Task { kind: Kind::Released, .. })) {
            self.tasks.remove(task.0);
        }
    }

    /// Whether a step may still end with the failure of this task.
    pub(super) fn may_be_named(&self, task: TaskId) -> bool {
        let names = |page: &WalkPage| page.task == Some(task) && page.is_failed();
        self.walks.iter().any(|(_, walk)| walk.page.as_ref().is_some_and(names))
    }

    pub(super) fn advance_walk(
        &mut self,
        id: WalkId,
        is_cancelled: bool,
        input: Option<Input>,
        turn: &mut Turn,
    ) -> Effect {
        // Its walk is closed, and another may have the same number.
        if is_cancelled || self.walks.get(id.0).is_none() {
            return Effect::Settle(Settled::of(None, Ending::Nothing));
        }
        if let Some(Input::Abort) = input {
            self.stop_walk(id);
            self.done_waiting(id);
            return Effect::Settle(Settled::failed(Error::new(ErrorKind::Aborted, "aborted")));
        }
        let Some(ending) = self.pump(id, turn) else { return Effect::Wait { until: None, token_request: None } };
        self.done_waiting(id);
        // What is fetched ahead of the loop goes out while the loop works on its page.
        self.pump(id, turn);
        Effect::Settle(Settled::of(None, ending))
    }

    fn done_waiting(&mut self, id: WalkId) {
        if let Some(walk) = self.walks.get_mut(id.0) {
            walk.waiting = None;
        }
    }

    /// Does what the walk says until it waits; gives what the loop gets.
    fn pump(&mut self, id: WalkId, turn: &mut Turn) -> Option<Ending> {
        loop {
            let walk = self.walks.get_mut(id.0)?;
            match walk.pages.poll() {
                WalkStep::Request(request) => self.request_page(id, request, turn),
                WalkStep::Discard(_) => {
                    if let Some(page) = walk.page.take() {
                        self.let_go(page);
                    }
                }
                WalkStep::Page { keep, total, .. } => {
                    let page = walk.page.take()?;
                    let (json, next) = (page.json.unwrap_or_default(), walk.pages.next_query());
                    let WalkPage { query, odd, .. } = page;
                    return Some(Ending::Page(Box::new(Page { json, keep: Some(keep), odd, query, total, next })));
                }
                WalkStep::Raise(_) => {
                    let page = walk.page.take()?;
                    let task = page.task;
                    self.let_go(page);
                    let unasked = || Ending::Failed(Error::new(ErrorKind::Internal, "a page could not be asked for"));
                    return Some(task.map_or_else(unasked, Ending::FailedPage));
                }
                WalkStep::Drift(drift) => {
                    let mut error = Error::new(ErrorKind::PageDrift, drift.message);
                    let client = walk.client;
                    error.operation = Some(Operation::List);
                    error.url = self.endpoint(client).map(|endpoint| endpoint.url(Operation::List, "", ""));
                    return Some(Ending::Failed(error));
                }
                WalkStep::Done => return Some(Ending::Nothing),
                WalkStep::Wait => return None,
            }
        }
    }

    fn request_page(&mut self, id: WalkId, request: PageRequest, turn: &mut Turn) {
        let PageRequest { ticket, query } = request;
        let Some(Walk { client, settings, .. }) = self.walks.get(id.0) else { return };
        let (client, reports) = (*client, settings.reports);
        let call = self.planned(client, settings, &|endpoint, headers| endpoint.list(&query, headers));
        // The query was checked when the walk began.
        let task = call.ok().map(|call| {
            let carrier = Carrier::new(call, reports);
            self.begin(client, Kind::Page(PageTask { walk: id, ticket, carrier }))
        });
        turn.pages.extend(task);
        let Some(walk) = self.walks.get_mut(id.0) else { return };
        if task.is_none() {
            walk.pages.handle_failure(ticket, PageFailure::Other);
        }
        walk.page = Some(WalkPage { query, task, is_over: false, json: None, odd: Vec::new() });
    }

    pub(super) fn advance_page(
        &mut self,
        scope: Scope,
        page: &mut PageTask,
        is_cancelled: bool,
        input: Option<Input>,
        turn: &mut Turn,
    ) -> Effect {
        let outcome = match self.carry(scope, &mut page.carrier, input, turn) {
            Carried::Waits(effect) => return effect,
            Carried::Ended(outcome) => *outcome,
        };
        let Outcome { response, attempts, result, .. } = outcome;
        let total = response.as_ref().and_then(total);
        let report = response.filter(|_| page.carrier.reports).map(|response| Report { response, attempts });
        let ending = match result {
            Err(error) => {
                self.page_failed(page, is_cancelled, &error);
                Ending::Failed(error)
            }
            Ok(answer) => {
                self.page_came(page, is_cancelled, answer, total);
                Ending::Nothing
            }
        };
        Effect::Settle(Settled::of(report, ending))
    }

    fn page_came(&mut self, page: &PageTask, is_cancelled: bool, answer: Answer, total: Option<u64>) {
        let Some(walk) = self.walks.get_mut(page.walk.0).filter(|_| !is_cancelled) else { return };
        walk.pages.handle_page(page.ticket, answer.names, total);
        walk.end_page(answer.json, answer.odd);
        self.wake_step(page.walk);
    }

    fn page_failed(&mut self, page: &PageTask, is_cancelled: bool, error: &Error) {
        let Some(walk) = self.walks.get_mut(page.walk.0).filter(|_| !is_cancelled) else { return };
        let failure = match &error.kind {
            ErrorKind::Api(failure) if failure.status == 400 => PageFailure::BadRequest,
            _ => PageFailure::Other,
        };
        walk.pages.handle_failure(page.ticket, failure);
        walk.end_page(None, Vec::new());
        self.wake_step(page.walk);
    }

    /// Wakes the step that waits, if any: also where requests are kept apart, since a loop is of one request.
    fn wake_step(&mut self, id: WalkId) {
        if let Some(step) = self.walks.get(id.0).and_then(|walk| walk.waiting) {
            self.wake_own(step);
        }
    }
}

impl WalkPage {
    fn is_failed(&self) -> bool {
        self.is_over && self.json.is_none()
    }
}

impl Walk {
    fn end_page(&mut self, json: Option<String>, odd: Vec<Odd>) {
        if let Some(page) = &mut self.page {
            (page.is_over, page.json, page.odd) = (true, json, odd);
        }
    }
}

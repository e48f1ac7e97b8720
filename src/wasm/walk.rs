//! A walk over all pages of a list, driven by whoever asks for the next.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::abort::Cancel;
use super::caller::Caller;
use super::pages::Page;
use super::promise::promise;
use super::sender::{Refusal, Sender};
use super::{arguments, failure};
use crate::client::options::listing;
use crate::client::response::report;
use crate::client::{Call, Error, ErrorKind};
use crate::query::{IterateQuery, ListQuery, PageDrift, PageFailure, PageRequest, PageWalk, Ticket, WalkStep};

#[wasm_bindgen]
extern "C" {
    /// An integration, parsed from an answer that was checked.
    type Item;
    #[wasm_bindgen(method, getter, structural)]
    fn id(this: &Item) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn name(this: &Item) -> Option<String>;
}

/// A walk: what one loop over `iterate()` stands on.
#[wasm_bindgen]
pub struct WalkCore(Rc<Walk>);

struct Walk {
    sender: Rc<Sender>,
    caller: Caller,
    filters: JsValue,
    walk: RefCell<PageWalk>,
    requests: RefCell<Vec<Request>>,
    /// Whether a loop waits for a page: then only it may ask the walk, since it is told but once.
    waiting: Cell<bool>,
    /// Whether anything happened since that loop looked.
    changed: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// What the loop is to be told: a page, or nothing after the last.
type Told = Result<Option<Taken>, JsValue>;

/// A page that the loop may have.
struct Taken {
    items: Array,
    query: ListQuery,
    total: Option<u64>,
}

/// One page that is on its way, or has come and waits for its turn.
struct Request {
    ticket: Ticket,
    query: ListQuery,
    cancel: Cancel,
    result: Option<Result<Array, Refusal>>,
}

impl WalkCore {
    /// A walk of `query`, as the caller gave it.
    ///
    /// # Errors
    ///
    /// A `ValidationError`, also for the options that every page will be asked for with.
    pub fn new(sender: &Rc<Sender>, given: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let read = || {
            let query: IterateQuery = listing::read_walk(&arguments::given(given))?;
            let caller = Caller::read(&sender.defaults, options)?;
            Ok((PageWalk::new(query, sender.endpoint.list_url().len())?, caller))
        };
        let (walk, caller) = read().map_err(failure::invalid_to_js)?;
        Ok(Self(Rc::new(Walk {
            sender: Rc::clone(sender),
            caller,
            filters: arguments::option(given, "filters"),
            walk: RefCell::new(walk),
            requests: RefCell::default(),
            waiting: Cell::default(),
            changed: Cell::default(),
            waker: Cell::default(),
        })))
    }
}

#[wasm_bindgen]
impl WalkCore {
    /// The next page; `undefined` after the last. One at a time.
    #[wasm_bindgen(js_name = next)]
    pub fn next(&self) -> Promise {
        self.promise_next(true)
    }

    /// The items of the next page, for a loop that looks at nothing else of it.
    #[wasm_bindgen(js_name = nextItems)]
    pub fn next_items(&self) -> Promise {
        self.promise_next(false)
    }
}

impl WalkCore {
    /// One for a page and for its items alone, as each would have a copy of its code.
    fn promise_next(&self, is_whole: bool) -> Promise {
        let walk = Rc::clone(&self.0);
        promise(async move {
            let taken = walk.take_next().await?;
            let told = taken.map(|taken| if is_whole { walk.page(&taken) } else { taken.items.into() });
            Ok(told.unwrap_or(JsValue::UNDEFINED))
        })
    }
}

impl Drop for WalkCore {
    /// Ends the walk: what is under way is aborted.
    fn drop(&mut self) {
        self.0.walk.borrow_mut().stop();
        self.0.go_on();
    }
}

impl Walk {
    async fn take_next(self: &Rc<Self>) -> Told {
        let abort = self.caller.watch(Cancel::default());
        if abort.is_fired() {
            self.walk.borrow_mut().stop();
            self.pump();
            return Err(abort.reason());
        }
        drop(abort);
        self.walk.borrow_mut().want_page();
        self.waiting.set(true);
        let end = loop {
            if let Some(end) = self.pump() {
                break end;
            }
            self.change().await;
        };
        self.waiting.set(false);
        // What is fetched ahead of the loop goes out while the loop works on its page.
        self.pump();
        end
    }

    /// Does what the walk says until it waits; gives what the loop is to be told.
    fn pump(self: &Rc<Self>) -> Option<Told> {
        loop {
            let step = self.walk.borrow_mut().poll();
            match step {
                WalkStep::Request(request) => self.request(request),
                WalkStep::Discard(ticket) => drop(self.forget(ticket)),
                WalkStep::Page { ticket, keep, total } => return Some(self.take(ticket, &keep, total)),
                WalkStep::Raise(ticket) => return Some(self.take(ticket, &[], None)),
                WalkStep::Drift(drift) => return Some(Err(drifted(&drift))),
                WalkStep::Done => return Some(Ok(None)),
                WalkStep::Wait => return None,
            }
        }
    }

    fn request(self: &Rc<Self>, request: PageRequest) {
        let PageRequest { ticket, query } = request;
        let call = self.sender.prepare(&self.caller.settings, &|endpoint, headers| endpoint.list(&query, headers));
        let cancel = Cancel::default();
        self.requests.borrow_mut().push(Request { ticket, query, cancel: cancel.clone(), result: None });
        let walk = Rc::clone(self);
        spawn_local(async move {
            let came = match call {
                Ok(call) => walk.send(call, cancel).await,
                Err(invalid) => Err(Refusal { thrown: failure::invalid_to_js(invalid), kind: ErrorKind::Internal }),
            };
            walk.came(ticket, came);
        });
    }

    async fn send(&self, call: Box<Call>, cancel: Cancel) -> Result<(Array, Option<u64>), Refusal> {
        let ended = self.sender.send(call, &self.caller.watch(cancel)).await;
        self.caller.tell(ended.response.as_ref(), &ended.attempts);
        let total = ended.response.as_ref().and_then(report::total);
        ended.result.map(|items| (items.unchecked_into(), total))
    }

    fn came(self: &Rc<Self>, ticket: Ticket, came: Result<(Array, Option<u64>), Refusal>) {
        match &came {
            Ok((items, total)) => {
                let ids = items.iter().map(|item| unique_name(item.unchecked_ref()));
                self.walk.borrow_mut().handle_page(ticket, ids, *total);
            }
            Err(refusal) => self.walk.borrow_mut().handle_failure(ticket, failure_of(&refusal.kind)),
        }
        if let Some(request) = self.requests.borrow_mut().iter_mut().find(|request| request.ticket == ticket) {
            request.result = Some(came.map(|(items, _)| items));
        }
        self.go_on();
    }

    /// Wakes the loop where one waits; else does what needs no loop.
    fn go_on(self: &Rc<Self>) {
        if !self.waiting.get() {
            self.pump();
            return;
        }
        self.changed.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn change(&self) {
        poll_fn(|context| {
            if self.changed.replace(false) {
                return Poll::Ready(());
            }
            self.waker.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn forget(&self, ticket: Ticket) -> Option<Request> {
        let mut requests = self.requests.borrow_mut();
        let place = requests.iter().position(|request| request.ticket == ticket)?;
        Some(requests.remove(place))
    }

    /// What came of the request: its items at the places `keep`, or its failure.
    fn take(&self, ticket: Ticket, keep: &[usize], total: Option<u64>) -> Told {
        let Some(mut request) = self.forget(ticket) else { return Ok(None) };
        let Some(result) = request.result.take() else { return Ok(None) };
        let items = result.map_err(|refusal| refusal.thrown)?;
        let items = if keep.len() == items.length() as usize { items } else { pick(&items, keep) };
        Ok(Some(Taken { items, query: std::mem::take(&mut request.query), total }))
    }

    fn page(&self, Taken { items, query, total }: &Taken) -> JsValue {
        let next = self.walk.borrow().next_query();
        Page { items, query, total: *total, next }.to_js(&self.filters)
    }
}

impl Drop for Request {
    /// A request that nobody waits for any more is aborted; one that has come is not hurt by it.
    fn drop(&mut self) {
        self.cancel.fire();
    }
}

fn pick(items: &Array, keep: &[usize]) -> Array {
    keep.iter().filter_map(|place| u32::try_from(*place).ok()).map(|place| items.get(place)).collect()
}

/// The id; where the server left it out, the name, which is unique too.
fn unique_name(item: &Item) -> String {
    item.id().or_else(|| item.name()).unwrap_or_default()
}

fn failure_of(kind: &ErrorKind) -> PageFailure {
    match kind {
        ErrorKind::Api(failure) if failure.status == 400 => PageFailure::BadRequest,
        _ => PageFailure::Other,
    }
}

fn drifted(drift: &PageDrift) -> JsValue {
    failure::to_js(&Error::new(ErrorKind::PageDrift, drift.message.as_str()), &[])
}

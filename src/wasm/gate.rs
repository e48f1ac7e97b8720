//! One governor for each client id and API version, shared by all clients that this copy of the package made.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object};

use super::bell::{Bell, ring};
use super::clock::{self, Timer};
use super::runtime;
use crate::client::Event;
use crate::client::options::settings::Auth;
use crate::client::session::governor::{Admission, Governor, RateLimit, Ticket};
use crate::client::{ApiVersion, Endpoint};
use crate::clock::Moment;
use crate::wire::Secret;

thread_local! {
    static GATES: RefCell<Vec<(Key, Rc<Gate>)>> = const { RefCell::new(Vec::new()) };
}

/// Whom the gateway counts as one.
#[derive(Clone, PartialEq)]
struct Key {
    origin: String,
    version: ApiVersion,
    who: Who,
}

#[derive(Clone)]
enum Who {
    Holder(Secret),
    Function(Function),
}

impl PartialEq for Who {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Holder(one), Self::Holder(other)) => one == other,
            (Self::Function(one), Self::Function(other)) => Object::is(one, other),
            _ => false,
        }
    }
}

struct Gate {
    governor: RefCell<Governor>,
    /// The bells of those who wait and may be told.
    waiting: RefCell<Vec<(Ticket, u32)>>,
}

/// A client's membership in a gate: its limit holds for as long as this lives.
pub struct Member {
    gate: Rc<Gate>,
    limit: RateLimit,
}

impl Member {
    /// Joins those who call the same API with the same credential; `function` is the token function, if any.
    pub fn join(endpoint: &Endpoint, auth: &Auth, function: Option<&Function>, limit: RateLimit) -> Self {
        let who = match (auth, function) {
            (Auth::Client(credentials), _) => Who::Holder(credentials.client_id.clone()),
            (Auth::Function, Some(function)) => Who::Function(function.clone()),
            (Auth::Token(token), _) => Who::Holder(token.clone()),
            (Auth::Function, None) => Who::Holder(Secret::new("")),
        };
        let key = Key { origin: endpoint.base.origin().to_owned(), version: endpoint.version, who };
        let now = clock::moment();
        let gate = GATES.with_borrow_mut(|gates| {
            gates.retain(|(_, gate)| Rc::strong_count(gate) > 1 || !gate.governor.borrow().is_idle(now));
            if let Some((_, gate)) = gates.iter().find(|(known, _)| *known == key) {
                return Rc::clone(gate);
            }
            let gate = Rc::new(Gate::new());
            gates.push((key, Rc::clone(&gate)));
            gate
        });
        gate.governor.borrow_mut().join(limit);
        Self { gate, limit }
    }

    /// Takes the last place in the queue, for a call that ends at `until`.
    pub fn enter(&self, until: Option<Moment>) -> Place {
        let ticket = self.gate.governor.borrow_mut().enter(until);
        Place { gate: Rc::clone(&self.gate), ticket, state: State::Waiting }
    }

    /// Holds everyone back until then.
    pub fn hold(&self, until: Moment) {
        self.gate.governor.borrow_mut().hold(until);
        self.gate.wake_all();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.gate.governor.borrow_mut().part(self.limit);
        self.gate.wake_first();
    }
}

impl Gate {
    fn new() -> Self {
        let governor = if runtime::keeps_requests_apart() { Governor::of_guests_apart() } else { Governor::default() };
        Self { governor: RefCell::new(governor), waiting: RefCell::default() }
    }

    fn wake_all(&self) {
        let waiting = self.waiting.borrow().clone();
        waiting.into_iter().for_each(|(_, bell)| ring(bell));
    }

    fn wake_first(&self) {
        let Some(first) = self.governor.borrow().first() else { return };
        let bell = self.waiting.borrow().iter().find(|(ticket, _)| *ticket == first).map(|(_, bell)| *bell);
        if let Some(bell) = bell {
            ring(bell);
        }
    }
}

/// A place in the queue, and then a request on its way; dropped, it is given up, or done.
pub struct Place {
    gate: Rc<Gate>,
    ticket: Ticket,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Gone,
}

impl Place {
    /// Whether it may go now, and if not, for how long it will wait.
    pub fn ask(&mut self) -> Event {
        let now = clock::moment();
        match self.poll(now) {
            Admission::Go => Event::Admitted,
            admission => Event::Queued {
                expected: self.gate.governor.borrow().expected(self.ticket, now),
                held: if let Admission::Held(until) = admission { Some(until) } else { None },
            },
        }
    }

    /// Waits for its turn. A hold that begins meanwhile ends the wait: whether to wait for that is the call's decision.
    pub async fn turn(&mut self) -> Event {
        let mut now = clock::moment();
        let mut admission = self.poll(now);
        let was_held = if let Admission::Held(until) = admission { Some(until) } else { None };
        loop {
            let until = match admission {
                Admission::Go => return Event::Admitted,
                Admission::Held(until) if was_held.is_none_or(|before| before < until) => {
                    let expected = self.gate.governor.borrow().expected(self.ticket, now);
                    return Event::Queued { expected, held: Some(until) };
                }
                Admission::Held(moment) | Admission::At(moment) => Some(moment),
                Admission::Behind(moment) => moment,
            };
            self.woken_or(until).await;
            now = clock::moment();
            admission = self.poll(now);
        }
    }

    /// Its request has been sent, and its answer comes before `until`.
    pub fn sent(&self, until: Option<Moment>) {
        // The clock may be a page's own, which may call anything: nothing is borrowed while it is asked.
        let now = clock::moment();
        self.gate.governor.borrow_mut().sent(now, until);
    }

    fn poll(&mut self, now: Moment) -> Admission {
        let admission = self.gate.governor.borrow_mut().poll(self.ticket, now);
        match admission {
            Admission::Go => {
                self.state = State::Gone;
                self.gate.wake_first();
            }
            // Those before it may have been lost: then the first does not know that it is.
            Admission::Behind(_) if self.gate.governor.borrow().first() != Some(self.ticket) => self.gate.wake_first(),
            _ => {}
        }
        admission
    }

    /// Ends when there is reason to ask again.
    async fn woken_or(&self, until: Option<Moment>) {
        let bell = Bell::new();
        let _timer = until.map(|moment| Timer::until(moment, &bell));
        // A call that is told by another goes on within that other's turn. Where requests are kept apart, what it sends then
        // would end with the other's request: there each looks again by its own timer alone.
        if !runtime::keeps_requests_apart() {
            self.gate.waiting.borrow_mut().push((self.ticket, bell.number()));
        }
        bell.rung().await;
        self.unlist();
    }

    fn unlist(&self) {
        self.gate.waiting.borrow_mut().retain(|(ticket, _)| *ticket != self.ticket);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = clock::moment();
        let mut governor = self.gate.governor.borrow_mut();
        match self.state {
            State::Waiting => governor.leave(self.ticket),
            State::Gone => governor.done(self.ticket, now),
        }
        drop(governor);
        self.unlist();
        self.gate.wake_first();
    }
}

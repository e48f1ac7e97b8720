//! Gets the token of a call: the given one, the caller's function's, or one that client credentials buy for all.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::abort::{AbortWatch, Cancel};
use super::bell::{Bell, ring};
use super::clock::Timer;
use super::drive::{self, Lane};
use super::observe::Observer;
use super::settle::settle;
use super::transport::Fetch;
use super::{clock, report, runtime};
use crate::client::call::retry::Retry;
use crate::client::error::{ErrorKind, TokenFailure};
use crate::client::options::settings::{Auth, CallSettings};
use crate::client::session::token::{
    BEAT, ClientCredentials, Generation, Issued, Pulse, Supply, Token, TokenCache, TokenReason, is_token,
};
use crate::client::{Call, Error, Outcome};
use crate::clock::TimeLimit;
use crate::clock::{Millis, Moment};
use crate::wire::Secret;

/// A failure and what was thrown behind it.
pub struct Failed {
    /// The failure.
    pub error: Box<Error>,
    /// What the platform or the caller's function threw; `undefined` where nothing was.
    pub cause: JsValue,
}

/// For each call that waited.
impl Clone for Failed {
    fn clone(&self) -> Self {
        Self { error: self.error.to_another(), cause: self.cause.clone() }
    }
}

type Got = Result<Issued, Failed>;

/// How often a call looks for a token that another fetches and may not tell of.
const LOOK_AGAIN: Millis = Millis(20.0);

/// Where the tokens of one client come from.
pub struct Tokens {
    auth: Auth,
    function: Option<Function>,
    fetch: Rc<Fetch>,
    defaults: CallSettings,
    observer: Observer,
    cache: RefCell<TokenCache>,
    /// How often the function was asked for another token than the one it gave.
    forced: Cell<Generation>,
    /// The one request for a token that is on its way.
    flight: RefCell<Option<Flight>>,
}

/// A request for a token, which belongs to no call: whoever began it may be aborted.
#[derive(Clone)]
struct Flight(Rc<InFlight>);

struct InFlight {
    got: RefCell<Option<Got>>,
    /// It was begun behind a call, which has a token: it may fail.
    in_background: bool,
    /// How many calls wait for it.
    waiting: Cell<u32>,
    cancel: Cancel,
    pulse: Cell<Pulse>,
    /// The bells of those who are told when it has landed.
    waiting_for_news: RefCell<Vec<u32>>,
}

/// A call that waits for a flight; a flight for which nobody waits any more is given up.
struct Seat<'t> {
    tokens: &'t Tokens,
    flight: Flight,
}

impl InFlight {
    fn lost_at(&self) -> Option<Moment> {
        self.pulse.get().lost_at(runtime::keeps_requests_apart())
    }

    /// What it brings; nothing where it must be lost. A call that is told goes on within the turn of the one that tells:
    /// where requests are kept apart, only the one that began it is told, and the others look by themselves.
    async fn landing(&self, is_own: bool) -> Option<Got> {
        let bell = Bell::new();
        let is_told = is_own || !runtime::keeps_requests_apart();
        if is_told {
            self.waiting_for_news.borrow_mut().push(bell.number());
        }
        loop {
            if let Some(got) = &*self.got.borrow() {
                return Some(got.clone());
            }
            let now = clock::moment();
            let lost = self.lost_at().filter(|_| !is_own);
            if lost.is_some_and(|lost| lost <= now) {
                return None;
            }
            let look = if is_told { lost } else { Some(now + LOOK_AGAIN) };
            let _timer = look.map(|moment| Timer::until(moment, &bell));
            bell.rung().await;
        }
    }

    /// The same work. Where it may be lost, it gives signs of life by timers of its own: they are lost with it.
    async fn beating<T>(&self, work: impl Future<Output = T>) -> T {
        let next = || runtime::keeps_requests_apart().then(|| clock::moment() + BEAT);
        let mut work = pin!(work);
        loop {
            let mut beat = pin!(clock::sleep_until(next()));
            let done = poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => beat.as_mut().poll(context).map(|()| None),
            });
            if let Some(done) = done.await {
                return done;
            }
            self.pulse.set(self.pulse.get().beat(clock::moment()));
        }
    }

    fn land(&self, got: Got) {
        *self.got.borrow_mut() = Some(got);
        self.waiting_for_news.take().into_iter().for_each(ring);
    }
}

impl<'t> Seat<'t> {
    fn take(tokens: &'t Tokens, flight: Flight) -> Self {
        flight.0.waiting.update(|waiting| waiting + 1);
        Self { tokens, flight }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let InFlight { waiting, cancel, in_background, .. } = &*self.flight.0;
        waiting.update(|waiting| waiting.saturating_sub(1));
        if waiting.get() == 0 && !in_background {
            self.tokens.clear(&self.flight);
            cancel.fire();
        }
    }
}

impl Tokens {
    /// `function` is the caller's, where `auth` says that there is one.
    pub fn new(
        auth: Auth,
        function: Option<Function>,
        fetch: Rc<Fetch>,
        defaults: CallSettings,
        observer: Observer,
    ) -> Self {
        Self {
            auth,
            function,
            fetch,
            defaults,
            observer,
            cache: RefCell::default(),
            forced: Cell::default(),
            flight: RefCell::default(),
        }
    }

    /// A token that can be sent now. `rejected` is one that the server refused.
    ///
    /// # Errors
    ///
    /// A token error where the function threw or gave no token, or the token endpoint did not.
    pub async fn get(self: &Rc<Self>, rejected: Option<Generation>, signal: JsValue) -> Got {
        loop {
            let reason = match &self.auth {
                Auth::Token(token) => {
                    return Ok(Issued { secret: token.clone(), generation: Generation::default() });
                }
                Auth::Function if rejected == Some(self.forced.get()) => TokenReason::Rejected,
                Auth::Function => return self.ask(false, signal).await,
                Auth::Client(_) => match self.supply(rejected) {
                    Ok(token) => return Ok(token),
                    Err(reason) => reason,
                },
            };
            if let Some(got) = self.join(reason).await {
                return got;
            }
        }
    }

    /// Lets a call know whether it can have another token, and not show the client secret.
    pub fn equip(&self, call: &mut Call) {
        match &self.auth {
            Auth::Client(credentials) => call.renewable().hiding(&credentials.client_secret),
            Auth::Function => call.renewable(),
            Auth::Token(_) => call,
        };
    }

    /// The token that there is, or why one must be bought.
    fn supply(self: &Rc<Self>, rejected: Option<Generation>) -> Result<Issued, TokenReason> {
        let supply = self.cache.borrow_mut().supply(rejected, clock::moment());
        match supply {
            Supply::Ready(token) => Ok(token),
            Supply::Renew(token) => {
                // Where requests are kept apart, it would end with the one that happens to begin it.
                if !runtime::keeps_requests_apart() {
                    let _goes_on_alone = self.flight(TokenReason::Expiring, true);
                }
                Ok(token)
            }
            Supply::Buy(reason) => Err(reason),
        }
    }

    /// The token that is on its way, or another one. What was begun behind a call may fail without trying again, and what
    /// another call began may be lost: then there is none, and a call that needs it looks again whether it must buy one.
    async fn join(self: &Rc<Self>, reason: TokenReason) -> Option<Got> {
        let (flight, is_own) = self.flight(reason, false);
        let seat = Seat::take(self, flight);
        match seat.flight.0.landing(is_own).await {
            Some(Err(_)) if seat.flight.0.in_background => None,
            Some(got) => Some(got),
            None => {
                self.clear(&seat.flight);
                None
            }
        }
    }

    /// The request that is on its way, or a new one of the call's own.
    fn flight(self: &Rc<Self>, reason: TokenReason, in_background: bool) -> (Flight, bool) {
        let now = clock::moment();
        if let Some(flight) = &*self.flight.borrow()
            && flight.0.lost_at().is_none_or(|lost| now < lost)
        {
            return (flight.clone(), false);
        }
        let flight = Flight(Rc::new(InFlight {
            got: RefCell::default(),
            in_background,
            waiting: Cell::default(),
            cancel: Cancel::default(),
            pulse: Cell::new(Pulse { at: now, until: None }),
            waiting_for_news: RefCell::default(),
        }));
        *self.flight.borrow_mut() = Some(flight.clone());
        let (tokens, this) = (Rc::clone(self), flight.clone());
        spawn_local(async move {
            let got = this.0.beating(tokens.fetch(reason, &this.0)).await;
            if got.is_err() && in_background {
                tokens.cache.borrow_mut().rest(clock::moment());
            }
            tokens.clear(&this);
            this.0.land(got);
        });
        (flight, true)
    }

    /// The next call that needs a token begins another flight.
    fn clear(&self, flight: &Flight) {
        let mut current = self.flight.borrow_mut();
        if current.as_ref().is_some_and(|current| Rc::ptr_eq(&current.0, &flight.0)) {
            *current = None;
        }
    }

    async fn fetch(&self, reason: TokenReason, flight: &InFlight) -> Got {
        let abort = AbortWatch::with(None, flight.cancel.clone());
        match &self.auth {
            Auth::Client(credentials) => self.buy(credentials, reason, flight, &abort).await,
            Auth::Token(_) | Auth::Function => {
                let until = self.forced_until();
                flight.pulse.set(Pulse { at: clock::moment(), until });
                let asked = drive::race(self.ask(true, JsValue::UNDEFINED), until, &abort).await;
                let late = |_| Err(no_token("the token function was not done in time", JsValue::UNDEFINED));
                let got = asked.unwrap_or_else(late);
                got.map(|token| {
                    self.forced.set(self.forced.get().next());
                    Issued { generation: self.forced.get(), ..token }
                })
            }
        }
    }

    /// A function that never answers must not keep every later call waiting for it.
    fn forced_until(&self) -> Option<Moment> {
        let now = clock::now();
        let limits = [self.defaults.attempt_timeout, self.defaults.timeout];
        limits.into_iter().find(|limit| *limit != TimeLimit::None).and_then(|limit| limit.after(now))
    }

    /// Asks the caller's function.
    async fn ask(&self, is_forced: bool, signal: JsValue) -> Got {
        let generation = self.forced.get();
        let begun = clock::moment();
        let request = js_sys::Object::new().into();
        report::set(&request, "forceRefresh", &is_forced.into());
        if !signal.is_undefined() {
            report::set(&request, "signal", &signal);
        }
        let Some(function) = &self.function else {
            return Err(no_token("there is no token function", JsValue::UNDEFINED));
        };
        let answer = match function.call1(&JsValue::UNDEFINED, &request) {
            Ok(answer) => settle(&answer).await,
            Err(thrown) => Err(thrown),
        };
        let token = answer.map_err(|thrown| no_token("the token function failed", thrown))?;
        let refuse = |message| Err(no_token(message, JsValue::UNDEFINED));
        let token = match token.as_string() {
            Some(token) if token.is_empty() => return refuse("the token function gave an empty string"),
            Some(token) if !is_token(&token) => {
                return refuse(
                    "the token function must give the token alone: visible ASCII characters, no white space",
                );
            }
            Some(token) => Secret::new(token),
            None => return refuse("the token function must give a string"),
        };
        let reason = if is_forced { TokenReason::Rejected } else { TokenReason::Missing };
        self.tell(reason, begun);
        Ok(Issued { secret: token, generation })
    }

    async fn buy(
        &self,
        credentials: &ClientCredentials,
        reason: TokenReason,
        flight: &InFlight,
        abort: &AbortWatch,
    ) -> Got {
        let begun = clock::moment();
        let retry = if flight.in_background { Retry::Off } else { self.defaults.retry };
        let mut settings = self.defaults.clone();
        settings.retry = retry;
        let mut call = Box::new(Call::for_token(credentials.token_request(), &settings));
        call.hiding(&credentials.client_secret);
        let lane = Lane {
            tokens: None,
            fetch: &self.fetch,
            member: None,
            observer: &Observer::default(),
            pulse: Some(&flight.pulse),
        };
        let driven = drive::drive(call, &lane, abort).await;
        let Outcome { result, sent, .. } = driven.outcome;
        let text = result.map_err(|error| {
            let cause = error.thrown.and_then(|place| driven.thrown.into_iter().nth(place));
            Failed { error, cause: cause.unwrap_or(JsValue::UNDEFINED) }
        })?;
        let token = Token::read(text.unwrap_or_default().as_bytes(), sent.unwrap_or(begun))
            .map_err(|reason| no_token(&["the token endpoint gave no token: ", reason].concat(), JsValue::UNDEFINED))?;
        self.tell(reason, begun);
        Ok(self.cache.borrow_mut().keep(token))
    }

    fn tell(&self, reason: TokenReason, begun: Moment) {
        self.observer.tell_token(reason, clock::moment() - begun);
    }
}

fn no_token(message: &str, cause: JsValue) -> Failed {
    Failed { error: Error::new(ErrorKind::Token(TokenFailure::default()), message), cause }
}

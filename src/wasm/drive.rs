//! Carries a call through: does what the core says, and tells it what came of it.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use wasm_bindgen::prelude::*;

use super::abort::AbortWatch;
use super::gate::{Member, Place};
use super::observe::Observer;
use super::tokens::Tokens;
use super::transport::{Fetch, Unanswered};
use super::{cause, clock};
use crate::client::session::token::{Generation, Pulse};
use crate::client::{Call, Effect, Error, Event, Outcome, Step};
use crate::clock::Moment;
use crate::http::message::TransportFailure;

/// What carries the calls of one client.
pub struct Lane<'l> {
    /// Where tokens come from; a request for a token needs none.
    pub tokens: Option<&'l Rc<Tokens>>,
    /// What sends them.
    pub fetch: &'l Fetch,
    /// The rate limit, where there is one.
    pub member: Option<&'l Member>,
    /// Whoever wants to know.
    pub observer: &'l Observer,
    /// For those who wait for it, and cannot see whether it still goes on.
    pub pulse: Option<&'l Cell<Pulse>>,
}

/// How a call ended, and what the platform threw on the way.
pub struct Driven {
    /// How it ended.
    pub outcome: Outcome,
    /// What [`Error::thrown`] counts in.
    pub thrown: Vec<JsValue>,
}

/// Drives `call` to its end.
pub async fn drive(mut call: Box<Call>, lane: &Lane<'_>, abort: &AbortWatch) -> Driven {
    let mut thrown = Vec::new();
    let mut place: Option<Place> = None;
    let mut event = Event::Started;
    let mut random = clock::random();
    let mut now = clock::now();
    loop {
        let Step { effect, until, hold, notices } = call.step(event, now, random);
        if !notices.is_empty() {
            lane.observer.tell(call.name(), notices);
        }
        if let (Some(member), Some(until)) = (lane.member, hold) {
            member.hold(until);
        }
        let (is_sent, takes_time) = (matches!(effect, Effect::Send(_)), !matches!(effect, Effect::Admit));
        let (until, late) = match effect {
            Effect::Finished(outcome) => return Driven { outcome: *outcome, thrown },
            Effect::Wait(moment) => {
                // What chose the length of this wait must not choose that of the next.
                random = clock::random();
                (Some(moment), Event::Woke)
            }
            _ => (until, Event::TimedOut),
        };
        if let Some(pulse) = lane.pulse {
            let at = if let Effect::Wait(moment) = effect { moment } else { now.moment };
            pulse.set(Pulse { at, until });
        }
        // One race for all effects, as each is a copy of its code. It looks at the signal before anything is sent: what is
        // told to an observer may have made it abort.
        let done = async {
            match effect {
                Effect::GetToken { rejected } => match token(lane.tokens, rejected, abort).await {
                    Ok(event) => event,
                    Err((mut error, cause)) => {
                        error.thrown = keep(&mut thrown, &cause, &call);
                        Event::TokenFailed(error)
                    }
                },
                Effect::Admit => match lane.member {
                    Some(member) => place.insert(member.enter(until)).ask(),
                    None => Event::Admitted,
                },
                Effect::Queue => match &mut place {
                    Some(place) => place.turn().await,
                    None => Event::Admitted,
                },
                Effect::Send(request) => {
                    let answer = lane.fetch.send(&request);
                    if let Some(place) = &place {
                        place.sent(until);
                    }
                    match answer.await {
                        Ok(response) => Event::Response(response),
                        Err(Unanswered { thrown: what, is_unsent }) => Event::Failed(TransportFailure {
                            thrown: keep(&mut thrown, &what, &call),
                            is_unsent,
                            ..describe(&what)
                        }),
                    }
                }
                Effect::Wait(_) | Effect::Finished(_) => pending().await,
            }
        };
        event = match race(done, until, abort).await {
            Ok(event) => event,
            Err(Stopped::Late) => late,
            Err(Stopped::Aborted) => Event::Aborted,
        };
        if is_sent {
            place = None;
        }
        if takes_time {
            now = clock::now();
        }
    }
}

type NoToken = (Box<Error>, JsValue);

async fn token(
    tokens: Option<&Rc<Tokens>>,
    rejected: Option<Generation>,
    abort: &AbortWatch,
) -> Result<Event, NoToken> {
    let Some(tokens) = tokens else { return Ok(Event::Aborted) };
    let got = tokens.get(rejected, abort.signal()).await;
    got.map(Event::Token).map_err(|failed| (failed.error, failed.cause))
}

/// Keeps what was thrown for the `cause` of an error.
fn keep(list: &mut Vec<JsValue>, thrown: &JsValue, call: &Call) -> Option<usize> {
    if thrown.is_undefined() {
        return None;
    }
    list.push(cause::shown(thrown, &|text| call.hide(text)));
    Some(list.len() - 1)
}

/// What a thrown value says of itself, with the code that runtimes hide in its cause.
fn describe(thrown: &JsValue) -> TransportFailure {
    use super::arguments::property;
    let text = |value: &JsValue, name| property(value, name).as_string().filter(|text| !text.is_empty());
    let said = text(thrown, "message").or_else(|| thrown.as_string()).unwrap_or_else(|| "fetch failed".to_owned());
    let cause = property(thrown, "cause");
    let code = text(&cause, "code").or_else(|| text(thrown, "code"));
    let message = match code.clone().or_else(|| text(&cause, "message")) {
        Some(code) => [said.as_str(), " (", &code, ")"].concat(),
        None => said,
    };
    TransportFailure { message, code, thrown: None, is_unsent: false }
}

/// Why work was given up.
pub enum Stopped {
    /// By the caller's signal.
    Aborted,
    /// Its time was over.
    Late,
}

/// The work's result, unless the moment or the caller's signal comes first: then the work is dropped.
pub async fn race<T>(work: impl Future<Output = T>, until: Option<Moment>, abort: &AbortWatch) -> Result<T, Stopped> {
    let mut work = pin!(work);
    let mut late = pin!(clock::sleep_until(until));
    let mut aborted = pin!(abort.fired());
    poll_fn(|context| {
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Stopped::Aborted));
        }
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        late.as_mut().poll(context).map(|()| Err(Stopped::Late))
    })
    .await
}

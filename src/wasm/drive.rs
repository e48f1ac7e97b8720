//! Carries a call through: does what the engine says, and tells it what came of it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::abort::AbortWatch;
use super::gate::{Member, Place};
use super::observe::Observer;
use super::tokens::Tokens;
use super::{cause, clock, transport};
use crate::engine::clock::Moment;
use crate::engine::event::TransportFailure;
use crate::engine::token::Generation;
use crate::engine::{Call, Effect, Error, Event, Outcome, Step};

/// What carries the calls of one client.
pub struct Lane<'l> {
    /// Where tokens come from; a request for a token needs none.
    pub tokens: Option<&'l Rc<Tokens>>,
    /// The caller's fetch, if any.
    pub fetch: Option<&'l Function>,
    /// The rate limit, where there is one.
    pub member: Option<&'l Member>,
    /// Whoever wants to know.
    pub observer: &'l Observer,
}

/// How a call ended, and what the platform threw on the way.
pub struct Driven {
    /// How it ended.
    pub outcome: Outcome,
    /// What [`Error::thrown`] counts in.
    pub thrown: Vec<JsValue>,
}

/// Drives `call` to its end.
pub async fn drive(mut call: Call, lane: &Lane<'_>, abort: &AbortWatch) -> Driven {
    let mut thrown = Vec::new();
    let mut place: Option<Place> = None;
    let mut event = Event::Started;
    loop {
        let Step { effect, until, hold, notices } = call.step(event, clock::now(), clock::random());
        lane.observer.tell(call.name(), notices);
        if let (Some(member), Some(until)) = (lane.member, hold) {
            member.hold(until);
        }
        event = match effect {
            Effect::Finished(outcome) => return Driven { outcome: *outcome, thrown },
            Effect::GetToken { rejected } => {
                let got = race(token(lane.tokens, rejected, abort), until, abort).await;
                match got {
                    Ok(Err((mut error, cause))) => {
                        error.thrown = keep(&mut thrown, &cause, &call);
                        Event::TokenFailed(error)
                    }
                    Ok(Ok(event)) | Err(event) => event,
                }
            }
            Effect::Admit => match lane.member {
                Some(member) => place.insert(member.enter(until)).ask(),
                None => Event::Admitted,
            },
            Effect::Queue => match &mut place {
                Some(place) => either(race(place.turn(), until, abort).await),
                None => Event::Admitted,
            },
            // What is told to an observer may have made it abort.
            Effect::Send(_) if abort.is_fired() => Event::Aborted,
            Effect::Send(request) => {
                let sent = transport::send(&request, lane.fetch);
                if let Some(place) = &place {
                    place.sent();
                }
                let sent = race(transport::receive(sent, &request), until, abort).await;
                place = None;
                match sent {
                    Ok(Ok(response)) => Event::Response(response),
                    Ok(Err(what)) => {
                        Event::Failed(TransportFailure { thrown: keep(&mut thrown, &what, &call), ..describe(&what) })
                    }
                    Err(event) => event,
                }
            }
            Effect::Wait(moment) => {
                either(race(clock::sleep_until(Some(moment)), None, abort).await.map(|()| Event::Woke))
            }
        };
    }
}

fn either(result: Result<Event, Event>) -> Event {
    result.unwrap_or_else(|event| event)
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
        Some(code) => format!("{said} ({code})"),
        None => said,
    };
    TransportFailure { message, code, thrown: None }
}

/// The work's result, unless the moment or the caller's signal comes first: then the work is dropped.
pub async fn race<T>(work: impl Future<Output = T>, until: Option<Moment>, abort: &AbortWatch) -> Result<T, Event> {
    let mut work = pin!(work);
    let mut late = pin!(clock::sleep_until(until));
    let mut aborted = pin!(abort.fired());
    poll_fn(|context| {
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Event::Aborted));
        }
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        late.as_mut().poll(context).map(|()| Err(Event::TimedOut))
    })
    .await
}

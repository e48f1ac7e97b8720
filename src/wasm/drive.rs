//! Carries a call through: does what the engine says, and tells it what came of it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::abort::AbortWatch;
use super::clock;
use super::tokens::Tokens;
use super::transport;
use crate::engine::clock::Moment;
use crate::engine::{Call, Effect, Event, Outcome};

/// How a call ended, and what the platform threw last.
pub struct Driven {
    /// How it ended.
    pub outcome: Outcome,
    /// The `cause` of its error; `undefined` where nothing was thrown.
    pub cause: JsValue,
}

/// Drives `call` to its end. `tokens` is where its token comes from; a request for a token needs none.
pub async fn drive(
    mut call: Call,
    tokens: Option<&Rc<Tokens>>,
    fetch: Option<&Function>,
    abort: &AbortWatch,
) -> Driven {
    let mut cause = JsValue::UNDEFINED;
    let mut event = Event::Started;
    loop {
        let step = call.step(event, clock::now());
        let done = match step.effect {
            Effect::Finished(outcome) => return Driven { outcome: *outcome, cause },
            Effect::Send(request) => {
                let sent = transport::send(&request, fetch);
                race(sent, step.until, abort)
                    .await
                    .map(|sent| sent.map_or_else(failed, |response| (Event::Response(response), None)))
            }
            Effect::GetToken => race(token(tokens, abort), step.until, abort).await,
        };
        let (next, thrown) = done.unwrap_or_else(|event| (event, None));
        cause = thrown.unwrap_or(JsValue::UNDEFINED);
        event = next;
    }
}

async fn token(tokens: Option<&Rc<Tokens>>, abort: &AbortWatch) -> (Event, Option<JsValue>) {
    let Some(tokens) = tokens else { return (Event::Aborted, None) };
    match tokens.get(abort.signal()).await {
        Ok(token) => (Event::Token(token), None),
        Err(failed) => (Event::TokenFailed(failed.error), Some(failed.cause)),
    }
}

fn failed(thrown: JsValue) -> (Event, Option<JsValue>) {
    (Event::Failed(describe(&thrown)), Some(thrown))
}

/// What a thrown value says of itself, with the code that runtimes hide in its cause.
fn describe(thrown: &JsValue) -> String {
    use super::arguments::property;
    let text = |value: &JsValue, name| property(value, name).as_string().filter(|text| !text.is_empty());
    let said = text(thrown, "message").or_else(|| thrown.as_string()).unwrap_or_else(|| "fetch failed".to_owned());
    let cause = property(thrown, "cause");
    match text(&cause, "code").or_else(|| text(&cause, "message")) {
        Some(code) => format!("{said} ({code})"),
        None => said,
    }
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

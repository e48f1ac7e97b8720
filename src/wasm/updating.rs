//! Carries an update through: its reads, the caller's change, its write, all within one limit.

use std::rc::Rc;

use js_sys::{Function, JSON};
use wasm_bindgen::prelude::*;

use super::abort::{AbortWatch, Cancel};
use super::caller::Caller;
use super::sender::{Ended, Planner, Refusal, Sender};
use super::settle::settle;
use super::{arguments, clock, drive, failure};
use crate::Invalid;
use crate::client::error::Limit;
use crate::client::response::report::{Attempt, ResponseInfo};
use crate::client::session::update::{Update, UpdateStep};
use crate::client::{Endpoint, Error, ErrorKind};
use crate::clock::Moment;
use crate::http::Headers;

/// An update on its way.
pub struct Updating {
    sender: Rc<Sender>,
    id: String,
    change: Function,
    caller: Caller,
    abort: AbortWatch,
    deadline: Option<Moment>,
    attempts: Vec<Attempt>,
    /// The last response of all its calls.
    response: Option<ResponseInfo>,
}

impl Updating {
    /// Checks the arguments of `integrations.update()`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the argument or the option.
    pub fn new(sender: &Rc<Sender>, id: &JsValue, change: &JsValue, options: &JsValue) -> Result<Self, Invalid> {
        let id = arguments::text("id", id)?;
        let change = change.dyn_ref::<Function>().cloned();
        let change = change.ok_or_else(|| Invalid::new("change", "change must be a function"))?;
        let caller = Caller::read(&sender.defaults, options)?;
        sender.prepare(&caller.settings, &|endpoint, headers| endpoint.get(&id, headers))?;
        Ok(Self {
            sender: Rc::clone(sender),
            id,
            change,
            abort: caller.watch(Cancel::default()),
            deadline: caller.settings.timeout.after(clock::now()),
            caller,
            attempts: Vec::new(),
            response: None,
        })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    ///
    /// What its promise rejects with: what a call fails with, what the caller's function throws.
    pub async fn run(mut self) -> Result<JsValue, JsValue> {
        let result = self.steps().await;
        self.caller.tell(self.response.as_ref(), &self.attempts);
        result
    }

    async fn steps(&mut self) -> Result<JsValue, JsValue> {
        let id = self.id.clone();
        let mut update = Update::default();
        let mut step = UpdateStep::Read;
        loop {
            match step {
                UpdateStep::Change(text) => {
                    let changed = self.changed(&text).await?;
                    step = update.handle_changed(changed).map_err(failure::invalid_to_js)?;
                    continue;
                }
                UpdateStep::Done(text) => return JSON::parse(&text),
                UpdateStep::Conflict(mut error) => {
                    error.attempts.clone_from(&self.attempts);
                    return Err(failure::to_js(&error, &[]));
                }
                UpdateStep::Read | UpdateStep::Patch(_) | UpdateStep::Replace(_) => {}
            }
            // One place for all calls, as each would have a copy of its code.
            let plan = |endpoint: &Endpoint, headers: &Headers| match &step {
                UpdateStep::Patch(body) => endpoint.patch(&id, body, headers),
                UpdateStep::Replace(body) => endpoint.replace(&id, body, headers),
                _ => endpoint.get(&id, headers),
            };
            step = match (self.call(&plan).await, &step) {
                // As the platform parses and writes it: an integer beyond 2^53 would else seem changed.
                (Ok(read), UpdateStep::Read) => {
                    update.handle_read(arguments::json(&read).map_err(failure::invalid_to_js)?)
                }
                (Err(refusal), UpdateStep::Patch(_)) => {
                    update.handle_refused(status(&refusal.kind)).ok_or(refusal.thrown)?
                }
                (ended, _) => return ended.map_err(|refusal| refusal.thrown),
            };
        }
    }

    /// Lets the caller change a copy of its own.
    async fn changed(&self, text: &str) -> Result<String, JsValue> {
        let answer = self.change.call1(&JsValue::UNDEFINED, &JSON::parse(text)?)?;
        match drive::race(settle(&answer), self.deadline, &self.abort).await {
            Ok(changed) => arguments::json(&changed?).map_err(failure::invalid_to_js),
            Err(drive::Stopped::Late) => {
                let message = "the function that changes the integration was not done within timeoutMs";
                Err(failure::to_js(&Error::new(ErrorKind::Timeout(Limit::Call), message), &[]))
            }
            Err(drive::Stopped::Aborted) => Err(self.abort.reason()),
        }
    }

    /// One call of the update; the history goes on.
    async fn call(&mut self, plan: Planner<'_>) -> Result<JsValue, Refusal> {
        let mut call = self.sender.prepare(&self.caller.settings, plan).map_err(|invalid| {
            let kind = ErrorKind::Internal;
            Refusal { thrown: failure::invalid_to_js(invalid), kind }
        })?;
        let history = std::mem::take(&mut self.attempts);
        call.within(self.deadline, history);
        let ended = self.sender.send(call, &self.abort).await;
        let Ended { result, attempts, response } = ended;
        self.attempts = attempts;
        self.response = response.or(self.response.take());
        result
    }
}

fn status(kind: &ErrorKind) -> u16 {
    match kind {
        ErrorKind::Api(failure) => failure.status,
        _ => 0,
    }
}

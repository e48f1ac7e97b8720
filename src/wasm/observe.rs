//! Tells the caller's `onEvent` what happens to calls.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::report::set;
use super::settle::forget;
use crate::client::Notice;
use crate::client::session::token::TokenReason;
use crate::clock::Millis;

/// The `onEvent` of a client, if it has one.
#[derive(Clone, Default)]
pub struct Observer(Option<Function>);

impl Observer {
    /// With the caller's function, if any.
    pub fn new(listener: Option<Function>) -> Self {
        Self(listener)
    }

    /// Whether anybody listens.
    pub fn listens(&self) -> bool {
        self.0.is_some()
    }

    /// Tells what a call of `operation` notices.
    pub fn tell(&self, operation: &str, notices: Vec<Notice>) {
        let Some(listener) = &self.0 else { return };
        for notice in notices {
            notify(listener, &event(operation, notice));
        }
    }

    /// Tells that a token has come.
    pub fn tell_token(&self, reason: TokenReason, duration: Millis) {
        let Some(listener) = &self.0 else { return };
        let event = of_type("token");
        set(&event, "reason", &reason.as_str().into());
        set(&event, "durationMs", &duration.0.into());
        notify(listener, &event);
    }
}

/// Calls a listener. What it throws, now or later, must not fail a call.
pub fn notify(listener: &Function, value: &JsValue) {
    if let Ok(answer) = listener.call1(&JsValue::UNDEFINED, value) {
        forget(&answer);
    }
}

fn of_type(name: &str) -> JsValue {
    let event = Object::new().into();
    set(&event, "type", &name.into());
    event
}

/// The `ClientEvent` of the public surface.
fn event(operation: &str, notice: Notice) -> JsValue {
    let about = |name| {
        let event = of_type(name);
        set(&event, "operation", &operation.into());
        event
    };
    match notice {
        Notice::Request { attempt, method, url } => {
            let event = about("request");
            set(&event, "attempt", &attempt.into());
            set(&event, "method", &method.as_str().into());
            set(&event, "url", &url.into());
            event
        }
        Notice::Response { attempt, status, duration, request_id } => {
            let event = about("response");
            set(&event, "attempt", &attempt.into());
            set(&event, "status", &status.into());
            set(&event, "durationMs", &duration.0.into());
            if let Some(id) = request_id {
                set(&event, "requestId", &id.into());
            }
            event
        }
        Notice::Wait { reason, length } => {
            let event = about("wait");
            set(&event, "reason", &reason.as_str().into());
            set(&event, "waitMs", &length.0.into());
            event
        }
        Notice::Reconciled { id } => {
            let event = about("reconciled");
            set(&event, "id", &id.into());
            event
        }
        Notice::Deprecated { url } => {
            let event = about("deprecated");
            set(&event, "url", &url.into());
            event
        }
    }
}

//! What every call of one client needs: where the API lives, its tokens, its fetch.

use std::rc::Rc;

use js_sys::{Function, JSON};
use wasm_bindgen::prelude::*;

use super::abort::AbortWatch;
use super::tokens::Tokens;
use super::{arguments, drive, failure, report};
use crate::engine::plan::Plan;
use crate::engine::report::ResponseInfo;
use crate::engine::settings::CallSettings;
use crate::engine::{Call, Endpoint, Error, ErrorKind, Headers};
use crate::model::Invalid;

/// Sends calls of one client.
pub struct Sender {
    /// Where the API lives.
    pub endpoint: Endpoint,
    /// What every call starts from.
    pub defaults: CallSettings,
    /// Where its tokens come from.
    pub tokens: Rc<Tokens>,
    /// The caller's fetch, if any.
    pub fetch: Option<Function>,
}

/// Builds the request of one operation.
pub type Planner<'p> = &'p dyn Fn(&Endpoint, &Headers) -> Result<Plan, Invalid>;

/// A good answer.
pub struct Answer {
    /// What the caller gets; `undefined` where the operation returns nothing.
    pub value: JsValue,
    /// The response that brought it.
    pub response: Option<ResponseInfo>,
}

/// Why there is none: what the promise rejects with, and what the engine knows of it.
pub struct Refusal {
    /// An error of the package, or the reason of the caller's signal.
    pub thrown: JsValue,
    /// What failed.
    pub kind: ErrorKind,
}

impl Sender {
    /// Everything that can be wrong with a call is found here, before anything is sent.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the option or the argument.
    pub fn prepare(&self, options: &JsValue, plan: Planner<'_>) -> Result<Call, Invalid> {
        let settings = self.defaults.read(&arguments::given(options))?;
        let Plan { operation, request } = plan(&self.endpoint, &settings.headers)?;
        Ok(Call::new(operation, request, &settings))
    }

    /// Sends a call, and tells its last response to the `onResponse` of its options.
    ///
    /// # Errors
    ///
    /// What its promise rejects with.
    pub async fn send(&self, call: Call, options: &JsValue, abort: &AbortWatch) -> Result<Answer, Refusal> {
        let driven = drive::drive(call, Some(&self.tokens), self.fetch.as_ref(), abort).await;
        let outcome = driven.outcome;
        if let (Some(listener), Some(response)) = (arguments::function(options, "onResponse"), &outcome.response) {
            // What a listener throws must not fail a call that the server has answered.
            let _thrown = listener.call1(&JsValue::UNDEFINED, &report::response_info(response, &outcome.attempts));
        }
        match outcome.result {
            Ok(Some(text)) => match JSON::parse(&text) {
                Ok(value) => Ok(Answer { value, response: outcome.response }),
                Err(thrown) => Err(unparsable(&thrown)),
            },
            Ok(None) => Ok(Answer { value: JsValue::UNDEFINED, response: outcome.response }),
            Err(error) => {
                let aborted = error.kind == ErrorKind::Aborted;
                let thrown = if aborted { abort.reason() } else { failure::to_js(&error, &driven.cause) };
                Err(Refusal { thrown, kind: error.kind })
            }
        }
    }
}

/// The engine took for JSON what the platform does not.
fn unparsable(thrown: &JsValue) -> Refusal {
    let error = Error::new(ErrorKind::Internal, "the platform cannot parse an answer that was checked");
    Refusal { thrown: failure::to_js(&error, thrown), kind: error.kind }
}

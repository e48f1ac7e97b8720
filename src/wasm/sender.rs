//! What every call of one client needs: where the API lives, its tokens, its fetch.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::abort::AbortWatch;
use super::drive::{self, Driven, Lane};
use super::failure;
use super::gate::Member;
use super::observe::Observer;
use super::tokens::Tokens;
use super::transport::Fetch;
use crate::Invalid;
use crate::client::call::creations::Creations;
use crate::client::call::memory::BodyBudget;
use crate::client::options::settings::CallSettings;
use crate::client::request::plan::Plan;
use crate::client::response::report::{Attempt, ResponseInfo};
use crate::client::{Call, Endpoint, Error, ErrorKind, Outcome};
use crate::http::Headers;

thread_local! {
    /// One for all clients: they share the memory.
    static BUDGET: BodyBudget = BodyBudget::default();
}

/// Sends calls of one client.
pub struct Sender {
    /// Where the API lives.
    pub endpoint: Endpoint,
    /// What every call starts from.
    pub defaults: CallSettings,
    /// Where its tokens come from.
    pub tokens: Rc<Tokens>,
    /// What sends its requests.
    pub fetch: Rc<Fetch>,
    /// Its rate limit, where it has one.
    pub member: Option<Member>,
    /// Whoever wants to know.
    pub observer: Observer,
    /// What it has made.
    pub creations: Creations,
}

/// Builds the request of one operation.
pub type Planner<'p> = &'p dyn Fn(&Endpoint, &Headers) -> Result<Plan, Invalid>;

/// How a call ended.
pub struct Ended {
    /// What the caller gets, or why it gets nothing.
    pub result: Result<JsValue, Refusal>,
    /// The last response, where there was one.
    pub response: Option<ResponseInfo>,
    /// The call's history.
    pub attempts: Vec<Attempt>,
}

/// What a promise rejects with, and what the core knows of it.
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
    /// [`Invalid`] that names the argument.
    pub fn prepare(&self, settings: &CallSettings, plan: Planner<'_>) -> Result<Box<Call>, Invalid> {
        let mut call = Box::new(Call::new(plan(&self.endpoint, &settings.headers)?, settings));
        BUDGET.with(|budget| call.reserving(budget).map(drop))?;
        self.tokens.equip(&mut call);
        call.among(&self.creations);
        if self.fetch.resends {
            call.resent();
        }
        if self.observer.listens() {
            call.observed();
        }
        Ok(call)
    }

    /// Carries a call to its end.
    pub async fn send(&self, call: Box<Call>, abort: &AbortWatch) -> Ended {
        let Self { tokens, fetch, member, observer, .. } = self;
        let lane = Lane { tokens: Some(tokens), fetch, member: member.as_ref(), observer, pulse: None };
        let Driven { outcome, thrown } = drive::drive(call, &lane, abort).await;
        let Outcome { response, attempts, result, .. } = outcome;
        let result = match result {
            Ok(Some(text)) => JSON::parse(&text).map_err(unparsable),
            Ok(None) => Ok(JsValue::UNDEFINED),
            Err(error) => {
                let aborted = error.kind == ErrorKind::Aborted;
                let thrown = if aborted { abort.reason() } else { failure::to_js(&error, &thrown) };
                Err(Refusal { thrown, kind: error.kind })
            }
        };
        Ended { result, response, attempts }
    }
}

/// The core took for JSON what the platform does not.
fn unparsable(thrown: JsValue) -> Refusal {
    let mut error = Error::new(ErrorKind::Internal, "the platform cannot parse an answer that was checked");
    error.thrown = Some(0);
    Refusal { thrown: failure::to_js(&error, &[thrown]), kind: error.kind }
}

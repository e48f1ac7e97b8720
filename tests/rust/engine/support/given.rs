//! Options and arguments as JavaScript gives them.

use isc_service_desk::client::Operation;
use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::session::{Action, Body};

use crate::engine::support::machine::{Ask, Policy, Setup};

pub fn object(members: Vec<(&str, OptionValue)>) -> OptionValue {
    OptionValue::Object(members.into_iter().map(|(name, given)| (name.to_owned(), given)).collect())
}

pub fn text(text: &str) -> OptionValue {
    OptionValue::Text(text.to_owned())
}

impl Setup {
    /// The options of a call.
    pub fn options(&self) -> OptionValue {
        let limit = |ms: Option<f64>| ms.map_or(text("none"), OptionValue::Number);
        let policy = |policy: Policy| {
            object(vec![
                ("attempts", OptionValue::Number(f64::from(policy.attempts))),
                ("baseDelayMs", OptionValue::Number(policy.base)),
                ("maxDelayMs", OptionValue::Number(policy.max)),
                ("maxRetryAfterMs", OptionValue::Number(policy.max_retry_after)),
            ])
        };
        object(vec![
            ("timeoutMs", limit(self.timeout)),
            ("attemptTimeoutMs", limit(self.attempt_timeout)),
            ("retry", self.retry.map_or(text("off"), policy)),
        ])
    }
}

impl Ask {
    /// What a command asks for, its argument, and its body.
    pub fn command(&self) -> (Action, OptionValue, Body) {
        let body = |json: &str| Body::Json(json.to_owned());
        let missing = || Body::Missing(OptionValue::Nothing);
        let (operation, argument, body) = match self {
            Self::Get => (Operation::Get, text("i"), missing()),
            Self::List => (Operation::List, OptionValue::Nothing, missing()),
            Self::Replace(json) => (Operation::Replace, text("i"), body(json)),
            Self::Create(json) => (Operation::Create, OptionValue::Nothing, body(json)),
            Self::Delete(id) => (Operation::Delete, text(id), missing()),
            Self::Patch(json) => (Operation::Patch, text("i"), body(json)),
            Self::ListTypes => (Operation::ListTypes, OptionValue::Nothing, missing()),
            Self::GetTemplate => (Operation::GetTemplate, text("script"), missing()),
            Self::GetStatusCheck => (Operation::GetStatusCheck, OptionValue::Nothing, missing()),
            Self::UpdateStatusCheck(json) => (Operation::UpdateStatusCheck, OptionValue::Nothing, body(json)),
            Self::Update(id) => return (Action::Update, text(id), Body::Missing(OptionValue::Function)),
            Self::Token => panic!("a token is asked for by calls"),
        };
        (Action::Call(operation), argument, body)
    }
}

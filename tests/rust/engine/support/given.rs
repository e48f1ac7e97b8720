//! Options and arguments as JavaScript gives them.

use isc_service_desk::client::Operation;
use isc_service_desk::client::options::given::Given;
use isc_service_desk::client::session::{Action, Body};

use crate::engine::support::machine::{Ask, Policy, Setup};

pub fn object(members: Vec<(&str, Given)>) -> Given {
    Given::Object(members.into_iter().map(|(name, given)| (name.to_owned(), given)).collect())
}

pub fn text(text: &str) -> Given {
    Given::Text(text.to_owned())
}

impl Setup {
    /// The options of a call.
    pub fn options(&self) -> Given {
        let limit = |ms: Option<f64>| ms.map_or(text("none"), Given::Number);
        let policy = |policy: Policy| {
            object(vec![
                ("attempts", Given::Number(f64::from(policy.attempts))),
                ("baseDelayMs", Given::Number(policy.base)),
                ("maxDelayMs", Given::Number(policy.max)),
                ("maxRetryAfterMs", Given::Number(policy.max_retry_after)),
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
    pub fn command(&self) -> (Action, Given, Body) {
        let body = |json: &str| Body::Json(json.to_owned());
        let missing = || Body::Missing(Given::Nothing);
        let (operation, argument, body) = match self {
            Self::Get => (Operation::Get, text("i"), missing()),
            Self::List => (Operation::List, Given::Nothing, missing()),
            Self::Replace(json) => (Operation::Replace, text("i"), body(json)),
            Self::Create(json) => (Operation::Create, Given::Nothing, body(json)),
            Self::Delete(id) => (Operation::Delete, text(id), missing()),
            Self::Patch(json) => (Operation::Patch, text("i"), body(json)),
            Self::ListTypes => (Operation::ListTypes, Given::Nothing, missing()),
            Self::GetTemplate => (Operation::GetTemplate, text("script"), missing()),
            Self::GetStatusCheck => (Operation::GetStatusCheck, Given::Nothing, missing()),
            Self::UpdateStatusCheck(json) => (Operation::UpdateStatusCheck, Given::Nothing, body(json)),
            Self::Update(id) => return (Action::Update, text(id), Body::Missing(Given::Function)),
            Self::Token => panic!("a token is asked for by calls"),
        };
        (Action::Call(operation), argument, body)
    }
}

//! A call with the list of all that it was told: enough to play it again.

use std::fmt::Write;

use isc_service_desk::client::call::retry::{Retry, RetryPolicy};
use isc_service_desk::client::error::TokenFailure;
use isc_service_desk::client::options::settings::CallSettings;
use isc_service_desk::client::request::plan::Plan;
use isc_service_desk::client::session::token::{ClientCredentials, Generation, Issued};
use isc_service_desk::client::{ApiVersion, BaseUrl, Call, Effect, Endpoint, Error, ErrorKind, Event, Outcome, Step};
use isc_service_desk::clock::TimeLimit;
use isc_service_desk::clock::{Duration, Instant, Now};
use isc_service_desk::http::message::TransportFailure;
use isc_service_desk::http::{Headers, Response};
use isc_service_desk::query::ListQuery;
use isc_service_desk::wire::Secret;
use serde::{Deserialize, Serialize};

pub const CLIENT_SECRET: &str = "CLIENT-SECRET";

/// What a call is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    pub ask: Ask,
    pub timeout: Option<f64>,
    pub attempt_timeout: Option<f64>,
    pub retry: Option<Policy>,
    pub renewable: bool,
    /// Whether the platform may send a request a second time of its own accord.
    #[serde(default)]
    pub resent: bool,
    /// What the calendar shows at moment 0.
    pub epoch_ms: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    Get,
    List,
    Replace(String),
    Create(String),
    Delete(String),
    Patch(String),
    ListTypes,
    GetTemplate,
    GetStatusCheck,
    UpdateStatusCheck(String),
    /// An update of the integration with this id.
    Update(String),
    Token,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub attempts: u32,
    pub base: f64,
    pub max: f64,
    pub max_retry_after: f64,
}

/// What a call can be told, as a text can hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Started,
    Token(String, u32),
    NoToken,
    Admitted,
    Queued {
        expected: f64,
        held: Option<f64>,
    },
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
        cut: bool,
        /// What the headers ask for, in the words of the test that wrote them.
        asked: Option<f64>,
    },
    Failed {
        message: String,
        code: Option<String>,
    },
    Woke,
    TimedOut,
    Aborted,
}

/// When, with which random number, and what.
pub type Line = (f64, f64, Happening);

/// A call, all that it was told, and all that it asked for.
pub struct Machine {
    pub setup: Setup,
    pub call: Call,
    pub lines: Vec<Line>,
    pub steps: Vec<Step>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { attempts: 4, base: 500.0, max: 20_000.0, max_retry_after: 60_000.0 }
    }
}

impl Setup {
    /// With the defaults of a client.
    pub fn of(ask: Ask) -> Self {
        let (timeout, attempt_timeout, retry) = (Some(60_000.0), Some(20_000.0), Some(Policy::default()));
        Self { ask, timeout, attempt_timeout, retry, renewable: false, resent: false, epoch_ms: 1_700_000_000_000.0 }
    }

    pub fn settings(&self) -> CallSettings {
        let limit = |ms: Option<f64>| ms.map_or(TimeLimit::None, TimeLimit::Ms);
        let policy = |policy: Policy| {
            let Policy { attempts, base, max, max_retry_after } = policy;
            let [base_delay, max_delay, max_retry_after] = [base, max, max_retry_after].map(Duration);
            Retry::On(RetryPolicy { attempts, base_delay, max_delay, max_retry_after })
        };
        CallSettings {
            timeout: limit(self.timeout),
            attempt_timeout: limit(self.attempt_timeout),
            retry: self.retry.map_or(Retry::Off, policy),
            headers: Headers::default(),
            reports: false,
            ..CallSettings::default()
        }
    }

    pub fn plan(&self) -> Option<Plan> {
        let (endpoint, none) = (endpoint(), Headers::default());
        Some(match &self.ask {
            Ask::Get => endpoint.get("i", &none).unwrap(),
            Ask::List => endpoint.list(&ListQuery::default(), &none).unwrap(),
            Ask::Replace(body) => endpoint.replace("i", body, "", &none).unwrap(),
            Ask::Create(body) => endpoint.create(body, &none).unwrap(),
            Ask::Delete(id) => endpoint.delete(id, &none).unwrap(),
            Ask::Patch(operations) => endpoint.patch("i", operations, &none).unwrap(),
            Ask::ListTypes => endpoint.list_types(&none),
            Ask::GetTemplate => endpoint.get_template("script", &none).unwrap(),
            Ask::GetStatusCheck => endpoint.get_status_check(&none),
            Ask::UpdateStatusCheck(body) => endpoint.update_status_check(body, &none).unwrap(),
            Ask::Update(_) | Ask::Token => return None,
        })
    }

    fn call(&self) -> Call {
        let mut call = match self.plan() {
            Some(plan) => Call::new(plan, &self.settings()),
            None => Call::for_token(credentials().token_request(), &self.settings()),
        };
        if self.renewable {
            call.renewable();
        }
        if self.resent {
            call.resent();
        }
        call.observed().hiding(&Secret::new(CLIENT_SECRET));
        call
    }

    pub fn is_create(&self) -> bool {
        matches!(self.ask, Ask::Create(_))
    }
}

pub fn endpoint() -> Endpoint {
    Endpoint { base: BaseUrl::parse("baseUrl", "https://a.example").unwrap(), version: ApiVersion::V1 }
}

pub fn credentials() -> ClientCredentials {
    ClientCredentials {
        client_id: Secret::new("CLIENT-ID"),
        client_secret: Secret::new(CLIENT_SECRET),
        token_url: BaseUrl::parse("tokenUrl", "https://a.example/oauth/token").unwrap(),
    }
}

pub fn generation(number: u32) -> Generation {
    (0..number).fold(Generation::default(), |generation, _| generation.next())
}

/// A moment as a number.
pub fn ms(moment: Instant) -> f64 {
    (moment - Instant::at(0.0)).0
}

impl Happening {
    pub fn event(&self) -> Event {
        match self.clone() {
            Self::Started => Event::Started,
            Self::Token(secret, number) => {
                Event::Token(Issued { secret: Secret::new(secret), generation: generation(number) })
            }
            Self::NoToken => Event::TokenFailed(Error::new(ErrorKind::Token(TokenFailure::default()), "no token")),
            Self::Admitted => Event::Admitted,
            Self::Queued { expected, held } => {
                Event::Queued { expected: Duration(expected), held: held.map(Instant::at) }
            }
            Self::Answer { status, headers, body, cut, .. } => {
                let (headers, body) = (headers.into_iter().collect(), body.into_bytes());
                Event::Response(Response { status, headers, body, cut })
            }
            Self::Failed { message, code } => {
                Event::Failed(TransportFailure { message, code, ..TransportFailure::default() })
            }
            Self::Woke => Event::Woke,
            Self::TimedOut => Event::TimedOut,
            Self::Aborted => Event::Aborted,
        }
    }

    /// An answer with a JSON body and no headers.
    pub fn answer(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.to_owned(), cut: false, asked: None }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same, asking to wait for so many seconds.
    pub fn asking(self, seconds: u32) -> Self {
        let mut answer = self.with("retry-after", &seconds.to_string());
        if let Self::Answer { asked, .. } = &mut answer {
            *asked = Some(f64::from(seconds) * 1000.0);
        }
        answer
    }

    pub fn lost(code: Option<&str>) -> Self {
        Self::Failed { message: "fetch failed".to_owned(), code: code.map(str::to_owned) }
    }
}

impl Machine {
    pub fn new(setup: Setup) -> Self {
        let call = setup.call();
        Self { setup, call, lines: Vec::new(), steps: Vec::new() }
    }

    /// Tells the call what happened, and keeps it.
    pub fn tell(&mut self, at: f64, random: f64, happening: Happening) -> &Step {
        let now = Now { moment: Instant::at(at), epoch_ms: self.setup.epoch_ms + at };
        let step = self.call.step(happening.event(), now, random);
        self.lines.push((at, random, happening));
        self.steps.push(step);
        self.steps.last().unwrap()
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.steps.iter().find_map(|step| match &step.effect {
            Effect::Finished(outcome) => Some(&**outcome),
            _ => None,
        })
    }

    pub fn error(&self) -> Option<&Error> {
        self.outcome()?.result.as_ref().err().map(|error| &**error)
    }

    /// The text that [`replay`] takes.
    pub fn script(&self) -> String {
        let mut script = serde_json::to_string(&self.setup).unwrap();
        for line in &self.lines {
            write!(script, "\n{}", serde_json::to_string(line).unwrap()).unwrap();
        }
        script
    }
}

/// Tells a new call the same as the one whose [`Machine::script`] this is: a line for its setup, and one for each event.
pub fn replay(script: &str) -> Machine {
    let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut machine = Machine::new(serde_json::from_str(lines.next().unwrap()).unwrap());
    for line in lines {
        let (at, random, happening): Line = serde_json::from_str(line).unwrap();
        machine.tell(at, random, happening);
    }
    machine
}

//! One call, walked by hand.

use isc_service_desk::client::call::created_ids::CreatedIds;
use isc_service_desk::client::{Effect, Error, Notice, Outcome, Step};
use isc_service_desk::http::Request;

use crate::engine::support::laws;
use crate::engine::support::machine::{Ask, Happening, Machine, Policy, Setup, generation, ms};

pub const TOKEN: &str = "THE-TOKEN";

/// A body that a create can send.
pub const BODY: &str =
    r#"{"name":"n","description":"d","type":"t","attributes":{"url":"u","password":"SECRET-ATTRIBUTE"}}"#;

/// What the server shows of it, created when the calendar of a [`Setup`] shows `epoch_ms`.
pub fn made(epoch_ms: f64) -> String {
    let created = crate::engine::support::dates::rfc3339(epoch_ms, false);
    format!(
        r#"{{"id":"i","created":"{created}","name":"n","description":"d","type":"t","attributes":{{"url":"u","password":"*"}}}}"#
    )
}

/// A call and its clock. Random numbers are all the same.
pub struct Scenario {
    pub machine: Machine,
    pub clock: f64,
    pub random: f64,
    /// The number of the token that is given out.
    token: u32,
}

impl Scenario {
    pub fn new(setup: Setup) -> Self {
        Self { machine: Machine::new(setup), clock: 0.0, random: 0.5, token: 1 }
    }

    pub fn of(ask: Ask) -> Self {
        Self::new(Setup::of(ask))
    }

    pub fn create() -> Self {
        Self::of(Ask::Create(BODY.to_owned()))
    }

    pub fn delete() -> Self {
        Self::of(Ask::Delete("i".to_owned()))
    }

    pub fn with(mut self, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = self.machine.setup.clone();
        change(&mut setup);
        self.machine = Machine::new(setup);
        self
    }

    pub fn without_retry(self) -> Self {
        self.with(|setup| setup.retry = None)
    }

    /// With so many attempts.
    pub fn attempts(self, attempts: u32) -> Self {
        self.with(|setup| setup.retry = Some(Policy { attempts, ..Policy::default() }))
    }

    pub fn renewable(self) -> Self {
        self.with(|setup| setup.renewable = true)
    }

    /// As one of the calls of a client that has made this.
    pub fn among(mut self, created_ids: &CreatedIds) -> Self {
        self.machine.call.among(created_ids);
        self
    }

    pub fn resent(self) -> Self {
        self.with(|setup| setup.resent = true)
    }

    pub fn at(mut self, clock: f64) -> Self {
        self.clock = clock;
        self
    }

    pub fn tell(&mut self, happening: Happening) -> &Step {
        self.machine.tell(self.clock, self.random, happening)
    }

    fn step(&self) -> &Step {
        self.machine.steps.last().unwrap()
    }

    /// The request that is on its way.
    #[track_caller]
    pub fn request(&self) -> &Request {
        let Effect::Send(request) = &self.step().effect else { panic!("no request, but {:?}", self.step().effect) };
        request
    }

    /// At the moment where the first request is on its way.
    #[track_caller]
    pub fn sent(mut self) -> Self {
        self.tell(Happening::Started);
        self.go_on()
    }

    /// Up to the next request, by the simplest way.
    #[track_caller]
    fn go_on(mut self) -> Self {
        if matches!(self.step().effect, Effect::GetToken { .. }) {
            self.tell(Happening::Token(TOKEN.to_owned(), self.token));
            self.tell(Happening::Admitted);
        }
        self.request();
        self
    }

    /// After so many milliseconds.
    pub fn after(mut self, ms: f64) -> Self {
        self.clock += ms;
        self
    }

    pub fn then(mut self, happening: Happening) -> Self {
        self.tell(happening);
        self
    }

    pub fn answered(self, status: u16, body: &str) -> Self {
        self.then(Happening::answer(status, body))
    }

    /// Expects a wait of so long, and waits: the next request is on its way.
    #[track_caller]
    pub fn waits(mut self, length: f64) -> Self {
        let Effect::Wait(until) = self.step().effect else { panic!("no wait, but {:?}", self.step().effect) };
        assert_eq!(ms(until) - self.clock, length, "the wait");
        self.clock = ms(until);
        self.tell(Happening::Woke);
        self.go_on()
    }

    /// Expects that the refused token is to be renewed, and renews it: the next request is on its way.
    #[track_caller]
    pub fn renews(mut self) -> Self {
        let Effect::GetToken { rejected } = self.step().effect else { panic!("no renewal") };
        assert_eq!(rejected, Some(generation(1)), "the refused token");
        self.token = 2;
        self.go_on()
    }

    /// Expects a look-up at once, with no wait and the same token: it is on its way.
    #[track_caller]
    pub fn looks(self) -> Self {
        assert!(matches!(self.step().effect, Effect::GetToken { rejected: None }), "{:?}", self.step().effect);
        self.go_on()
    }

    pub fn notices(&self) -> &[Notice] {
        &self.step().notices
    }

    #[track_caller]
    pub fn outcome(&self) -> &Outcome {
        laws::hold(&self.machine);
        let Effect::Finished(outcome) = &self.step().effect else { panic!("no end, but {:?}", self.step().effect) };
        outcome
    }

    #[track_caller]
    pub fn ok(&self) -> Option<&str> {
        match &self.outcome().result {
            Ok(answer) => answer.json.as_deref(),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[track_caller]
    pub fn error(&self) -> &Error {
        self.outcome().result.as_ref().unwrap_err()
    }

    /// The code of the error.
    #[track_caller]
    pub fn code(&self) -> &'static str {
        self.error().kind.code()
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.machine.steps.iter().filter(|step| matches!(step.effect, Effect::Send(_))).count()
    }
}

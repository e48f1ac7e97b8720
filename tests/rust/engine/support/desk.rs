//! A session that a test drives by hand, step by step.

use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::options::settings::{Auth, Settings};
use isc_service_desk::client::session::limiter::RateLimit;
use isc_service_desk::client::session::{
    ClientId, Clock, Command, Effect, Ending, Session, Surroundings, TaskId, TokenAnswer, Turn,
};
use isc_service_desk::client::{Error, Event};
use isc_service_desk::clock::{Instant, Now};
use isc_service_desk::http::Request;
use isc_service_desk::wire::Secret;
use serde_json::json;

use crate::engine::support::machine::{Happening, Setup, credentials, endpoint};
use crate::engine::support::world::{Access, FIXED_TOKEN};

#[derive(Default)]
pub struct Desk {
    pub session: Session,
    pub now: f64,
    pub is_apart: bool,
}

impl Desk {
    pub fn apart() -> Self {
        Self { is_apart: true, ..Self::default() }
    }

    pub fn client(&mut self, access: Access, rate: Option<RateLimit>, setup: &Setup) -> ClientId {
        let auth = match access {
            Access::Fixed => Auth::Token(Secret::new(FIXED_TOKEN)),
            Access::Bought => Auth::Client(credentials()),
            Access::Function { is_shared } => Auth::Function { is_shared },
        };
        let settings = Settings { endpoint: endpoint(), auth, defaults: setup.settings(), rate };
        let surroundings = Surroundings { is_observed: true, is_apart: self.is_apart, ..Surroundings::default() };
        self.session.open(settings, surroundings, Instant::at(self.now))
    }

    pub fn time(&self) -> Now {
        Now { moment: Instant::at(self.now), epoch_ms: 1_700_000_000_000.0 + self.now }
    }

    /// Begins a call or an update.
    pub fn start(&mut self, client: ClientId, setup: &Setup) -> TaskId {
        self.start_with(client, setup, &setup.options())
    }

    fn start_with(&mut self, client: ClientId, setup: &Setup, options: &OptionValue) -> TaskId {
        let (action, argument, body) = setup.ask.command();
        let command = Command { action, argument: &argument, body, options, reports: true };
        self.session.start(client, &command, self.time()).unwrap()
    }

    pub fn poll(&mut self, task: TaskId) -> Turn {
        let clock = Clock { now: self.time(), random: 0.5 };
        let turn = self.session.poll(task, clock);
        if matches!(turn.effect, Effect::Fetch { .. }) {
            self.session.handle_sent(task, Instant::at(self.now));
        }
        turn
    }

    /// Begins it, and polls it once.
    pub fn begin(&mut self, client: ClientId, setup: &Setup) -> (TaskId, Turn) {
        self.begin_with(client, setup, &setup.options())
    }

    /// The same with these options.
    pub fn begin_with(&mut self, client: ClientId, setup: &Setup, options: &OptionValue) -> (TaskId, Turn) {
        let task = self.start_with(client, setup, options);
        (task, self.poll(task))
    }

    pub fn abort(&mut self, task: TaskId) -> Turn {
        self.session.abort(task);
        self.poll(task)
    }

    pub fn time_out(&mut self, task: TaskId) -> Turn {
        self.session.handle_timeout(task);
        self.poll(task)
    }

    pub fn tell(&mut self, task: TaskId, happening: &Happening) -> Turn {
        match happening.event() {
            Event::Response(response) => self.session.handle_response(task, response),
            Event::Failed(failure) => self.session.handle_failure(task, failure),
            other => panic!("{other:?}"),
        }
        self.poll(task)
    }

    pub fn answer(&mut self, task: TaskId, status: u16, body: &str) -> Turn {
        self.tell(task, &Happening::answer(status, body))
    }

    /// The token endpoint gives this one, for so many seconds.
    pub fn buy(&mut self, request: TaskId, token: &str, life: f64) -> Turn {
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": life });
        self.answer(request, 200, &body.to_string())
    }

    /// The token function gives this one.
    pub fn give(&mut self, task: TaskId, token: &str) -> Turn {
        self.session.handle_token(task, TokenAnswer::Text(Secret::new(token)));
        self.poll(task)
    }

    /// The tasks that are to be polled, each once.
    pub fn woken(&mut self) -> Vec<TaskId> {
        let mut woken: Vec<TaskId> = Vec::new();
        while let Some(task) = self.session.poll_wake() {
            if !woken.contains(&task) {
                woken.push(task);
            }
        }
        woken
    }

    #[track_caller]
    pub fn assert_nothing_is_left(&mut self) {
        assert_eq!((self.session.tasks(), self.session.in_queues(), self.session.on_their_way()), (0, 0, 0));
        assert!(self.woken().is_empty());
    }

    /// The failure of a task, which is released.
    #[track_caller]
    pub fn error(&mut self, task: TaskId, turn: Turn) -> Box<Error> {
        self.session.release(task);
        match turn.effect {
            Effect::Settle(settled) => match settled.ending {
                Ending::Failed(error) => error,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

/// The request that is to be sent.
#[track_caller]
pub fn request(turn: &Turn) -> &Request {
    if let Effect::Fetch { request, .. } = &turn.effect { request } else { panic!("no request, but {:?}", turn.effect) }
}

/// The token of the request that is to be sent.
#[track_caller]
pub fn token(turn: &Turn) -> &str {
    request(turn).headers.get("authorization").unwrap().strip_prefix("Bearer ").unwrap()
}

/// The token request that is waited for.
#[track_caller]
pub fn awaited(turn: &Turn) -> TaskId {
    match turn.effect {
        Effect::Wait { token_request: Some(request), .. } => request,
        ref other => panic!("no token request, but {other:?}"),
    }
}

/// Whether the token must be another one, and whether it is shared.
#[track_caller]
pub fn asked(turn: &Turn) -> (bool, bool) {
    match turn.effect {
        Effect::AskToken { is_forced, is_shared, .. } => (is_forced, is_shared),
        ref other => panic!("no token is asked for, but {other:?}"),
    }
}

#[track_caller]
pub fn ending(turn: Turn) -> Ending {
    match turn.effect {
        Effect::Settle(settled) => settled.ending,
        other => panic!("no end, but {other:?}"),
    }
}

pub fn is_ok(turn: Turn) -> bool {
    matches!(ending(turn), Ending::Json(_) | Ending::Nothing | Ending::Page(_))
}

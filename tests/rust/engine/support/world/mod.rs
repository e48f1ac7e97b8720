//! Several clients of one session on a virtual clock. Each task is carried by a job, as the JavaScript of the package carries it by
//! a function: it polls, carries out the effect, tells what came of it, and polls again. What is due at the same moment comes in
//! an order that chance decides.

pub mod crowd;
pub mod job;
mod laws;
pub mod server;

use std::collections::HashMap;
use std::fmt::Write;

use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::options::settings::{Auth, Settings};
use isc_service_desk::client::session::limiter::RateLimit;
use isc_service_desk::client::session::{
    ClientId, Clock, Command, Effect, Ending, Session, Settled, Surroundings, TaskId, TokenAnswer, Turn, WalkId,
};
use isc_service_desk::client::{Event, Notice};
use isc_service_desk::clock::{Instant, Now};
use isc_service_desk::http::{Request, retry_after};
use isc_service_desk::wire::Secret;
use serde_json::Value;

use crate::engine::support::machine::{Ask, Happening, Setup, credentials, endpoint, ms};
use crate::engine::support::random::Random;
use crate::engine::support::world::job::{Job, Role, Stage};
use crate::engine::support::world::server::Server;

/// A loop of events longer than this does not end.
const MOST_EVENTS: usize = 20_000;

pub const FIXED_TOKEN: &str = "FIXED-TOKEN";

pub struct World {
    pub now: f64,
    pub random: Random,
    pub server: Server,
    pub session: Session,
    /// Whether the runtime keeps requests apart.
    pub is_apart: bool,
    pub clients: Vec<Client>,
    pub jobs: Vec<Job>,
    pub walks: Vec<Walk>,
    /// Every request to the API, in order.
    pub sent: Vec<Sent>,
    pub holds: Vec<Hold>,
    /// By how much a timer may be late.
    pub lateness: f64,
    /// How often in a hundred a message takes longer than any caller waits.
    pub slow: u8,
    /// How often in a hundred a platform that may do so sends a request again, and tells only the answer to the second.
    pub resends: u8,
    /// How often in a hundred no connection is made.
    pub unreachable: u8,
    /// How often in a hundred a function of the caller fails; and half as often it never answers.
    pub odd_functions: u8,
    /// Counts what has happened.
    pub tick: usize,
    pub(super) running: HashMap<usize, usize>,
    agenda: Vec<(f64, What)>,
    story: String,
}

/// How the calls of a client are authorized.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Access {
    Fixed,
    Bought,
    Function { is_shared: bool },
}

pub struct Client {
    pub id: ClientId,
    pub rate: Option<RateLimit>,
    pub access: Access,
    /// What its token requests are made from.
    pub setup: Setup,
    /// Whether its platform may send a request twice.
    pub resent: bool,
    /// The tokens that it was given, in order.
    pub tokens: Vec<String>,
    /// From which tick on a token is not to be given out.
    pub refused: HashMap<String, usize>,
    /// When the life of a token ends, and how long it is.
    pub lives: HashMap<String, (f64, f64)>,
}

#[derive(Debug, Clone)]
pub struct Sent {
    pub at: f64,
    pub job: usize,
    /// Whether it counts within a limit, and among which.
    pub group: Option<Access>,
    /// Until when it takes room; it has ended where that has passed.
    pub until: f64,
}

/// All requests of a group were held back from this one on, until then.
#[derive(Debug, Clone)]
pub struct Hold {
    pub from: usize,
    pub until: f64,
    pub group: Access,
}

/// A loop over the pages of a list.
pub struct Walk {
    pub client: usize,
    pub setup: Setup,
    pub id: Option<WalkId>,
    /// The step that waits.
    pub step: Option<usize>,
    /// The ids of the items that were handed out.
    pub items: Vec<String>,
    pub pages: usize,
    pub error: Option<String>,
    pub is_open: bool,
    pub is_aborted: bool,
    pub plan: WalkPlan,
}

/// What a loop does with its pages.
#[derive(Debug, Clone)]
pub struct WalkPlan {
    /// After so many pages it breaks off.
    pub most_pages: usize,
    /// How long it works on one.
    pub work: f64,
}

enum What {
    Start(usize),
    /// Poll it, as it has begun or was woken.
    Look(usize),
    Timer(usize, u64),
    Arrive(usize, u64, Request),
    Tell(usize, u64, Told),
    Abort(usize),
    NextPage(usize),
    CloseWalk(usize),
    AbortWalk(usize),
    Appear(Box<dyn FnOnce(&mut World)>),
}

/// What a job tells its task before it polls it.
#[derive(Debug, Clone)]
pub enum Told {
    Nothing,
    TimeIsOver,
    Aborted,
    Network(Happening),
    Token(TokenAnswer),
    Change { before: String, after: String },
    Thrown,
}

impl World {
    pub fn new(server: Server, random: Random) -> Self {
        Self {
            now: 0.0,
            random,
            server,
            session: Session::default(),
            is_apart: false,
            clients: Vec::new(),
            jobs: Vec::new(),
            walks: Vec::new(),
            sent: Vec::new(),
            holds: Vec::new(),
            lateness: 0.0,
            slow: 0,
            resends: 0,
            unreachable: 0,
            odd_functions: 0,
            tick: 0,
            running: HashMap::new(),
            agenda: Vec::new(),
            story: String::new(),
        }
    }

    /// Adds a client, whose token requests have the same settings as `setup`.
    pub fn client(&mut self, rate: Option<RateLimit>, access: Access, setup: &Setup) -> usize {
        let setup = Setup { ask: Ask::Token, renewable: false, ..setup.clone() };
        let auth = match access {
            Access::Fixed => Auth::Token(Secret::new(FIXED_TOKEN)),
            Access::Bought => Auth::Client(credentials()),
            Access::Function { is_shared } => Auth::Function { is_shared },
        };
        let settings = Settings { endpoint: endpoint(), auth, defaults: setup.settings(), rate };
        let token_function = usize::from(access == Access::Function { is_shared: true });
        let resends = setup.resent;
        let surroundings = Surroundings { resends, is_observed: true, is_apart: self.is_apart, token_function };
        let id = self.session.open(settings, surroundings, Instant::at(self.now));
        if access == Access::Fixed {
            self.server.tokens.push(FIXED_TOKEN.to_owned());
        }
        let (tokens, refused, lives) = (Vec::new(), HashMap::new(), HashMap::new());
        self.clients.push(Client { id, rate, access, setup, resent: resends, tokens, refused, lives });
        self.clients.len() - 1
    }

    /// Begins a call or an update at a moment.
    pub fn call(&mut self, client: usize, at: f64, setup: Setup) -> usize {
        let job = self.add(client, at, Role::Command, setup);
        self.due(at, What::Start(job));
        job
    }

    /// Begins a loop over all pages at a moment.
    pub fn walk(&mut self, client: usize, at: f64, setup: Setup, query: OptionValue, plan: WalkPlan) -> usize {
        let walk = self.walks.len();
        let (items, pages, step, error) = (Vec::new(), 0, None, None);
        let (is_open, is_aborted, id) = (true, false, None);
        self.walks.push(Walk { client, setup, id, step, items, pages, error, is_open, is_aborted, plan });
        self.later(at, move |world| {
            let (client, options) = (world.clients[client].id, world.walks[walk].setup.options());
            let id =
                world.session.open_walk(client, &query, &options, true).unwrap_or_else(|error| panic!("{error:?}"));
            world.walks[walk].id = Some(id);
            world.due(world.now, What::NextPage(walk));
        });
        walk
    }

    pub fn abort(&mut self, job: usize, at: f64) {
        self.due(at, What::Abort(job));
    }

    /// Ends the request of the runtime that a call is a part of: neither it nor its token request is heard of again.
    pub fn abandon(&mut self, job: usize, at: f64) {
        self.later(at, move |world| {
            let is_its = |other: &Job| matches!(other.role, Role::TokenRequest { by, .. } if by == job);
            for (number, other) in world.jobs.iter_mut().enumerate() {
                other.is_abandoned |= (number == job || is_its(other)) && other.ended_at.is_none();
            }
        });
    }

    pub fn abort_walk(&mut self, walk: usize, at: f64) {
        self.due(at, What::AbortWalk(walk));
    }

    pub fn close_walk(&mut self, walk: usize, at: f64) {
        self.due(at, What::CloseWalk(walk));
    }

    /// Does something to the world at a moment.
    pub fn later(&mut self, at: f64, change: impl FnOnce(&mut World) + 'static) {
        self.due(at, What::Appear(Box::new(change)));
    }

    fn add(&mut self, client: usize, at: f64, role: Role, setup: Setup) -> usize {
        self.jobs.push(Job::new(client, at, role, setup));
        self.jobs.len() - 1
    }

    fn due(&mut self, at: f64, what: What) {
        self.agenda.push((at.max(self.now), what));
    }

    fn timer(&mut self, at: f64, what: What) {
        let late = if self.lateness > 0.0 { self.random.ms(self.lateness) } else { 0.0 };
        self.due(at + late, what);
    }

    /// Lets everything happen, and checks what must hold of all of it.
    #[track_caller]
    pub fn run(&mut self) {
        for _ in 0..MOST_EVENTS {
            let Some(first) = self.agenda.iter().map(|(at, _)| *at).reduce(f64::min) else { return self.check_end() };
            let due_now: Vec<_> = (0..self.agenda.len()).filter(|place| self.agenda[*place].0 == first).collect();
            let chosen = self.random.pick(&due_now);
            let (at, what) = self.agenda.remove(chosen);
            self.now = at;
            self.tick += 1;
            self.happen(what);
        }
        panic!("the world does not end\n{}", self.story());
    }

    /// What happened, and the chance that replays it.
    pub fn story(&self) -> String {
        format!("{}\nReplay it with the chance Random::of_hex(\"{}\")", self.story, self.random.hex())
    }

    pub fn note(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.story, "{} {line}", self.now).unwrap();
    }

    #[track_caller]
    pub fn require(&self, law: bool, broken: &str) {
        assert!(law, "{broken}\n{}", self.story());
    }

    fn happen(&mut self, what: What) {
        let is_now = |world: &Self, job: usize, turn: u64| world.jobs[job].turn == turn;
        match what {
            What::Start(job) => self.start(job),
            What::Look(job) => self.poll(job, Told::Nothing),
            What::Timer(job, turn) if is_now(self, job, turn) => {
                let told = if self.jobs[job].stage.is_work() { Told::TimeIsOver } else { Told::Nothing };
                self.poll(job, told);
            }
            What::Tell(job, turn, told) if is_now(self, job, turn) => self.poll(job, told),
            What::Timer(..) | What::Tell(..) => {}
            What::Arrive(job, turn, request) => self.arrive(job, turn, &request),
            What::Abort(job) => self.poll(job, Told::Aborted),
            What::NextPage(walk) => self.next_page(walk),
            What::CloseWalk(walk) => self.end_walk(walk),
            What::AbortWalk(walk) => {
                self.walks[walk].is_aborted = true;
                let of_walk = |job: &Job| matches!(job.role, Role::Step(of) | Role::Page(of) if of == walk);
                let jobs: Vec<usize> = (0..self.jobs.len()).filter(|job| of_walk(&self.jobs[*job])).collect();
                jobs.into_iter().for_each(|job| self.due(self.now, What::Abort(job)));
            }
            What::Appear(change) => change(self),
        }
    }

    fn start(&mut self, job: usize) {
        if self.jobs[job].is_abandoned {
            return;
        }
        let Job { client, setup, .. } = &self.jobs[job];
        let (client, options) = (self.clients[*client].id, setup.options());
        let (action, argument, body) = setup.ask.command();
        let command = Command { action, argument: &argument, body, options: &options, reports: true };
        let now = Now { moment: Instant::at(self.now), epoch_ms: setup.epoch_ms + self.now };
        let task = self.session.start(client, &command, now).unwrap_or_else(|error| panic!("{error:?}"));
        self.begin(job, task);
    }

    fn begin(&mut self, job: usize, task: TaskId) {
        self.jobs[job].task = Some(task);
        self.jobs[job].begun_at = self.now;
        self.jobs[job].stage = Stage::New;
        let other = self.running.insert(task.0, job);
        self.require(other.is_none(), "two tasks at once have one number");
        self.due(self.now, What::Look(job));
    }

    /// Fills in what a Retry-After that is a date asks for: that depends on when it is read.
    fn dated(&self, job: usize, mut told: Told) -> Told {
        if let Told::Network(Happening::Answer { headers, asked: asked @ None, .. }) = &mut told
            && let Some((_, value)) = headers.iter().find(|(name, _)| name == "retry-after")
            && let Some(date_ms) = retry_after::date(value)
        {
            *asked = Some((date_ms - self.jobs[job].setup.epoch_ms - self.now).max(0.0));
        }
        told
    }

    fn poll(&mut self, job: usize, told: Told) {
        let told = self.dated(job, told);
        let is_there = self.jobs[job].ended_at.is_none() && !self.jobs[job].is_abandoned;
        let Some(task) = self.jobs[job].task.filter(|_| is_there) else { return };
        match told.clone() {
            Told::Nothing => {}
            Told::TimeIsOver => self.session.handle_timeout(task),
            Told::Aborted => self.session.abort(task),
            Told::Network(happening) => match happening.event() {
                Event::Response(response) => self.session.handle_response(task, response),
                Event::Failed(failure) => self.session.handle_failure(task, failure),
                other => panic!("{other:?}"),
            },
            Told::Token(answer) => self.session.handle_token(task, answer),
            Told::Change { before, after } => self.session.handle_change(task, before, after),
            Told::Thrown => self.session.handle_change_failure(task, Ending::Thrown(0)),
        }
        self.note(format_args!("#{job} is told {told:?}"));
        let epoch_ms = self.jobs[job].setup.epoch_ms + self.now;
        let clock = Clock { now: Now { moment: Instant::at(self.now), epoch_ms }, random: self.random.unit() };
        let turn = self.session.poll(task, clock);
        self.wake(Some(job));
        self.hear(job, &told, turn);
    }

    /// Lets those look that were woken.
    fn wake(&mut self, by: Option<usize>) {
        while let Some(task) = self.session.poll_wake() {
            let Some(woken) = self.running.get(&task.0).copied() else { continue };
            self.check_wake(by, woken);
            self.note(format_args!("#{woken} is woken"));
            self.due(self.now, What::Look(woken));
        }
    }

    fn hear(&mut self, job: usize, told: &Told, turn: Turn) {
        let Turn { notices, pages, token_requests, effect } = turn;
        let of_step = |world: &Self| match world.jobs[job].role {
            Role::Step(walk) | Role::Page(walk) => walk,
            _ => panic!("only a walk has pages\n{}", world.story()),
        };
        for task in token_requests {
            let waits = matches!(effect, Effect::Wait { token_request: Some(request), .. } if request == task);
            let (client, setup) = (self.jobs[job].client, self.clients[self.jobs[job].client].setup.clone());
            let request = self.add(client, self.now, Role::TokenRequest { by: job, in_background: !waits }, setup);
            self.note(format_args!("#{request} is a token request of #{job}"));
            self.begin(request, task);
        }
        for task in pages {
            let (walk, client, setup) = (of_step(self), self.jobs[job].client, self.jobs[job].setup.clone());
            let page = self.add(client, self.now, Role::Page(walk), Setup { ask: Ask::List, ..setup });
            self.note(format_args!("#{page} is a page of walk {walk}"));
            self.begin(page, task);
            if self.walks[walk].is_aborted {
                self.due(self.now, What::Abort(page));
            }
        }
        let notices: Vec<Notice> = notices.into_iter().map(|notice| notice.notice).collect();
        self.note(format_args!("#{job} waits for {}", shown(&effect)));
        let before = self.jobs[job].stage;
        self.check_turn(job, told, &notices, &effect);
        self.jobs[job].notices.extend(notices);
        if let Told::Network(happening) = told {
            self.jobs[job].told.push(happening.clone());
        }
        if !matches!(effect, Effect::Pending) {
            self.jobs[job].turn += 1;
        }
        self.carry_out(job, before, matches!(told, Told::Aborted), effect);
    }

    fn carry_out(&mut self, job: usize, before: Stage, is_aborted: bool, effect: Effect) {
        let turn = self.jobs[job].turn;
        let until = match &effect {
            Effect::Fetch { until, .. } | Effect::AskToken { until, .. } => *until,
            Effect::AskChange { until, .. } | Effect::Wait { until, .. } => *until,
            Effect::Pending | Effect::Settle(_) => None,
        };
        if let Some(until) = until {
            self.timer(ms(until), What::Timer(job, turn));
        }
        if before == Stage::Token {
            let now = self.now;
            let request = self.jobs[job].request.take();
            self.jobs[job].requests.extend(request.map(|request| (request, now)));
        }
        match effect {
            Effect::Pending => {}
            Effect::Wait { token_request, .. } => {
                self.jobs[job].request = token_request.map(|task| self.running[&task.0]);
            }
            Effect::Fetch { request, until } => self.send(job, *request, until.map(ms)),
            Effect::AskToken { is_forced, until, .. } => self.ask_token(job, is_forced, until.is_some()),
            Effect::AskChange { json, until } => self.ask_change(job, json, until.is_some()),
            Effect::Settle(settled) => self.settle(job, before, is_aborted, *settled),
        }
    }

    fn send(&mut self, job: usize, request: Request, until: Option<f64>) {
        let turn = self.jobs[job].turn;
        self.session.handle_sent(self.jobs[job].task.unwrap(), Instant::at(self.now));
        if self.random.chance(self.unreachable) {
            let code = self.random.pick(&["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT", "EAI_AGAIN", "ConnectionRefused"]);
            let at = self.now + self.random.ms(100.0);
            return self.due(at, What::Tell(job, turn, Told::Network(Happening::lost(Some(code)))));
        }
        let at = self.now + self.latency();
        self.jobs[job].sent_until = until;
        self.due(at, What::Arrive(job, turn, request));
    }

    /// Mostly short, and sometimes longer than any caller waits.
    fn latency(&mut self) -> f64 {
        let longest = if self.random.chance(self.slow) { 30_000.0 } else { 200.0 };
        self.random.ms(longest)
    }

    fn arrive(&mut self, job: usize, turn: u64, request: &Request) {
        let epoch_ms = self.jobs[job].setup.epoch_ms + self.now;
        let is_resent = self.clients[self.jobs[job].client].resent && !self.jobs[job].is_token_request();
        if is_resent && self.random.chance(self.resends) {
            let _lost = self.server.answer(request, job, epoch_ms, &mut self.random);
        }
        if let Some(answer) = self.server.answer(request, job, epoch_ms, &mut self.random) {
            let at = self.now + self.latency();
            self.due(at, What::Tell(job, turn, Told::Network(answer)));
        }
    }

    fn ask_token(&mut self, job: usize, is_forced: bool, may_be_silent: bool) {
        let turn = self.jobs[job].turn;
        if may_be_silent && self.random.chance(self.odd_functions / 2) {
            return;
        }
        let answer = if self.random.chance(self.odd_functions) {
            let text = self.random.pick(&["", "Bearer x", "two\nlines"]);
            self.random.pick(&[TokenAnswer::Threw(0), TokenAnswer::NoText, TokenAnswer::Text(Secret::new(text))])
        } else {
            let client = self.jobs[job].client;
            let known = self.clients[client].tokens.last().filter(|_| !is_forced).cloned();
            let token = known.unwrap_or_else(|| self.server.new_token());
            self.clients[client].tokens.push(token.clone());
            TokenAnswer::Text(Secret::new(token))
        };
        let at = self.now + self.latency();
        self.due(at, What::Tell(job, turn, Told::Token(answer)));
    }

    fn ask_change(&mut self, job: usize, before: String, may_be_silent: bool) {
        let turn = self.jobs[job].turn;
        if may_be_silent && self.random.chance(self.odd_functions / 2) {
            return;
        }
        let told = if self.random.chance(self.odd_functions) {
            self.random.pick(&[Told::Thrown, Told::Change { before: before.clone(), after: "[]".to_owned() }])
        } else {
            let mut after: Value = serde_json::from_str(&before).unwrap();
            match self.random.below(4) {
                0 => after["description"] = Value::from(format!("by {job}")),
                1 => after["attributes"]["url"] = Value::from(format!("https://{job}.example")),
                2 => after["ownerRef"] = serde_json::json!({ "id": format!("{job}") }),
                _ => {}
            }
            Told::Change { before, after: after.to_string() }
        };
        let at = self.now + self.latency();
        self.due(at, What::Tell(job, turn, told));
    }

    fn settle(&mut self, job: usize, before: Stage, is_aborted: bool, Settled { report, ending }: Settled) {
        let task = self.jobs[job].task.unwrap();
        if let Ending::Failed(_) = ending {
            self.session.release(task);
        }
        self.running.remove(&task.0);
        self.jobs[job].ended_at = Some(self.now);
        self.jobs[job].report = report;
        self.jobs[job].ending = Some(ending);
        self.check_settled(job, before, is_aborted);
        if let Role::Step(walk) = self.jobs[job].role {
            self.stepped(walk, job);
        }
    }

    fn next_page(&mut self, walk: usize) {
        if self.walks[walk].is_aborted {
            return self.end_walk(walk);
        }
        let Walk { client, setup, id: Some(id), is_open: true, .. } = &self.walks[walk] else { return };
        let (client, id, setup) = (*client, *id, Setup { ask: Ask::List, ..setup.clone() });
        let job = self.add(client, self.now, Role::Step(walk), setup);
        self.note(format_args!("#{job} is a step of walk {walk}"));
        let task = self.session.next_page(id);
        self.walks[walk].step = Some(job);
        self.begin(job, task);
    }

    /// A step of a walk has ended.
    fn stepped(&mut self, walk: usize, job: usize) {
        self.walks[walk].step = None;
        let failure = match &self.jobs[job].ending {
            Some(Ending::Page(page)) => {
                let list: Vec<Value> = serde_json::from_str(&page.json).unwrap();
                let keep = page.keep.clone().unwrap_or_else(|| (0..list.len()).collect());
                let ids = keep.into_iter().map(|place| list[place]["id"].as_str().unwrap().to_owned());
                self.walks[walk].items.extend(ids);
                self.walks[walk].pages += 1;
                if self.walks[walk].pages < self.walks[walk].plan.most_pages {
                    let at = self.now + self.random.ms(self.walks[walk].plan.work);
                    return self.due(at, What::NextPage(walk));
                }
                None
            }
            Some(Ending::FailedPage(task)) => {
                let is_it = |page: &&Job| page.role == Role::Page(walk) && page.task == Some(*task);
                let page = self.jobs.iter().rev().find(is_it).and_then(Job::error);
                Some(page.unwrap_or_else(|| panic!("no page has failed\n{}", self.story())).kind.code().to_owned())
            }
            Some(Ending::Failed(error)) => Some(error.kind.code().to_owned()),
            _ => None,
        };
        self.walks[walk].error = failure;
        self.end_walk(walk);
    }

    fn end_walk(&mut self, walk: usize) {
        if std::mem::replace(&mut self.walks[walk].is_open, false)
            && let Some(id) = self.walks[walk].id
        {
            self.note(format_args!("walk {walk} is closed"));
            self.session.close_walk(id);
            self.wake(self.jobs.iter().position(|job| job.role == Role::Step(walk)));
        }
    }
}

/// An effect in a line.
fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Fetch { request, until } => format!("{} {} until {until:?}", request.method.as_str(), request.url),
        Effect::AskChange { until, .. } => format!("AskChange until {until:?}"),
        Effect::Settle(settled) => match &settled.ending {
            Ending::Failed(error) => format!("Settle {:?} {}", error.kind, error.message),
            ending => format!("Settle {ending:?}"),
        },
        other => format!("{other:?}"),
    }
}

//! Several calls at once on a virtual clock, with the token cache, the governor and the call driven together as in
//! JavaScript's event loop: what is due at the same moment comes in an order that chance decides.

use isc_service_desk::client::Effect;
use isc_service_desk::client::call::creations::Creations;
use isc_service_desk::client::session::governor::{Admission, Governor, RateLimit, Ticket};
use isc_service_desk::client::session::token::{Generation, Issued, Supply, Token, TokenCache, TokenReason};
use isc_service_desk::clock::Moment;
use isc_service_desk::http::Request;
use isc_service_desk::http::retry_after;

use super::laws;
use super::machine::{Ask, Happening, Machine, Setup, generation, ms};
use super::random::Random;
use super::server::Server;

/// A loop of events longer than this does not end.
const MOST_EVENTS: usize = 20_000;

pub struct World {
    pub now: f64,
    pub random: Random,
    pub server: Server,
    pub governor: Governor,
    pub clients: Vec<Client>,
    pub callers: Vec<Caller>,
    /// Every request to the API, in order.
    pub sent: Vec<Sent>,
    /// From when and until when all were held back.
    pub holds: Vec<(usize, f64)>,
    /// By how much a timer may be late.
    pub lateness: f64,
    /// How often in a hundred a message takes longer than anybody waits.
    pub slow: u8,
    /// How often in a hundred a platform that may do so sends a request again, and tells only the answer to the second.
    pub resends: u8,
    /// How often in a hundred no connection is made.
    pub unreachable: u8,
    agenda: Vec<Due>,
    /// Counts what has happened.
    tick: usize,
}

/// One client: its token cache, and its limit.
#[derive(Default)]
pub struct Client {
    pub rate: Option<RateLimit>,
    pub cache: TokenCache,
    /// Whether its tokens are bought; otherwise it has one, for good.
    pub buys: bool,
    pub bought: u32,
    /// Tokens that were refused, with the tick at which their successor came.
    pub replaced: Vec<(u32, usize)>,
    /// When each token's life ends, and how long it is, by its number.
    lives: Vec<(f64, f64)>,
    flight: Option<usize>,
    creations: Creations,
    /// Who waits for the flight, and which token was refused to them.
    waiting: Vec<(usize, Option<Generation>)>,
    setup: Option<Setup>,
}

pub struct Caller {
    pub machine: Machine,
    pub client: usize,
    pub ended_at: Option<f64>,
    pub begun_at: f64,
    role: Role,
    token_tick: usize,
    /// Counts what it was told: whatever was due for an earlier turn comes too late.
    turn: u64,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    Operation,
    Flight { in_background: bool, rejected: Option<Generation> },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    None,
    Waiting { ticket: Ticket, was_held: Option<f64> },
    OnItsWay(Ticket),
}

#[derive(Debug, Clone)]
pub struct Sent {
    pub at: f64,
    pub caller: usize,
    pub client: usize,
    pub generation: u32,
    /// The tick at which its token was given out.
    pub token_tick: usize,
}

struct Due {
    at: f64,
    what: What,
}

enum What {
    Tell(usize, u64, Happening),
    /// Ask the governor again.
    Ask(usize, u64),
    Arrive(usize, u64, Request),
    Appear(Box<dyn FnOnce(&mut World)>),
}

impl World {
    pub fn new(server: Server, random: Random) -> Self {
        Self {
            now: 0.0,
            random,
            server,
            governor: Governor::default(),
            clients: Vec::new(),
            callers: Vec::new(),
            sent: Vec::new(),
            holds: Vec::new(),
            lateness: 0.0,
            slow: 0,
            resends: 0,
            unreachable: 0,
            agenda: Vec::new(),
            tick: 0,
        }
    }

    /// Adds a client, whose token requests have the same settings as `setup`.
    pub fn client(&mut self, rate: Option<RateLimit>, buys: bool, setup: &Setup) -> usize {
        if let Some(limit) = rate {
            self.governor.join(limit);
        }
        let setup = Setup { ask: Ask::Token, renewable: false, ..setup.clone() };
        self.clients.push(Client { rate, buys, setup: Some(setup), ..Client::default() });
        if !buys {
            self.server.tokens.push("FIXED-TOKEN".to_owned());
        }
        self.clients.len() - 1
    }

    /// Begins a call at a moment.
    pub fn call(&mut self, client: usize, at: f64, setup: Setup) -> usize {
        let setup = Setup { renewable: self.clients[client].buys, ..setup };
        let caller = self.add(client, at, Role::Operation, setup);
        self.due(at, What::Tell(caller, 0, Happening::Started));
        caller
    }

    pub fn abort(&mut self, caller: usize, at: f64) {
        self.due(at, What::Appear(Box::new(move |world| world.tell(caller, Happening::Aborted))));
    }

    /// Does something to the world at a moment.
    pub fn later(&mut self, at: f64, change: impl FnOnce(&mut World) + 'static) {
        self.due(at, What::Appear(Box::new(change)));
    }

    fn add(&mut self, client: usize, at: f64, role: Role, setup: Setup) -> usize {
        let mut machine = Machine::new(setup);
        machine.call.among(&self.clients[client].creations);
        self.callers.push(Caller {
            machine,
            client,
            ended_at: None,
            begun_at: at,
            role,
            token_tick: 0,
            turn: 0,
            place: Place::None,
        });
        self.callers.len() - 1
    }

    fn due(&mut self, at: f64, what: What) {
        self.agenda.push(Due { at: at.max(self.now), what });
    }

    fn timer(&mut self, at: f64, what: What) {
        let late = if self.lateness > 0.0 { self.random.ms(self.lateness) } else { 0.0 };
        self.due(at + late, what);
    }

    /// Lets everything happen, and checks the laws of each call.
    #[track_caller]
    pub fn run(&mut self) {
        for _ in 0..MOST_EVENTS {
            let Some(first) = self.agenda.iter().map(|due| due.at).reduce(f64::min) else { return self.check() };
            let due_now: Vec<_> = (0..self.agenda.len()).filter(|place| self.agenda[*place].at == first).collect();
            let chosen = self.random.pick(&due_now);
            let Due { at, what } = self.agenda.remove(chosen);
            self.now = at;
            self.tick += 1;
            self.happen(what);
        }
        panic!("the world does not end\n{}", self.scripts());
    }

    /// What replays each call.
    pub fn scripts(&self) -> String {
        let scripts = self.callers.iter().map(|caller| caller.machine.script());
        scripts.collect::<Vec<_>>().join("\n\n")
    }

    #[track_caller]
    fn check(&self) {
        for caller in &self.callers {
            laws::hold(&caller.machine);
            let Some(ended_at) = caller.ended_at else { panic!("a call starves\n{}", caller.machine.script()) };
            if let Some(timeout) = caller.machine.setup.timeout {
                let deadline = caller.begun_at + timeout + self.lateness;
                assert!(ended_at <= deadline, "{ended_at} is after {deadline}\n{}", caller.machine.script());
            }
        }
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Tell(caller, turn, happening) if self.callers[caller].turn == turn => self.tell(caller, happening),
            What::Ask(caller, turn) if self.callers[caller].turn == turn => self.take_turn(caller),
            What::Arrive(caller, turn, request) => self.arrive(caller, turn, &request),
            What::Appear(change) => change(self),
            What::Tell(..) | What::Ask(..) => {}
        }
    }

    fn tell(&mut self, caller: usize, happening: Happening) {
        if self.callers[caller].ended_at.is_some() {
            return;
        }
        if let Place::OnItsWay(ticket) = self.callers[caller].place {
            self.callers[caller].place = Place::None;
            self.governor.done(ticket, Moment::at(self.now));
            self.wake_first();
        }
        let happening = self.dated(caller, happening);
        let (now, random) = (self.now, self.random.unit());
        self.callers[caller].turn += 1;
        let step = self.callers[caller].machine.tell(now, random, happening);
        let (until, hold) = (step.until.map(ms), step.hold);
        let next = Next::of(&step.effect);
        if let Some(until) = hold.filter(|_| self.counts(caller)) {
            self.holds.push((self.sent.len(), ms(until)));
            self.governor.hold(until);
            self.wake_all();
        }
        if let Some(until) = until {
            let turn = self.callers[caller].turn;
            self.timer(until, What::Tell(caller, turn, Happening::TimedOut));
        }
        self.carry_out(caller, next);
    }

    fn carry_out(&mut self, caller: usize, next: Next) {
        match next {
            Next::GetToken(rejected) => self.get_token(caller, rejected),
            Next::Admit => self.admit(caller),
            Next::Queue => self.take_turn(caller),
            Next::Send(request) => self.send(caller, request),
            Next::Wait(until) => {
                let turn = self.callers[caller].turn;
                self.timer(until, What::Tell(caller, turn, Happening::Woke));
            }
            Next::Finished => self.end(caller),
        }
    }

    /// Fills in what a Retry-After that is a date asks for: that depends on when it is read.
    fn dated(&self, caller: usize, mut happening: Happening) -> Happening {
        if let Happening::Answer { headers, asked: asked @ None, .. } = &mut happening
            && let Some((_, value)) = headers.iter().find(|(name, _)| name == "retry-after")
            && let Some(date_ms) = retry_after::date(value)
        {
            let epoch_ms = self.callers[caller].machine.setup.epoch_ms + self.now;
            *asked = Some((date_ms - epoch_ms).max(0.0));
        }
        happening
    }

    fn counts(&self, caller: usize) -> bool {
        let Caller { role, client, .. } = &self.callers[caller];
        *role == Role::Operation && self.clients[*client].rate.is_some()
    }

    fn admit(&mut self, caller: usize) {
        if !self.counts(caller) {
            return self.tell(caller, Happening::Admitted);
        }
        let ticket = self.governor.enter(None);
        let now = Moment::at(self.now);
        let held = match self.governor.poll(ticket, now) {
            Admission::Go => return self.go(caller, ticket),
            Admission::Held(until) => Some(ms(until)),
            Admission::At(_) | Admission::Behind(_) => None,
        };
        self.callers[caller].place = Place::Waiting { ticket, was_held: held };
        let expected = self.governor.expected(ticket, now).0;
        self.tell(caller, Happening::Queued { expected, held });
    }

    fn go(&mut self, caller: usize, ticket: Ticket) {
        self.callers[caller].place = Place::None;
        self.wake_first();
        self.tell(caller, Happening::Admitted);
        if self.callers[caller].ended_at.is_some() {
            self.governor.done(ticket, Moment::at(self.now));
            self.wake_first();
        } else {
            self.callers[caller].place = Place::OnItsWay(ticket);
        }
    }

    fn take_turn(&mut self, caller: usize) {
        let Place::Waiting { ticket, was_held } = self.callers[caller].place else { return };
        let (now, turn) = (Moment::at(self.now), self.callers[caller].turn);
        match self.governor.poll(ticket, now) {
            Admission::Go => self.go(caller, ticket),
            Admission::Held(until) if was_held.is_none_or(|before| before < ms(until)) => {
                let held = Some(ms(until));
                self.callers[caller].place = Place::Waiting { ticket, was_held: held };
                let expected = self.governor.expected(ticket, now).0;
                self.tell(caller, Happening::Queued { expected, held });
            }
            Admission::Held(until) | Admission::At(until) | Admission::Behind(Some(until)) => {
                self.timer(ms(until), What::Ask(caller, turn));
            }
            Admission::Behind(None) => {}
        }
    }

    fn wake_first(&mut self) {
        let first = self.governor.first();
        let place = |caller: &Caller| matches!(caller.place, Place::Waiting { ticket, .. } if Some(ticket) == first);
        if let Some(caller) = self.callers.iter().position(place) {
            self.due(self.now, What::Ask(caller, self.callers[caller].turn));
        }
    }

    fn wake_all(&mut self) {
        for caller in 0..self.callers.len() {
            if matches!(self.callers[caller].place, Place::Waiting { .. }) {
                self.due(self.now, What::Ask(caller, self.callers[caller].turn));
            }
        }
    }

    fn send(&mut self, caller: usize, request: Request) {
        let Caller { role, client, turn, machine, .. } = &self.callers[caller];
        let (client, turn, at) = (*client, *turn, self.now);
        if *role == Role::Operation {
            let told = machine.lines.iter().rev().find_map(|(_, _, line)| match line {
                Happening::Token(_, number) => Some(*number),
                _ => None,
            });
            let generation = told.unwrap_or_default();
            let token_tick = self.callers[caller].token_tick;
            self.sent.push(Sent { at, caller, client, generation, token_tick });
        }
        if self.random.chance(self.unreachable) {
            let code = self.random.pick(&["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused"]);
            let at = self.now + self.random.ms(100.0);
            return self.due(at, What::Tell(caller, turn, Happening::lost(Some(code))));
        }
        let at = self.now + self.latency();
        self.due(at, What::Arrive(caller, turn, request));
    }

    /// Mostly short, and sometimes longer than anybody waits.
    fn latency(&mut self) -> f64 {
        let longest = if self.random.chance(self.slow) { 30_000.0 } else { 200.0 };
        self.random.ms(longest)
    }

    fn arrive(&mut self, caller: usize, turn: u64, request: &Request) {
        let epoch_ms = self.callers[caller].machine.setup.epoch_ms + self.now;
        if self.callers[caller].machine.setup.resent && self.random.chance(self.resends) {
            let _lost = self.server.answer(request, caller, epoch_ms, &mut self.random);
        }
        let answer = self.server.answer(request, caller, epoch_ms, &mut self.random);
        if let Some(answer) = answer {
            let at = self.now + self.latency();
            self.due(at, What::Tell(caller, turn, answer));
        }
    }

    fn get_token(&mut self, caller: usize, rejected: Option<Generation>) {
        let client = self.callers[caller].client;
        if !self.clients[client].buys {
            return self.tell_token(caller, "FIXED-TOKEN".to_owned(), 0);
        }
        match self.clients[client].cache.supply(rejected, Moment::at(self.now)) {
            Supply::Ready(token) => {
                self.check_life(client);
                self.hand_out(caller, &token);
            }
            Supply::Renew(token) => {
                self.check_life(client);
                self.fly(client, true, None);
                self.hand_out(caller, &token);
            }
            Supply::Buy(reason) => {
                let rejected = rejected.filter(|_| reason == TokenReason::Rejected);
                self.clients[client].waiting.push((caller, rejected));
                self.fly(client, false, rejected);
            }
        }
    }

    /// A token is kept until a request may outlive it.
    fn check_life(&self, client: usize) {
        let (ends, life) = *self.clients[client].lives.last().unwrap();
        let spare = (life * 0.05).min(30_000.0);
        assert!(self.now < ends - spare, "{} with a token that ends at {ends}\n{}", self.now, self.scripts());
    }

    fn hand_out(&mut self, caller: usize, token: &Issued) {
        let bought = self.clients[self.callers[caller].client].bought;
        let number = (0..=bought).find(|number| generation(*number) == token.generation).unwrap();
        self.tell_token(caller, token.secret.reveal().to_owned(), number);
    }

    fn tell_token(&mut self, caller: usize, secret: String, number: u32) {
        self.callers[caller].token_tick = self.tick;
        let turn = self.callers[caller].turn;
        self.due(self.now, What::Tell(caller, turn, Happening::Token(secret, number)));
    }

    /// Asks for a token, unless a request for one is on its way.
    fn fly(&mut self, client: usize, in_background: bool, rejected: Option<Generation>) {
        if self.clients[client].flight.is_some() {
            return;
        }
        let mut setup = self.clients[client].setup.clone().unwrap();
        if in_background {
            setup.retry = None;
        }
        let flight = self.add(client, self.now, Role::Flight { in_background, rejected }, setup);
        self.clients[client].flight = Some(flight);
        self.due(self.now, What::Tell(flight, 0, Happening::Started));
    }

    fn end(&mut self, caller: usize) {
        self.callers[caller].ended_at = Some(self.now);
        if let Place::Waiting { ticket, .. } = self.callers[caller].place {
            self.callers[caller].place = Place::None;
            self.governor.leave(ticket);
            self.wake_first();
        }
        if let Role::Flight { in_background, rejected } = self.callers[caller].role {
            self.land(caller, in_background, rejected);
        }
    }

    fn land(&mut self, flight: usize, in_background: bool, rejected: Option<Generation>) {
        let client = self.callers[flight].client;
        self.clients[client].flight = None;
        let waiting = std::mem::take(&mut self.clients[client].waiting);
        let outcome = self.callers[flight].machine.outcome().unwrap();
        let token =
            outcome.result.as_ref().ok().and_then(|text| {
                Token::read(text.as_deref().unwrap_or_default().as_bytes(), outcome.sent.unwrap()).ok()
            });
        if let Some(token) = token {
            let life = self.server.token_life * 1000.0;
            self.clients[client].lives.push((ms(outcome.sent.unwrap()) + life, life));
            let issued = self.clients[client].cache.keep(token);
            self.clients[client].bought += 1;
            if rejected.is_some() {
                let replaced = (self.clients[client].bought - 1, self.tick);
                self.clients[client].replaced.push(replaced);
            }
            for (caller, _) in waiting {
                self.hand_out(caller, &issued);
            }
            return;
        }
        if in_background {
            self.clients[client].cache.rest(Moment::at(self.now));
        }
        for (caller, rejected) in waiting {
            if in_background {
                self.get_token(caller, rejected);
            } else {
                let turn = self.callers[caller].turn;
                self.due(self.now, What::Tell(caller, turn, Happening::NoToken));
            }
        }
    }
}

impl Caller {
    pub fn is_operation(&self) -> bool {
        self.role == Role::Operation
    }
}

/// An effect without what only the call's end knows.
enum Next {
    GetToken(Option<Generation>),
    Admit,
    Queue,
    Send(Request),
    Wait(f64),
    Finished,
}

impl Next {
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::GetToken { rejected } => Self::GetToken(*rejected),
            Effect::Admit => Self::Admit,
            Effect::Queue => Self::Queue,
            Effect::Send(request) => Self::Send((**request).clone()),
            Effect::Wait(until) => Self::Wait(ms(*until)),
            Effect::Finished(_) => Self::Finished,
        }
    }
}

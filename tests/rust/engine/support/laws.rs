//! What holds of every call whatever it is told, read off its lines and steps alone.

use isc_service_desk::client::call::event::WaitReason;
use isc_service_desk::client::response::report::Attempt;
use isc_service_desk::client::{Effect, ErrorKind, Notice, Outcome, Step};
use isc_service_desk::http::Method;

use crate::engine::support::machine::{Ask, CLIENT_SECRET, Happening, Line, Machine, Policy, generation, ms};

/// Fails with the script that replays the call where a law is broken.
#[track_caller]
pub fn hold(machine: &Machine) {
    if let Err(broken) = check(machine) {
        panic!("{broken}\nReplay it with:\n{}", machine.script());
    }
}

/// The first law that is broken.
pub fn check(machine: &Machine) -> Result<(), String> {
    let mut watch = Watch::new(machine);
    for (index, (line, step)) in machine.lines.iter().zip(&machine.steps).enumerate() {
        watch.see(line, step).map_err(|broken| format!("{broken}, at line {}: {line:?}\n{step:?}", index + 1))?;
    }
    Ok(())
}

/// What the last effect asked for: it says which events can follow.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    Start,
    Token,
    Place,
    Answer,
    Sleep,
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// The server has done it, as far as it says.
    Good,
    /// It may have acted.
    Open,
    /// It surely did not.
    Undone,
}

struct Watch<'m> {
    machine: &'m Machine,
    asked: Asked,
    deadline: Option<f64>,
    token: Option<(String, u32)>,
    /// The token that must not come again.
    rejected: Option<u32>,
    renewed: bool,
    sent_at: f64,
    /// Requests in all, and those that count against the attempts of this phase.
    sent: u32,
    counted: u32,
    ended: usize,
    /// Whether what a create made is looked for.
    looking: bool,
    /// Whether it is looked for after a refusal: then one look is all.
    is_refused: bool,
    may_have_acted: bool,
    /// A Retry-After forbids requests before it.
    not_before: f64,
}

fn require(law: bool, broken: impl Into<String>) -> Result<(), String> {
    if law { Ok(()) } else { Err(broken.into()) }
}

impl<'m> Watch<'m> {
    fn new(machine: &'m Machine) -> Self {
        Self {
            machine,
            asked: Asked::Start,
            deadline: None,
            token: None,
            rejected: None,
            renewed: false,
            sent_at: 0.0,
            sent: 0,
            counted: 0,
            ended: 0,
            looking: false,
            is_refused: false,
            may_have_acted: false,
            not_before: f64::NEG_INFINITY,
        }
    }

    fn is_over(&self, at: f64) -> bool {
        self.deadline.is_some_and(|deadline| at >= deadline)
    }

    fn see(&mut self, (at, random, event): &Line, step: &Step) -> Result<(), String> {
        let (at, random) = (*at, random.clamp(0.0, 1.0));
        let before = self.asked;
        let legal = self.is_legal(event);
        if *event == Happening::Started && before == Asked::Start {
            self.deadline = self.machine.setup.timeout.map(|timeout| at + timeout);
        }
        self.bounds(at, event, step)?;
        self.asked = asked(&step.effect);
        if !legal || *event == Happening::Aborted {
            let ended = require(self.asked == Asked::Nothing, "what ends a call did not");
            return ended.and_then(|()| self.explained(before, event, step));
        }
        let answered = match event {
            Happening::Token(secret, number) => {
                require(self.rejected != Some(*number), "told a token that was refused: the test is wrong")?;
                self.token = Some((secret.clone(), *number));
                require(matches!(step.effect, Effect::Admit), "a token is followed by a place")
            }
            Happening::Queued { held, .. } => self.queued(at, *held, step),
            Happening::Answer { .. } | Happening::Failed { .. } => self.attempted(at, random, event, step),
            Happening::TimedOut if before == Asked::Answer => self.attempted(at, random, event, step),
            Happening::TimedOut | Happening::NoToken => {
                require(self.asked == Asked::Nothing, "without a token or a place the call must end")
            }
            _ => Ok(()),
        };
        answered?;
        match &step.effect {
            Effect::Send(_) => self.sends(at, step),
            Effect::Finished(outcome) => self.finishes(at, event, outcome),
            _ => Ok(()),
        }
    }

    fn is_legal(&self, event: &Happening) -> bool {
        match event {
            Happening::Started => self.asked == Asked::Start,
            Happening::Token(..) | Happening::NoToken => self.asked == Asked::Token,
            Happening::Admitted | Happening::Queued { .. } => self.asked == Asked::Place,
            Happening::Answer { .. } | Happening::Failed { .. } => self.asked == Asked::Answer,
            Happening::Woke => self.asked == Asked::Sleep,
            Happening::TimedOut => matches!(self.asked, Asked::Token | Asked::Place | Asked::Answer),
            Happening::Aborted => true,
        }
    }

    /// Why a call ended that was aborted, or told what cannot happen.
    fn explained(&self, before: Asked, event: &Happening, step: &Step) -> Result<(), String> {
        let Effect::Finished(outcome) = &step.effect else { return Ok(()) };
        let Err(error) = &outcome.result else { return Err("it cannot succeed so".to_owned()) };
        let expected = match (event, &self.machine.setup.ask) {
            (_, Ask::Token) => matches!(error.kind, ErrorKind::Token(_)),
            (Happening::Aborted, _) => error.kind == ErrorKind::Aborted,
            _ => error.kind == ErrorKind::Internal,
        };
        require(expected, format!("{before:?} ended as {:?}", error.kind))
    }

    /// What bounds every effect.
    fn bounds(&self, at: f64, event: &Happening, step: &Step) -> Result<(), String> {
        let until = step.until.map(ms);
        let asked_by_429 = match event {
            Happening::Answer { status: 429, asked, .. } if self.asked == Asked::Answer => *asked,
            _ => None,
        };
        require(step.hold.map(ms) == asked_by_429.map(|asked| at + asked), "all are held by a 429, and by that alone")?;
        match &step.effect {
            Effect::Send(_) => {
                let attempt = self.machine.setup.attempt_timeout.map(|timeout| at + timeout);
                let nearer = [attempt, self.deadline].into_iter().flatten().reduce(f64::min);
                require(until == nearer, "an attempt ends with the nearer of both limits")?;
                require(!self.is_over(at), "nothing is sent when the call's time is up")?;
                require(at >= self.not_before, "nothing is sent before a Retry-After is over")
            }
            Effect::Wait(moment) => {
                require(until.is_none(), "a wait has its own end")?;
                require(ms(*moment) >= at, "a wait ends before it begins")?;
                require(!self.is_over(ms(*moment)), "no wait goes on up to the deadline")
            }
            Effect::Finished(_) => require(until.is_none(), "the end has no end"),
            Effect::GetToken { .. } | Effect::Admit | Effect::Queue => {
                require(until == self.deadline, "every effect ends with the call's deadline")
            }
        }
    }

    fn queued(&self, at: f64, held: Option<f64>, step: &Step) -> Result<(), String> {
        let longest = self.machine.setup.retry.map_or(f64::INFINITY, |policy| policy.max_retry_after);
        let is_too_long = held.is_some_and(|held| held - at > longest || self.is_over(held));
        let waits = matches!(step.effect, Effect::Queue);
        require(waits != is_too_long, "a call waits for its turn, and ends where a hold is too long for it")?;
        if waits {
            let told = matches!(step.notices[..], [Notice::Wait { reason: WaitReason::RateLimit, .. }]);
            return require(told, "a wait for the rate limit is told");
        }
        Ok(())
    }

    fn sends(&mut self, at: f64, step: &Step) -> Result<(), String> {
        let Effect::Send(request) = &step.effect else { return Ok(()) };
        self.sent_at = at;
        self.sent += 1;
        self.counted += 1;
        let shown = self.machine.call.hide(&request.url);
        let told = step.notices.iter().any(
            |notice| matches!(notice, Notice::Request { attempt, method, url } if *attempt == self.sent && *method == request.method && *url == shown),
        );
        require(told, "each request is told with its number, and its URL without secrets")?;
        let attempts = self.machine.setup.retry.map_or(1, |policy| policy.attempts);
        require(self.counted <= attempts, format!("{} requests, but {attempts} attempts", self.counted))?;
        let carried = self.token.as_ref().map(|(secret, _)| format!("Bearer {secret}"));
        require(
            request.headers.get("authorization") == carried.as_deref(),
            "a request carries the token of its attempt",
        )?;
        require(!request.url.contains(CLIENT_SECRET), "no URL holds a secret")?;
        if self.machine.setup.is_create() {
            let method = if self.looking { Method::Get } else { Method::Post };
            return require(request.method == method, "a create that may have happened is never sent again");
        }
        Ok(())
    }

    /// An attempt has ended: what may follow?
    fn attempted(&mut self, at: f64, random: f64, event: &Happening, step: &Step) -> Result<(), String> {
        self.ended += 1;
        let (status, asked) = match event {
            // After a good status it asks for nothing.
            Happening::Answer { status: status @ 200..=299, .. } => (Some(*status), None),
            Happening::Answer { status, asked, .. } => (Some(*status), *asked),
            _ => (None, None),
        };
        if status.is_some_and(is_retried) {
            self.not_before = self.not_before.max(asked.map_or(f64::NEG_INFINITY, |asked| at + asked));
        }
        if status == Some(401) && self.machine.setup.renewable && !self.renewed {
            self.renewed = true;
            self.counted -= 1;
            return self.renews(step);
        }
        let fate = fate(event);
        let is_create = self.machine.setup.is_create();
        let may_pass = match event {
            // Early data that was turned away is not among what a create is sent again after.
            Happening::Answer { status: 425, .. } if is_create && !self.looking => false,
            _ if self.is_refused => false,
            Happening::Failed { message, code } if is_lasting(message, code.as_deref()) => false,
            Happening::Answer { status, .. } => is_retried(*status),
            Happening::Failed { .. } => true,
            _ => !self.is_over(at),
        };
        if is_create && !self.looking && self.is_doubtful_refusal(status) {
            return self.looks(at, step);
        }
        if is_create && !self.looking && fate != Fate::Undone {
            return self.doubts(at, random, fate, asked, step);
        }
        if fate == Fate::Good {
            return require(self.asked == Asked::Nothing, "a good answer ends the call");
        }
        if matches!(self.machine.setup.ask, Ask::Delete(_)) && status == Some(404) && self.may_have_acted {
            let is_done = self
                .machine
                .outcome()
                .is_some_and(|outcome| matches!(&outcome.result, Ok(answer) if answer.json.is_none()));
            return require(is_done, "what is gone after a delete of unknown outcome was deleted");
        }
        self.may_have_acted |= fate == Fate::Open;
        let length = self.machine.setup.retry.filter(|_| may_pass).and_then(|policy| {
            let length = backoff(policy, self.counted - 1, random).max(asked.unwrap_or(0.0));
            let is_short = asked.is_none_or(|asked| asked <= policy.max_retry_after);
            let fits = self.deadline.is_none_or(|deadline| at + length < deadline);
            (self.counted < policy.attempts && is_short && fits).then_some(length)
        });
        self.waits(at, length, step)
    }

    fn renews(&mut self, step: &Step) -> Result<(), String> {
        let Effect::GetToken { rejected } = &step.effect else {
            return Err("a refused token that can be renewed is renewed".to_owned());
        };
        self.rejected = self.token.take().map(|(_, number)| number);
        require(*rejected == self.rejected.map(generation), "the refused token is named")
    }

    fn waits(&self, at: f64, length: Option<f64>, step: &Step) -> Result<(), String> {
        match (&step.effect, length) {
            (Effect::Wait(until), Some(length)) => {
                require(
                    ms(*until) == at + length,
                    format!("a wait of {} in the place of {length} ms", ms(*until) - at),
                )?;
                let told = step.notices.iter().any(|notice| matches!(notice, Notice::Wait { .. }));
                require(told, "a wait is told")
            }
            (Effect::Finished(_), None) => Ok(()),
            (_, length) => Err(format!("what must follow a failed attempt is a wait of {length:?} ms, or the end")),
        }
    }

    /// Whether the platform may have sent a create twice, and what is told answers the second one.
    fn is_doubtful_refusal(&self, status: Option<u16>) -> bool {
        self.machine.setup.resent && matches!(status, Some(400 | 409))
    }

    /// A create whose name is taken, it may be by itself: it is looked for at once, unless there is no retry or no time.
    fn looks(&mut self, at: f64, step: &Step) -> Result<(), String> {
        if self.machine.setup.retry.is_none() || self.is_over(at) {
            return self.waits(at, None, step);
        }
        (self.looking, self.is_refused, self.counted) = (true, true, 0);
        require(self.asked == Asked::Token, "what may be its own is looked for at once")
    }

    /// A create that may have happened: it ends, or is looked for.
    fn doubts(&mut self, at: f64, random: f64, fate: Fate, asked: Option<f64>, step: &Step) -> Result<(), String> {
        if fate == Fate::Good && self.asked == Asked::Nothing {
            return Ok(());
        }
        self.looking = true;
        self.counted = 0;
        let is_short = |policy: &Policy| asked.is_none_or(|asked| asked <= policy.max_retry_after);
        let Some(policy) = self.machine.setup.retry.filter(is_short).filter(|_| !self.is_over(at)) else {
            return self.waits(at, None, step);
        };
        let length = backoff(policy, 0, random).max(asked.unwrap_or(0.0));
        let fits = self.deadline.is_none_or(|deadline| at + length < deadline);
        match asked {
            _ if fits => self.waits(at, Some(length), step),
            // No time to wait, and nobody asked for it.
            None => self.waits(at, Some(0.0), step),
            Some(_) => self.waits(at, None, step),
        }
    }

    fn finishes(&self, at: f64, event: &Happening, outcome: &Outcome) -> Result<(), String> {
        let Outcome { response, attempts, sent, result } = outcome;
        require(attempts.len() == self.ended, "the history has one entry for each request")?;
        let last_retry = attempts.iter().rposition(|attempt| attempt.retry_reason.is_some());
        let all_said = |attempts: &[Attempt]| attempts.iter().all(|attempt| attempt.waited_ms.is_some());
        require(
            all_said(&attempts[..last_retry.map_or(0, |last| last + 1)]),
            "each entry but the last says why it was not",
        )?;
        require(
            sent.map(ms) == (self.sent > 0).then_some(self.sent_at),
            "the end says when the last request was sent",
        )?;
        require(
            response.is_some() == attempts.iter().any(|attempt| attempt.status.is_some()),
            "the last response is told",
        )?;
        let Err(error) = result else { return Ok(()) };
        require(error.attempts == *attempts, "an error has the call's history")?;
        require(error.url.is_some() == (self.sent > 0), "an error of what was sent has its URL")?;
        let is_timeout = matches!(error.kind, ErrorKind::Timeout(_));
        require(!is_timeout || *event == Happening::TimedOut || self.is_over(at), "a timeout comes of time")
    }
}

fn asked(effect: &Effect) -> Asked {
    match effect {
        Effect::GetToken { .. } => Asked::Token,
        Effect::Admit | Effect::Queue => Asked::Place,
        Effect::Send(_) => Asked::Answer,
        Effect::Wait(_) => Asked::Sleep,
        Effect::Finished(_) => Asked::Nothing,
    }
}

fn backoff(policy: Policy, failures: u32, random: f64) -> f64 {
    (policy.base * f64::powi(2.0, failures as i32)).min(policy.max) * random
}

pub fn is_retried(status: u16) -> bool {
    [408, 425, 429, 500, 502, 503, 504].contains(&status)
}

const UNCONNECTED: [&str; 4] = ["ECONNREFUSED", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "ConnectionRefused"];

/// Whether a failure is one that no further attempt mends. A runtime that has a code for it is believed.
fn is_lasting(message: &str, code: Option<&str>) -> bool {
    let codes = [
        "ENOTFOUND",
        "CERT",
        "UNABLE_TO",
        "ERR_INVALID_URL",
        "UND_ERR_INVALID_ARG",
        "ERR_ACCESS_DENIED",
        "WRONG_VERSION",
    ];
    if let Some(code) = code.filter(|code| UNCONNECTED.contains(code) || codes.iter().any(|part| code.contains(part))) {
        return !UNCONNECTED.contains(&code);
    }
    let words = ["lookup address information: Name", "peer certificate", "corrupt message", "--allow-net"];
    words.iter().any(|part| message.contains(part))
}

pub fn fate(event: &Happening) -> Fate {
    match event {
        Happening::Answer { status: 200..=299, .. } => Fate::Good,
        Happening::Answer { status: 503, asked: Some(_), .. } => Fate::Undone,
        Happening::Answer { status: 408 | 500.., .. } => Fate::Open,
        Happening::Answer { .. } => Fate::Undone,
        Happening::Failed { message, code } => {
            let is_unconnected = code.as_deref().is_some_and(|code| UNCONNECTED.contains(&code))
                || message.contains("client error (Connect)");
            if is_unconnected || is_lasting(message, code.as_deref()) { Fate::Undone } else { Fate::Open }
        }
        _ => Fate::Open,
    }
}

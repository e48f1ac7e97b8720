//! Calls that are told anything in any order, by a clock and chance of the test's own.

use crate::engine::support::dates::http_date;
use crate::engine::support::machine::ms;
use crate::engine::support::scenario::{BODY, made};
use crate::engine::support::{Ask, Happening, Machine, Policy, Random, Setup, config, laws, replay};
use isc_service_desk::client::{Effect, ErrorKind};
use proptest::prelude::*;

fn chance() -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..240).prop_map(Random::of)
}

/// Any call, with limits of which some are odd.
fn setup(random: &mut Random) -> Setup {
    let asks = [
        Ask::Get,
        Ask::Create(BODY.to_owned()),
        Ask::Delete("i".to_owned()),
        Ask::List,
        Ask::Replace(BODY.to_owned()),
        Ask::Token,
    ];
    let policy = Policy {
        attempts: random.pick(&[4, 1, 2, 3, 7]),
        base: random.pick(&[500.0, 0.0, 100.0, 8000.0]),
        max: random.pick(&[20_000.0, 0.0, 700.0]),
        max_retry_after: random.pick(&[60_000.0, 0.0, 1500.0]),
    };
    Setup {
        timeout: random.pick(&[Some(60_000.0), None, Some(1.0), Some(3000.0), Some(10_000.0)]),
        attempt_timeout: random.pick(&[Some(20_000.0), None, Some(1.0), Some(2000.0)]),
        retry: Some(policy).filter(|_| !random.chance(15)),
        renewable: random.chance(40),
        ..Setup::of(random.pick(&asks))
    }
}

fn answer(machine: &Machine, at: f64, random: &mut Random) -> Happening {
    const STATUSES: [u16; 20] =
        [200, 500, 503, 429, 401, 404, 408, 502, 504, 425, 201, 204, 0, 302, 400, 403, 409, 501, 100, 999];
    let status = random.pick(&STATUSES);
    let epoch_ms = machine.setup.epoch_ms;
    let item = made(epoch_ms + random.ms(8000.0) - 4000.0);
    let list = format!("[{item}]");
    let bodies = ["[]", &list, &item, "", "{}", "[{}]", "<html>", r#"{"messages":[{"text":"no"}]}"#, "7"];
    let mut answer = Happening::answer(status, random.pick(&bodies));
    if random.chance(30) {
        answer = answer.with("date", &http_date(epoch_ms + at));
    }
    match random.below(6) {
        1 => answer.asking(random.pick(&[0, 1, 2, 7, 60, 61])),
        2 => {
            let date_ms = epoch_ms + at + f64::from(random.pick(&[0_u8, 1, 3, 90])) * 1000.0;
            let date = http_date(date_ms);
            let mut answer = answer.with("retry-after", &date);
            let Happening::Answer { asked, .. } = &mut answer else { return answer };
            // The date has no milliseconds.
            *asked = Some(((date_ms / 1000.0).floor() * 1000.0 - epoch_ms - at).max(0.0));
            answer
        }
        3 => answer.with("retry-after", random.pick(&["", "-1", "1.5", "soon", "2099-01-01", "1e3"])),
        _ => answer,
    }
}

fn failed(random: &mut Random) -> Happening {
    let messages = [
        "fetch failed",
        "error sending request: client error (Connect)",
        "",
        "invalid peer certificate: UnknownIssuer",
    ];
    let codes = [
        None,
        Some("ECONNREFUSED"),
        Some("ECONNRESET"),
        Some("EAI_AGAIN"),
        Some("UND_ERR_CONNECT_TIMEOUT"),
        Some("ENOTFOUND"),
        Some("CERT_HAS_EXPIRED"),
    ];
    let code = random.pick(&codes).map(str::to_owned);
    Happening::Failed { message: random.pick(&messages).to_owned(), code }
}

/// Tells a machine one thing after another; most of it is what it waits for, where `is_wild` some is not.
struct Teller {
    machine: Machine,
    random: Random,
    at: f64,
    tokens: u32,
    is_wild: bool,
}

impl Teller {
    fn new(mut random: Random, is_wild: bool) -> Self {
        let machine = Machine::new(setup(&mut random));
        Self { machine, random, at: 0.0, tokens: 0, is_wild }
    }

    /// Until chance is used up, or the call has ended.
    fn tell_all(mut self) -> Machine {
        while !self.random.is_used_up() && (self.is_wild || self.machine.outcome().is_none()) {
            let happening = self.draw();
            let random = self.random.pick(&[0.5, 0.0, 1.0, 0.25, 0.99609375, -1.0, 7.0]);
            self.machine.tell(self.at, random, happening);
        }
        self.machine
    }

    fn draw(&mut self) -> Happening {
        let is_odd = self.is_wild && self.random.chance(12);
        let last = self.machine.steps.last();
        let until = last.and_then(|step| step.until).map(ms);
        let wait = match last.map(|step| &step.effect) {
            Some(Effect::Wait(until)) => Some(ms(*until)),
            _ => None,
        };
        let kind = match last.map(|step| &step.effect) {
            _ if is_odd => self.random.below(10),
            None => 0,
            Some(Effect::GetToken { .. }) => self.random.pick(&[1, 1, 1, 1, 1, 2]),
            Some(Effect::Admit | Effect::Queue) => self.random.pick(&[3, 3, 3, 4]),
            Some(Effect::Send(_)) => self.random.pick(&[5, 5, 5, 6]),
            Some(Effect::Wait(_)) => 7,
            Some(Effect::Finished(_)) => self.random.below(10),
        };
        self.at = match (wait, until) {
            (Some(wait), _) if kind == 7 => wait + self.random.pick(&[0.0, 0.0, 5.0, 90_000.0]),
            (_, Some(until)) if !is_odd && self.random.chance(10) => {
                self.at = self.at.max(until);
                return Happening::TimedOut;
            }
            _ => self.at + self.random.pick(&[0.0, 1.0, 40.0, 700.0, 6000.0]),
        };
        match kind {
            0 => Happening::Started,
            1 => {
                self.tokens += 1;
                Happening::Token(format!("TOKEN-{}", self.tokens), self.tokens)
            }
            2 => Happening::NoToken,
            3 => Happening::Admitted,
            4 => {
                let held = self.random.pick(&[None, Some(1.0), Some(1000.0), Some(70_000.0)]);
                Happening::Queued { expected: self.random.ms(5000.0), held: held.map(|held| self.at + held) }
            }
            5 => answer(&self.machine, self.at, &mut self.random),
            6 => failed(&mut self.random),
            7 => Happening::Woke,
            8 => Happening::TimedOut,
            _ => Happening::Aborted,
        }
    }
}

proptest! {
    #![proptest_config(config(6000))]

    #[test]
    fn every_law_holds_for_what_can_happen(random in chance()) {
        laws::hold(&Teller::new(random, false).tell_all());
    }

    #[test]
    fn every_law_holds_for_what_cannot_happen_and_after_the_end(random in chance()) {
        laws::hold(&Teller::new(random, true).tell_all());
    }

    #[test]
    fn an_abort_at_any_time_ends_the_call(random in chance(), place in 0..30_usize) {
        let told = Teller::new(random, false).tell_all();
        let mut machine = Machine::new(told.setup.clone());
        for (at, random, happening) in told.lines.iter().take(place) {
            machine.tell(*at, *random, happening.clone());
        }
        let now = told.lines.get(place).map_or(1e6, |line| line.0);
        for _ in 0..2 {
            machine.tell(now, 0.5, Happening::Aborted);
            let Some(Effect::Finished(outcome)) = machine.steps.last().map(|step| &step.effect) else {
                panic!("no end\n{}", machine.script())
            };
            let kind = &outcome.result.as_ref().unwrap_err().kind;
            let is_aborted = *kind == ErrorKind::Aborted || matches!(kind, ErrorKind::Token(_));
            prop_assert!(is_aborted, "{:?}\n{}", kind, machine.script());
        }
    }

    #[test]
    fn the_same_events_give_the_same_steps(random in chance()) {
        let told = Teller::new(random, true).tell_all();
        let again = replay(&told.script());
        prop_assert_eq!(format!("{:?}", told.steps), format!("{:?}", again.steps), "{}", told.script());
    }
}

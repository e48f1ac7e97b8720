//! The governor under random arrivals, leaves, holds and answers.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions of tests: a failure here is a failure of the test"
)]

mod engine_support;

use std::fmt::Write;

use engine_support::machine::ms;
use engine_support::{Random, config};
use isc_service_desk::client::session::governor::{Admission, Governor, RateLimit, Ticket};
use isc_service_desk::clock::{Millis, Moment};
use proptest::prelude::*;

/// What happens, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Enter(usize),
    Leave(usize),
    /// It is never heard of again.
    Lose(usize),
    Ask(usize),
    Done(usize),
    Hold(f64),
    Join(RateLimit),
    Part(RateLimit),
}

/// One that wants to send.
#[derive(Debug, Clone, Default)]
struct Guest {
    ticket: Option<Ticket>,
    entered: f64,
    /// By what the governor said when it came.
    expected: Option<f64>,
    went: Option<f64>,
    left: bool,
    lost: bool,
}

/// A limit, from when until when it was there.
#[derive(Debug, Clone, Copy)]
struct Term {
    limit: RateLimit,
    from: f64,
    until: f64,
}

struct Gate {
    governor: Governor,
    random: Random,
    now: f64,
    agenda: Vec<(f64, Event)>,
    guests: Vec<Guest>,
    terms: Vec<Term>,
    /// In the order in which they went.
    gone: Vec<usize>,
    on_their_way: u32,
    held_until: f64,
    /// The longest time until an answer comes.
    longest_answer: f64,
    log: String,
}

fn limit(random: &mut Random) -> RateLimit {
    RateLimit {
        requests: random.pick(&[3, 1, 2, 7, 100]),
        per: Millis(random.pick(&[100.0, 1.0, 37.5, 1000.0, 10_000.0])),
        concurrency: None,
    }
}

impl Gate {
    fn new(limits: &[RateLimit], random: Random) -> Self {
        let mut gate = Self {
            governor: Governor::default(),
            random,
            now: 0.0,
            agenda: Vec::new(),
            guests: Vec::new(),
            terms: Vec::new(),
            gone: Vec::new(),
            on_their_way: 0,
            held_until: f64::NEG_INFINITY,
            longest_answer: 0.0,
            log: format!("{limits:?}"),
        };
        limits.iter().for_each(|limit| gate.join(*limit));
        gate
    }

    fn join(&mut self, limit: RateLimit) {
        self.governor.join(limit);
        self.terms.push(Term { limit, from: self.now, until: f64::INFINITY });
    }

    fn part(&mut self, limit: RateLimit) {
        self.governor.part(limit);
        let term = self.terms.iter_mut().find(|term| term.limit == limit && term.until.is_infinite());
        term.unwrap().until = self.now;
    }

    fn limits(&self) -> impl Iterator<Item = RateLimit> {
        self.terms.iter().filter(|term| term.until.is_infinite()).map(|term| term.limit)
    }

    /// Guests come within a span, one after another.
    fn expect_guests(&mut self, most: usize, span: f64) {
        for guest in 0..=self.random.below(most) {
            self.guests.push(Guest::default());
            let at = self.random.ms(span);
            self.agenda.push((at, Event::Enter(guest)));
        }
    }

    fn run(&mut self) {
        for _ in 0..10_000 {
            let Some(first) = self.agenda.iter().map(|(at, _)| *at).reduce(f64::min) else { return };
            let due: Vec<_> = (0..self.agenda.len()).filter(|place| self.agenda[*place].0 == first).collect();
            let (at, event) = self.agenda.remove(self.random.pick(&due));
            self.now = at;
            writeln!(self.log, "\n{at} {event:?}").unwrap();
            self.happen(event);
        }
        panic!("it does not end\n{}", self.log);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Enter(guest) => {
                let ticket = self.governor.enter(None);
                self.guests[guest].ticket = Some(ticket);
                self.guests[guest].entered = self.now;
                self.ask(guest);
                let is_in = self.guests[guest].went.is_some();
                let expected = self.governor.expected(ticket, Moment::at(self.now)).0;
                self.guests[guest].expected = Some(if is_in { self.now } else { self.now + expected });
            }
            Event::Ask(guest) => self.ask(guest),
            Event::Leave(guest) => {
                let Guest { ticket: Some(ticket), went: None, .. } = self.guests[guest] else { return };
                self.guests[guest].left = true;
                self.governor.leave(ticket);
                self.wake_first();
            }
            Event::Lose(guest) => self.guests[guest].lost |= self.guests[guest].went.is_none(),
            Event::Done(guest) => {
                self.on_their_way -= 1;
                self.governor.done(self.guests[guest].ticket.unwrap(), Moment::at(self.now));
                self.wake_first();
            }
            Event::Hold(until) => {
                self.held_until = self.held_until.max(until);
                self.governor.hold(Moment::at(until));
                (0..self.guests.len()).for_each(|guest| self.agenda.push((self.now, Event::Ask(guest))));
            }
            Event::Join(limit) => self.join(limit),
            Event::Part(limit) => {
                self.part(limit);
                self.wake_first();
            }
        }
    }

    fn wake_first(&mut self) {
        let first = self.governor.first();
        if let Some(guest) = self.guests.iter().position(|guest| first.is_some() && guest.ticket == first) {
            self.agenda.push((self.now, Event::Ask(guest)));
        }
    }

    fn ask(&mut self, guest: usize) {
        let Guest { ticket: Some(ticket), went: None, left: false, lost: false, .. } = self.guests[guest] else {
            return;
        };
        let admission = self.governor.poll(ticket, Moment::at(self.now));
        match admission {
            Admission::Go => self.go(guest),
            Admission::At(moment) | Admission::Held(moment) => {
                assert!(ms(moment) > self.now, "{admission:?} at {}\n{}", self.now, self.log);
                assert_eq!(matches!(admission, Admission::Held(_)), self.now < self.held_until, "{}", self.log);
                self.agenda.push((ms(moment), Event::Ask(guest)));
            }
            Admission::Behind(again) => {
                assert!(again.is_none_or(|again| ms(again) > self.now), "{}", self.log);
                self.agenda.extend(again.map(|again| (ms(again), Event::Ask(guest))));
                // Those before it may have been lost: then the first does not know that it is.
                if self.governor.first() != Some(ticket) {
                    self.wake_first();
                }
            }
        }
    }

    fn go(&mut self, guest: usize) {
        self.guests[guest].went = Some(self.now);
        self.gone.push(guest);
        self.on_their_way += 1;
        let most = self.limits().filter_map(|limit| limit.concurrency).min().unwrap_or(u32::MAX);
        assert!(self.on_their_way <= most, "{} on their way\n{}", self.on_their_way, self.log);
        assert!(self.now >= self.held_until, "within a hold\n{}", self.log);
        let waits_before = |other: &Guest| {
            other.went.is_none()
                && !other.left
                && !other.lost
                && other.ticket.is_some_and(|ticket| self.guests[guest].is_after(ticket))
        };
        assert!(!self.guests.iter().any(waits_before), "{guest} did not wait for its turn\n{}", self.log);
        let answered = self.now + self.random.ms(self.longest_answer);
        self.agenda.push((answered, Event::Done(guest)));
        self.wake_first();
    }

    /// In any window never more than its limit, for as long as that was there.
    fn check_windows(&self) {
        let went: Vec<f64> = self.gone.iter().map(|guest| self.guests[*guest].went.unwrap()).collect();
        for Term { limit, from, until } in &self.terms {
            let counted: Vec<f64> = went.iter().copied().filter(|at| at >= from && at <= until).collect();
            for (first, beyond) in counted.iter().zip(counted.iter().skip(limit.requests as usize)) {
                // Whoever parts at this moment may have gone before.
                let is_there = beyond < until;
                assert!(!is_there || *beyond >= first + limit.per.0, "{first} {beyond} {limit:?}\n{}", self.log);
            }
        }
    }

    fn check_all_went(&self) {
        for (number, guest) in self.guests.iter().enumerate() {
            assert!(guest.went.is_some() || guest.left || guest.lost, "{number} starves\n{}", self.log);
        }
    }
}

impl Guest {
    /// Tickets have no order of their own: they are as old as their debug text says.
    fn is_after(&self, other: Ticket) -> bool {
        let number = |ticket: Ticket| -> u64 {
            format!("{ticket:?}").chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
        };
        self.ticket.is_some_and(|ticket| number(ticket) > number(other))
    }
}

fn chance() -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..160).prop_map(Random::of)
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn limits_turns_and_holds_are_kept_and_nobody_starves(random in chance()) {
        let mut random = random;
        let limits: Vec<RateLimit> = (0..=random.below(3))
            .map(|_| RateLimit { concurrency: random.pick(&[None, Some(1), Some(3)]), ..limit(&mut random) })
            .collect();
        let mut gate = Gate::new(&limits, random);
        gate.expect_guests(30, 500.0);
        gate.longest_answer = gate.random.pick(&[0.0, 50.0, 2000.0]);
        for _ in 0..gate.random.below(8) {
            let at = gate.random.ms(800.0);
            let event = match gate.random.below(5) {
                0 => Event::Leave(gate.random.below(gate.guests.len())),
                1 => Event::Hold(at + gate.random.ms(700.0)),
                2 => Event::Ask(gate.random.below(gate.guests.len())),
                3 => Event::Join(limit(&mut gate.random)),
                _ => Event::Leave(gate.random.below(gate.guests.len())),
            };
            gate.agenda.push((at, event));
        }
        if limits.len() > 1 && gate.random.chance(30) {
            let at = gate.random.ms(800.0);
            gate.agenda.push((at, Event::Part(limits[0])));
        }
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        prop_assert!(gate.governor.first().is_none() && gate.on_their_way == 0);
        prop_assert!(gate.governor.is_idle(Moment::at(gate.now.max(gate.held_until) + 10_000.0)), "{}", gate.log);
    }

    #[test]
    fn everyone_gets_in_at_the_expected_time_where_nobody_leaves(random in chance()) {
        let mut random = random;
        let mut gate = Gate::new(&[limit(&mut random)], random);
        gate.expect_guests(40, 500.0);
        gate.run();
        gate.check_windows();
        for guest in &gate.guests {
            let (went, expected) = (guest.went.unwrap(), guest.expected.unwrap());
            prop_assert!((went - expected).abs() < 1e-6, "{} in the place of {}\n{}", went, expected, gate.log);
        }
    }

    #[test]
    fn each_that_is_lost_in_the_queue_costs_the_others_a_moment_and_no_more(random in chance()) {
        let mut random = random;
        let limit = limit(&mut random);
        let mut gate = Gate::new(&[limit], random);
        gate.expect_guests(40, 500.0);
        for _ in 0..=gate.random.below(12) {
            let at = gate.random.ms(800.0);
            gate.agenda.push((at, Event::Lose(gate.random.below(gate.guests.len()))));
        }
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        let lost = gate.guests.iter().filter(|guest| guest.lost).count();
        let windows = gate.guests.len() / limit.requests as usize + 1;
        #[expect(clippy::cast_precision_loss, reason = "there are not so many")]
        let (lost, windows) = (lost as f64, windows as f64);
        // A look that passes over one may be the first for the next.
        let longest = limit.per.0 * (windows + lost) + 550.0 * lost;
        for guest in gate.guests.iter().filter(|guest| !guest.lost) {
            let (went, entered) = (guest.went.unwrap(), guest.entered);
            prop_assert!(went <= entered + longest, "{} after {}\n{}", went, entered, gate.log);
        }
    }

    #[test]
    fn nobody_gets_in_before_the_expected_time_of_many_limits(random in chance()) {
        let mut random = random;
        let limits: Vec<RateLimit> = (0..=random.below(3)).map(|_| limit(&mut random)).collect();
        let mut gate = Gate::new(&limits, random);
        gate.expect_guests(40, 500.0);
        gate.longest_answer = 300.0;
        gate.run();
        gate.check_all_went();
        let longest: f64 = limits.iter().map(|limit| limit.per.0).sum();
        for (place, number) in gate.gone.iter().enumerate() {
            let guest = &gate.guests[*number];
            let went = guest.went.unwrap();
            prop_assert!(went >= guest.expected.unwrap() - 1e-6, "{:?}\n{}", guest, gate.log);
            // Each who came before it holds it up by all windows at most, and once more until its answer.
            prop_assert!(went <= guest.entered + 2.0 * longest * (place as f64 + 1.0), "{:?}\n{}", guest, gate.log);
        }
    }

    #[test]
    fn a_hold_is_expected_and_kept(random in chance()) {
        let mut random = random;
        let mut gate = Gate::new(&[limit(&mut random)], random);
        gate.expect_guests(20, 200.0);
        let until = gate.random.ms(3000.0);
        gate.happen(Event::Hold(until));
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        for guest in &gate.guests {
            prop_assert!(guest.went.unwrap() >= until && guest.expected.unwrap() >= until.min(guest.went.unwrap()));
        }
    }

    #[test]
    fn whoever_leaves_holds_nobody_up(random in chance()) {
        let mut random = random;
        let only = RateLimit { requests: 1, per: Millis(1000.0), concurrency: None };
        let mut gate = Gate::new(&[only], random.clone());
        for guest in 0..10 {
            gate.guests.push(Guest::default());
            gate.agenda.push((f64::from(u8::try_from(guest).unwrap()), Event::Enter(guest)));
        }
        let leaving: Vec<usize> = (1..9).filter(|_| random.chance(50)).collect();
        for guest in &leaving {
            gate.agenda.push((100.0 + random.ms(400.0), Event::Leave(*guest)));
        }
        gate.run();
        gate.check_all_went();
        let went: Vec<usize> = (0..10).filter(|guest| !leaving.contains(guest)).collect();
        prop_assert_eq!(&gate.gone, &went);
        let last = gate.guests[9].went.unwrap();
        prop_assert_eq!(last, (went.len() - 1) as f64 * 1000.0, "{}", gate.log);
    }
}

#[test]
fn a_long_queue_is_little_work_while_it_waits_for_room() {
    let limit = RateLimit { concurrency: Some(1), ..RateLimit::default() };
    let mut gate = Gate::new(&[limit], Random::of(vec![128; 100_000]));
    gate.longest_answer = 5_000.0;
    gate.guests = vec![Guest::default(); 150];
    gate.agenda = (0..150).map(|guest| (0.0, Event::Enter(guest))).collect();
    gate.run();
    gate.check_all_went();
    let asked = gate.log.matches(" Ask(").count();
    assert!(asked < 30 * 150, "{asked} looks for 150 in {} ms", gate.now);
}

//! The limiter under random arrivals, leaves, holds and answers: where calls wake one another, and where each asks by itself.

use std::fmt::Write;

use crate::engine::support::machine::ms;
use crate::engine::support::{Random, config};
use isc_service_desk::client::session::TaskId;
use isc_service_desk::client::session::limiter::{Admission, Limiter, Permit, RateLimit};
use isc_service_desk::clock::{Duration, Instant};
use proptest::prelude::*;

/// How late a call apart may come for its moment before it is taken for abandoned.
const ABANDONED_AFTER: f64 = 250.0;

/// What happens, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Enter(usize),
    Leave(usize),
    /// It is never heard of again.
    Abandon(usize),
    Ask(usize),
    Done(usize),
    Hold(f64),
    Join(RateLimit),
    Part(RateLimit),
}

/// One that wants to send.
#[derive(Debug, Clone, Default)]
struct Waiter {
    permit: Option<Permit>,
    /// How many came before it.
    came: usize,
    entered: f64,
    /// By what the limiter said when it came.
    expected: Option<f64>,
    went: Option<f64>,
    left: bool,
    abandoned: bool,
}

/// A limit, from when until when it was there.
#[derive(Debug, Clone, Copy)]
struct Term {
    limit: RateLimit,
    from: f64,
    until: f64,
}

struct Gate {
    limiter: Limiter,
    is_apart: bool,
    random: Random,
    now: f64,
    agenda: Vec<(f64, Event)>,
    waiters: Vec<Waiter>,
    came: usize,
    terms: Vec<Term>,
    /// In the order in which they went.
    gone: Vec<usize>,
    on_their_way: u32,
    held_until: f64,
    /// The longest time until an answer comes.
    longest_answer: f64,
    /// By how much a timer may be late.
    lateness: f64,
    log: String,
}

fn limit(random: &mut Random) -> RateLimit {
    RateLimit {
        requests: random.pick(&[3, 1, 2, 7, 100]),
        per: Duration(random.pick(&[100.0, 1.0, 37.5, 1000.0, 10_000.0])),
        concurrency: None,
    }
}

impl Gate {
    fn new(is_apart: bool, limits: &[RateLimit], random: Random) -> Self {
        let mut gate = Self {
            limiter: Limiter::new(is_apart),
            is_apart,
            random,
            now: 0.0,
            agenda: Vec::new(),
            waiters: Vec::new(),
            came: 0,
            terms: Vec::new(),
            gone: Vec::new(),
            on_their_way: 0,
            held_until: f64::NEG_INFINITY,
            longest_answer: 0.0,
            lateness: 0.0,
            log: format!("{limits:?}"),
        };
        limits.iter().for_each(|limit| gate.join(*limit));
        gate
    }

    fn join(&mut self, limit: RateLimit) {
        self.limiter.join(limit);
        self.terms.push(Term { limit, from: self.now, until: f64::INFINITY });
    }

    fn part(&mut self, limit: RateLimit) {
        self.limiter.part(limit);
        let term = self.terms.iter_mut().find(|term| term.limit == limit && term.until.is_infinite());
        term.unwrap().until = self.now;
    }

    fn limits(&self) -> impl Iterator<Item = RateLimit> {
        self.terms.iter().filter(|term| term.until.is_infinite()).map(|term| term.limit)
    }

    /// Waiters come within a span, one after another.
    fn expect_waiters(&mut self, most: usize, span: f64) {
        for waiter in 0..=self.random.below(most) {
            self.waiters.push(Waiter::default());
            let at = self.random.ms(span);
            self.agenda.push((at, Event::Enter(waiter)));
        }
    }

    fn run(&mut self) {
        for _ in 0..20_000 {
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
            Event::Enter(waiter) => self.enter(waiter),
            Event::Ask(waiter) => self.ask(waiter),
            Event::Leave(waiter) => {
                let Waiter { permit: Some(permit), went: None, .. } = self.waiters[waiter] else { return };
                self.waiters[waiter].left = true;
                self.limiter.leave(permit);
                self.wake_first();
            }
            Event::Abandon(waiter) => self.waiters[waiter].abandoned |= self.waiters[waiter].went.is_none(),
            Event::Done(waiter) => {
                self.on_their_way -= 1;
                self.limiter.done(self.waiters[waiter].permit.unwrap(), Instant::at(self.now));
                self.wake_first();
            }
            Event::Hold(until) => {
                self.held_until = self.held_until.max(until);
                self.limiter.hold(Instant::at(until));
                let waiting: Vec<TaskId> = self.limiter.waiting().filter(|_| !self.is_apart).collect();
                self.agenda.extend(waiting.into_iter().map(|task| (self.now, Event::Ask(task.0))));
            }
            Event::Join(limit) => self.join(limit),
            Event::Part(limit) => {
                self.part(limit);
                self.wake_first();
            }
        }
    }

    fn enter(&mut self, waiter: usize) {
        let permit = self.limiter.enter(TaskId(waiter));
        self.came += 1;
        let (came, entered) = (self.came, self.now);
        self.waiters[waiter] = Waiter { permit: Some(permit), came, entered, ..self.waiters[waiter].clone() };
        self.ask(waiter);
        let is_in = self.waiters[waiter].went.is_some();
        let expected = self.limiter.expected(permit, Instant::at(self.now)).0;
        self.waiters[waiter].expected = Some(if is_in { self.now } else { self.now + expected });
    }

    /// Where calls are apart, none is woken.
    fn wake_first(&mut self) {
        if let Some(TaskId(waiter)) = self.limiter.first().filter(|_| !self.is_apart) {
            self.agenda.push((self.now, Event::Ask(waiter)));
        }
    }

    fn ask(&mut self, waiter: usize) {
        let Waiter { permit: Some(permit), went: None, left: false, abandoned: false, .. } = self.waiters[waiter]
        else {
            return;
        };
        let admission = self.limiter.poll(permit, Instant::at(self.now));
        writeln!(self.log, "  {waiter}: {admission:?}").unwrap();
        match admission {
            Admission::Go => self.go(waiter),
            Admission::At(moment) | Admission::Held(moment) => {
                assert!(ms(moment) > self.now, "{admission:?} at {}\n{}", self.now, self.log);
                assert_eq!(matches!(admission, Admission::Held(_)), self.now < self.held_until, "{}", self.log);
                let late = if self.lateness > 0.0 { self.random.ms(self.lateness) } else { 0.0 };
                self.agenda.push((ms(moment) + late, Event::Ask(waiter)));
            }
            Admission::Behind => assert!(!self.is_apart, "no call would wake it\n{}", self.log),
        }
    }

    fn go(&mut self, waiter: usize) {
        self.waiters[waiter].went = Some(self.now);
        self.gone.push(waiter);
        self.on_their_way += 1;
        let most = self.limits().filter_map(|limit| limit.concurrency).min().unwrap_or(u32::MAX);
        assert!(self.on_their_way <= most, "{} on their way\n{}", self.on_their_way, self.log);
        assert!(self.now >= self.held_until, "within a hold\n{}", self.log);
        if !self.is_apart {
            let came = self.waiters[waiter].came;
            let waits = |other: &Waiter| other.permit.is_some() && other.went.is_none() && !other.left;
            let is_passed = self.waiters.iter().any(|other| waits(other) && other.came < came);
            assert!(!is_passed, "{waiter} did not wait for its turn\n{}", self.log);
        }
        let answered = self.now + self.random.ms(self.longest_answer);
        self.agenda.push((answered, Event::Done(waiter)));
        self.wake_first();
    }

    /// In any window never more than its limit, for as long as that was there.
    fn check_windows(&self) {
        let went: Vec<f64> = self.gone.iter().map(|waiter| self.waiters[*waiter].went.unwrap()).collect();
        for Term { limit, from, until } in &self.terms {
            let counted: Vec<f64> = went.iter().copied().filter(|at| at >= from && at <= until).collect();
            for (first, beyond) in counted.iter().zip(counted.iter().skip(limit.requests as usize)) {
                // What went at the moment at which the limit was lifted may have gone after that.
                let is_there = beyond < until;
                assert!(!is_there || *beyond >= first + limit.per.0, "{first} {beyond} {limit:?}\n{}", self.log);
            }
        }
    }

    fn check_all_went(&self) {
        for (number, waiter) in self.waiters.iter().enumerate() {
            assert!(waiter.went.is_some() || waiter.left || waiter.abandoned, "{number} starves\n{}", self.log);
        }
    }
}

fn chance() -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..160).prop_map(Random::of)
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn limits_turns_and_holds_are_kept_and_no_call_starves(random in chance(), is_apart: bool) {
        let mut random = random;
        let limits: Vec<RateLimit> = (0..=random.below(3))
            .map(|_| RateLimit { concurrency: random.pick(&[None, Some(1), Some(3)]), ..limit(&mut random) })
            .collect();
        let mut gate = Gate::new(is_apart, &limits, random);
        gate.expect_waiters(30, 500.0);
        gate.longest_answer = gate.random.pick(&[0.0, 50.0, 2000.0]);
        gate.lateness = gate.random.pick(&[0.0, 0.0, 40.0, 600.0]);
        for _ in 0..gate.random.below(8) {
            let at = gate.random.ms(800.0);
            let event = match gate.random.below(5) {
                0 => Event::Leave(gate.random.below(gate.waiters.len())),
                1 => Event::Hold(at + gate.random.ms(700.0)),
                2 => Event::Ask(gate.random.below(gate.waiters.len())),
                3 => Event::Join(limit(&mut gate.random)),
                _ => Event::Leave(gate.random.below(gate.waiters.len())),
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
        prop_assert!(gate.limiter.first().is_none() && gate.on_their_way == 0);
        prop_assert!(gate.limiter.is_idle(Instant::at(gate.now.max(gate.held_until) + 10_000.0)), "{}", gate.log);
    }

    #[test]
    fn each_gets_in_at_the_expected_time_where_none_leaves(random in chance(), is_apart: bool) {
        let mut random = random;
        let mut gate = Gate::new(is_apart, &[limit(&mut random)], random);
        gate.expect_waiters(40, 500.0);
        gate.run();
        gate.check_windows();
        for waiter in &gate.waiters {
            let (went, expected) = (waiter.went.unwrap(), waiter.expected.unwrap());
            prop_assert!((went - expected).abs() < 1e-6, "{} in the place of {}\n{}", went, expected, gate.log);
        }
        let went = gate.gone.iter().map(|waiter| (gate.waiters[*waiter].went.unwrap(), gate.waiters[*waiter].came));
        let went: Vec<_> = went.collect();
        for pair in went.windows(2) {
            prop_assert!(pair[0].1 < pair[1].1 || pair[0].0 == pair[1].0, "not in the order in which they came\n{}", gate.log);
        }
    }

    #[test]
    fn each_apart_that_was_abandoned_costs_the_others_its_place_and_a_moment(random in chance()) {
        let mut random = random;
        let limit = limit(&mut random);
        let mut gate = Gate::new(true, &[limit], random);
        gate.expect_waiters(40, 500.0);
        for _ in 0..=gate.random.below(12) {
            let at = gate.random.ms(800.0);
            gate.agenda.push((at, Event::Abandon(gate.random.below(gate.waiters.len()))));
        }
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        let abandoned = gate.waiters.iter().filter(|waiter| waiter.abandoned).count();
        let windows = gate.waiters.len() / limit.requests as usize + 1;
        #[expect(clippy::cast_precision_loss, reason = "there are not so many")]
        let (abandoned, windows) = (abandoned as f64, windows as f64);
        let longest = limit.per.0 * (windows + abandoned) + ABANDONED_AFTER * abandoned;
        for waiter in gate.waiters.iter().filter(|waiter| !waiter.abandoned) {
            let (went, entered) = (waiter.went.unwrap(), waiter.entered);
            prop_assert!(went <= entered + longest, "{} after {}\n{}", went, entered, gate.log);
        }
    }

    #[test]
    fn none_gets_in_before_the_expected_time_of_many_limits(random in chance(), is_apart: bool) {
        let mut random = random;
        let limits: Vec<RateLimit> = (0..=random.below(3)).map(|_| limit(&mut random)).collect();
        let mut gate = Gate::new(is_apart, &limits, random);
        gate.expect_waiters(40, 500.0);
        gate.longest_answer = 300.0;
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        let longest: f64 = limits.iter().map(|limit| limit.per.0).sum();
        for (place, number) in gate.gone.iter().enumerate() {
            let waiter = &gate.waiters[*number];
            let went = waiter.went.unwrap();
            prop_assert!(went >= waiter.expected.unwrap() - 1e-6, "{:?}\n{}", waiter, gate.log);
            // Each that came before it holds it up by all windows at most, and once more until its answer.
            prop_assert!(went <= waiter.entered + 2.0 * longest * (place as f64 + 1.0), "{:?}\n{}", waiter, gate.log);
        }
    }

    #[test]
    fn a_hold_is_expected_and_kept(random in chance(), is_apart: bool) {
        let mut random = random;
        let mut gate = Gate::new(is_apart, &[limit(&mut random)], random);
        gate.expect_waiters(20, 200.0);
        let until = gate.random.ms(3000.0);
        gate.happen(Event::Hold(until));
        gate.run();
        gate.check_windows();
        gate.check_all_went();
        for waiter in &gate.waiters {
            prop_assert!(waiter.went.unwrap() >= until && waiter.expected.unwrap() >= until.min(waiter.went.unwrap()));
        }
    }

    #[test]
    fn one_that_leaves_holds_no_other_up(random in chance()) {
        let mut random = random;
        let only = RateLimit { requests: 1, per: Duration(1000.0), concurrency: None };
        let mut gate = Gate::new(false, &[only], random.clone());
        for waiter in 0..10 {
            gate.waiters.push(Waiter::default());
            gate.agenda.push((f64::from(u8::try_from(waiter).unwrap()), Event::Enter(waiter)));
        }
        let leaving: Vec<usize> = (1..9).filter(|_| random.chance(50)).collect();
        for waiter in &leaving {
            gate.agenda.push((100.0 + random.ms(400.0), Event::Leave(*waiter)));
        }
        gate.run();
        gate.check_all_went();
        let went: Vec<usize> = (0..10).filter(|waiter| !leaving.contains(waiter)).collect();
        prop_assert_eq!(&gate.gone, &went);
        let last = gate.waiters[9].went.unwrap();
        prop_assert_eq!(last, (went.len() - 1) as f64 * 1000.0, "{}", gate.log);
    }
}

#[test]
fn a_long_queue_is_little_work_while_it_waits_for_room() {
    // Apart, each looks every 50 ms: then none waits longer than it must.
    for (is_apart, most) in [(false, 3 * 150), (true, 150 * 150)] {
        let limit = RateLimit { concurrency: Some(1), ..RateLimit::default() };
        let mut gate = Gate::new(is_apart, &[limit], Random::of(vec![128; 100_000]));
        gate.longest_answer = if is_apart { 100.0 } else { 5_000.0 };
        gate.waiters = vec![Waiter::default(); 150];
        gate.agenda = (0..150).map(|waiter| (0.0, Event::Enter(waiter))).collect();
        gate.run();
        gate.check_all_went();
        let asked = gate.log.matches(" Ask(").count();
        assert!(asked < most, "{asked} looks for 150 in {} ms", gate.now);
    }
}

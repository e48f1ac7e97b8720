//! Keeps the requests of one client id within the gateway's limit, first come, first served.
//!
//! The limit counts requests in *any* window of its length, so the moments of the last requests are kept: a bucket that
//! fills up again would allow twice as many around its edge. The gateway counts a request when it arrives, which is some time
//! between its sending and its answer: it counts from the answer, and from no later than one window after it was sent.

use super::TaskId;
use crate::clock::{Duration, Instant};

/// So many requests in any span of that length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// 1 or more.
    pub requests: u32,
    /// Above 0.
    pub per: Duration,
    /// How many may be on their way at once; 1 or more.
    pub concurrency: Option<u32>,
}

impl Default for RateLimit {
    /// The gateway's, for each client id and API version. Source: the API's guide to rate limits.
    fn default() -> Self {
        Self { requests: 100, per: Duration(10_000.0), concurrency: None }
    }
}

/// A clock may be set back so far and still be the same one.
const CLOCK_JITTER: Duration = Duration(1_000.0);

/// Poll interval while the concurrency limit is reached, where no call may wake another.
const POLL_INTERVAL: Duration = Duration(50.0);

/// A call that does not come so long after its moment was abandoned: its request has ended with it.
const ABANDONED_AFTER: Duration = Duration(250.0);

/// A call's place, first in the queue and then among the requests on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    number: u64,
    task: TaskId,
}

/// A call that waits, or whose request is on its way.
#[derive(Debug, Clone, Copy)]
struct Holder {
    permit: Permit,
    /// In the queue: when it was told to ask again. On its way: the deadline of its attempt.
    until: Option<Instant>,
}

/// Whether a request may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Admission {
    /// Now. [`Limiter::done`] must be called when its answer has come.
    Go,
    /// Not before this moment; ask again then.
    At(Instant),
    /// Not before the server allows anything: it has asked to wait until then.
    Held(Instant),
    /// Not before another request has gone or its answer has come: ask again when [`Limiter::first`] names the task.
    Behind,
}

/// What all requests under one key have done, and which calls wait.
///
/// **[`enter`](Self::enter), then [`poll`](Self::poll) until it says [`Admission::Go`]; a call that gives up before that must
/// [`leave`](Self::leave).** After each of these calls, and after [`done`](Self::done), the first in the queue may have reason
/// to ask again; after [`hold`](Self::hold) all of them have.
///
/// Where requests are kept apart, no call wakes another. There each call that must wait reserves the moment at which its turn
/// comes, and asks again then by a timer of its own.
#[derive(Debug, Default)]
pub struct Limiter {
    /// One for each client; all of them hold.
    limits: Vec<RateLimit>,
    /// The most requests and the longest window that any client counts in: what is kept serves clients to come, too.
    counted: usize,
    window: Duration,
    /// The last requests, and from when each counts, in the order of these moments.
    sent: Vec<(Permit, Instant)>,
    queue: Vec<Holder>,
    /// Those whose answers have not come.
    on_their_way: Vec<Holder>,
    last_permit: u64,
    held: Option<Instant>,
    last_look: Instant,
    is_apart: bool,
}

impl Limiter {
    /// `is_apart` says that no call may wake another.
    pub fn new(is_apart: bool) -> Self {
        Self { is_apart, ..Self::default() }
    }

    /// A client with this limit has come.
    pub fn join(&mut self, limit: RateLimit) {
        self.limits.push(limit);
        // The gateway's own limit may be asked for by the next client.
        for limit in [limit, RateLimit::default()] {
            self.counted = self.counted.max(limit.requests as usize);
            self.window = Duration(self.window.0.max(limit.per.0));
        }
    }

    /// A client with this limit has gone.
    pub fn part(&mut self, limit: RateLimit) {
        if let Some(place) = self.limits.iter().position(|known| *known == limit) {
            self.limits.swap_remove(place);
        }
    }

    /// Takes the last place in the queue.
    pub fn enter(&mut self, task: TaskId) -> Permit {
        self.last_permit += 1;
        let permit = Permit { number: self.last_permit, task };
        self.queue.push(Holder { permit, until: None });
        permit
    }

    /// Whether the request with this permit may go.
    pub fn poll(&mut self, permit: Permit, now: Instant) -> Admission {
        self.look_at(now);
        self.on_their_way.retain(|holder| holder.until.is_none_or(|until| now < until));
        let admission = if let Some(until) = self.held_until(now) {
            Admission::Held(until)
        } else if self.is_full() {
            if self.is_apart { Admission::At(now + POLL_INTERVAL) } else { Admission::Behind }
        } else {
            self.in_turn(permit, now)
        };
        match admission {
            Admission::Go => self.go(permit, now),
            Admission::At(moment) | Admission::Held(moment) => self.reserve(permit, moment),
            Admission::Behind => {}
        }
        admission
    }

    fn in_turn(&mut self, permit: Permit, now: Instant) -> Admission {
        if self.is_apart {
            self.forget_abandoned(permit, now);
        }
        let place = self.place(permit);
        if place > 0 && !self.is_apart {
            return Admission::Behind;
        }
        // A call whose moment has come was let pass by those before it.
        let is_due = self.queue.get(place).and_then(|holder| holder.until).is_some_and(|until| until <= now);
        let has_room = |moment: Option<Instant>| moment.is_none_or(|moment| moment <= now);
        let opens = self.opens(place);
        if has_room(opens) || is_due && has_room(self.opens(0)) {
            return Admission::Go;
        }
        opens.map_or(Admission::Go, Admission::At)
    }

    fn forget_abandoned(&mut self, permit: Permit, now: Instant) {
        let is_here = |until: Option<Instant>| until.is_none_or(|until| now < until + ABANDONED_AFTER);
        self.queue.retain(|holder| holder.permit == permit || is_here(holder.until));
    }

    fn reserve(&mut self, permit: Permit, moment: Instant) {
        let until = Some(moment);
        match self.queue.iter_mut().find(|holder| holder.permit == permit) {
            Some(holder) => holder.until = until,
            // It was given up for abandoned, and was only late.
            None => self.queue.push(Holder { permit, until }),
        }
    }

    fn is_full(&self) -> bool {
        let mut most = self.limits.iter().filter_map(|limit| limit.concurrency);
        most.any(|most| self.on_their_way.len() >= most as usize)
    }

    /// A clock that goes back is another one, as a test's own is in the place of the runtime's: what the first one showed says
    /// nothing about this one, and could keep every call waiting for years.
    fn look_at(&mut self, now: Instant) {
        if now + CLOCK_JITTER < self.last_look {
            self.sent.clear();
            self.held = None;
        }
        self.last_look = now;
    }

    fn go(&mut self, permit: Permit, now: Instant) {
        self.leave(permit);
        self.on_their_way.push(Holder { permit, until: None });
        self.sent.push((permit, now));
        // Many at once, as all that are kept move up.
        if self.sent.len() / 2 > self.counted {
            self.sent.drain(..self.counted);
        }
    }

    /// The request has been sent now: sending takes time too, and the window counts from its end. Its answer comes before
    /// `until`, or never.
    pub fn sent(&mut self, permit: Permit, now: Instant, until: Option<Instant>) {
        if let Some(holder) = self.on_their_way.iter_mut().find(|holder| holder.permit == permit) {
            holder.until = until;
        }
        self.count_from(permit, now, None);
    }

    /// The call with this permit waits no more.
    pub fn leave(&mut self, permit: Permit) {
        self.queue.retain(|holder| holder.permit != permit);
    }

    /// The answer to the request with this permit has come, or none will.
    pub fn done(&mut self, permit: Permit, now: Instant) {
        self.on_their_way.retain(|holder| holder.permit != permit);
        let longest = self.limits.iter().map(|limit| limit.per.0).fold(0.0, f64::max);
        self.count_from(permit, now, Some(Duration(longest)));
    }

    /// Moves a request on, to the moment from which it counts, but no further than so long.
    fn count_from(&mut self, permit: Permit, moment: Instant, longest: Option<Duration>) {
        // Most were sent lately.
        let Some(place) = self.sent.iter().rposition(|(known, _)| *known == permit) else { return };
        let (_, from) = self.sent.remove(place);
        let from = from.later(longest.map_or(moment, |longest| moment.earlier(from + longest)));
        let place = self.sent.partition_point(|(_, other)| *other <= from);
        self.sent.insert(place, (permit, from));
    }

    /// The server asks every call to wait until then.
    pub fn hold(&mut self, until: Instant) {
        if self.held.is_none_or(|held| held < until) {
            self.held = Some(until);
        }
    }

    /// The call that may go next.
    pub fn first(&self) -> Option<TaskId> {
        self.queue.first().map(|holder| holder.permit.task)
    }

    /// All calls that wait.
    pub fn waiting(&self) -> impl Iterator<Item = TaskId> {
        self.queue.iter().map(|holder| holder.permit.task)
    }

    /// How many requests are on their way.
    pub fn on_their_way(&self) -> usize {
        self.on_their_way.len()
    }

    /// The moments of how many requests are kept.
    pub fn moments(&self) -> usize {
        self.sent.len()
    }

    /// How many wait before it.
    fn place(&self, permit: Permit) -> usize {
        self.queue.iter().position(|holder| holder.permit == permit).unwrap_or(self.queue.len())
    }

    /// How long the request with this permit will wait, as far as that can be told: calls before it may give up, and the
    /// moment at which an answer comes is not known.
    pub fn expected(&self, permit: Permit, now: Instant) -> Duration {
        let opens = self.opens(self.place(permit)).map_or(Duration(0.0), |moment| moment - now);
        let held = self.held.map_or(Duration(0.0), |until| until - now);
        if held > opens { held } else { opens }
    }

    /// Whether nothing that it knows matters any more.
    pub fn is_idle(&self, now: Instant) -> bool {
        self.queue.is_empty()
            && !self.on_their_way.iter().any(|holder| holder.until.is_none_or(|until| now < until))
            && self.held_until(now).is_none()
            && self.sent.last().is_none_or(|(_, last)| *last + self.window <= now)
    }

    fn held_until(&self, now: Instant) -> Option<Instant> {
        self.held.filter(|until| *until > now)
    }

    /// When the window has room for one more request after `before` others; `None` where it has room already.
    fn opens(&self, before: usize) -> Option<Instant> {
        let of_limit = |limit: &RateLimit| {
            let requests = limit.requests as usize;
            let (rounds, place) = (before / requests, before % requests);
            let kept = self.sent.len().min(requests);
            // Places that no request has taken yet are free in the first round.
            let free = requests - kept;
            let last = match place.checked_sub(free) {
                Some(taken) => self.sent.get(self.sent.len() - kept + taken),
                None if rounds == 0 => None,
                None => self.sent.last(),
            };
            #[expect(clippy::cast_precision_loss, reason = "a queue is no longer than memory")]
            let windows = (rounds as f64) + f64::from(u8::from(place >= free));
            last.map(|(_, moment)| *moment + Duration(limit.per.0 * windows))
        };
        self.limits.iter().filter_map(of_limit).reduce(Instant::later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(is_apart: bool, limits: &[(u32, f64)]) -> Limiter {
        let mut limiter = Limiter::new(is_apart);
        for (requests, per) in limits {
            limiter.join(RateLimit { requests: *requests, per: Duration(*per), concurrency: None });
        }
        limiter
    }

    fn limiter(limits: &[(u32, f64)]) -> Limiter {
        of(false, limits)
    }

    fn one_at_a_time(is_apart: bool) -> Limiter {
        let mut limiter = Limiter::new(is_apart);
        limiter.join(RateLimit { concurrency: Some(1), ..RateLimit::default() });
        limiter
    }

    fn enter<const COUNT: usize>(limiter: &mut Limiter) -> [Permit; COUNT] {
        std::array::from_fn(|task| limiter.enter(TaskId(task)))
    }

    fn at(ms: f64) -> Instant {
        Instant::at(ms)
    }

    #[test]
    fn the_window_slides() {
        let mut limiter = limiter(&[(2, 100.0)]);
        for (now, expected) in [
            (0.0, Admission::Go),
            (90.0, Admission::Go),
            (95.0, Admission::At(at(100.0))),
            (100.0, Admission::Go),
            (101.0, Admission::At(at(190.0))),
        ] {
            let [permit] = enter(&mut limiter);
            assert_eq!(limiter.poll(permit, at(now)), expected, "{now}");
            limiter.leave(permit);
        }
    }

    #[test]
    fn the_window_counts_from_when_a_request_was_sent() {
        let mut limiter = limiter(&[(1, 100.0)]);
        let [first, second] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        limiter.sent(first, at(7.0), None);
        assert_eq!(limiter.poll(second, at(100.0)), Admission::At(at(107.0)));
    }

    #[test]
    fn a_request_counts_from_its_answer_but_not_for_ever() {
        let mut limiter = limiter(&[(2, 100.0)]);
        let [first, second, third] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(second, at(10.0)), Admission::Go);
        limiter.done(first, at(30.0));
        assert_eq!(limiter.poll(third, at(40.0)), Admission::At(at(110.0)));
        limiter.done(second, at(109.0));
        assert_eq!(limiter.poll(third, at(110.0)), Admission::At(at(130.0)));
        assert_eq!(limiter.poll(third, at(130.0)), Admission::Go);
        limiter.done(third, at(900.0));
        assert!(!limiter.is_idle(at(10_229.0)) && limiter.is_idle(at(10_230.0)));
    }

    #[test]
    fn first_come_first_served_and_a_place_given_up_is_free() {
        let mut limiter = limiter(&[(1, 100.0)]);
        let [first, second, third] = enter(&mut limiter);
        assert_eq!(limiter.poll(second, at(0.0)), Admission::Behind);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(third, at(0.0)), Admission::Behind);
        assert_eq!(limiter.waiting().collect::<Vec<_>>(), [TaskId(1), TaskId(2)]);
        limiter.leave(second);
        assert_eq!(limiter.first(), Some(TaskId(2)));
        assert_eq!(limiter.poll(third, at(50.0)), Admission::At(at(100.0)));
        assert_eq!(limiter.poll(third, at(100.0)), Admission::Go);
        assert_eq!(limiter.first(), None);
    }

    #[test]
    fn a_call_behind_another_never_goes_before_it_however_late_that_one_is() {
        let mut limiter = limiter(&[(1, 100.0)]);
        let [gone, late, next] = enter(&mut limiter);
        assert_eq!(limiter.poll(gone, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(late, at(0.0)), Admission::At(at(100.0)));
        for now in [0.0, 100.0, 5_000.0, 60_000.0] {
            assert_eq!(limiter.poll(next, at(now)), Admission::Behind);
        }
        assert_eq!(limiter.poll(late, at(60_000.0)), Admission::Go);
        assert_eq!(limiter.poll(next, at(60_000.0)), Admission::At(at(60_100.0)));
    }

    #[test]
    fn all_limits_hold_for_as_long_as_their_clients_are_there() {
        let mut limiter = limiter(&[(10, 1000.0), (1, 50.0)]);
        let [first, second] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(second, at(0.0)), Admission::At(at(50.0)));
        limiter.part(RateLimit { requests: 1, per: Duration(50.0), concurrency: None });
        assert_eq!(limiter.poll(second, at(0.0)), Admission::Go);
    }

    #[test]
    fn a_hold_stops_every_call_and_is_never_shortened() {
        for is_apart in [false, true] {
            let mut limiter = of(is_apart, &[(10, 100.0)]);
            let [first, second] = enter(&mut limiter);
            limiter.hold(at(500.0));
            limiter.hold(at(300.0));
            assert_eq!(limiter.poll(first, at(499.0)), Admission::Held(at(500.0)));
            assert_eq!(limiter.poll(second, at(0.0)), Admission::Held(at(500.0)));
            assert_eq!(limiter.poll(first, at(500.0)), Admission::Go);
        }
    }

    #[test]
    fn no_more_than_the_concurrency_are_on_their_way() {
        let mut limiter = one_at_a_time(false);
        limiter.join(RateLimit { concurrency: Some(2), ..RateLimit::default() });
        let [first, second] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(second, at(0.0)), Admission::Behind);
        limiter.done(first, at(0.0));
        assert_eq!(limiter.poll(second, at(0.0)), Admission::Go);
    }

    #[test]
    fn the_expected_wait_is_the_one_that_comes() {
        for is_apart in [false, true] {
            let mut limiter = of(is_apart, &[(3, 100.0)]);
            let permits: [Permit; 10] = enter(&mut limiter);
            let ask = |limiter: &mut Limiter, place: usize, now| limiter.poll(permits[place], at(now));
            assert_eq!(ask(&mut limiter, 0, 0.0), Admission::Go);
            assert_eq!(ask(&mut limiter, 1, 10.0), Admission::Go);
            assert_eq!(ask(&mut limiter, 2, 20.0), Admission::Go);
            let expected: Vec<_> = (3..10).map(|place| limiter.expected(permits[place], at(20.0)).0 + 20.0).collect();
            assert_eq!(expected, [100.0, 110.0, 120.0, 200.0, 210.0, 220.0, 300.0]);
            for (place, now) in (3..10).zip(expected) {
                assert_eq!(ask(&mut limiter, place, now), Admission::Go);
            }
        }
    }

    #[test]
    fn a_request_on_its_way_takes_no_room_after_the_end_of_its_attempt() {
        for (is_apart, waits) in [(false, Admission::Behind), (true, Admission::At(at(51.0)))] {
            let mut limiter = one_at_a_time(is_apart);
            let [lost, next] = enter(&mut limiter);
            assert_eq!(limiter.poll(lost, at(0.0)), Admission::Go);
            limiter.sent(lost, at(1.0), Some(at(20.0)));
            assert_eq!(limiter.poll(next, at(1.0)), waits);
            assert_eq!(limiter.poll(next, at(20.0)), Admission::Go);
            assert!(!limiter.is_idle(at(20_000.0)), "the second has no end");
            limiter.done(next, at(30.0));
            assert!(limiter.is_idle(at(10_030.0)));
        }
    }

    #[test]
    fn calls_apart_get_a_moment_each_in_the_order_in_which_they_came() {
        let mut limiter = of(true, &[(2, 100.0)]);
        let permits: [Permit; 6] = enter(&mut limiter);
        let said = permits.map(|permit| limiter.poll(permit, at(0.0)));
        let [go, first, second] = [Admission::Go, Admission::At(at(100.0)), Admission::At(at(200.0))];
        assert_eq!(said, [go, go, first, first, second, second]);
        // To ask before the moment changes nothing.
        assert_eq!(limiter.poll(permits[4], at(99.0)), second);
        // Of those whose moment has come, the one that asks goes.
        assert_eq!(
            [3, 2, 5, 4].map(|place| limiter.poll(permits[place], at(if place < 4 { 100.0 } else { 200.0 }))),
            [go; 4]
        );
    }

    #[test]
    fn a_call_apart_that_was_abandoned_costs_its_place_and_no_more_than_a_moment() {
        let mut limiter = of(true, &[(1, 1000.0)]);
        let [gone, abandoned, next] = enter(&mut limiter);
        assert_eq!(limiter.poll(gone, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(abandoned, at(0.0)), Admission::At(at(1000.0)));
        assert_eq!(limiter.poll(next, at(0.0)), Admission::At(at(2000.0)));
        // It is waited for until it is 250 ms late.
        assert_eq!(limiter.poll(next, at(1249.0)), Admission::At(at(2000.0)));
        assert_eq!(limiter.poll(next, at(1250.0)), Admission::Go);
        // It comes after all, and waits as any other.
        assert_eq!(limiter.poll(abandoned, at(1260.0)), Admission::At(at(2250.0)));
        let [last] = enter(&mut limiter);
        assert_eq!(limiter.poll(last, at(1270.0)), Admission::At(at(3250.0)));
        assert_eq!(limiter.poll(abandoned, at(2250.0)), Admission::Go);
    }

    #[test]
    fn a_call_apart_that_was_only_late_takes_room_on_its_way() {
        let mut limiter = one_at_a_time(true);
        let [gone, late, next] = enter(&mut limiter);
        assert_eq!(limiter.poll(gone, at(0.0)), Admission::Go);
        assert_eq!(limiter.poll(late, at(0.0)), Admission::At(at(50.0)));
        limiter.done(gone, at(10.0));
        assert_eq!(limiter.poll(next, at(300.0)), Admission::Go);
        limiter.done(next, at(310.0));
        assert_eq!(limiter.poll(late, at(320.0)), Admission::Go);
        let [other] = enter(&mut limiter);
        assert_eq!(limiter.poll(other, at(320.0)), Admission::At(at(370.0)));
    }

    #[test]
    fn calls_apart_ask_again_in_a_moment_while_too_many_are_on_their_way() {
        let mut limiter = one_at_a_time(true);
        let [first, second, third] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(0.0)), Admission::Go);
        for now in [0.0, 50.0, 100.0] {
            assert_eq!(limiter.poll(second, at(now)), Admission::At(at(now + 50.0)));
            assert_eq!(limiter.poll(third, at(now)), Admission::At(at(now + 50.0)));
        }
        limiter.done(first, at(110.0));
        assert_eq!(limiter.poll(second, at(150.0)), Admission::Go);
        assert_eq!(limiter.poll(third, at(150.0)), Admission::At(at(200.0)));
    }

    #[test]
    fn another_clock_begins_anew() {
        let mut limiter = limiter(&[(1, 100.0)]);
        let [first, second, third] = enter(&mut limiter);
        assert_eq!(limiter.poll(first, at(3_600_000.0)), Admission::Go);
        limiter.hold(at(7_200_000.0));
        assert_eq!(limiter.poll(second, at(3_600_000.0)), Admission::Held(at(7_200_000.0)));
        assert_eq!(limiter.poll(second, at(5.0)), Admission::Go);
        assert_eq!(limiter.poll(third, at(6.0)), Admission::At(at(105.0)));
    }

    #[test]
    fn it_is_idle_when_its_window_has_passed() {
        let mut limiter = limiter(&[(1, 100.0)]);
        assert!(limiter.is_idle(at(0.0)));
        let [permit] = enter(&mut limiter);
        assert!(!limiter.is_idle(at(0.0)));
        limiter.poll(permit, at(0.0));
        assert!(!limiter.is_idle(at(20_000.0)));
        limiter.done(permit, at(0.0));
        assert!(!limiter.is_idle(at(9_999.0)) && limiter.is_idle(at(10_000.0)));
    }
}

//! What the calls of a session have to do with one another: shared tokens, turns, aborts, walks, updates, and what is left of them.

use crate::engine::support::desk::{asked, awaited, ending, is_ok, request, token};
use crate::engine::support::given::{object, text};
use crate::engine::support::machine::{CLIENT_SECRET, endpoint, ms};
use crate::engine::support::world::crowd::{body, crowd};
use crate::engine::support::{
    Access, Ask, Desk, Happening, Job, Random, Role, Server, Setup, Stage, WalkPlan, World, config,
};
use isc_service_desk::client::call::event::WaitReason;
use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::options::settings::{Auth, Settings};
use isc_service_desk::client::session::limiter::RateLimit;
use isc_service_desk::client::session::token::TokenReason;
use isc_service_desk::client::session::{
    Action, Body, ClientId, Command, Effect, Ending, Report, Settled, Surroundings, TaskId, TokenAnswer, Turn, WalkId,
};
use isc_service_desk::client::{ApiVersion, Endpoint, Error, ErrorKind, Notice, Operation};
use isc_service_desk::clock::{Duration, Instant, Now};
use isc_service_desk::wire::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

const UNSHARED: Access = Access::Function { is_shared: false };
const SHARED: Access = Access::Function { is_shared: true };
const ACCESS: [Access; 4] = [Access::Bought, Access::Fixed, UNSHARED, SHARED];

fn chance(most: usize) -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..most).prop_map(Random::of)
}

fn get() -> Setup {
    Setup::of(Ask::Get)
}

fn without_retry() -> Setup {
    Setup { retry: None, ..get() }
}

fn one_at_a_time() -> RateLimit {
    RateLimit { requests: 1000, per: Duration(1.0), concurrency: Some(1) }
}

/// The answer to a `get`.
const ITEM: &str = r#"{"id":"i","name":"n","type":"t","attributes":{}}"#;

// Tokens that are bought.

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn calls_share_a_token_request_and_an_abort_of_the_one_that_began_it_leaves_them_served(random in chance(400)) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        let client = world.client(None, Access::Bought, &get());
        let calls: Vec<usize> = (0..=1 + random.below(30)).map(|_| world.call(client, 0.0, get())).collect();
        let first = calls[0];
        world.abort(first, 1.0 + random.ms(100.0));
        world.random = random;
        world.run();
        prop_assert_eq!(world.server.tokens_made, 1, "{}", world.story());
        for call in &calls[1..] {
            prop_assert!(world.jobs[*call].is_ok(), "{}", world.story());
        }
    }

    #[test]
    fn calls_of_one_limiter_go_in_the_order_in_which_they_came(random in chance(300)) {
        let mut random = random;
        let rate = RateLimit {
            requests: random.pick(&[1, 3, 100]),
            per: Duration(random.pick(&[100.0, 1000.0])),
            concurrency: random.pick(&[None, Some(1), Some(2)]),
        };
        let mut world = World::new(Server::default(), Random::default());
        world.lateness = random.pick(&[0.0, 300.0]);
        let clients = [(); 2].map(|()| world.client(Some(rate), Access::Fixed, &get()));
        let patient = Setup { timeout: None, attempt_timeout: None, ..get() };
        let calls: Vec<usize> =
            (0..20_u8).map(|place| world.call(random.pick(&clients), f64::from(place), patient.clone())).collect();
        let aborted = random.pick(&calls);
        world.abort(aborted, 30.0 + random.ms(500.0));
        world.random = random;
        world.run();
        let went: Vec<usize> = world.sent.iter().map(|sent| sent.job).collect();
        let expected: Vec<usize> = calls.into_iter().filter(|call| went.contains(call)).collect();
        prop_assert!(went.len() >= 19 && went == expected, "{:?}\n{}", went, world.story());
    }
}

/// Three calls that wait for the first token, and the request for it.
fn three_that_wait(desk: &mut Desk, setup: &Setup) -> ([TaskId; 3], TaskId, ClientId) {
    let client = desk.client(Access::Bought, None, setup);
    let mut begun = Vec::new();
    let calls = [(); 3].map(|()| {
        let (call, turn) = desk.begin(client, setup);
        begun.extend(turn.token_requests.clone());
        assert_eq!(awaited(&turn), begun[0]);
        call
    });
    assert_eq!(begun.len(), 1, "one request for all");
    request(&desk.poll(begun[0]));
    (calls, begun[0], client)
}

#[test]
fn a_token_request_that_no_call_waits_for_is_cancelled_and_is_no_longer_the_one_to_wait_for() {
    let mut desk = Desk::default();
    let ([first, second, third], token_request, client) = three_that_wait(&mut desk, &get());
    for call in [first, second] {
        let turn = desk.abort(call);
        assert_eq!(desk.error(call, turn).kind, ErrorKind::Aborted);
        assert!(desk.woken().is_empty(), "there is one that waits");
    }
    desk.now = 60_000.0;
    let turn = desk.poll(third);
    assert_eq!(desk.error(third, turn).kind.code(), "timeout");
    assert_eq!(desk.woken(), [token_request]);
    // Before it has heard of it.
    let (call, turn) = desk.begin(client, &get());
    let next = awaited(&turn);
    assert_eq!(turn.token_requests, [next]);
    assert_ne!(next, token_request);
    assert!(is_ok(desk.poll(token_request)));
    request(&desk.poll(next));
    assert!(is_ok(desk.buy(next, "NEXT", 60.0)));
    assert_eq!(desk.woken(), [call]);
    assert_eq!(token(&desk.poll(call)), "NEXT");
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    desk.assert_nothing_is_left();
}

#[test]
fn a_token_request_that_was_cancelled_before_it_began_sends_nothing() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Bought, None, &get());
    let (call, turn) = desk.begin(client, &get());
    let token_request = awaited(&turn);
    let turn = desk.abort(call);
    desk.error(call, turn);
    assert_eq!(desk.woken(), [token_request]);
    assert!(is_ok(desk.poll(token_request)));
    desk.assert_nothing_is_left();
}

#[test]
fn calls_that_wait_for_a_token_fail_with_its_request_and_each_with_its_own_error() {
    let mut desk = Desk::default();
    let (calls, token_request, client) = three_that_wait(&mut desk, &without_retry());
    assert!(is_ok(desk.answer(token_request, 401, r#"{"error":"invalid_client"}"#)));
    assert_eq!(desk.woken(), calls);
    for call in calls {
        let turn = desk.poll(call);
        let error = desk.error(call, turn);
        let ErrorKind::Token(failure) = &error.kind else { panic!("{error:?}") };
        assert_eq!((failure.status, failure.oauth_error.as_deref()), (Some(401), Some("invalid_client")));
    }
    let (_, turn) = desk.begin(client, &get());
    assert_eq!(turn.token_requests.len(), 1, "the next call tries again");
}

/// A client whose token of 100 s has come at moment 0.
fn with_a_token(desk: &mut Desk) -> ClientId {
    let client = desk.client(Access::Bought, None, &get());
    let (call, turn) = desk.begin(client, &get());
    let token_request = awaited(&turn);
    request(&desk.poll(token_request));
    assert!(is_ok(desk.buy(token_request, "FIRST", 100.0)));
    assert_eq!(desk.woken(), [call]);
    assert_eq!(token(&desk.poll(call)), "FIRST");
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    client
}

#[test]
fn a_renewal_behind_a_call_that_fails_is_not_raised_and_rests() {
    let mut desk = Desk::default();
    let client = with_a_token(&mut desk);
    desk.now = 81_000.0;
    let (call, turn) = desk.begin(client, &get());
    let &[renewal] = &turn.token_requests[..] else { panic!("it is renewed behind the call") };
    assert_eq!(token(&turn), "FIRST");
    request(&desk.poll(renewal));
    // It is not tried again, and another call begins no second one.
    let (other, turn) = desk.begin(client, &get());
    assert!(turn.token_requests.is_empty());
    assert!(is_ok(desk.answer(renewal, 500, "")));
    assert!(desk.woken().is_empty());
    for call in [call, other] {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    for (now, renews) in [(82_000.0, 0), (85_999.0, 0), (86_000.0, 1)] {
        desk.now = now;
        let (call, turn) = desk.begin(client, &get());
        assert_eq!((token(&turn), turn.token_requests.len()), ("FIRST", renews), "{now}");
        assert!(is_ok(desk.answer(call, 200, ITEM)));
        for renewal in turn.token_requests {
            request(&desk.poll(renewal));
            assert!(is_ok(desk.buy(renewal, "SECOND", 100.0)));
        }
    }
    let (call, turn) = desk.begin(client, &get());
    assert_eq!((token(&turn), turn.token_requests.len()), ("SECOND", 0));
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    desk.assert_nothing_is_left();
}

#[test]
fn a_call_that_joined_a_renewal_which_failed_asks_for_a_token_of_its_own() {
    let mut desk = Desk::default();
    let client = with_a_token(&mut desk);
    desk.now = 94_000.0;
    let (call, turn) = desk.begin(client, &get());
    let renewal = turn.token_requests[0];
    request(&desk.poll(renewal));
    // At the hard end of the token's life it is given to no call.
    desk.now = 95_000.0;
    let (late, turn) = desk.begin(client, &get());
    assert_eq!((awaited(&turn), turn.token_requests.len()), (renewal, 0));
    assert!(is_ok(desk.answer(renewal, 500, "")));
    assert_eq!(desk.woken(), [late]);
    let turn = desk.poll(late);
    let own = awaited(&turn);
    assert_eq!(turn.token_requests, [own]);
    request(&desk.poll(own));
    let turn = desk.buy(own, "SECOND", 100.0);
    let reasons: Vec<_> = turn.notices.iter().map(|notice| &notice.notice).collect();
    assert!(matches!(reasons[..], [Notice::Token { reason: TokenReason::Expiring, .. }]), "{reasons:?}");
    assert_eq!(desk.woken(), [late]);
    assert_eq!(token(&desk.poll(late)), "SECOND");
    for call in [call, late] {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.assert_nothing_is_left();
}

#[test]
fn calls_whose_token_was_refused_share_one_request_and_none_gets_it_again() {
    let mut desk = Desk::default();
    let client = with_a_token(&mut desk);
    let calls = [(); 4].map(|()| {
        let (call, turn) = desk.begin(client, &get());
        assert_eq!(token(&turn), "FIRST");
        call
    });
    let refused = desk.answer(calls[0], 401, "");
    let token_request = awaited(&refused);
    assert_eq!(refused.token_requests, [token_request]);
    request(&desk.poll(token_request));
    assert_eq!(awaited(&desk.answer(calls[1], 401, "")), token_request);
    let (new, turn) = desk.begin(client, &get());
    assert_eq!(awaited(&turn), token_request, "a call that comes now waits for the next token");
    assert!(is_ok(desk.buy(token_request, "SECOND", 100.0)));
    assert_eq!(desk.woken(), [calls[0], calls[1], new]);
    for call in [calls[0], calls[1], new] {
        assert_eq!(token(&desk.poll(call)), "SECOND");
    }
    // One that is refused only now gets what is there.
    assert_eq!(token(&desk.answer(calls[2], 401, "")), "SECOND");
    assert!(is_ok(desk.answer(calls[3], 200, ITEM)));
    for call in [calls[0], calls[1], calls[2], new] {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.assert_nothing_is_left();
}

// Token functions.

#[test]
fn a_token_function_is_asked_by_each_call_and_by_each_anew_where_its_token_was_refused() {
    let mut desk = Desk::default();
    let client = desk.client(UNSHARED, None, &get());
    let calls = [(); 3].map(|()| {
        let (call, turn) = desk.begin(client, &get());
        assert_eq!((asked(&turn), turn.token_requests.len()), ((false, false), 0));
        call
    });
    for (place, call) in calls.into_iter().enumerate() {
        let own = format!("OWN-{place}");
        assert_eq!(token(&desk.give(call, &own)), own);
    }
    // What one of them is given is for no other.
    for (place, call) in calls.into_iter().enumerate() {
        let turn = desk.answer(call, 401, "");
        assert_eq!((asked(&turn), turn.token_requests.len()), ((true, false), 0));
        let again = format!("AGAIN-{place}");
        assert_eq!(token(&desk.give(call, &again)), again);
    }
    for call in calls {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    assert_eq!(asked(&desk.begin(client, &get()).1), (false, false));
}

#[test]
fn refused_calls_of_a_shared_token_function_share_one_forced_request() {
    let mut desk = Desk::default();
    let client = desk.client(SHARED, None, &get());
    let calls = [(); 3].map(|()| {
        let (call, turn) = desk.begin(client, &get());
        assert_eq!((asked(&turn), turn.token_requests.len()), ((false, false), 0));
        assert_eq!(token(&desk.give(call, "OLD")), "OLD");
        call
    });
    let turn = desk.answer(calls[0], 401, "");
    let forced = awaited(&turn);
    assert_eq!(turn.token_requests, [forced]);
    assert_eq!(asked(&desk.poll(forced)), (true, true));
    assert!(matches!(desk.poll(forced).effect, Effect::Pending));
    assert_eq!(awaited(&desk.answer(calls[1], 401, "")), forced);
    assert!(is_ok(desk.give(forced, "NEW")));
    assert_eq!(desk.woken(), [calls[0], calls[1]]);
    for call in [calls[0], calls[1]] {
        assert_eq!(token(&desk.poll(call)), "NEW");
    }
    // Another token is there already: the function need not be forced.
    let turn = desk.answer(calls[2], 401, "");
    assert_eq!((asked(&turn), turn.token_requests.len()), ((false, false), 0));
    assert_eq!(token(&desk.give(calls[2], "NEW")), "NEW");
    for call in calls {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.assert_nothing_is_left();
}

#[test]
fn a_token_that_was_asked_for_before_another_was_forced_is_an_old_one() {
    let mut desk = Desk::default();
    let client = desk.client(SHARED, None, &get());
    let [refused, slow] = [(); 2].map(|()| desk.begin(client, &get()).0);
    desk.give(refused, "OLD");
    let forced = awaited(&desk.answer(refused, 401, ""));
    desk.poll(forced);
    assert!(is_ok(desk.give(forced, "NEW")));
    assert_eq!(desk.woken(), [refused]);
    assert_eq!(token(&desk.poll(refused)), "NEW");
    assert_eq!(token(&desk.give(slow, "OLD")), "OLD");
    let turn = desk.answer(slow, 401, "");
    assert_eq!((asked(&turn), turn.token_requests.len()), ((false, false), 0), "the new one is good still");
    assert_eq!(token(&desk.give(slow, "NEW")), "NEW");
    for call in [refused, slow] {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.assert_nothing_is_left();
}

#[test]
fn a_token_function_that_fails_or_never_answers_fails_its_calls() {
    let mut desk = Desk::default();
    for access in [UNSHARED, SHARED] {
        let client = desk.client(access, None, &get());
        for answer in [TokenAnswer::NoText, TokenAnswer::Threw(3), TokenAnswer::Text(Secret::new("a b"))] {
            let (call, _) = desk.begin(client, &get());
            desk.session.handle_token(call, answer);
            let turn = desk.poll(call);
            assert_eq!(desk.error(call, turn).kind.code(), "token-request-failed");
        }
        let (call, turn) = desk.begin(client, &get());
        let Effect::AskToken { until: Some(until), .. } = turn.effect else { panic!("{turn:?}") };
        assert_eq!(ms(until), desk.now + 60_000.0);
        assert!(matches!(desk.poll(call).effect, Effect::Pending));
        desk.now += 60_000.0;
        let turn = desk.time_out(call);
        assert_eq!(desk.error(call, turn).kind.code(), "timeout");
    }
    desk.assert_nothing_is_left();
}

#[test]
fn a_forced_request_that_never_is_answered_ends_before_the_calls_that_wait_for_it() {
    let mut desk = Desk::default();
    let client = desk.client(SHARED, None, &get());
    let (call, _) = desk.begin(client, &get());
    desk.give(call, "OLD");
    let forced = awaited(&desk.answer(call, 401, ""));
    let Effect::AskToken { until: Some(until), .. } = desk.poll(forced).effect else { panic!("it asks") };
    assert_eq!(ms(until), 20_000.0);
    desk.now = 20_000.0;
    assert!(is_ok(desk.time_out(forced)));
    assert_eq!(desk.woken(), [call]);
    let turn = desk.poll(call);
    assert_eq!(desk.error(call, turn).message, "the token function was not done in time");
    desk.assert_nothing_is_left();
}

// Calls that are kept apart.

#[test]
fn each_call_apart_has_its_own_token_request_and_what_one_has_brought_is_for_all() {
    let mut desk = Desk::apart();
    let client = desk.client(Access::Bought, None, &get());
    let [(first, one), (second, other)] = [(); 2].map(|()| {
        let (call, turn) = desk.begin(client, &get());
        let own = awaited(&turn);
        assert_eq!(turn.token_requests, [own]);
        request(&desk.poll(own));
        (call, own)
    });
    assert_ne!(one, other);
    // An abort ends its own request alone.
    let turn = desk.abort(first);
    desk.error(first, turn);
    assert_eq!(desk.woken(), [one]);
    assert!(is_ok(desk.poll(one)));
    assert!(is_ok(desk.buy(other, "FIRST", 100.0)));
    assert_eq!(desk.woken(), [second]);
    assert_eq!(token(&desk.poll(second)), "FIRST");
    assert!(is_ok(desk.answer(second, 200, ITEM)));
    // Behind a call nothing is renewed: that would end with its request.
    desk.now = 81_000.0;
    let calls = [(); 2].map(|()| {
        let (call, turn) = desk.begin(client, &get());
        assert_eq!((token(&turn), turn.token_requests.len()), ("FIRST", 0));
        call
    });
    let refused = calls.map(|call| awaited(&desk.answer(call, 401, "")));
    assert_ne!(refused[0], refused[1]);
    for (call, own) in calls.into_iter().zip(refused) {
        request(&desk.poll(own));
        assert!(is_ok(desk.buy(own, "SECOND", 100.0)));
        assert_eq!(desk.woken(), [call]);
        assert_eq!(token(&desk.poll(call)), "SECOND");
    }
    for call in calls {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.assert_nothing_is_left();
}

#[test]
fn no_call_apart_is_woken_by_another_that_goes_is_answered_or_is_held() {
    let mut desk = Desk::apart();
    let client = desk.client(Access::Fixed, Some(one_at_a_time()), &get());
    let (first, turn) = desk.begin(client, &get());
    request(&turn);
    let (second, turn) = desk.begin(client, &get());
    let Effect::Wait { until: Some(until), token_request: None } = turn.effect else { panic!("{turn:?}") };
    assert_eq!(ms(until), 50.0);
    let asking = Happening::answer(429, "").asking(1);
    assert!(matches!(desk.tell(first, &asking).effect, Effect::Wait { .. }));
    assert!(desk.woken().is_empty());
    desk.now = 50.0;
    let Effect::Wait { until: Some(until), .. } = desk.poll(second).effect else { panic!("it is held") };
    assert_eq!(ms(until), 1000.0);
    desk.now = 1000.0;
    request(&desk.poll(second));
    assert!(is_ok(desk.answer(second, 200, ITEM)));
    request(&desk.poll(first));
    assert!(is_ok(desk.answer(first, 200, ITEM)));
    desk.assert_nothing_is_left();
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn calls_apart_whose_requests_have_ended_keep_no_other_waiting_for_long(random in chance(400)) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        world.is_apart = true;
        let rate = RateLimit {
            requests: random.pick(&[1, 3]),
            per: Duration(random.pick(&[100.0, 500.0])),
            concurrency: random.pick(&[None, Some(1), Some(2)]),
        };
        let setup = Setup { timeout: None, attempt_timeout: Some(1000.0), ..get() };
        let client = world.client(Some(rate), random.pick(&ACCESS), &setup);
        let calls: Vec<usize> = (0..15).map(|_| world.call(client, random.ms(1000.0), setup.clone())).collect();
        for _ in 0..=random.below(6) {
            let (call, at) = (random.pick(&calls), random.ms(3000.0));
            world.abandon(call, at);
        }
        world.random = random;
        world.run();
        let abandoned = world.jobs.iter().filter(|job| job.is_abandoned).count();
        #[expect(clippy::cast_precision_loss, reason = "there are not so many")]
        let abandoned = abandoned as f64;
        for call in calls.into_iter().filter(|call| !world.jobs[*call].is_abandoned) {
            let Job { begun_at, ended_at, .. } = &world.jobs[call];
            prop_assert!(world.jobs[call].is_ok(), "{}", world.story());
            // Its own token and answer, those before it, and for each that is gone its attempt, its place, and a moment.
            let longest = 800.0 + 15.0 * (rate.per.0 + 450.0) + abandoned * (1000.0 + rate.per.0 + 250.0);
            prop_assert!(ended_at.unwrap() - begun_at <= longest, "{}", world.story());
        }
    }
}

// Turns.

#[test]
fn the_next_in_the_queue_is_woken_when_one_is_answered_aborted_or_late() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, Some(one_at_a_time()), &get());
    let hasty = Setup { timeout: Some(1000.0), ..get() };
    let [first, second] = [(); 2].map(|()| desk.begin(client, &get()).0);
    let late = desk.begin(client, &hasty).0;
    let [fourth, fifth] = [(); 2].map(|()| desk.begin(client, &get()).0);
    desk.woken();
    // One that is not the first, and one that is.
    let turn = desk.abort(fourth);
    desk.error(fourth, turn);
    assert_eq!(desk.woken(), [second]);
    assert!(matches!(desk.poll(second).effect, Effect::Wait { .. }));
    let turn = desk.abort(second);
    desk.error(second, turn);
    assert_eq!(desk.woken(), [late]);
    let Effect::Wait { until: Some(until), .. } = desk.poll(late).effect else { panic!("it waits") };
    assert_eq!(ms(until), 1000.0, "it ends with its call");
    desk.now = 1000.0;
    let turn = desk.poll(late);
    assert_eq!(desk.error(late, turn).kind.code(), "timeout");
    assert_eq!(desk.woken(), [fifth]);
    assert!(matches!(desk.poll(fifth).effect, Effect::Wait { .. }));
    assert!(is_ok(desk.answer(first, 200, ITEM)));
    assert_eq!(desk.woken(), [fifth]);
    request(&desk.poll(fifth));
    desk.now = 21_000.0;
    // Its attempt is over, and the next may go.
    let next = desk.begin(client, &get()).0;
    assert!(matches!(desk.time_out(fifth).effect, Effect::Wait { .. }), "it is tried again");
    desk.woken();
    assert!(is_ok(desk.answer(next, 200, ITEM)));
    desk.now = 22_000.0;
    request(&desk.poll(fifth));
    assert!(is_ok(desk.answer(fifth, 200, ITEM)));
    desk.assert_nothing_is_left();
}

#[test]
fn one_that_goes_lets_the_next_go_before_any_answer_has_come() {
    let mut desk = Desk::default();
    let rate = RateLimit { requests: 2, per: Duration(100.0), concurrency: None };
    let client = desk.client(Access::Fixed, Some(rate), &get());
    let calls = [(); 5].map(|()| desk.begin(client, &get()).0);
    desk.woken();
    desk.now = 100.0;
    request(&desk.poll(calls[2]));
    assert_eq!(desk.woken(), [calls[3]]);
    request(&desk.poll(calls[3]));
    assert_eq!(desk.woken(), [calls[4]]);
    let Effect::Wait { until: Some(until), .. } = desk.poll(calls[4]).effect else { panic!("there is no room") };
    assert_eq!(ms(until), 200.0);
}

#[test]
fn a_hold_wakes_all_that_wait_and_each_decides_for_itself() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, Some(one_at_a_time()), &get());
    let first = desk.begin(client, &get()).0;
    let waiting = [get(), Setup { timeout: Some(3000.0), ..get() }, get()].map(|setup| desk.begin(client, &setup).0);
    desk.woken();
    desk.tell(first, &Happening::answer(429, "").asking(5));
    let mut woken = desk.woken();
    woken.sort_by_key(|task| task.0);
    assert_eq!(woken, waiting);
    for (place, call) in waiting.into_iter().enumerate() {
        let turn = desk.poll(call);
        if place == 1 {
            assert_eq!(desk.error(call, turn).kind.code(), "rate-limited");
            continue;
        }
        let is_told = matches!(turn.notices[0].notice, Notice::Wait { reason: WaitReason::RateLimit, length: Duration(ms) } if ms >= 5000.0);
        assert!(is_told, "{turn:?}");
        let Effect::Wait { until: Some(until), .. } = turn.effect else { panic!("{turn:?}") };
        assert_eq!(ms(until), 5000.0);
    }
    desk.woken();
    desk.now = 5000.0;
    request(&desk.poll(waiting[0]));
    assert!(matches!(desk.poll(waiting[2]).effect, Effect::Wait { .. }));
    for call in [waiting[0], waiting[2], first] {
        desk.poll(call);
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.woken();
    desk.assert_nothing_is_left();
}

#[test]
fn a_token_endpoint_that_asks_to_wait_holds_back_no_call_that_has_a_token() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Bought, Some(RateLimit::default()), &get());
    let (call, turn) = desk.begin(client, &get());
    let token_request = awaited(&turn);
    desk.poll(token_request);
    let Effect::Wait { until: Some(until), .. } =
        desk.tell(token_request, &Happening::answer(429, "").asking(5)).effect
    else {
        panic!("it waits")
    };
    assert_eq!(ms(until), 5000.0);
    desk.now = 5000.0;
    desk.poll(token_request);
    desk.tell(token_request, &Happening::answer(429, "").asking(30));
    desk.now = 35_000.0;
    desk.poll(token_request);
    assert!(is_ok(desk.buy(token_request, "FIRST", 20.0)));
    assert_eq!(desk.woken(), [call]);
    request(&desk.poll(call));
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    // Behind the next call the token is renewed, and turned away.
    desk.now = 53_000.0;
    let (call, turn) = desk.begin(client, &get());
    let renewal = turn.token_requests[0];
    desk.poll(renewal);
    assert!(is_ok(desk.tell(renewal, &Happening::answer(429, "").asking(30))));
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    let (call, turn) = desk.begin(client, &get());
    assert_eq!(token(&turn), "FIRST", "it goes at once");
    assert!(is_ok(desk.answer(call, 200, ITEM)));
    desk.assert_nothing_is_left();
}

// Clients.

/// A client with a token function of this number.
fn with_function(desk: &mut Desk, token_function: usize, rate: RateLimit, version: ApiVersion) -> ClientId {
    let endpoint = Endpoint { version, ..endpoint() };
    let auth = Auth::Function { is_shared: false };
    let settings = Settings { endpoint, auth, defaults: get().settings(), rate: Some(rate) };
    let surroundings = Surroundings { token_function, ..Surroundings::default() };
    desk.session.open(settings, surroundings, Instant::at(desk.now))
}

/// A call that has a token: whether its request goes at once.
fn goes(desk: &mut Desk, client: ClientId) -> (TaskId, bool) {
    let (call, turn) = desk.begin(client, &get());
    assert_eq!(asked(&turn), (false, false));
    let turn = desk.give(call, "TOKEN");
    (call, matches!(turn.effect, Effect::Fetch { .. }))
}

#[test]
fn clients_share_a_limit_where_the_gateway_counts_them_together_and_nowhere_else() {
    let mut desk = Desk::default();
    let rate = RateLimit { requests: 1, per: Duration(1000.0), concurrency: None };
    let first = with_function(&mut desk, 1, rate, ApiVersion::V1);
    let same = with_function(&mut desk, 1, rate, ApiVersion::V1);
    let of_another_function = with_function(&mut desk, 2, rate, ApiVersion::V1);
    let of_another_version = with_function(&mut desk, 1, rate, ApiVersion::V2025);
    let bought = [(); 2].map(|()| desk.client(Access::Fixed, Some(rate), &get()));
    let went = [first, same, of_another_function, of_another_version].map(|client| goes(&mut desk, client).1);
    assert_eq!(went, [true, false, true, true]);
    let went = bought.map(|client| matches!(desk.begin(client, &get()).1.effect, Effect::Fetch { .. }));
    assert_eq!(went, [true, false]);
}

#[test]
fn the_limit_of_a_client_holds_for_as_long_as_it_is_there_and_is_forgotten_with_the_last_one() {
    let mut desk = Desk::default();
    let narrow = RateLimit { requests: 1, per: Duration(1000.0), concurrency: None };
    let wide = RateLimit { requests: 100, ..narrow };
    let closing = with_function(&mut desk, 1, narrow, ApiVersion::V1);
    let staying = with_function(&mut desk, 1, wide, ApiVersion::V1);
    let (first, goes_at_once) = goes(&mut desk, staying);
    assert!(goes_at_once);
    let (second, goes_at_once) = goes(&mut desk, staying);
    assert!(!goes_at_once);
    desk.woken();
    desk.session.close(closing);
    assert_eq!(desk.woken(), [second]);
    request(&desk.poll(second));
    for call in [first, second] {
        assert!(is_ok(desk.answer(call, 200, ITEM)));
    }
    desk.session.close(staying);
    assert!(
        desk.session
            .start(
                staying,
                &Command {
                    action: Action::Call(Operation::Get),
                    argument: &text("i"),
                    body: Body::Missing(OptionValue::Nothing),
                    options: &OptionValue::Nothing,
                    reports: false,
                },
                Now { moment: Instant::at(0.0), epoch_ms: 0.0 }
            )
            .is_err()
    );
    // What was sent counts for a client that comes soon, and for none that comes late.
    for (now, moments) in [(1.0, 2), (20_000.0, 0)] {
        desk.now = now;
        let client = with_function(&mut desk, 1, wide, ApiVersion::V1);
        assert_eq!(desk.session.moments(), moments);
        desk.session.close(client);
    }
}

// Aborts.

/// Bytes that are the same each time.
fn bytes(seed: u64, count: usize) -> Random {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    Random::of((0..count).map(|_| next()).collect())
}

/// A world in which every kind of task waits for everything there is.
fn busy(mut random: Random) -> (World, Vec<usize>, Vec<usize>) {
    let server = Server { trouble: 30, ..Server::default() };
    let mut world = World::new(server, Random::default());
    world.is_apart = random.chance(20);
    for number in 0..6 {
        world.server.put(&format!("item {number}"), body("item"), 0.0, None);
    }
    let access = random.pick(&ACCESS);
    let setup = Setup { timeout: random.pick(&[None, Some(60_000.0)]), ..get() };
    let client = world.client(Some(one_at_a_time()), access, &setup);
    let asks = [Ask::Get, Ask::Update("id-1".to_owned()), Ask::Create(body("new").to_string())];
    let calls = asks.into_iter().map(|ask| world.call(client, random.ms(300.0), Setup { ask, ..setup.clone() }));
    let calls: Vec<usize> = calls.collect();
    let query = object(vec![("pageSize", OptionValue::Number(2.0)), ("prefetch", OptionValue::Number(1.0))]);
    let plan = WalkPlan { most_pages: 9, work: 100.0 };
    let walks = vec![world.walk(client, random.ms(300.0), setup, query, plan)];
    world.random = random;
    (world, calls, walks)
}

#[test]
fn an_abort_in_every_state_ends_a_task_at_once_and_leaves_nothing() {
    let mut seen: Vec<(bool, &str)> = Vec::new();
    for seed in 0..1500 {
        let mut random = bytes(seed, 300);
        let at = random.ms(2500.0);
        let (mut world, calls, walks) = busy(random);
        world.later(at, move |world| {
            calls.into_iter().for_each(|call| world.abort(call, at));
            walks.into_iter().for_each(|walk| world.abort_walk(walk, at));
        });
        world.run();
        for job in &world.jobs {
            let Some(stage) = job.aborted_in else { continue };
            let is_update = matches!(job.setup.ask, Ask::Update(_));
            let state = (is_update, stage_name(stage));
            if !seen.contains(&state) {
                seen.push(state);
            }
        }
        // What is begun now goes at once.
        world.server.trouble = 0;
        world.random = Random::default();
        world.now += 120_000.0;
        let now = world.now;
        let next = world.call(0, now, get());
        world.run();
        assert!(world.jobs[next].is_ok() && world.jobs[next].ended_at == Some(now), "{}", world.story());
    }
    let of_calls = ["new", "token", "function", "permit", "answer", "pause", "page"];
    let of_updates = ["new", "token", "function", "permit", "answer", "pause", "change"];
    let states = of_calls.map(|name| (false, name)).into_iter().chain(of_updates.map(|name| (true, name)));
    let missed: Vec<_> = states.filter(|state| !seen.contains(state)).collect();
    assert!(missed.is_empty(), "no task was aborted in {missed:?}");
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "new",
        Stage::Token => "token",
        Stage::TokenFunction { .. } => "function",
        Stage::Permit => "permit",
        Stage::Answer => "answer",
        Stage::Pause => "pause",
        Stage::Page => "page",
        Stage::Change => "change",
        Stage::Unborn | Stage::Ended => "none",
    }
}

// Time.

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn wherever_a_call_waits_it_ends_at_its_deadline(random in chance(200)) {
        let mut random = random;
        let mut world = World::new(Server { is_silent: true, ..Server::default() }, Random::default());
        world.is_apart = random.chance(30);
        world.odd_functions = random.pick(&[0, 100]);
        let rate = RateLimit { requests: random.pick(&[1, 100]), per: Duration(700.0), concurrency: random.pick(&[None, Some(1)]) };
        let clients = ACCESS.map(|access| world.client(Some(rate), access, &without_retry()));
        world.server.put("item", body("item"), 0.0, None);
        for number in 0..12 {
            let ask = random.pick(&[Ask::Get, Ask::List, Ask::Update("id-1".to_owned()), Ask::Create(body("new").to_string())]);
            let timeout = Some(random.pick(&[500.0, 1000.0, 3000.0]));
            let retry = without_retry().retry;
            let setup = Setup { timeout, attempt_timeout: None, retry, ..Setup::of(ask) };
            world.call(clients[number % clients.len()], random.ms(1000.0), setup);
        }
        world.random = random;
        world.run();
        for job in world.jobs.iter().filter(|job| job.role == Role::Command) {
            let error = job.error().unwrap();
            let is_late = job.ended_at == Some(job.begun_at + job.setup.timeout.unwrap());
            let has_failed = error.kind.code() == "token-request-failed";
            prop_assert!(is_late || has_failed, "{:?}\n{}", error, world.story());
        }
    }

    #[test]
    fn after_a_crowd_nothing_is_left_and_a_new_call_goes_at_once(random in chance(900), is_apart: bool) {
        let mut world = crowd(random, is_apart);
        world.run();
        world.server.trouble = 0;
        (world.slow, world.unreachable, world.odd_functions, world.lateness) = (0, 0, 0, 0.0);
        world.random = Random::default();
        world.now += 200_000.0;
        let now = world.now;
        let calls: Vec<usize> = (0..world.clients.len()).map(|client| world.call(client, now, get())).collect();
        world.run();
        let limits = world.clients.iter().filter_map(|client| client.rate);
        let is_narrow = limits.fold(false, |known, limit| known || limit.requests < 3 || limit.concurrency.is_some());
        for call in calls {
            let Job { ended_at, .. } = &world.jobs[call];
            prop_assert!(world.jobs[call].is_ok() && (is_narrow || *ended_at == Some(now)), "{}", world.story());
        }
    }
}

#[test]
fn a_hundred_thousand_calls_leave_memory_as_it_was() {
    let mut desk = Desk::default();
    let rate = RateLimit { requests: 20, per: Duration(10.0), concurrency: Some(10) };
    let client = desk.client(Access::Bought, Some(rate), &without_retry());
    let mut sizes = Vec::new();
    for round in 0..2_000 {
        desk.now += 100.0;
        let calls: Vec<TaskId> = (0..50).map(|_| desk.start(client, &without_retry())).collect();
        let mut running: Vec<TaskId> = calls;
        let mut turns = 0_usize;
        while let Some(task) = running.pop() {
            turns += 1;
            let mut turn = desk.poll(task);
            running.splice(0..0, std::mem::take(&mut turn.token_requests));
            // Every third is answered with a failure, every seventh is aborted.
            if matches!(turn.effect, Effect::Fetch { .. }) {
                turn = match turns {
                    turns if turns % 7 == 0 => desk.abort(task),
                    _ if request(&turn).url.ends_with("/oauth/token") => desk.buy(task, &format!("TOKEN-{round}"), 1.0),
                    turns if turns % 3 == 0 => desk.answer(task, 500, ""),
                    _ => desk.answer(task, 200, ITEM),
                };
            }
            running.splice(0..0, turn.token_requests);
            match turn.effect {
                Effect::Settle(settled) => {
                    if let Ending::Failed(_) = settled.ending {
                        desk.session.release(task);
                    }
                }
                _ => running.insert(0, task),
            }
            desk.woken();
            desk.now += 0.5;
        }
        assert_eq!((desk.session.tasks(), desk.session.in_queues(), desk.session.on_their_way()), (0, 0, 0));
        sizes.push((desk.session.most_tasks(), desk.session.moments()));
    }
    let (tasks, _) = sizes[0];
    let last = sizes[sizes.len() - 1];
    assert!(last.0 <= tasks.max(53) && last.1 <= 200 + 50, "{tasks} {last:?}");
}

// Walks.

fn ids(world: &World) -> Vec<String> {
    world.server.items.iter().map(|item| item.id.clone()).collect()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_walk_hands_out_every_item_once_and_in_order_however_late_its_pages_come(random in chance(200)) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        world.is_apart = random.chance(30);
        for number in 0..random.below(12) {
            world.server.put(&format!("item {number:02}"), body("item"), 0.0, None);
        }
        let client = world.client(None, random.pick(&ACCESS), &get());
        let members = vec![
            ("pageSize", OptionValue::Number(random.pick(&[1.0, 2.0, 3.0, 250.0]))),
            ("prefetch", OptionValue::Number(random.pick(&[0.0, 1.0]))),
            ("count", OptionValue::Flag(random.chance(50))),
        ];
        let walk = world.walk(client, 0.0, get(), object(members), WalkPlan { most_pages: 99, work: random.pick(&[0.0, 300.0]) });
        world.random = random;
        world.run();
        prop_assert_eq!(&world.walks[walk].error, &None);
        prop_assert_eq!(&world.walks[walk].items, &ids(&world), "{}", world.story());
        // What was fetched beyond the end is given up with the end at the latest.
        let end = world.jobs.iter().filter(|job| job.role == Role::Step(walk)).filter_map(|job| job.ended_at).fold(0.0, f64::max);
        let last = world.jobs.iter().filter(|job| job.role == Role::Page(walk)).filter_map(|job| job.ended_at).fold(0.0, f64::max);
        prop_assert!(last <= end, "{}", world.story());
    }

    #[test]
    fn a_walk_that_is_closed_or_aborted_gives_up_its_pages_at_once(random in chance(200), is_aborted: bool) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        for number in 0..10 {
            world.server.put(&format!("item {number:02}"), body("item"), 0.0, None);
        }
        let client = world.client(None, random.pick(&ACCESS), &get());
        let members = vec![("pageSize", OptionValue::Number(1.0)), ("prefetch", OptionValue::Number(1.0))];
        let walk = world.walk(client, 0.0, get(), object(members), WalkPlan { most_pages: 99, work: 300.0 });
        let at = random.ms(1500.0);
        if is_aborted { world.abort_walk(walk, at) } else { world.close_walk(walk, at) }
        world.random = random;
        world.run();
        for job in world.jobs.iter().filter(|job| matches!(job.role, Role::Step(_) | Role::Page(_))) {
            prop_assert!(job.ended_at.unwrap() <= at.max(job.begun_at), "{}", world.story());
        }
        prop_assert_eq!(&world.walks[walk].items[..], &ids(&world)[..world.walks[walk].items.len()]);
    }
}

#[test]
fn a_walk_whose_last_page_would_have_too_long_a_url_is_refused_at_once() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, None, &get());
    let mut open = |value: usize, offset: f64| {
        let filter = format!("name eq \"{}\"", "n".repeat(value));
        let query = object(vec![("filters", OptionValue::Text(filter)), ("offset", OptionValue::Number(offset))]);
        desk.session.open_walk(client, &query, &OptionValue::Nothing, false)
    };
    let longest = (0..8_000).rev().find(|value| open(*value, 0.0).is_ok()).unwrap();
    let walk = open(longest, 2_147_483_647.0).unwrap();
    let step = desk.session.next_page(walk);
    let page = desk.poll(step).pages[0];
    assert_eq!(request(&desk.poll(page)).url.len(), 8_000);
}

#[test]
fn a_page_tells_its_odd_records_in_a_list_and_in_a_walk() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, None, &get());
    let query = object(vec![("invalid", OptionValue::Text("keep".to_owned()))]);
    let body = r#"[{"id":"a","name":"a","type":"t"},{"id":"b"},{"id":"c","name":"c","type":"t"}]"#;
    let told = |turn: Turn| {
        let Ending::Page(page) = ending(turn) else { panic!("no page") };
        assert_eq!(page.json, body);
        (page.keep, page.odd.iter().map(|odd| (odd.index, odd.path.clone())).collect::<Vec<_>>())
    };
    let command = Command {
        action: Action::Call(Operation::List),
        argument: &query,
        body: Body::Missing(OptionValue::Nothing),
        options: &OptionValue::Nothing,
        reports: false,
    };
    let call = desk.session.start(client, &command, desk.time()).unwrap();
    request(&desk.poll(call));
    let odd = vec![(1, "/name".to_owned())];
    assert_eq!(told(desk.answer(call, 200, body)), (None, odd.clone()));
    let walk = desk.session.open_walk(client, &query, &OptionValue::Nothing, false).unwrap();
    let step = desk.session.next_page(walk);
    let page = desk.poll(step).pages[0];
    request(&desk.poll(page));
    assert!(is_ok(desk.answer(page, 200, body)));
    assert_eq!(told(desk.poll(step)), (Some(vec![0, 1, 2]), odd));
}

/// A walk whose first page is taken, and the pages after it that are on their way.
fn walking(desk: &mut Desk, client: ClientId, prefetch: f64) -> (WalkId, Vec<TaskId>) {
    let query = object(vec![("pageSize", OptionValue::Number(1.0)), ("prefetch", OptionValue::Number(prefetch))]);
    let walk = desk.session.open_walk(client, &query, &without_retry().options(), false).unwrap();
    let step = desk.session.next_page(walk);
    let turn = desk.poll(step);
    let first = turn.pages[0];
    request(&desk.poll(first));
    assert!(is_ok(desk.answer(first, 200, &page("a"))));
    assert_eq!(desk.woken(), [step]);
    let turn = desk.poll(step);
    let pages = turn.pages.clone();
    assert!(is_ok(turn));
    for page in &pages {
        request(&desk.poll(*page));
    }
    (walk, pages)
}

fn page(id: &str) -> String {
    json!([{ "id": id, "name": id, "type": "t", "attributes": {} }]).to_string()
}

/// What a step has ended with.
fn step_ended(turn: Turn) -> Ending {
    ending(turn)
}

#[test]
fn a_step_that_waits_ends_with_nothing_when_its_walk_is_closed() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, None, &get());
    let (walk, pages) = walking(&mut desk, client, 0.0);
    assert!(pages.is_empty());
    let step = desk.session.next_page(walk);
    let page = desk.poll(step).pages[0];
    request(&desk.poll(page));
    desk.session.close_walk(walk);
    // The number of the walk is free for another one, of which the step knows nothing.
    let (other, _) = walking_from(&mut desk, client);
    assert_eq!(other, walk);
    let woken = desk.woken();
    assert!(woken.contains(&step) && woken.contains(&page));
    assert!(matches!(step_ended(desk.poll(step)), Ending::Nothing));
    let turn = desk.poll(page);
    assert_eq!(desk.error(page, turn).kind, ErrorKind::Aborted);
    desk.session.close_walk(other);
    desk.woken();
    desk.assert_nothing_is_left();
    let late = desk.session.next_page(other);
    assert!(matches!(step_ended(desk.poll(late)), Ending::Nothing));
}

fn walking_from(desk: &mut Desk, client: ClientId) -> (WalkId, Setup) {
    let walk = desk.session.open_walk(client, &OptionValue::Nothing, &OptionValue::Nothing, false).unwrap();
    (walk, get())
}

#[test]
fn a_walk_that_is_closed_cancels_the_page_that_is_under_way() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, None, &get());
    let (walk, pages) = walking(&mut desk, client, 1.0);
    let &[second] = &pages[..] else { panic!("{pages:?}") };
    desk.session.close_walk(walk);
    assert_eq!(desk.woken(), [second]);
    let turn = desk.poll(second);
    assert_eq!(desk.error(second, turn).kind, ErrorKind::Aborted);
    desk.assert_nothing_is_left();
}

#[test]
fn a_walk_that_is_closed_cancels_no_task_that_has_the_number_of_a_page_that_has_ended() {
    for has_failed in [false, true] {
        let mut desk = Desk::default();
        let client = desk.client(Access::Fixed, None, &get());
        let (walk, pages) = walking(&mut desk, client, 1.0);
        let &[second] = &pages[..] else { panic!("{pages:?}") };
        if has_failed {
            let turn = desk.answer(second, 500, "");
            desk.error(second, turn);
        } else {
            assert!(is_ok(desk.answer(second, 200, &page("b"))));
        }
        let (other, turn) = desk.begin(client, &get());
        request(&turn);
        assert_eq!(
            other == second,
            !has_failed,
            "the number of a page that failed is taken until the loop comes to it"
        );
        desk.session.close_walk(walk);
        assert_eq!(desk.woken(), []);
        assert!(is_ok(desk.answer(other, 200, ITEM)));
        desk.assert_nothing_is_left();
    }
}

#[test]
fn the_number_of_a_page_that_failed_is_taken_until_the_loop_has_come_to_it() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, None, &get());
    let (walk, pages) = walking(&mut desk, client, 1.0);
    let &[second] = &pages[..] else { panic!("{pages:?}") };
    let turn = desk.answer(second, 500, "");
    assert_eq!(desk.error(second, turn).kind.code(), "server-error");
    let step = desk.session.next_page(walk);
    assert_ne!(step, second);
    let Ending::FailedPage(failed) = step_ended(desk.poll(step)) else { panic!("the second page has failed") };
    assert_eq!(failed, second);
    desk.session.close_walk(walk);
    desk.woken();
    desk.assert_nothing_is_left();
}

// Updates.

fn update() -> Setup {
    Setup { retry: None, ..Setup::of(Ask::Update("i".to_owned())) }
}

fn integration(modified: u32, url: &str) -> String {
    let attributes = json!({ "url": url, "n": 1 });
    json!({ "id": "i", "name": "n", "description": "d", "type": "t", "attributes": attributes, "modified": modified.to_string() })
        .to_string()
}

/// An update that has read the integration and waits for the caller's change.
fn reading(desk: &mut Desk) -> TaskId {
    let client = desk.client(Access::Fixed, Some(one_at_a_time()), &update());
    let (task, turn) = desk.begin(client, &update());
    request(&turn);
    let Effect::AskChange { json, until } = desk.answer(task, 200, &integration(1, "a")).effect else {
        panic!("no change is asked for")
    };
    assert_eq!((json, until.map(ms)), (integration(1, "a"), Some(60_000.0)));
    task
}

fn change(desk: &mut Desk, task: TaskId, before: &str, after: &str) -> Turn {
    desk.session.handle_change(task, before.to_owned(), after.to_owned());
    desk.poll(task)
}

#[track_caller]
fn report(turn: &Turn) -> &Report {
    let Effect::Settle(settled) = &turn.effect else { panic!("no end, but {:?}", turn.effect) };
    let Settled { report: Some(report), .. } = &**settled else { panic!("no report") };
    report
}

#[test]
fn an_update_reads_changes_reads_again_and_writes_the_smallest_patch_within_one_limit() {
    let mut desk = Desk::default();
    let task = reading(&mut desk);
    desk.now = 59_000.0;
    let turn = change(&mut desk, task, &integration(1, "a"), &integration(1, "b"));
    let Effect::Fetch { until: Some(until), .. } = turn.effect else { panic!("{turn:?}") };
    assert_eq!(ms(until), 60_000.0, "the whole update ends then");
    let turn = desk.answer(task, 200, &integration(1, "a"));
    let written = request(&turn);
    assert_eq!(written.body.as_ref().unwrap().reveal(), r#"[{"op":"replace","path":"/attributes/url","value":"b"}]"#);
    let Effect::Fetch { until: Some(until), .. } = turn.effect else { panic!("{turn:?}") };
    assert_eq!(ms(until), 60_000.0);
    let turn = desk.answer(task, 200, &integration(2, "b"));
    assert_eq!(report(&turn).attempts.len(), 3, "the history of all its calls");
    assert!(matches!(step_ended(turn), Ending::Json(json) if json == integration(2, "b")));
    desk.assert_nothing_is_left();
}

#[test]
fn an_update_starts_again_three_times_where_the_integration_moves_and_then_it_is_a_conflict() {
    let mut desk = Desk::default();
    let task = reading(&mut desk);
    for round in 1..=4 {
        request(&change(&mut desk, task, &integration(round, "a"), &integration(round, "b")));
        let turn = desk.answer(task, 200, &integration(round + 1, "a"));
        if round <= 3 {
            assert!(matches!(turn.effect, Effect::AskChange { .. }), "{turn:?}");
            continue;
        }
        let error = desk.error(task, turn);
        assert_eq!((error.kind.code(), error.attempts.len()), ("edit-conflict", 5));
    }
    desk.assert_nothing_is_left();
}

#[test]
fn a_patch_that_is_refused_for_its_pointer_is_widened_once_where_nothing_is_hidden() {
    let mut desk = Desk::default();
    let client = desk.client(Access::Fixed, Some(one_at_a_time()), &update());
    let nothing_is_hidden =
        OptionValue::Object(vec![("hiddenSecrets".to_owned(), OptionValue::Text("none".to_owned()))]);
    let (task, turn) = desk.begin_with(client, &update(), &nothing_is_hidden);
    request(&turn);
    desk.answer(task, 200, &integration(1, "a"));
    change(&mut desk, task, &integration(1, "a"), &integration(1, "b"));
    request(&desk.answer(task, 200, &integration(1, "a")));
    let turn = desk.answer(task, 400, "");
    let whole = r#"[{"op":"replace","path":"/attributes","value":{"url":"b","n":1}}]"#;
    assert_eq!(request(&turn).body.as_ref().unwrap().reveal(), whole);
    let turn = desk.answer(task, 400, "");
    let error = desk.error(task, turn);
    assert_eq!((error.kind.code(), error.attempts.len()), ("bad-request", 4));
    desk.assert_nothing_is_left();
}

#[test]
fn a_patch_that_is_refused_is_not_widened_where_that_could_erase_a_secret() {
    let mut desk = Desk::default();
    let task = reading(&mut desk);
    change(&mut desk, task, &integration(1, "a"), &integration(1, "b"));
    request(&desk.answer(task, 200, &integration(1, "a")));
    let turn = desk.answer(task, 400, "");
    let error = desk.error(task, turn);
    assert_eq!((error.kind.code(), error.attempts.len()), ("secrets-at-risk", 3));
    let ErrorKind::SecretsAtRisk { paths, cause: Some(cause) } = error.kind else { panic!("no cause") };
    assert_eq!((paths, cause.kind.code()), (vec!["/attributes/url".to_owned()], "bad-request"));
    desk.assert_nothing_is_left();
}

#[test]
fn an_update_ends_with_what_its_function_threw_or_gave_or_with_its_time() {
    let mut desk = Desk::default();
    let task = reading(&mut desk);
    desk.session.handle_change_failure(task, Ending::Thrown(7));
    assert!(matches!(step_ended(desk.poll(task)), Ending::Thrown(7)));

    let task = reading(&mut desk);
    let turn = change(&mut desk, task, &integration(1, "a"), "[]");
    assert_eq!(desk.error(task, turn).kind.code(), "invalid-argument");

    let task = reading(&mut desk);
    let turn = change(&mut desk, task, &integration(1, "a"), &integration(1, "a"));
    assert!(matches!(step_ended(turn), Ending::Json(json) if json == integration(1, "a")), "nothing is written");

    let task = reading(&mut desk);
    assert!(matches!(desk.poll(task).effect, Effect::Pending));
    desk.now += 59_999.0;
    assert!(matches!(desk.time_out(task).effect, Effect::Pending), "it is not time yet");
    desk.now += 1.0;
    let turn = desk.time_out(task);
    assert_eq!(desk.error(task, turn).kind.code(), "timeout");
    desk.assert_nothing_is_left();
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn updates_at_once_each_end_with_the_integration_or_with_why_nothing_was_written(random in chance(300)) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        let refuses = random.chance(50);
        world.server.refuses_deep_pointers = refuses;
        world.server.put("item", body("item"), 0.0, None);
        let client = world.client(None, random.pick(&ACCESS), &get());
        let updates: Vec<usize> =
            (0..4).map(|_| world.call(client, random.ms(200.0), Setup::of(Ask::Update("id-1".to_owned())))).collect();
        world.random = random;
        world.run();
        for update in updates {
            let job = &world.jobs[update];
            let is_known = |error: &Error| match error.kind {
                ErrorKind::EditConflict => true,
                ErrorKind::SecretsAtRisk { .. } => refuses,
                _ => false,
            };
            prop_assert!(job.is_ok() || job.error().is_some_and(is_known), "{:?}\n{}", job.error(), world.story());
            let written = job.json().map(|json| serde_json::from_str::<Value>(json).unwrap());
            prop_assert!(written.is_none_or(|written| written["id"] == "id-1"), "{}", world.story());
        }
    }
}

// Failures.

#[test]
fn a_task_that_failed_hides_its_secrets_until_it_is_released() {
    let mut desk = Desk::default();
    let client = with_a_token(&mut desk);
    let call = desk.begin(client, &without_retry()).0;
    let updating = desk.begin(client, &update()).0;
    let walk = desk.session.open_walk(client, &OptionValue::Nothing, &without_retry().options(), false).unwrap();
    let step = desk.session.next_page(walk);
    let page = desk.poll(step).pages[0];
    request(&desk.poll(page));
    for task in [call, updating, page] {
        let turn = desk.answer(task, 500, "");
        let echoed = format!("FIRST and {CLIENT_SECRET}");
        let hidden = desk.session.hide(task, &echoed);
        assert!(!hidden.contains("FIRST") && !hidden.contains(CLIENT_SECRET), "{hidden}");
        assert_eq!(desk.error(task, turn).kind.code(), "server-error");
    }
    assert!(matches!(step_ended(desk.poll(step)), Ending::FailedPage(failed) if failed == page));
    desk.session.close_walk(walk);
    desk.woken();
    desk.assert_nothing_is_left();
}

#[test]
fn a_failure_is_replayed_by_the_chance_that_it_has_told() {
    let mut first = crowd(bytes(7, 900), false);
    first.run();
    let story = first.story();
    let hex = story.rsplit('"').nth(1).unwrap();
    let mut again = crowd(Random::of_hex(hex), false);
    again.run();
    assert!(story.lines().count() > 20);
    assert_eq!(again.story(), story);
}

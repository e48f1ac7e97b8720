//! Many calls at once against a server that fails: what must hold of all of them together, and of what the server did.

use crate::engine::support::machine::CLIENT_SECRET;
use crate::engine::support::world::crowd::{body, crowd, server, setup};
use crate::engine::support::{Access, Ask, Happening, Job, Policy, Random, Role, Server, Setup, World, config};
use isc_service_desk::client::session::limiter::RateLimit;
use isc_service_desk::client::{ErrorKind, Notice};
use isc_service_desk::http::{Method, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

fn chance(most: usize) -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..most).prop_map(Random::of)
}

proptest! {
    #![proptest_config(config(2500))]

    #[test]
    fn no_law_is_broken_by_many_calls_at_once(random in chance(900)) {
        crowd(random, false).run();
    }

    #[test]
    fn no_law_is_broken_by_calls_that_are_kept_apart(random in chance(900)) {
        crowd(random, true).run();
    }
}

// Creates.

fn bought_or_fixed(random: &mut Random) -> Access {
    if random.chance(40) { Access::Bought } else { Access::Fixed }
}

const NAME: &str = "the name";
const MINUTE: f64 = 60_000.0;

/// By how much a server's clock may be off. Where it cannot be read, the caller's must be right to five minutes, or what it made
/// is not found; to a second, where what is found follows a refusal.
fn skew(random: &mut Random, has_dates: bool, is_resent: bool) -> f64 {
    let most = match (has_dates, is_resent) {
        (true, _) => 240.0 * MINUTE,
        (false, false) => 4.0 * MINUTE,
        (false, true) => 900.0,
    };
    random.pick(&[0.0, most, -most])
}

/// One create, on a server where somebody else may have, or make, an integration of that name.
fn creating(mut random: Random) -> (World, usize) {
    let has_dates = !random.chance(40);
    let resends = random.pick(&[0, 50]);
    let skew_ms = skew(&mut random, has_dates, resends > 0);
    let server = Server { has_dates, skew_ms, trouble: random.pick(&[40, 80, 100]), ..server(&mut random) };
    let mut world = World::new(server, Random::default());
    world.slow = random.pick(&[0, 5, 15]);
    world.unreachable = random.pick(&[0, 10]);
    world.resends = resends;
    let mut setup = setup(&mut random, Ask::Create(body(NAME).to_string()));
    setup.resent = world.resends > 0;
    setup.epoch_ms += random.ms(1000.0);
    let epoch_ms = setup.epoch_ms;
    let client = world.client(None, bought_or_fixed(&mut random), &setup);
    let mut different = body(NAME);
    different["attributes"]["url"] = json!("another");
    match random.below(4) {
        // The same in all that can be compared, but older than the clocks are wrong.
        1 => drop(world.server.put(NAME, body(NAME), epoch_ms + skew_ms - 20.0 * MINUTE, None)),
        2 => drop(world.server.put(NAME, different, epoch_ms + skew_ms, None)),
        3 => {
            let at = random.ms(3000.0);
            world.later(at, move |world| {
                if world.server.items.is_empty() {
                    world.server.put(NAME, different, epoch_ms + skew_ms + at, None);
                }
            });
        }
        _ => {}
    }
    let caller = world.call(client, 0.0, setup);
    if random.chance(5) {
        world.abort(caller, random.ms(4000.0));
    }
    world.random = random;
    (world, caller)
}

/// Whether a look-up brought a list.
fn is_list(happening: &Happening) -> bool {
    let Happening::Answer { status: 200, body, .. } = happening else { return false };
    serde_json::from_str::<Value>(body)
        .is_ok_and(|body| body.as_array().is_some_and(|items| items.iter().all(Value::is_object)))
}

/// The ids of what this call made.
fn made_by(world: &World, caller: usize) -> Vec<String> {
    let made = world.server.items.iter().filter(|item| item.by == Some(caller));
    made.map(|item| item.id.clone()).collect()
}

proptest! {
    #![proptest_config(config(5000))]

    #[test]
    fn a_create_that_succeeds_has_made_what_it_returns_and_one_that_fails_has_made_nothing(random in chance(300)) {
        let (mut world, caller) = creating(random);
        world.run();
        let made = made_by(&world, caller);
        prop_assert!(made.len() <= 1, "made twice\n{}", world.story());
        let job = &world.jobs[caller];
        match job.result() {
            Ok(text) => {
                let text: Value = serde_json::from_str(text.unwrap()).unwrap();
                prop_assert_eq!(text["id"].as_str(), made.first().map(String::as_str), "{}", world.story());
            }
            Err(error) => {
                let is_plain_error = matches!(&error.kind, ErrorKind::Api(failure) if failure.status == 500);
                // The second sending may be turned away for more than its name; and where no look-up answers, the refusal is all
                // that there is.
                let has_looked = job.told.last().is_some_and(is_list);
                let turns_away = |status: Option<u16>| matches!(status, Some(0 | 300..=499 | 503));
                let is_turned_away = error.attempts.iter().any(|attempt| turns_away(attempt.status));
                let may_be_resent = job.setup.resent && is_turned_away && !has_looked;
                let is_open = matches!(error.kind, ErrorKind::UnknownOutcome { .. } | ErrorKind::Aborted)
                    || is_plain_error && job.setup.retry.is_none()
                    || may_be_resent;
                prop_assert!(is_open || made.is_empty(), "{:?}\n{}", error, world.story());
            }
        }
    }

    #[test]
    fn what_a_create_made_is_found_where_nothing_else_fails(random in chance(60)) {
        let mut random = random;
        let has_dates = !random.chance(40);
        let skew_ms = skew(&mut random, has_dates, false);
        let server = Server { has_dates, skew_ms, trouble: 100, faults_left: 1, ..server(&mut random) };
        let mut world = World::new(server, Random::default());
        // No time is too long to wait for a Retry-After.
        let retry = Some(Policy { max_retry_after: 90_000.0, ..Policy::default() });
        let mut setup = Setup { timeout: None, retry, ..Setup::of(Ask::Create(body(NAME).to_string())) };
        // Servers cut moments to seconds: where a second begins must not matter.
        setup.epoch_ms += random.ms(1000.0);
        let client = world.client(None, Access::Fixed, &setup);
        let caller = world.call(client, 0.0, setup);
        world.random = random;
        world.run();
        let made = made_by(&world, caller);
        let is_ok = world.jobs[caller].result().is_ok();
        prop_assert_eq!(is_ok, !made.is_empty(), "{}", world.story());
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn what_a_platform_sent_twice_is_found_and_what_is_somebody_elses_is_refused(random in chance(60), is_taken: bool) {
        let mut random = random;
        let has_dates = !random.chance(40);
        let skew_ms = skew(&mut random, has_dates, true);
        let server = Server { has_dates, skew_ms, trouble: 0, ..server(&mut random) };
        let mut world = World::new(server, Random::default());
        world.resends = 100;
        let mut setup = Setup { resent: true, ..Setup::of(Ask::Create(body(NAME).to_string())) };
        setup.epoch_ms += random.ms(1000.0);
        if is_taken {
            let before = random.pick(&[20.0 * MINUTE, 2.0 * MINUTE, 4000.0]);
            world.server.put(NAME, body(NAME), setup.epoch_ms + skew_ms - before, None);
        }
        let client = world.client(None, Access::Fixed, &setup);
        let caller = world.call(client, 0.0, setup);
        world.random = random;
        world.run();
        let made = made_by(&world, caller);
        prop_assert_eq!(made.is_empty(), is_taken);
        let job = &world.jobs[caller];
        match job.result() {
            Ok(text) => {
                let text: Value = serde_json::from_str(text.unwrap()).unwrap();
                prop_assert_eq!(text["id"].as_str(), made.first().map(String::as_str), "{}", world.story());
            }
            Err(error) => prop_assert!(is_taken && error.kind.code() == "bad-request", "{:?}\n{}", error, world.story()),
        }
    }
}

/// What a call was given, and whether it was looked up.
fn given(job: &Job) -> Option<(String, bool)> {
    let text = job.result().ok()??;
    let is_found = job.notices.iter().any(|notice| matches!(notice, Notice::Reconciled { .. }));
    Some((serde_json::from_str::<Value>(text).ok()?["id"].as_str()?.to_owned(), is_found))
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn no_create_finds_what_another_of_its_client_was_given(random in chance(300)) {
        let mut random = random;
        let server = Server { trouble: random.pick(&[20, 50, 80]), has_dates: random.chance(50), ..server(&mut random) };
        let mut world = World::new(server, Random::default());
        (world.slow, world.resends) = (random.pick(&[0, 15]), random.pick(&[0, 50]));
        let mut setup = setup(&mut random, Ask::Create(body(NAME).to_string()));
        setup.resent = world.resends > 0;
        let client = world.client(None, Access::Fixed, &setup);
        for _ in 0..=random.below(5) {
            world.call(client, random.ms(5000.0), setup.clone());
        }
        // Whoever finds the name free again makes another one.
        for _ in 0..random.below(3) {
            let at = random.ms(5000.0);
            world.later(at, |world| world.server.items.clear());
        }
        world.random = random;
        world.run();
        let mut ended: Vec<&Job> = world.jobs.iter().filter(|job| job.role == Role::Command).collect();
        ended.sort_by(|one, other| one.ended_at.unwrap().total_cmp(&other.ended_at.unwrap()));
        let mut known: Vec<String> = Vec::new();
        for (id, is_found) in ended.into_iter().filter_map(given) {
            prop_assert!(!is_found || !known.contains(&id), "{id} was given before\n{}", world.story());
            known.push(id);
        }
    }
}

// Deletes.

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn a_delete_that_succeeds_leaves_nothing(random in chance(200)) {
        let mut random = random;
        let mut world = World::new(server(&mut random), Random::default());
        (world.slow, world.unreachable) = (random.pick(&[0, 10]), random.pick(&[0, 15]));
        let id = world.server.put(NAME, body(NAME), 0.0, None).id;
        let setup = setup(&mut random, Ask::Delete(id.clone()));
        let client = world.client(None, bought_or_fixed(&mut random), &setup);
        let caller = world.call(client, 0.0, setup);
        world.random = random;
        world.run();
        let result = world.jobs[caller].result();
        let is_there = world.server.items.iter().any(|item| item.id == id);
        prop_assert!(result.is_err() || !is_there, "{}", world.story());
        let is_missing = matches!(result, Err(error) if error.kind.code() == "not-found");
        prop_assert!(!is_missing || is_there, "it was deleted\n{}", world.story());
    }
}

// Tokens.

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn a_hundred_refused_calls_make_one_renewal(random in chance(2000)) {
        let mut random = random;
        let mut world = World::new(Server::default(), Random::default());
        let setup = Setup::of(Ask::List);
        let client = world.client(None, Access::Bought, &setup);
        let first = world.call(client, 0.0, setup.clone());
        world.random = random.clone();
        world.run();
        prop_assert!(world.jobs[first].result().is_ok());

        world.server.tokens.clear();
        let callers: Vec<usize> =
            (0..100).map(|_| world.call(client, world.now + random.ms(150.0), setup.clone())).collect();
        world.run();
        for caller in callers {
            prop_assert!(world.jobs[caller].result().is_ok());
        }
        prop_assert_eq!(world.server.tokens_made, 2);
    }

    #[test]
    fn a_hundred_calls_at_once_buy_one_token(random in chance(2000)) {
        let mut world = World::new(Server::default(), random);
        let setup = Setup::of(Ask::Get);
        let client = world.client(None, Access::Bought, &setup);
        for _ in 0..100 {
            world.call(client, 0.0, setup.clone());
        }
        world.run();
        prop_assert_eq!(world.server.tokens_made, 1);
    }

    #[test]
    fn calls_without_a_token_fail_together(random in chance(500)) {
        let mut world = World::new(Server { trouble: 100, ..Server::default() }, Random::default());
        world.unreachable = 100;
        world.random = Random::of(vec![255; 40_000]);
        let setup = Setup { retry: None, ..Setup::of(Ask::Get) };
        let client = world.client(None, Access::Bought, &setup);
        let mut random = random;
        for _ in 0..20 {
            let at = random.ms(50.0);
            world.call(client, at, setup.clone());
        }
        world.run();
        for job in world.jobs.iter().filter(|job| job.role == Role::Command) {
            let error = job.error().unwrap();
            prop_assert_eq!(error.kind.code(), "token-request-failed");
            let shown = format!("{error:?}");
            prop_assert!(!shown.contains(CLIENT_SECRET));
        }
        prop_assert!(world.sent.is_empty());
    }
}

/// A server that holds everybody back: those who may wait do, in the order they came, and the others end at once.
#[test]
fn a_429_holds_back_the_calls_of_every_client() {
    let script = [Happening::answer(429, "").asking(5)].into();
    let mut world = World::new(Server { script, ..Server::default() }, Random::default());
    let setup = Setup::of(Ask::List);
    let [one, other] = [(); 2].map(|()| world.client(Some(RateLimit::default()), Access::Fixed, &setup));
    let free = world.client(None, Access::Fixed, &setup);
    let impatient = Setup { timeout: Some(2000.0), ..setup.clone() };
    let refused = world.call(one, 0.0, setup.clone());
    let held = world.call(other, 10.0, setup.clone());
    let (hasty, unheld) = (world.call(other, 10.0, impatient), world.call(free, 10.0, setup));
    world.run();
    let ends = |caller: usize| world.jobs[caller].ended_at.unwrap();
    assert_eq!([refused, held, hasty, unheld].map(ends), [5000.0, 5000.0, 10.0, 10.0]);
    assert_eq!(world.jobs[hasty].error().unwrap().kind.code(), "rate-limited");
}

/// The stand-in for the tenant keeps its word, or the tests above say nothing.
#[test]
fn the_server_acts_once_where_it_says_so() {
    let mut server = Server { tokens: vec!["t".to_owned()], ..Server::default() };
    let mut random = Random::default();
    let plan = Setup::of(Ask::Create(body(NAME).to_string())).plan().unwrap();
    let mut request = plan.request;
    request.headers.set("authorization", "Bearer t");
    let mut status = |server: &mut Server, request: &Request| match server.answer(request, 0, 0.0, &mut random) {
        Some(Happening::Answer { status, .. }) => status,
        other => panic!("{other:?}"),
    };
    assert_eq!([(); 2].map(|()| status(&mut server, &request)), [201, 400]);
    let deleting = Request { method: Method::Delete, url: "https://a.example/x/id-1".to_owned(), ..request };
    assert_eq!([(); 2].map(|()| status(&mut server, &deleting)), [204, 404]);
}

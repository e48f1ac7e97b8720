//! A crowd: calls, updates and walks of several clients, all of which chance decides.

use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::session::limiter::RateLimit;
use isc_service_desk::clock::Duration;
use serde_json::{Value, json};

use crate::engine::support::given::object;
use crate::engine::support::machine::{Ask, Policy, Setup};
use crate::engine::support::random::Random;
use crate::engine::support::world::server::Server;
use crate::engine::support::world::{Access, WalkPlan, World};

/// An integration of that name, as a caller writes it.
pub fn body(name: &str) -> Value {
    json!({
        "name": name,
        "description": "d",
        "type": "t",
        "attributes": { "url": "u", "password": "SECRET-ATTRIBUTE", "pin": "1234", "encrypted": "pin", "retries": 3 },
    })
}

pub fn setup(random: &mut Random, ask: Ask) -> Setup {
    let policy = Policy {
        attempts: random.pick(&[4, 2, 1, 6]),
        base: random.pick(&[500.0, 100.0, 0.0]),
        max: random.pick(&[20_000.0, 300.0]),
        max_retry_after: random.pick(&[60_000.0, 1500.0]),
    };
    let attempt_timeout = random.pick(&[Some(20_000.0), Some(300.0), Some(2000.0), None]);
    let timeout = match attempt_timeout {
        // Otherwise a silent server is waited for without end.
        None => random.pick(&[Some(60_000.0), Some(5000.0)]),
        Some(_) => random.pick(&[Some(60_000.0), Some(1000.0), Some(8000.0), None]),
    };
    let retry = Some(policy).filter(|_| !random.chance(15));
    Setup { timeout, attempt_timeout, retry, ..Setup::of(ask) }
}

pub fn server(random: &mut Random) -> Server {
    Server {
        trouble: random.pick(&[0, 30, 60, 90]),
        skew_ms: random.pick(&[0.0, 14_400_000.0, -14_400_000.0]),
        cuts_created: random.chance(30),
        token_life: random.pick(&[3600.0, 1.0, 5.0, 60.0]),
        ..Server::default()
    }
}

pub fn limit(random: &mut Random) -> RateLimit {
    RateLimit {
        requests: random.pick(&[100, 1, 2, 5]),
        per: Duration(random.pick(&[10_000.0, 100.0, 1000.0, 3000.0])),
        concurrency: random.pick(&[None, Some(1), Some(2)]),
    }
}

const ACCESS: [Access; 4] =
    [Access::Bought, Access::Fixed, Access::Function { is_shared: false }, Access::Function { is_shared: true }];

pub fn ask(random: &mut Random, number: usize) -> Ask {
    let operations = r#"[{"op":"replace","path":"/description","value":"d"}]"#;
    let status_check = r#"{"provisioningStatusCheckIntervalMinutes":"30","provisioningMaxStatusCheckDays":"90"}"#;
    match random.below(14) {
        0 => Ask::Get,
        1 => Ask::List,
        2 => Ask::Delete("id-1".to_owned()),
        3 => Ask::Replace(body("n").to_string()),
        4 => Ask::Patch(operations.to_owned()),
        5 => Ask::ListTypes,
        6 => Ask::GetTemplate,
        7 => Ask::GetStatusCheck,
        8 => Ask::UpdateStatusCheck(status_check.to_owned()),
        9 | 10 => Ask::Update("id-1".to_owned()),
        _ => Ask::Create(body(&format!("name {number}")).to_string()),
    }
}

/// Up to ten calls, updates and walks of up to three clients.
pub fn crowd(mut random: Random, is_apart: bool) -> World {
    let mut world = World::new(server(&mut random), random.clone());
    world.is_apart = is_apart;
    world.lateness = random.pick(&[0.0, 0.0, 40.0]);
    world.slow = world.server.trouble / 8;
    world.unreachable = world.server.trouble / 6;
    world.resends = world.server.trouble / 3;
    world.odd_functions = world.server.trouble / 6;
    world.server.refuses_deep_pointers = random.chance(30);
    for number in 0..random.below(5) {
        world.server.put(&format!("there {number}"), body("there"), 0.0, None);
    }
    for _ in 0..=random.below(3) {
        let rate = Some(limit(&mut random)).filter(|_| !random.chance(20));
        let access = random.pick(&ACCESS);
        let is_resent = random.chance(30);
        let setup = Setup { resent: is_resent, ..setup(&mut random, Ask::Token) };
        world.client(rate, access, &setup);
    }
    for number in 0..=random.below(10) {
        let (client, at) = (random.below(world.clients.len()), random.ms(3000.0));
        let (aborts, aborts_at) = (random.chance(15), at + random.ms(4000.0));
        if random.chance(20) {
            let setup = setup(&mut random, Ask::List);
            let query = walk_query(&mut random);
            let (most_pages, work) = (random.pick(&[9, 1, 2]), random.pick(&[100.0, 2000.0]));
            let walk = world.walk(client, at, setup, query, WalkPlan { most_pages, work });
            match aborts {
                true if random.chance(50) => world.abort_walk(walk, aborts_at),
                true => world.close_walk(walk, aborts_at),
                false => {}
            }
            continue;
        }
        let ask = ask(&mut random, number);
        let setup = setup(&mut random, ask);
        let job = world.call(client, at, setup);
        if aborts {
            world.abort(job, aborts_at);
        }
    }
    if random.chance(30) {
        // From now on tokens are refused.
        let at = random.ms(3000.0);
        world.later(at, |world| world.server.tokens.retain(|token| token == "FIXED-TOKEN"));
    }
    world.random = random;
    world
}

pub fn walk_query(random: &mut Random) -> OptionValue {
    let mut members = vec![("pageSize", OptionValue::Number(random.pick(&[1.0, 2.0, 250.0])))];
    members.extend(random.chance(50).then_some(("prefetch", OptionValue::Number(random.pick(&[0.0, 1.0])))));
    members.extend(random.chance(30).then_some(("count", OptionValue::Flag(true))));
    object(members)
}

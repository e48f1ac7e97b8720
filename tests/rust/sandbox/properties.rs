//! Random requests: the sandbox never panics, and agrees with a model of a few lines.

use std::collections::BTreeMap;

use crate::sandbox::support::{BASES, PATCH, V1, World, draft};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
enum Step {
    Create(u8),
    Rename(u8, u8),
    Replace(u8, u8),
    Describe(u8, String),
    Delete(u8),
    Check(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..12_u8;
    prop_oneof![
        4 => which().prop_map(Step::Create),
        2 => (which(), which()).prop_map(|(at, to)| Step::Rename(at, to)),
        2 => (which(), which()).prop_map(|(at, to)| Step::Replace(at, to)),
        2 => (which(), ".{0,8}").prop_map(|(at, text)| Step::Describe(at, text)),
        2 => which().prop_map(Step::Delete),
        3 => which().prop_map(Step::Check),
    ]
}

/// Id → name and description, as the tenant should have them, in the order they were made.
type Model = Vec<(String, String, String)>;

fn is_free(model: &Model, name: &str, id: &str) -> bool {
    model.iter().all(|(other, held, _)| other == id || held != name)
}

fn run(world: &mut World, model: &mut Model, step: &Step) {
    let name_of = |number: &u8| format!("name {number}");
    let id_at = |model: &Model, at: &u8| {
        let place = usize::from(*at) % model.len().max(1);
        model.get(place).map_or("absent".to_owned(), |(id, ..)| id.clone())
    };
    let known = |model: &Model, id: &str| model.iter().position(|(held, ..)| held == id);
    match step {
        Step::Create(number) => {
            let answer = world.post(V1, &draft(&name_of(number)));
            if is_free(model, &name_of(number), "") {
                let id = answer.expect(200).body["id"].as_str().unwrap().to_owned();
                model.push((id, name_of(number), "a description".to_owned()));
            } else {
                answer.expect(400);
            }
        }
        Step::Rename(at, to) | Step::Replace(at, to) => {
            let (id, name) = (id_at(model, at), name_of(to));
            let is_patch = matches!(step, Step::Rename(..));
            let answer = if is_patch {
                world.patch(&format!("{V1}/{id}"), &json!([{ "op": "replace", "path": "/name", "value": name }]))
            } else {
                world.put(&format!("{V1}/{id}"), &draft(&name))
            };
            match known(model, &id) {
                None => drop(answer.expect(404)),
                Some(_) if !is_free(model, &name, &id) => drop(answer.expect(400)),
                Some(place) => {
                    answer.expect(200);
                    model[place].1 = name;
                    if !is_patch {
                        model[place].2 = "a description".to_owned();
                    }
                }
            }
        }
        Step::Describe(at, text) => {
            let id = id_at(model, at);
            let operations = json!([{ "op": "replace", "path": "/description", "value": text }]);
            let answer = world.patch(&format!("{V1}/{id}"), &operations);
            match known(model, &id) {
                None => drop(answer.expect(404)),
                Some(place) => {
                    answer.expect(200);
                    model[place].2.clone_from(text);
                }
            }
        }
        Step::Delete(at) => {
            let id = id_at(model, at);
            let answer = world.delete(&format!("{V1}/{id}"));
            match known(model, &id) {
                None => drop(answer.expect(404)),
                Some(place) => {
                    answer.expect(204);
                    model.remove(place);
                }
            }
        }
        Step::Check(number) => agree(world, model, *number),
    }
}

fn agree(world: &mut World, model: &Model, number: u8) {
    let base = BASES[usize::from(number) % BASES.len()];
    let rows = |list: &Value| -> Model {
        let text = |each: &Value, field: &str| each[field].as_str().unwrap().to_owned();
        list.as_array()
            .unwrap()
            .iter()
            .map(|each| (text(each, "id"), text(each, "name"), text(each, "description")))
            .collect()
    };
    let list = world.get(&format!("{base}?count=true")).expect(200);
    assert_eq!(rows(&list.body), *model);
    assert_eq!(list.header("x-total-count"), Some(model.len().to_string().as_str()));
    for (place, each) in list.body.as_array().unwrap().iter().enumerate() {
        assert_eq!(world.get(&format!("{base}/{}", model[place].0)).expect(200).body, *each);
    }
    let sorted: BTreeMap<&str, _> = model.iter().map(|row| (row.1.as_str(), row)).collect();
    let by_name = world.get(&format!("{base}?sorters=-name&offset=1&limit=3")).expect(200).body;
    let expected: Model = sorted.into_values().rev().skip(1).take(3).cloned().collect();
    assert_eq!(rows(&by_name), expected);
    let filter = format!("filters=not%20name%20eq%20%22NAME%20{number}%22&sorters=name");
    let others = rows(&world.get(&format!("{base}?{filter}")).expect(200).body);
    assert_eq!(others.len(), model.iter().filter(|row| row.1 != format!("name {number}")).count());
}

/// Something that looks like a request, as often as not.
fn noise() -> impl Strategy<Value = (String, String, String, Vec<u8>)> {
    let method =
        prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("PATCH"), Just("DELETE"), Just("OPTIONS"), Just("")];
    let target = prop_oneof![
        ".*",
        (0..6_usize, "[/.%;?&=a-z0-9\"() ]{0,24}").prop_map(|(base, rest)| format!("{}{rest}", BASES[base])),
        "/v3/service-desk-integrations\\?(limit|offset|count|sorters|filters)=[ -~]{0,24}",
        "/oauth/token\\?[ -~]{0,24}",
    ];
    let media = prop_oneof![
        Just("application/json"),
        Just(PATCH),
        Just("application/x-www-form-urlencoded"),
        Just("multipart/form-data; boundary=x"),
        Just("")
    ];
    let body = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        "[\\[\\]{}\",:a-z0-9.\\\\ue+-]{0,64}".prop_map(String::into_bytes),
        "(--x|\r\n|name=\"a\"|: |Content-Disposition|;|--){0,12}".prop_map(String::into_bytes),
        "\\[\\{\"op\":\"(replace|add)\",\"path\":\"[/~a-z0-9]{0,16}\",\"value\":(null|1|1e400|\"\\\\ud800\"|\\{\\}|\\[\\[\\]\\])\\}\\]"
            .prop_map(String::into_bytes),
    ];
    (method, target, media, body)
        .prop_map(|(method, target, media, body)| (method.to_owned(), target, media.to_owned(), body))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tenant_agrees_with_the_model(steps in proptest::collection::vec(step(), 1..60)) {
        let (mut world, mut model) = (World::empty(), Model::new());
        for step in &steps {
            world.now_ms += 7;
            run(&mut world, &mut model, step);
        }
        agree(&mut world, &model, 0);
        let state = world.tenant.snapshot();
        world.tenant.restore(&state, world.now_ms).unwrap();
        prop_assert_eq!(world.tenant.snapshot(), state);
        agree(&mut world, &model, 1);
    }

    #[test]
    fn no_request_makes_it_panic_or_answer_what_is_no_http(requests in proptest::collection::vec(noise(), 1..24)) {
        let mut world = World::new(json!({}));
        for (method, target, media, body) in requests {
            let reply = world.call(&method, &target, &media, &body).reply;
            prop_assert!((200..=499).contains(&reply.status), "{} {} {}", reply.status, method, target);
            let is_json = reply.headers.get("content-type") == Some("application/json");
            prop_assert_eq!(is_json, !reply.body.is_empty());
            prop_assert!(!is_json || serde_json::from_slice::<Value>(&reply.body).is_ok());
        }
    }

    #[test]
    fn any_options_any_fault_and_any_state_are_read_or_refused(text in "[\\[\\]{}\",:a-zA-Z0-9. -]{0,80}") {
        drop(isc_service_desk::sandbox::Options::parse(&text));
        let mut world = World::empty();
        drop(world.tenant.fault(&text));
        drop(world.tenant.restore(&text, 0));
    }
}

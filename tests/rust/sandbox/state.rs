//! The state of the sandbox as plain JSON, and what it starts with.

use crate::sandbox::support::{START_MS, V1, World, data, draft};
use isc_service_desk::sandbox::{Options, Tenant};
use serde_json::{Value, json};

fn snapshot(world: &World) -> Value {
    serde_json::from_str(&world.tenant.snapshot()).unwrap()
}

#[test]
fn a_restored_snapshot_answers_what_the_tenant_answered() {
    let mut world = World::new(json!({}));
    let id = world.make("Acme");
    world.put(
        &format!("{V1}/status-check-configuration"),
        &json!({ "provisioningStatusCheckIntervalMinutes": 7, "provisioningMaxStatusCheckDays": 8 }),
    );
    let targets = [
        V1.to_owned(),
        format!("{V1}/{id}"),
        format!("{V1}/types"),
        format!("{V1}/templates/GenericSDIM"),
        format!("{V1}/status-check-configuration"),
    ];
    let read =
        |world: &mut World| targets.iter().map(|target| world.get(target).expect(200).text()).collect::<Vec<_>>();
    let (state, before) = (world.tenant.snapshot(), read(&mut world));

    world.delete(&format!("{V1}/{id}")).expect(204);
    world.make("Later");
    world.put(&format!("{V1}/status-check-configuration"), &data("spec-status-check-response")).expect(200);
    assert!(world.get(V1).text() != before[0]);
    world.tenant.restore(&state, world.now_ms).unwrap();
    assert_eq!((read(&mut world), world.tenant.snapshot()), (before.clone(), state.clone()));

    let mut other = World::new(json!({ "integrations": [] }));
    other.tenant.restore(&state, START_MS).unwrap();
    assert_eq!((read(&mut other), other.tenant.snapshot()), (before, state));
}

#[test]
fn a_snapshot_holds_the_secrets_themselves() {
    let mut world = World::empty();
    let mut body = draft("Acme");
    body["attributes"] = json!({ "password": "hush" });
    world.post(V1, &body).expect(200);
    assert_eq!(snapshot(&world)["integrations"][0]["attributes"]["password"], "hush");
}

#[test]
fn new_ids_do_not_meet_restored_ones() {
    let mut world = World::empty();
    world.make("first");
    let state = world.tenant.snapshot();
    let mut again = World::empty();
    again.tenant.restore(&state, START_MS).unwrap();
    again.make("second");
    assert_eq!(again.get(V1).expect(200).body.as_array().unwrap().len(), 2);
}

#[test]
fn a_state_that_is_none_is_refused_with_its_place_and_changes_nothing() {
    let mut world = World::new(json!({}));
    let good = world.tenant.snapshot();
    let mut refused = |pointer: &str, value: Value, field: &str| {
        let mut state: Value = serde_json::from_str(&good).unwrap();
        *state.pointer_mut(pointer).unwrap() = value;
        let invalid = world.tenant.restore(&state.to_string(), START_MS).unwrap_err();
        assert_eq!(invalid.field, field, "{}", invalid.message);
        assert!(invalid.message.contains(field), "{}", invalid.message);
        assert_eq!(world.tenant.snapshot(), good);
    };
    refused("", json!([]), "state");
    refused("", json!({}), "/integrations");
    refused("/integrations", json!(1), "/integrations");
    refused("/integrations/1/name", json!(1), "/integrations/1/name");
    refused("/integrations/1/attributes", json!([]), "/integrations/1/attributes");
    refused("/integrations/0", json!("x"), "/integrations/0");
    refused("/types/2/scriptName", json!(null), "/types/2/scriptName");
    refused("/templates", json!([]), "/templates");
    refused("/templates/GenericSDIM/type", json!(1), "/templates/GenericSDIM/type");
    refused("/templates/GenericSDIM", json!(1), "/templates/GenericSDIM");
    refused("/statusCheck/provisioningMaxStatusCheckDays", json!("x"), "/statusCheck");
    refused("/statusCheck/provisioningMaxStatusCheckDays", json!(true), "/statusCheck/provisioningMaxStatusCheckDays");
    let first = serde_json::from_str::<Value>(&good).unwrap()["integrations"][0].clone();
    refused("/integrations/1/id", first["id"].clone(), "/integrations/1/id");
    refused("/integrations/1/name", first["name"].clone(), "/integrations/1/name");
    assert_eq!(world.tenant.restore("{", START_MS).unwrap_err().field, "state");
    assert_eq!(world.tenant.restore("", START_MS).unwrap_err().field, "state");
}

#[test]
fn given_integrations_are_taken_as_they_are() {
    let given = json!([
        { "name": "plain", "type": "Anything", "attributes": {} },
        { "name": "odd", "type": "x", "attributes": {}, "id": "abc", "created": null, "modified": "2020-01-01T00:00:00.000000+00:00",
          "description": null, "ownerRef": null, "cluster": "c", "provisioningConfig": null, "tomorrow": 1 },
    ]);
    let mut world = World::new(json!({ "integrations": given }));
    let list = world.get(V1).expect(200).body;
    assert_eq!(list[0]["created"], "2026-01-02T03:04:05.006Z");
    assert_eq!(list[0]["id"].as_str().unwrap().len(), 32);
    assert_eq!(list[1], given[1]);
    let operations = json!([{ "op": "replace", "path": "/attributes", "value": { "a": 1 } }]);
    let refused = world.patch(&format!("{V1}/abc"), &operations).expect(400);
    assert_eq!(refused.message(), "/description must be a string, got null");
    let put =
        world.put(&format!("{V1}/abc"), &json!({ "name": "odd", "description": "d", "type": "x", "attributes": {} }));
    assert!(put.expect(200).body["modified"].as_str().unwrap() >= "2026");
    world
        .put(&format!("{V1}/abc"), &json!({ "name": "odd", "description": "d", "type": "y", "attributes": {} }))
        .expect(400);
}

#[test]
fn given_integrations_with_one_id_or_name_twice_or_an_id_that_is_no_text_are_refused() {
    let refused = |given: Value| {
        let options = Options::parse(&json!({ "integrations": given }).to_string()).unwrap();
        Tenant::new(options, 0).err().unwrap().into_inner().field.into_owned()
    };
    let one = |name: &str, id: &str| json!({ "name": name, "type": "x", "attributes": {}, "id": id });
    assert_eq!(refused(json!([one("a", "1"), one("b", "1")])), "/integrations/1/id");
    assert_eq!(refused(json!([one("a", "1"), one("A", "2")])), "/integrations/1/name");
    assert_eq!(refused(json!([{ "name": "a", "type": "x", "id": 7 }])), "/integrations/0/id");
}

#[test]
fn a_clock_at_its_start_or_far_away_is_fine() {
    for now_ms in [0, u64::MAX] {
        let mut tenant = Tenant::new(Options::default(), now_ms).unwrap();
        let token = tenant.token(now_ms);
        assert!(!token.is_empty() && tenant.snapshot().contains(if now_ms == 0 { "1970-01-01" } else { "9999-12-31" }));
    }
}

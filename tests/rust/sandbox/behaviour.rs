//! What nobody has published of the real server: the sandbox can be had both ways.

use crate::sandbox::support::{BETA, V1, World, draft};
use serde_json::{Value, json};

fn with_secrets(name: &str) -> Value {
    let mut body = draft(name);
    body["attributes"] = json!({
        "url": "https://acme.example", "password": "hush-1", "blank_token": "", "private_null": null,
        "nested": { "clientSecret": "hush-2", "list": [{ "credentials": { "deep": "hush-3" } }, { "apiKey": 7 }] },
        "encrypted": "pin, other", "pin": "hush-4",
        "headers": [{ "name": "X-Api-Key", "value": "hush-5" }, { "name": "Accept", "value": "*/*" }],
        "hook": "https://user:hush-6@acme.example/a?id=7&sig=hush-7",
    });
    body
}

/// The one integration, with its secrets.
fn stored(world: &World) -> Value {
    let state: Value = serde_json::from_str(&world.tenant.snapshot()).unwrap();
    state["integrations"][0].clone()
}

#[track_caller]
fn made(world: &mut World) -> (String, Value) {
    let made = world.post(V1, &with_secrets("Acme")).expect(200).body;
    (format!("{V1}/{}", made["id"].as_str().unwrap()), made)
}

#[test]
fn secrets_are_never_answered_in_clear() {
    for secrets in ["ciphertext", "masked", "omitted"] {
        let mut world = World::behaving(json!({ "secrets": secrets }));
        let (one, _) = made(&mut world);
        let operations = json!([{ "op": "replace", "path": "/attributes/url", "value": "https://b.example" }]);
        let answers = [
            world.get(&one),
            world.get(V1),
            world.get(BETA),
            world.patch(&one, &operations),
            world.put(&one, &with_secrets("Acme")),
            world.get(&one.replace(V1, BETA)),
        ];
        for answer in answers {
            let text = answer.expect(200).text();
            assert!(
                !text.contains("hush") && !text.contains("deep") && text.contains("blank_token"),
                "{secrets}: {text}"
            );
        }
        assert_eq!(stored(&world)["attributes"], with_secrets("Acme")["attributes"]);
    }
}

#[test]
fn each_way_to_hide_a_secret_looks_as_it_says() {
    let attributes = |secrets: &str| made(&mut World::behaving(json!({ "secrets": secrets }))).1["attributes"].clone();
    let masked = json!({
        "url": "https://acme.example", "password": "********", "blank_token": "", "private_null": null,
        "nested": { "clientSecret": "********", "list": [{ "credentials": "********" }, { "apiKey": "********" }] },
        "encrypted": "pin, other", "pin": "********",
        "headers": [{ "name": "X-Api-Key", "value": "********" }, { "name": "Accept", "value": "*/*" }],
        "hook": "https://********@acme.example/a?id=7&sig=********",
    });
    assert_eq!(attributes("masked"), masked);
    let omitted = json!({
        "url": "https://acme.example", "blank_token": "", "private_null": null, "nested": { "list": [{}, {}] },
        "encrypted": "pin, other", "headers": [{ "name": "X-Api-Key" }, { "name": "Accept", "value": "*/*" }],
        "hook": "https://********@acme.example/a?id=7&sig=********",
    });
    assert_eq!(attributes("omitted"), omitted);
    let ciphertext = attributes("ciphertext");
    for pointer in [
        "/password",
        "/nested/clientSecret",
        "/nested/list/0/credentials",
        "/nested/list/1/apiKey",
        "/pin",
        "/headers/0/value",
    ] {
        assert!(ciphertext.pointer(pointer).unwrap().as_str().unwrap().starts_with("1:ACP:"), "{pointer}");
    }
}

#[test]
fn ciphertext_and_mask_sent_back_keep_the_stored_secret() {
    for secrets in ["ciphertext", "masked"] {
        let mut world = World::behaving(json!({ "secrets": secrets }));
        let (one, mut read) = made(&mut world);
        read["description"] = json!("changed");
        world.put(&one, &read).expect(200);
        let attributes = read["attributes"].clone();
        let password = attributes["password"].clone();
        let operations = json!([
            { "op": "replace", "path": "/attributes", "value": attributes },
            { "op": "replace", "path": "/attributes/password", "value": password },
        ]);
        let patched = world.patch(&one, &operations).expect(200).body;
        assert_eq!(patched["attributes"], read["attributes"], "{secrets}");
        assert_eq!(stored(&world)["attributes"], with_secrets("Acme")["attributes"], "{secrets}");
        assert_eq!(stored(&world)["description"], "changed");
    }
}

#[test]
fn a_new_secret_takes_the_place_of_the_stored_one() {
    for secrets in ["ciphertext", "masked", "omitted"] {
        let mut world = World::behaving(json!({ "secrets": secrets }));
        let (one, mut read) = made(&mut world);
        read["attributes"]["password"] = json!("new");
        let before = world.get(&one).body["attributes"]["password"].clone();
        let after = world.put(&one, &read).expect(200).body["attributes"]["password"].clone();
        assert_eq!(stored(&world)["attributes"]["password"], "new");
        assert_eq!(before != after, secrets == "ciphertext");
    }
}

#[test]
fn what_a_put_leaves_out_is_gone_secret_or_not() {
    let mut world = World::behaving(json!({ "secrets": "omitted" }));
    let (one, read) = made(&mut world);
    world.put(&one, &read).expect(200);
    assert_eq!(stored(&world)["attributes"].get("password"), None);
}

#[test]
fn a_secret_cannot_be_moved_to_where_it_would_be_read() {
    let mut world = World::behaving(json!({ "secrets": "ciphertext" }));
    let (one, read) = made(&mut world);
    let ciphertext = read["attributes"]["password"].clone();
    let operations = json!([
        { "op": "replace", "path": "/attributes/url", "value": ciphertext },
        { "op": "replace", "path": "/attributes/encrypted", "value": "" },
        { "op": "replace", "path": "/description", "value": ciphertext },
    ]);
    let patched = world.patch(&one, &operations).expect(200);
    assert!(!patched.text().contains("hush"), "{}", patched.text());
    assert_eq!(patched.body["attributes"]["url"], ciphertext);
}

#[test]
fn characters_around_a_secret_stay_whole() {
    let table = [
        (json!({ "é password": "x", "è": "y" }), json!({ "è": "y" })),
        (json!({ "a": "©", "password": "é" }), json!({ "a": "©" })),
        (json!({ "secret": "x", "a": "©", "password": "é" }), json!({ "a": "©" })),
    ];
    for (attributes, shown) in table {
        let mut world = World::behaving(json!({ "secrets": "omitted" }));
        let mut body = draft("Acme");
        body["attributes"] = attributes;
        let made = world.post(V1, &body).expect(200).body;
        assert_eq!(made["attributes"], shown);
        assert_eq!(world.get(V1).expect(200).body[0], made);
    }
}

#[test]
fn a_template_shows_no_secret() {
    let mut world = World::empty();
    let mut state: Value = serde_json::from_str(&world.tenant.snapshot()).unwrap();
    state["templates"]["GenericSDIM"]["attributes"]["password"] = json!("hush");
    world.tenant.restore(&state.to_string(), world.now_ms).unwrap();
    assert!(!world.get(&format!("{V1}/templates/GenericSDIM")).expect(200).text().contains("hush"));
}

#[test]
fn a_duplicate_name_is_400_or_409() {
    for status in [400, 409] {
        let mut world = World::behaving(json!({ "duplicateName": status }));
        world.make("Acme");
        let other = format!("{V1}/{}", world.make("Other"));
        let refused = world.post(V1, &draft("Acme")).expect(status);
        assert_eq!(refused.message(), "/name must be unique, got the name of another integration");
        world.put(&other, &draft("Acme")).expect(status);
        world.patch(&other, &json!([{ "op": "replace", "path": "/name", "value": "Acme" }])).expect(status);
    }
}

#[test]
fn past_the_end_is_empty_or_400() {
    for (behaviour, status) in [(json!("empty"), 200), (json!(400), 400)] {
        let mut world = World::behaving(json!({ "pastEnd": behaviour }));
        world.get(V1).expect(200);
        world.make("a");
        world.make("b");
        for query in ["offset=2", "offset=3&limit=0", "offset=1&filters=name%20eq%20%22a%22", "offset=2147483647"] {
            world.get(&format!("{V1}?{query}")).expect(status);
        }
        for query in ["offset=1", "offset=0&filters=name%20eq%20%22x%22", "limit=0"] {
            world.get(&format!("{V1}?{query}")).expect(200);
        }
    }
}

#[test]
fn boolean_filters_are_taken_or_not() {
    let compound = [
        "name%20eq%20%22a%22%20or%20name%20eq%20%22b%22",
        "not%20name%20eq%20%22a%22",
        "name%20eq%20%22a%22%20and%20id%20eq%20%22x%22",
    ];
    for (taken, status) in [(true, 200), (false, 400)] {
        let mut world = World::behaving(json!({ "booleanFilters": taken }));
        for filter in compound {
            world.get(&format!("{V1}?filters={filter}")).expect(status);
        }
        world.get(&format!("{V1}?filters=(name%20eq%20%22a%22)")).expect(200);
        world.get(&format!("{V1}?filters=id%20in%20(%22a%22,%22b%22)")).expect(200);
    }
}

#[test]
fn the_status_check_has_strings_or_numbers() {
    let check = format!("{V1}/status-check-configuration");
    for (behaviour, minutes) in [("strings", json!("30")), ("numbers", json!(30))] {
        let mut world = World::behaving(json!({ "statusCheck": behaviour }));
        let details = world.get(&check).expect(200).body;
        assert_eq!(details["provisioningStatusCheckIntervalMinutes"], minutes);
        assert_eq!(world.put(&check, &details).expect(200).body, details);
    }
}

#[test]
fn the_total_is_there_or_not() {
    for (exposed, total) in [(true, Some("0")), (false, None)] {
        let mut world = World::behaving(json!({ "exposeTotal": exposed }));
        assert_eq!(world.get(&format!("{V1}?count=true")).expect(200).header("x-total-count"), total);
    }
}

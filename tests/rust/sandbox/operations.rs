//! The ten operations of the sandbox, in the paths of every version.

use crate::sandbox::support::{BASES, BETA, PATCH, V1, World, data, draft};
use serde_json::{Value, json};

#[test]
fn every_version_has_every_operation_on_the_same_state() {
    let mut world = World::empty();
    for (turn, base) in BASES.into_iter().enumerate() {
        let made = world.post(base, &draft(&format!("made {turn}"))).expect(200);
        let one = format!("{base}/{}", made.body["id"].as_str().unwrap());
        assert_eq!(world.get(base).expect(200).body.as_array().unwrap().len(), turn + 1);
        assert_eq!(world.get(&one).expect(200).body, made.body);
        world.put(&one, &draft(&format!("put {turn}"))).expect(200);
        let operations = json!([{ "op": "replace", "path": "/description", "value": "patched" }]);
        assert_eq!(world.patch(&one, &operations).expect(200).body["name"], format!("put {turn}"));
        let types = world.get(&format!("{base}/types")).expect(200);
        let script_name = types.body[0]["scriptName"].as_str().unwrap().to_owned();
        world.get(&format!("{base}/templates/{script_name}")).expect(200);
        let check = format!("{base}/status-check-configuration");
        let details = world.get(&check).expect(200).body;
        assert_eq!(world.put(&check, &details).expect(200).body, details);
        let gone = format!("{base}/{}", world.make("to be deleted"));
        assert_eq!(world.delete(&gone).expect(204).reply.body, b"");
    }
}

#[test]
fn an_integration_lives_from_create_to_delete() {
    let mut world = World::empty();
    let made = world.post(V1, &draft("Acme")).expect(200).body;
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!((&made["created"], &made["modified"]), (&json!("2026-01-02T03:04:05.006Z"), &made["created"]));
    assert_eq!((&made["cluster"], &made["provisioningConfig"]["planInitializerScript"]), (&Value::Null, &Value::Null));

    world.now_ms += 1_000;
    let one = format!("{V1}/{id}");
    let patched =
        world.patch(&one, &json!([{ "op": "replace", "path": "/description", "value": "new" }])).expect(200).body;
    assert_eq!((&patched["description"], &patched["created"]), (&json!("new"), &made["created"]));
    assert_eq!(patched["modified"], "2026-01-02T03:04:06.006Z");
    assert_eq!(world.get(&one).expect(200).body, patched);

    let put = world
        .put(&one, &json!({ "name": "Acme 2", "description": "d", "type": "Generic SDIM", "attributes": { "a": 1 } }));
    assert_eq!(put.expect(200).body["attributes"], json!({ "a": 1 }));
    assert_eq!(world.get(&format!("{V1}?filters=name%20eq%20%22acme%202%22")).expect(200).body[0]["id"], id.as_str());

    world.delete(&one).expect(204);
    world.get(&one).expect(404);
    world.delete(&one).expect(404);
    world.put(&one, &draft("x")).expect(404);
    world.patch(&one, &json!([])).expect(404);
    assert_eq!(world.get(V1).expect(200).body, json!([]));
}

#[test]
fn modified_moves_with_every_change_even_within_one_millisecond() {
    let mut world = World::empty();
    let one = format!("{V1}/{}", world.make("Acme"));
    let mut stamps = vec![world.get(&one).body["modified"].clone()];
    for text in ["a", "b"] {
        let operations = json!([{ "op": "replace", "path": "/description", "value": text }]);
        stamps.push(world.patch(&one, &operations).expect(200).body["modified"].clone());
    }
    assert_eq!(stamps, ["2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.007Z", "2026-01-02T03:04:05.008Z"]);
}

#[test]
fn bodies_that_clients_are_known_to_send_are_taken() {
    for name in [
        "constructed-generic-sdim",
        "constructed-servicenow-sdim",
        "thirdparty-terraform-create-minimal",
        "thirdparty-terraform-create-servicenow",
        "spec-get-response",
    ] {
        let mut world = World::empty();
        let body = data(name);
        let made = world.post(V1, &body).expect(200).body;
        assert_ne!(made["id"], body["id"], "{name}");
        let one = format!("{V1}/{}", made["id"].as_str().unwrap());
        assert_eq!(world.put(&one, &body).expect(200).body["id"], made["id"], "{name}");
        assert_eq!(world.get(V1).body.as_array().unwrap().len(), 1, "{name}");
    }
}

#[test]
fn a_reference_by_id_alone_gets_its_type_and_a_name() {
    let mut world = World::empty();
    let made = world.post(V1, &data("thirdparty-terraform-create-minimal")).expect(200).body;
    let reference = json!({ "type": "CLUSTER", "id": "2c91808576ddc7060176de5040574ac0", "name": "Cluster 574ac0" });
    assert_eq!(made["clusterRef"], reference);
    let one = format!("{V1}/{}", made["id"].as_str().unwrap());
    let mut body = draft("named");
    body["ownerRef"] = json!({ "id": "2c9180a46faadee4016fb4e018c20639", "name": null });
    body["provisioningConfig"] = json!({ "managedResourceRefs": [{ "id": "abc" }, { "name": "no id" }] });
    let put = world.put(&one, &body).expect(200).body;
    assert_eq!(put["ownerRef"]["name"], "Support");
    let sources =
        json!([{ "type": "SOURCE", "id": "abc", "name": "Source abc" }, { "type": "SOURCE", "name": "no id" }]);
    assert_eq!(put["provisioningConfig"]["managedResourceRefs"], sources);
    body["ownerRef"] = json!({ "type": "ROLE", "id": "x" });
    assert_eq!(world.put(&one, &body).expect(400).message(), "/ownerRef/type must be IDENTITY, got another type");
}

#[test]
fn what_a_create_lacks_is_named() {
    let mut world = World::empty();
    for field in ["name", "description", "type", "attributes"] {
        for wrong in [None, Some(Value::Null), Some(json!(7))] {
            let mut body = draft("Acme");
            match wrong {
                None => drop(body.as_object_mut().unwrap().remove(field)),
                Some(wrong) => body[field] = wrong,
            }
            let refused = world.post(V1, &body).expect(400);
            assert!(refused.message().starts_with(&format!("/{field} must be ")), "{}", refused.message());
        }
    }
    for (field, wrong) in
        [("name", json!(" ")), ("type", json!("")), ("ownerRef", json!("x")), ("managedSources", json!([1]))]
    {
        let mut body = draft("Acme");
        body[field] = wrong;
        assert!(world.post(V1, &body).expect(400).message().contains(&format!("/{field}")));
    }
    for hours in [json!(-1), json!(1.5), json!(2_147_483_648_u64)] {
        let mut body = draft("Acme");
        body["provisioningConfig"] = json!({ "provisioningRequestExpiration": hours });
        world.post(V1, &body).expect(400);
    }
    let lacks = world.post(V1, &data("thirdparty-legacy-without-type")).expect(400);
    assert_eq!(lacks.message(), "/type must be a string, got nothing");
    assert_eq!(world.get(V1).body, json!([]));
}

#[test]
fn a_type_that_the_tenant_does_not_have_is_refused_as_a_live_one_was() {
    let mut world = World::empty();
    let refused = world.post(V1, &data("thirdparty-terraform-fixture-webhook")).expect(400);
    let body = json!({ "detailMessage": "Application template for WEBHOOK integration was not found." });
    assert_eq!(refused.body, body);
}

#[test]
fn bodies_that_are_no_object_or_no_json_are_refused() {
    let mut world = World::empty();
    let deep = format!(
        "{{\"name\":\"n\",\"description\":\"d\",\"type\":\"ServiceNow SDIM\",\"attributes\":{{\"a\":{}{}}}}}",
        "[".repeat(100),
        "]".repeat(100)
    );
    let endless = "[".repeat(1_000_000);
    let bodies: [&[u8]; 9] =
        [b"", b"[]", b"null", b"{", b"<html>", b"\xFF", b"\"x\"", deep.as_bytes(), endless.as_bytes()];
    for body in bodies {
        world.call("POST", V1, "application/json", body).expect(400);
    }
    let marked = [b"\xEF\xBB\xBF".as_slice(), draft("Acme").to_string().as_bytes()].concat();
    world.call("POST", V1, "application/json", &marked).expect(200);
}

#[test]
fn a_wrong_media_type_is_400() {
    let mut world = World::empty();
    let body = draft("Acme").to_string();
    for wrong in ["", "text/plain", PATCH, "application/x-www-form-urlencoded", "application/jsonx"] {
        assert_eq!(
            world.call("POST", V1, wrong, body.as_bytes()).expect(400).message(),
            "Content-Type must be application/json"
        );
    }
    let one = format!("{V1}/{}", world.make("Acme"));
    world.call("PUT", &one, "text/json", body.as_bytes()).expect(400);
    world.call("PUT", &one, "Application/JSON; charset=utf-8", body.as_bytes()).expect(200);
    for wrong in ["", "application/json", "application/merge-patch+json"] {
        world.call("PATCH", &one, wrong, b"[]").expect(400);
    }
    world.call("PATCH", &one, "application/json-patch+json;charset=utf-8", b"[]").expect(200);
    world.call("PUT", &format!("{V1}/status-check-configuration"), "text/plain", b"{}").expect(400);
}

#[test]
fn a_patch_replaces_and_does_nothing_else() {
    let mut world = World::empty();
    let one = format!("{V1}/{}", world.make("Acme"));
    world.patch(&one, &data("spec-patch-request")).expect(400);
    let mut body = draft("Acme");
    body["ownerRef"] = json!({ "id": "x" });
    body["attributes"] = json!({ "url": "https://a.example", "list": [1, 2] });
    world.put(&one, &body).expect(200);
    assert_eq!(world.patch(&one, &data("spec-patch-request")).expect(200).body["ownerRef"]["name"], "Angelo Medici");

    for verb in ["add", "remove", "move", "copy", "test"] {
        let operations = json!([{ "op": verb, "path": "/description", "value": "x", "from": "/name" }]);
        let refused = world.patch(&one, &operations).expect(403);
        assert_eq!(refused.body["detailCode"], "403 Forbidden");
    }
    for field in ["/id", "/created", "/modified"] {
        world.patch(&one, &json!([{ "op": "replace", "path": field, "value": "x" }])).expect(403);
    }
    let refused = [
        json!([{ "op": "replace", "path": "/attributes/absent", "value": 1 }]),
        json!([{ "op": "replace", "path": "/attributes/list/2", "value": 1 }]),
        json!([{ "op": "replace", "path": "/beforeProvisioningRule", "value": {} }]),
        json!([{ "op": "replace", "path": "/name", "value": 7 }]),
        json!([{ "op": "replace", "path": "/name", "value": " " }]),
        json!([{ "op": "replace", "path": "/provisioningConfig", "value": { "noProvisioningRequests": "x" } }]),
        json!([{ "op": "replace", "path": "/ownerRef", "value": { "type": "RULE" } }]),
        json!([{ "op": "replace", "path": "", "value": {} }]),
        json!([{ "op": "replace", "path": "name", "value": "x" }]),
        json!([{ "op": "replace", "path": "/name" }]),
        json!([{ "path": "/name", "value": "x" }]),
        json!([7]),
        json!({}),
        data("obsolete-patch-wrapper"),
    ];
    let before = world.get(&one).body;
    for operations in refused {
        world.patch(&one, &operations).expect(400);
    }
    assert_eq!(world.get(&one).body, before);

    let operations = json!([
        { "op": "replace", "path": "/attributes/url", "value": "https://b.example" },
        { "op": "replace", "path": "/attributes/list/1", "value": 3 },
        { "op": "replace", "path": "/provisioningConfig/noProvisioningRequests", "value": true },
    ]);
    let patched = world.patch(&one, &operations).expect(200).body;
    assert_eq!(patched["attributes"], json!({ "url": "https://b.example", "list": [1, 3] }));
    assert_eq!(patched["provisioningConfig"]["noProvisioningRequests"], true);
}

#[test]
fn a_patch_is_taken_as_a_whole_or_not_at_all() {
    let mut world = World::empty();
    let one = format!("{V1}/{}", world.make("Acme"));
    let operations = json!([
        { "op": "replace", "path": "/description", "value": "half" },
        { "op": "replace", "path": "/attributes/absent", "value": 1 },
    ]);
    world.patch(&one, &operations).expect(400);
    assert_eq!(world.get(&one).body["description"], "a description");
}

#[test]
fn names_are_unique_without_regard_to_case() {
    let mut world = World::empty();
    let first = format!("{V1}/{}", world.make("Acme É"));
    let second = format!("{V1}/{}", world.make("Other"));
    world.post(V1, &draft("acme é")).expect(400);
    world.put(&second, &draft("ACME É")).expect(400);
    world.patch(&second, &json!([{ "op": "replace", "path": "/name", "value": "Acme É" }])).expect(400);
    world.put(&first, &draft("ACME É")).expect(200);
    world.patch(&first, &json!([{ "op": "replace", "path": "/name", "value": "Third" }])).expect(200);
    world.put(&second, &draft("acme é")).expect(200);
    world.delete(&first).expect(204);
    world.post(V1, &draft("third")).expect(200);
}

#[test]
fn what_was_read_can_be_put_back() {
    let mut world = World::empty();
    let made = world.post(V1, &data("constructed-servicenow-sdim")).expect(200).body;
    let one = format!("{V1}/{}", made["id"].as_str().unwrap());
    let mut read = world.get(&one).expect(200).body;
    read["created"] = json!("2026-01-02T03:04:05.006000+00:00");
    read["modified"] = json!("2026-01-02T03:04:05.006000+00:00");
    world.now_ms += 10;
    let put = world.put(&one, &read).expect(200).body;
    assert_eq!((&put["created"], &put["modified"]), (&made["created"], &json!("2026-01-02T03:04:05.016Z")));
    for field in ["name", "attributes", "ownerRef", "clusterRef", "provisioningConfig", "managedSources"] {
        assert_eq!(put[field], made[field], "{field}");
    }
}

#[test]
fn null_in_an_optional_field_is_nothing() {
    let mut world = World::empty();
    let mut body = draft("Acme");
    for field in ["ownerRef", "clusterRef", "managedSources", "provisioningConfig", "beforeProvisioningRule", "cluster"]
    {
        body[field] = Value::Null;
    }
    let made = world.post(V1, &body).expect(200).body;
    for field in ["ownerRef", "clusterRef", "managedSources", "beforeProvisioningRule"] {
        assert_eq!(made.get(field), None, "{field}");
    }
    assert_eq!(made["cluster"], Value::Null);
    assert_eq!(made["provisioningConfig"]["universalManager"], false);
}

#[test]
fn unknown_fields_are_kept() {
    let mut world = World::empty();
    let mut body = draft("Acme");
    body["tomorrow"] = json!({ "a": [1.5, null] });
    let made = world.post(V1, &body).expect(200).body;
    assert_eq!(world.get(&format!("{V1}/{}", made["id"].as_str().unwrap())).body["tomorrow"], body["tomorrow"]);
}

#[test]
fn beta_leaves_out_what_others_say_is_null() {
    let mut world = World::new(json!({}));
    for integration in world.get(BETA).expect(200).body.as_array().unwrap() {
        assert_eq!(integration.get("cluster"), None);
        assert_eq!(integration["provisioningConfig"].get("planInitializerScript"), None);
        assert!(integration["id"].is_string() && integration["created"].is_string());
    }
    let mut body = draft("Acme");
    body["cluster"] = json!("abc");
    assert_eq!(world.post(BETA, &body).expect(200).body["cluster"], "abc");
    for integration in world.get(V1).expect(200).body.as_array().unwrap() {
        assert!(integration.get("cluster").is_some());
        assert!(integration["provisioningConfig"].get("planInitializerScript").is_some());
    }
    let template = world.get(&format!("{BETA}/templates/GenericSDIM")).expect(200).body;
    assert_eq!(template["provisioningConfig"].get("planInitializerScript"), None);
}

#[test]
fn templates_create_what_they_describe() {
    let mut world = World::empty();
    let types = world.get(&format!("{V1}/types")).expect(200).body;
    assert!(types.as_array().unwrap().len() >= 8);
    for line in types.as_array().unwrap() {
        let template = world.get(&format!("{V1}/templates/{}", line["scriptName"].as_str().unwrap())).expect(200).body;
        assert_eq!((&template["type"], &template["name"]), (&line["type"], &line["name"]));
        for field in data("spec-template-response").as_object().unwrap().keys() {
            assert!(template.get(field).is_some(), "{field}");
        }
        let body = json!({
            "name": format!("from {}", line["name"]), "description": "d", "type": template["type"],
            "attributes": template["attributes"], "provisioningConfig": template["provisioningConfig"],
        });
        let made = world.post(V1, &body).expect(200).body;
        assert_eq!(made["attributes"], template["attributes"]);
    }
    world.get(&format!("{V1}/templates/absent")).expect(404);
    world.get(&format!("{V1}/templates/")).expect(404);
}

#[test]
fn the_first_tenant_has_one_integration_of_each_type_and_answers_no_null_name() {
    let mut world = World::new(json!({}));
    let types = world.get(&format!("{V1}/types")).body;
    let list = world.get(V1).body;
    let kinds = |value: &Value| value.as_array().unwrap().iter().map(|each| each["type"].clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&list), kinds(&types));
    for integration in list.as_array().unwrap() {
        for reference in ["ownerRef", "clusterRef"] {
            assert!(integration[reference]["name"].is_string());
        }
        assert!(integration["provisioningConfig"]["managedResourceRefs"][0]["name"].is_string());
        assert!(integration["created"].as_str().unwrap() < "2026-01-02");
    }
}

#[test]
fn a_number_makes_that_many_with_names_that_sort_as_they_were_made() {
    let mut world = World::new(json!({ "integrations": 600 }));
    let page = world.get(&format!("{V1}?limit=250&offset=500&count=true&sorters=name")).expect(200);
    assert_eq!(page.header("x-total-count"), Some("600"));
    let names: Vec<&str> = page.body.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 100);
    assert!(names.is_sorted() && names[0].starts_with("000501 "));
    let plain = world.get(&format!("{V1}?limit=250&offset=500")).expect(200).body;
    assert_eq!(plain, page.body);
}

#[test]
fn a_list_keeps_to_offset_limit_and_order() {
    let mut world = World::empty();
    for name in ["b", "C", "a", "é", "D"] {
        world.make(name);
    }
    let mut names = |query: &str| {
        let page = world.get(&format!("{V1}?{query}")).expect(200).body;
        page.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["b", "C", "a", "é", "D"]);
    assert_eq!(names("sorters=name"), ["a", "b", "C", "D", "é"]);
    assert_eq!(names("sorters=-name&limit=2&offset=1"), ["D", "C"]);
    assert_eq!(names("offset=4&limit=250"), ["D"]);
    assert_eq!(names("offset=5"), [""; 0]);
    assert_eq!(names("limit=0"), [""; 0]);
    assert_eq!(names("filters=name+eq+%22A%22&unknown=x"), ["a"]);
    assert_eq!(names("filters=type%20in%20(%22servicenow%20sdim%22)&sorters=name&offset=1&limit=1"), ["b"]);
    assert_eq!(names("filters=id%20eq%20%22x%22"), [""; 0]);
}

#[test]
fn the_total_counts_matches_not_the_page() {
    let mut world = World::empty();
    for name in ["a", "b", "c"] {
        world.make(name);
    }
    let mut total =
        |query: &str| world.get(&format!("{V1}?{query}")).expect(200).header("x-total-count").map(str::to_owned);
    assert_eq!(total("count=true&limit=1"), Some("3".to_owned()));
    assert_eq!(total("count=true&limit=0&offset=9"), Some("3".to_owned()));
    assert_eq!(total("count=true&filters=name%20eq%20%22b%22"), Some("1".to_owned()));
    assert_eq!(total("count=false"), None);
    assert_eq!(total(""), None);
}

#[test]
fn a_list_parameter_out_of_its_range_is_named() {
    let mut world = World::empty();
    let mut message = |query: &str| world.get(&format!("{V1}?{query}")).expect(400).message().to_owned();
    assert_eq!(message("limit=251"), "limit must be 0 to 250, got 251");
    assert_eq!(message("offset=2147483648"), "offset must be 0 to 2147483647, got 2147483648");
    for wrong in ["limit=-1", "limit=", "limit=1.5", "limit=%2B1", "limit=x", "limit=1e2"] {
        assert!(message(wrong).starts_with("limit must be 0 to 250, got"), "{wrong}");
    }
    for wrong in ["count=", "count=1", "count=TRUE"] {
        assert_eq!(message(wrong), "count must be true or false");
    }
    for wrong in ["sorters=type", "sorters=", "sorters=name,type"] {
        assert!(message(wrong).starts_with("sorters: "), "{wrong}");
    }
    for wrong in
        ["filters=", "filters=nmae%20eq%20%22x%22", "filters=name%20co%20%22x%22", "filters=name%20in%20(%22x%22)"]
    {
        assert!(message(wrong).starts_with("filters: "), "{wrong}");
    }
}

#[test]
fn the_status_check_is_one_for_the_tenant() {
    let mut world = World::empty();
    let check = |base: &str| format!("{base}/status-check-configuration");
    assert_eq!(world.get(&check(V1)).expect(200).body, data("spec-status-check-response"));
    let change = json!({ "provisioningStatusCheckIntervalMinutes": 15, "provisioningMaxStatusCheckDays": "4" });
    let text = json!({ "provisioningStatusCheckIntervalMinutes": "15", "provisioningMaxStatusCheckDays": "4" });
    assert_eq!(world.put(&check(V1), &change).expect(200).body, text);
    for base in BASES {
        assert_eq!(world.get(&check(base)).expect(200).body, text);
    }
    for wrong in [json!({}), json!({ "provisioningStatusCheckIntervalMinutes": "15" }), json!([])] {
        world.put(&check(V1), &wrong).expect(400);
    }
}

#[test]
fn a_method_that_a_resource_does_not_take_is_405_with_those_it_takes() {
    let mut world = World::new(json!({}));
    let id = world.make("Acme");
    let table = [
        (String::new(), "GET, POST"),
        (format!("/{id}"), "GET, PUT, PATCH, DELETE"),
        ("/types".to_owned(), "GET"),
        ("/templates/GenericSDIM".to_owned(), "GET"),
        ("/status-check-configuration".to_owned(), "GET, PUT"),
    ];
    for base in BASES {
        for (rest, allowed) in &table {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "get", "BREW"] {
                let answer = world.call(method, &format!("{base}{rest}?limit=1"), "application/json", b"{}");
                let is_allowed = allowed.split(", ").any(|allowed| allowed == method);
                assert_eq!(answer.reply.status != 405, is_allowed, "{method} {rest}");
                assert_eq!(answer.header("allow"), (!is_allowed).then_some(*allowed));
            }
        }
    }
}

//! What stands before the operations of the sandbox: tokens, limits, CORS, faults, paths, the record.

use crate::sandbox::support::{Answer, BASES, PATCH, START_MS, V1, World, data, draft};
use isc_service_desk::http::{Headers, Method, Request};
use isc_service_desk::sandbox::{Admission, Delivery, Incoming, Instant, MAX_BODY_BYTES, Reply, Visitors};
use isc_service_desk::wire::Secret;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-client-secret";

fn ask(world: &mut World, query: &str, content_type: &str, body: &str) -> Answer {
    world.send("POST", &format!("/oauth/token{query}"), &[("content-type", content_type)], body.as_bytes())
}

fn bearer(answer: &Answer) -> String {
    format!("Bearer {}", answer.body["access_token"].as_str().unwrap())
}

fn opens(world: &mut World, authorization: &str) -> u16 {
    world.send("GET", V1, &[("authorization", authorization)], b"").reply.status
}

#[test]
fn a_token_is_given_to_every_form_of_request() {
    let mut world = World::empty();
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n\
        --b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nsandbox-client\r\n\
        --b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\nsandbox-client-secret\r\n--b--\r\n";
    let given = [
        ask(&mut world, "", FORM, GRANT),
        ask(&mut world, "", "multipart/form-data; boundary=b", multipart),
        ask(&mut world, &format!("?{GRANT}"), "", ""),
        ask(&mut world, "?grant_type=client_credentials", FORM, &GRANT.replace("grant_type=client_credentials&", "")),
        world.send(
            "POST",
            "/oauth/token",
            &[("content-type", FORM), ("authorization", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1jbGllbnQtc2VjcmV0")],
            b"grant_type=client_credentials",
        ),
    ];
    for answer in given {
        let answer = answer.expect(200);
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("bearer"), &json!(749)));
        let documented = data("docs-oauth-token-response");
        let owned = ["refresh_token", "accessType"];
        for field in documented.as_object().unwrap().keys().filter(|field| !owned.contains(&field.as_str())) {
            assert!(answer.body.get(field).is_some(), "{field}");
        }
        assert_eq!(answer.header("cache-control"), Some("no-cache, no-store, must-revalidate"));
        assert_eq!(opens(&mut world, &bearer(&answer)), 200);
    }
}

#[test]
fn a_token_request_that_is_wrong_gets_the_error_of_rfc_6749() {
    let mut world = World::empty();
    let table = [
        (FORM, "", 400, "invalid_request"),
        (FORM, "grant_type=", 400, "invalid_request"),
        (FORM, "grant_type=%zz", 400, "invalid_request"),
        ("application/json", "{\"grant_type\":\"client_credentials\"}", 400, "invalid_request"),
        ("multipart/form-data", GRANT, 400, "invalid_request"),
        (FORM, "grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        (FORM, "grant_type=client_credentials", 401, "invalid_client"),
        (FORM, "grant_type=client_credentials&client_id=sandbox-client", 401, "invalid_client"),
        (FORM, "grant_type=client_credentials&client_id=sandbox-client&client_secret=x", 401, "invalid_client"),
        (FORM, "grant_type=client_credentials&client_id=x&client_secret=sandbox-client-secret", 401, "invalid_client"),
    ];
    for (content_type, body, status, error) in table {
        let answer = ask(&mut world, "", content_type, body).expect(status);
        assert_eq!(answer.body["error"], error, "{body}");
        assert!(answer.body["error_description"].is_string());
    }
    world.send("GET", "/oauth/token", &[], b"").expect(405);
}

#[test]
fn credentials_are_those_of_the_options_whatever_characters_they_have() {
    let mut world =
        World::new(json!({ "credentials": { "clientId": "i d", "clientSecret": "a:b+c&é", "tokenTtlSeconds": 5 } }));
    let answer =
        ask(&mut world, "", FORM, "grant_type=client_credentials&client_id=i+d&client_secret=a%3Ab%2Bc%26%C3%A9");
    assert_eq!(answer.expect(200).body["expires_in"], 5);
    ask(&mut world, "", FORM, GRANT).expect(401);
}

#[test]
fn a_token_expires_by_the_clock_of_the_tenant() {
    let mut world = World::empty();
    let token = bearer(&ask(&mut world, "", FORM, GRANT).expect(200));
    world.now_ms = START_MS + 748_999;
    assert_eq!(opens(&mut world, &token), 200);
    world.now_ms = START_MS + 749_000;
    let refused = world.send("GET", V1, &[("authorization", &token)], b"").expect(401);
    assert_eq!(refused.body, data("spec-error-401"));
    let fresh = format!("Bearer {}", world.tenant.token(world.now_ms));
    assert_eq!(opens(&mut world, &fresh), 200);
}

#[test]
fn nothing_below_the_service_is_answered_without_a_token() {
    let mut world = World::new(json!({}));
    for base in BASES {
        for rest in ["", "/types", "/templates/x", "/status-check-configuration", "/x", "/a/b"] {
            for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
                let refused = world.send(method, &format!("{base}{rest}"), &[], b"{}").expect(401);
                assert!(refused.body["error"].as_str().unwrap().starts_with("JWT validation failed"));
            }
        }
    }
    for wrong in ["", "Bearer", "Bearer x", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1jbGllbnQtc2VjcmV0"] {
        assert_eq!(opens(&mut world, wrong), 401, "{wrong}");
    }
}

#[test]
fn a_token_of_one_tenant_does_not_open_another() {
    let foreign = World::new(json!({ "tenant": "other" })).tenant.token(START_MS);
    assert_eq!(opens(&mut World::new(json!({ "tenant": "own" })), &format!("Bearer {foreign}")), 401);
}

#[test]
fn above_the_rate_limit_is_429_with_the_seconds_to_wait() {
    let mut world = World::new(json!({ "rateLimit": { "requests": 2, "perMs": 10_000 } }));
    world.get(V1).expect(200);
    world.now_ms += 2_500;
    world.get(V1).expect(200);
    let refused = world.get(V1).expect(429);
    assert_eq!((refused.body.clone(), refused.header("retry-after")), (data("spec-error-429"), Some("8")));
    world.get(BASES[1]).expect(200);
    ask(&mut world, "", FORM, GRANT).expect(200);
    world.now_ms += 7_499;
    assert_eq!(world.get(V1).expect(429).header("retry-after"), Some("1"));
    world.now_ms += 1;
    world.get(V1).expect(200);
    world.get(V1).expect(429);
}

#[test]
fn without_a_rate_limit_there_is_none() {
    let mut world = World::empty();
    for _ in 0..1_000 {
        world.get(V1).expect(200);
    }
}

#[test]
fn a_body_or_target_beyond_its_bound_is_refused() {
    let mut world = World::empty();
    let body = vec![b' '; MAX_BODY_BYTES + 1];
    world.call("POST", V1, "application/json", &body).expect(413);
    world.call("POST", V1, "application/json", &body[1..]).expect(400);
    world.get(&format!("{V1}?{}", "x".repeat(8_192))).expect(414);
}

#[test]
fn a_token_request_of_more_than_64_kib_is_refused() {
    let mut world = World::empty();
    let most = GRANT.to_owned() + &"&".repeat(65_536 - GRANT.len());
    ask(&mut world, "", FORM, &most).expect(200);
    let refused = ask(&mut world, "", FORM, &format!("{most}&")).expect(413);
    assert_eq!(refused.reply.record.body, None);
}

#[test]
fn a_body_of_too_many_values_is_refused() {
    let mut world = World::empty();
    let mut body = draft("Acme");
    body["attributes"] = json!({ "a": 0, "b": 0, "c": 0 });
    let one = format!("{V1}/{}", world.post(V1, &body).expect(200).body["id"].as_str().unwrap());
    let mut replaced = |name: &str, values: usize| {
        let value = vec![0; values];
        let patch = json!([{ "op": "replace", "path": format!("/attributes/{name}"), "value": value }]);
        world.patch(&one, &patch).reply.status
    };
    assert_eq!(
        [replaced("a", 250_000), replaced("a", 124_000), replaced("b", 124_000), replaced("c", 3_000)],
        [413, 200, 200, 413]
    );
    body["attributes"] = json!({ "a": vec![0; 250_000] });
    world.put(&one, &body).expect(413);
}

/// What a served tenant does with a head.
fn admit(world: &mut World, method: &str, target: &str, fields: &[(&str, &str)]) -> Admission {
    let headers: Headers = [("host", "localhost")].into_iter().chain(fields.iter().copied()).collect();
    let (method, target) = (method.to_owned(), target.to_owned());
    let head = Incoming { method, target, headers, body: Vec::new() };
    world.tenant.admit(&head, &Visitors::read("127.0.0.1", "[]").unwrap(), world.now_ms)
}

fn answered(admission: Admission) -> Option<Reply> {
    match admission {
        Admission::Answered(reply) => Some(*reply),
        Admission::Awaited { .. } => None,
    }
}

fn requests(world: &World) -> Vec<Value> {
    serde_json::from_str(&world.tenant.requests()).unwrap()
}

#[test]
fn what_the_head_decides_is_answered_as_with_any_body() {
    let mut world = World::empty();
    let id = world.make("Acme");
    let token = format!("Bearer {}", world.tenant.token(START_MS));
    let (known, wrong) = (("authorization", token.as_str()), ("authorization", "Bearer x"));
    let one = format!("{V1}/{id}");
    let table = [
        ("POST", V1, None, 401),
        ("POST", V1, Some(wrong), 401),
        ("PUT", V1, Some(known), 405),
        ("DELETE", "/v3/service-desk-integrations/types", Some(known), 405),
        ("POST", "/v3/service-desk-integrations/a/b", Some(known), 404),
        ("POST", "/x", None, 404),
        ("POST", "/%zz", None, 400),
        ("PUT", "/oauth/token", None, 405),
    ];
    for (method, target, field, status) in table {
        let fields: Vec<_> = field.into_iter().collect();
        let early = answered(admit(&mut world, method, target, &fields)).unwrap();
        let whole = world.send(method, target, &fields, draft("x").to_string().as_bytes()).reply;
        assert_eq!((early.status, whole.status), (status, status), "{method} {target}");
        assert_eq!(early.headers.get("allow"), whole.headers.get("allow"));
    }
    for (method, target) in [("POST", V1), ("PUT", one.as_str()), ("PATCH", one.as_str()), ("GET", V1)] {
        let admission = admit(&mut world, method, target, &[known]);
        assert!(matches!(admission, Admission::Awaited { most: MAX_BODY_BYTES }), "{method} {target}");
    }
    assert!(matches!(admit(&mut world, "POST", "/oauth/token", &[]), Admission::Awaited { most: 65_536 }));
    let preflight = [("origin", "http://localhost"), ("access-control-request-method", "PUT")];
    assert_eq!(answered(admit(&mut world, "OPTIONS", V1, &preflight)).unwrap().status, 204);
}

#[test]
fn an_announced_length_beyond_the_bound_is_refused_unread() {
    let mut world = World::empty();
    let token = format!("Bearer {}", world.tenant.token(START_MS));
    for (target, most) in [(V1, MAX_BODY_BYTES), ("/oauth/token", 65_536)] {
        let mut status = |length: usize| {
            let fields = [("authorization", token.as_str()), ("content-length", &length.to_string())];
            answered(admit(&mut world, "POST", target, &fields)).map(|reply| reply.status)
        };
        assert_eq!((status(most), status(most + 1)), (None, Some(413)), "{target}");
    }
}

#[test]
fn a_fault_that_fits_waits_for_the_body_before_the_tenant_refuses_the_head() {
    let mut world = World::empty();
    world.fault(json!({ "on": { "method": "POST" }, "then": { "status": 503 } }));
    assert!(answered(admit(&mut world, "PUT", V1, &[])).is_some());
    assert!(answered(admit(&mut world, "POST", V1, &[])).is_none());
    assert!(answered(admit(&mut world, "POST", V1, &[("content-length", "99999999")])).is_none());
    world.send("POST", V1, &[], b"{}").expect(503);
    assert_eq!(answered(admit(&mut world, "POST", V1, &[])).unwrap().status, 401);
}

#[test]
fn a_foreign_visitor_uses_up_no_fault_buys_no_token_and_is_not_recorded() {
    let mut world = World::empty();
    world.fault(json!({ "then": { "status": 503 } }));
    let (before, target) = (requests(&world), format!("/oauth/token?{GRANT}"));
    for (field, status) in [(("origin", "https://evil.example"), 403), (("host", "evil.example"), 421)] {
        let refused = answered(admit(&mut world, "POST", &target, &[field])).unwrap();
        assert_eq!(refused.status, status);
        let body: Value = serde_json::from_slice(&refused.body).unwrap();
        assert!(body["messages"][0]["text"].as_str().unwrap().contains("allowedHosts"));
        assert!(refused.headers.get("slpt-request-id").is_some());
    }
    assert_eq!(requests(&world), before);
    ask(&mut world, "", FORM, GRANT).expect(503);
}

#[test]
fn what_arrived_is_kept_unless_nothing_is() {
    let mut world = World::empty();
    let record = world.get(V1).reply.record;
    assert_eq!(requests(&world), [serde_json::to_value(record).unwrap()]);
    assert!(answered(admit(&mut world, "POST", "/x", &[])).is_some());
    assert_eq!(requests(&world)[1]["status"], 404);
    world.tenant.keep_no_requests();
    world.get(V1);
    assert_eq!(requests(&world), Vec::<Value>::new());
}

#[test]
fn a_token_with_random_bits_is_told_by_nothing_else() {
    let token = |random: Option<[u8; 16]>| World::empty().tenant.token(Instant { now_ms: START_MS, random });
    assert_eq!(token(None), token(None));
    assert_ne!(token(Some([1; 16])), token(Some([2; 16])));
    let mut world = World::empty();
    let own = format!("Bearer {}", world.tenant.token(Instant { now_ms: START_MS, random: Some([7; 16]) }));
    assert_eq!(opens(&mut world, &own), 200);
    let mut other = World::empty();
    let guessed = format!("Bearer {}", other.tenant.token(START_MS));
    assert_eq!(opens(&mut world, &guessed), 401);
}

#[test]
fn every_answer_has_its_request_id_and_date() {
    let mut world = World::empty();
    world.now_ms = 1_706_726_253_000;
    let mut ids = Vec::new();
    for (method, target) in
        [("GET", V1), ("GET", "/"), ("POST", "/oauth/token"), ("OPTIONS", V1), ("GET", "/%"), ("PUT", V1)]
    {
        let answer = world.send(method, target, &[], b"");
        ids.push(answer.header("slpt-request-id").unwrap().to_owned());
        assert_eq!(answer.header("date"), Some("Wed, 31 Jan 2024 18:37:33 GMT"));
    }
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[test]
fn errors_have_the_documented_shape() {
    let mut world = World::empty();
    world.fault(json!({ "on": { "path": "/fault" }, "times": 9, "then": { "status": 500 } }));
    let one = format!("{V1}/{}", world.make("Acme"));
    let answers = [
        (world.get(&format!("{V1}?limit=x")).expect(400), data("spec-error-400")),
        (world.patch(&one, &json!([{ "op": "remove", "path": "/name" }])).expect(403), data("spec-error-403")),
        (world.get(&format!("{V1}/absent")).expect(404), data("spec-error-404")),
        (world.get("/absent").expect(404), data("spec-error-404")),
        (world.get("/fault").expect(500), data("spec-error-500")),
    ];
    for (answer, documented) in answers {
        let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&answer.body), fields(&documented));
        assert_eq!(answer.body["detailCode"], documented["detailCode"]);
        assert_eq!(fields(&answer.body["messages"][0]), fields(&documented["messages"][0]));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[test]
fn the_same_requests_at_the_same_times_give_the_same_answers() {
    let run = || {
        let mut world = World::new(json!({}));
        let id = world.make("Acme");
        let reply = world.patch(&format!("{V1}/{id}"), &json!([{ "op": "replace", "path": "/name", "value": "B" }]));
        (id, reply.reply.headers, reply.reply.body, world.tenant.token(7))
    };
    assert_eq!(run(), run());
}

#[test]
fn a_page_on_this_machine_may_send_and_read() {
    let mut world = World::new(json!({}));
    let origin = ("origin", "http://localhost:5173");
    let asks = [
        origin,
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    for target in [V1, "/oauth/token", "/v3/service-desk-integrations/x"] {
        let answer = world.send("OPTIONS", target, &asks, b"").expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin.1));
        assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert_eq!((answer.text().as_str(), answer.header("content-type")), ("", None));
    }
    let answer = world.send("GET", V1, &[origin], b"").expect(401);
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["Retry-After", "SLPT-Request-ID", "Date", "X-Total-Count"] {
        assert!(exposed.split(',').any(|each| each == name), "{name}");
    }
}

#[test]
fn a_page_of_another_origin_may_not() {
    let mut world = World::empty();
    let asks = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    for (method, target) in [("OPTIONS", V1), ("POST", "/oauth/token"), ("GET", V1)] {
        let answer = world.send(method, target, &asks, b"");
        assert!(answer.reply.headers.iter().all(|(name, _)| !name.starts_with("access-control-")));
    }
}

#[test]
fn a_status_fault_answers_in_the_place_of_the_tenant() {
    let mut world = World::empty();
    world.fault(json!({ "on": { "method": "POST" }, "then":
        { "status": 503, "headers": { "Retry-After": "3", "X-Deprecated": "true" }, "body": "<html>" } }));
    let answer = world.post(V1, &draft("Acme")).expect(503);
    assert_eq!((answer.text().as_str(), answer.header("retry-after")), ("<html>", Some("3")));
    assert_eq!((answer.header("x-deprecated"), answer.header("slpt-request-id").is_some()), (Some("true"), true));
    assert_eq!(world.get(V1).expect(200).body, json!([]));
    world.post(V1, &draft("Acme")).expect(200);
}

#[test]
fn a_status_fault_without_a_body_has_the_documented_one() {
    let mut world = World::empty();
    for status in [400, 401, 403, 404, 429, 500] {
        world.fault(json!({ "then": { "status": status } }));
        let (answer, documented) = (world.get(V1).expect(status), data(&format!("spec-error-{status}")));
        let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&answer.body), fields(&documented));
    }
    world.fault(json!({ "then": { "status": 302, "headers": { "location": "https://elsewhere.example" } } }));
    let redirect = world.get(V1).expect(302);
    assert_eq!((redirect.text().as_str(), redirect.header("location")), ("", Some("https://elsewhere.example")));
}

#[test]
fn a_drop_before_leaves_the_tenant_as_it_was_and_a_drop_after_does_not() {
    let mut world = World::empty();
    world.fault(json!({ "on": { "method": "POST" }, "then": { "drop": "before" } }));
    world.fault(json!({ "on": { "method": "POST" }, "then": { "drop": "after" } }));
    for (name, made) in [("before", 0), ("after", 1)] {
        let reply = world.post(V1, &draft(name)).reply;
        assert_eq!((reply.status, reply.delivery), (0, Delivery::Dropped));
        assert_eq!((reply.record.status, reply.body.is_empty()), (0, true));
        assert_eq!(reply.into_response(), None);
        assert_eq!(world.get(V1).expect(200).body.as_array().unwrap().len(), made);
    }
}

#[test]
fn a_cut_or_paused_body_is_whole_with_word_of_how_it_arrives() {
    let mut world = World::empty();
    world.fault(json!({ "then": { "truncate": 1 } }));
    world.fault(json!({ "then": { "truncate": 2 } }));
    world.fault(json!({ "then": { "stallMs": 500 } }));
    let cut = world.get(V1).expect(200).reply;
    assert_eq!((cut.delivery, cut.body.as_slice()), (Delivery::Truncated { bytes: 1 }, b"[]".as_slice()));
    assert_eq!(cut.into_response(), None);
    assert!(world.get(V1).expect(200).reply.into_response().is_some());
    let stalled = world.get(V1).expect(200).reply;
    assert_eq!(stalled.delivery, Delivery::Stalled { ms: 500 });
    assert_eq!(stalled.into_response().unwrap().status, 200);
}

#[test]
fn faults_hit_what_they_name_as_often_as_they_say() {
    let mut world = World::empty();
    world.fault(json!({ "on": "token", "times": 2, "then": { "status": 500 } }));
    world.fault(json!({ "on": { "method": "get", "path": "/types" }, "then": { "status": 502 } }));
    world.get(V1).expect(200);
    world.get(&format!("{V1}/types")).expect(502);
    world.get(&format!("{V1}/types")).expect(200);
    for status in [500, 500, 200] {
        ask(&mut world, "", FORM, GRANT).expect(status);
    }
}

#[test]
fn a_hostile_target_reaches_nothing_else() {
    let mut world = World::new(json!({}));
    let id = world.make("Acme");
    let before = world.tenant.snapshot();
    let unknown = [
        format!("{V1}/"),
        format!("{V1}//"),
        format!("{V1}/%2e%2e"),
        format!("{V1}/.."),
        format!("{V1}/%2E"),
        format!("{V1}/{id}/"),
        format!("{V1}/{id};x"),
        format!("{V1}/types;x"),
        format!("{V1}/x/../{id}"),
        format!("{V1}/..%2F{id}"),
        format!("/v3/../service-desk-integrations/v1/{id}"),
        format!("//v3/service-desk-integrations/{id}"),
        format!("/v3//service-desk-integrations/{id}"),
        format!("/V3/service-desk-integrations/{id}"),
        format!("/v1/service-desk-integrations/{id}"),
        format!("/service-desk-integrations/v3/{id}"),
        "/service-desk-integrations".to_owned(),
        format!("{V1}/%00"),
        format!("{V1}/{id}%00"),
        format!("{V1}/ "),
        "*".to_owned(),
        String::new(),
    ];
    for target in unknown {
        for method in ["GET", "DELETE", "PUT", "PATCH", "POST", "OPTIONS"] {
            let answer = world.call(method, &target, "application/json", draft("x").to_string().as_bytes());
            assert!([404, 405].contains(&answer.reply.status), "{method} {target} {}", answer.reply.status);
        }
    }
    for target in [format!("{V1}/%"), format!("{V1}/%c3%28"), format!("{V1}/%zz"), format!("{V1}?filters=%ff")] {
        world.get(&target).expect(400);
    }
    assert_eq!(world.tenant.snapshot(), before);
}

#[test]
fn an_id_may_be_percent_encoded_and_a_target_absolute() {
    let mut world = World::empty();
    let id = world.make("Acme");
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    world.get(&format!("{V1}/{encoded}")).expect(200);
    world.get(&format!("https://anything.example{V1}/{id}?x=y")).expect(200);
}

#[test]
fn a_request_of_the_client_is_an_incoming_one() {
    let mut world = World::empty();
    let headers: Headers = [("content-type", FORM)].into_iter().collect();
    let url = "https://sandbox.api.isc.invalid/oauth/token".to_owned();
    let body = Some(Secret::new(GRANT));
    let request = Request { method: Method::Post, url, headers, body, max_body_bytes: 1024, all_fields: false };
    let reply = world.tenant.handle(&Incoming::from(request), START_MS);
    assert_eq!(reply.into_response().unwrap().status, 200);
    let bare = Request {
        method: Method::Get,
        url: "http://127.0.0.1:80".to_owned(),
        headers: Headers::default(),
        body: None,
        max_body_bytes: 1024,
        all_fields: false,
    };
    assert_eq!(world.tenant.handle(&Incoming::from(&bare), START_MS).status, 404);
}

#[test]
fn the_record_says_what_arrived_and_what_became_of_it() {
    let mut world = World::empty();
    let record = world.post(&format!("{V1}?a=b%20c"), &draft("Acme")).reply.record;
    assert_eq!((record.method.as_str(), record.path.as_str(), record.query.as_str()), ("POST", V1, "a=b%20c"));
    assert_eq!((record.status, record.content_type.as_deref()), (200, Some("application/json")));
    assert_eq!(record.body, Some(draft("Acme")));
    let record = world.get("/absent").reply.record;
    assert_eq!((record.status, record.content_type, record.body), (404, None, None));
    let record = world.call("POST", V1, "text/plain", b"hello").reply.record;
    assert_eq!(record.body, Some(json!("[5 bytes, no JSON]")));
    let long = json!("x".repeat(70_000)).to_string();
    let record = world.call("POST", V1, "application/json", long.as_bytes()).reply.record;
    assert_eq!(record.body, Some(json!("[70002 bytes, too long to keep]")));
}

#[test]
fn of_a_token_request_the_record_has_the_grant_type_alone() {
    let mut world = World::empty();
    let record = ask(&mut world, "", FORM, GRANT).reply.record;
    assert_eq!((record.query.as_str(), record.body), ("", Some(json!({ "grant_type": "client_credentials" }))));
    let record = ask(&mut world, &format!("?{GRANT}&x"), "", "").reply.record;
    assert_eq!(record.query, "grant_type=client_credentials&client_id=[redacted]&client_secret=[redacted]&x");
    let record = ask(&mut world, "", "application/json", "{\"client_secret\":\"sandbox-client-secret\"}").reply.record;
    assert_eq!(record.body, None);
}

#[test]
fn no_secret_is_in_the_record_wherever_it_was_sent() {
    let mut world = World::empty();
    let token = world.tenant.token(START_MS);
    let mut body = draft("Acme");
    body["attributes"] = json!({ "password": "hush-1", "nested": [{ "apiKey": { "a": "hush-2" } }], "encrypted": "pin", "pin": "hush-3" });
    let made = world.post(V1, &body);
    let one = format!("{V1}/{}", made.body["id"].as_str().unwrap());
    let deep = json!([{ "op": "replace", "path": "/attributes/password", "value": "hush-4" }, { "op": "replace", "path": "/attributes/pin", "value": "hush-5" }]);
    let whole = json!([{ "op": "replace", "path": "/attributes", "value": { "encrypted": ["other"], "other": "hush-6", "secretThing": 1 } }]);
    let listed = json!([{ "op": "replace", "path": "/attributes/encrypted", "value": "late" }, { "op": "add", "path": "/attributes/late", "value": "hush-7" }]);
    let records = [
        made.reply.record,
        world.patch(&one, &deep).expect(200).reply.record,
        world.patch(&one, &whole).expect(200).reply.record,
        world.patch(&one, &listed).expect(403).reply.record,
        world.get(&format!("{V1}?access_token={token}&x={token}&client_secret=hush-8&{token}=1")).reply.record,
        world.get(&format!("{V1}/{token}")).reply.record,
        world.get(&format!("{V1}/%zz{token}?%zz{token}=1&a=%zz{token}")).reply.record,
        world.get(&format!("{V1}/sandbox-client%2Dsecret")).reply.record,
        world
            .post(V1, &json!({ "name": token, "description": "my sandbox-client-secret", "token": "hush-9" }))
            .reply
            .record,
        world
            .call("PATCH", &one, PATCH, b"[{\"value\":\"hush-10\",\"path\":\"/attributes/tok\\ud800en\"}]")
            .reply
            .record,
    ];
    for record in records {
        let text = serde_json::to_string(&record).unwrap();
        for secret in ["hush", token.as_str(), "eyJ", "sandbox-client-secret", "sandbox-client%2Dsecret", "Bearer"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.contains("[redacted]") || text.contains("no JSON"), "{text}");
    }
}

#[test]
fn no_representation_shows_a_credential() {
    let mut world = World::empty();
    let headers: Headers = [("authorization", "Bearer hush")].into_iter().collect();
    let incoming =
        Incoming { method: "GET".to_owned(), target: format!("{V1}?token=hush"), headers, body: b"hush".to_vec() };
    let shown = format!("{incoming:?} {:?} {:?}", ask(&mut world, "", FORM, GRANT).reply, world.tenant.client_secret());
    assert!(!shown.contains("hush") && !shown.contains("eyJ") && !shown.contains("sandbox-client-secret"), "{shown}");
}

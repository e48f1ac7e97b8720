//! Creates whose outcome is open, step by step.

use crate::engine::support::dates::http_date;
use crate::engine::support::machine::ms;
use crate::engine::support::scenario::{TOKEN, made};
use crate::engine::support::{Ask, Happening, Scenario};
use isc_service_desk::client::call::created_ids::CreatedIds;
use isc_service_desk::client::call::event::WaitReason;
use isc_service_desk::client::error::Limit;
use isc_service_desk::client::{Effect, ErrorKind, Notice, Operation};
use isc_service_desk::http::Method;

const LOOK_UP: &str = "https://a.example/service-desk-integrations/v1?limit=250&filters=name%20eq%20%22n%22";
const EPOCH_MS: f64 = 1_700_000_000_000.0;

fn create() -> Scenario {
    Scenario::create().sent()
}

/// A create that was answered with a 500, and the look-up for it on its way.
fn looking() -> Scenario {
    create().answered(500, "").waits(250.0)
}

/// The list that a look-up in the first second brings, by a server whose clock is right.
fn list(items: &[String]) -> Happening {
    Happening::answer(200, &format!("[{}]", items.join(","))).with("date", &http_date(EPOCH_MS))
}

#[track_caller]
fn is_open(scenario: &Scenario) -> &'static str {
    let error = scenario.error();
    let ErrorKind::UnknownOutcome { name, cause } = &error.kind else { panic!("{error:?}") };
    assert_eq!(
        (name.as_str(), cause.operation, error.operation),
        ("n", Some(Operation::Create), Some(Operation::Create))
    );
    assert_eq!(cause.attempts, error.attempts);
    assert!(error.message.ends_with(&cause.message), "{}", error.message);
    cause.kind.code()
}

#[test]
fn a_create_that_is_answered_is_done() {
    let answer = made(EPOCH_MS);
    assert_eq!(create().answered(201, &answer).ok(), Some(answer.as_str()));
}

/// Failures that no further attempt mends: the code that a runtime has for it, or its words, and what the message hints at.
const FOR_GOOD: [(Option<&str>, &str, &str); 15] = [
    (Some("ENOTFOUND"), "getaddrinfo ENOTFOUND acme.example", "the name of the tenant"),
    (
        None,
        "client error (Connect): dns error: failed to lookup address information: Name or service not known",
        "the name of the tenant",
    ),
    (Some("DEPTH_ZERO_SELF_SIGNED_CERT"), "self-signed certificate", "NODE_EXTRA_CA_CERTS"),
    (Some("SELF_SIGNED_CERT_IN_CHAIN"), "self-signed certificate in certificate chain", "NODE_EXTRA_CA_CERTS"),
    (Some("CERT_HAS_EXPIRED"), "certificate has expired", "NODE_EXTRA_CA_CERTS"),
    (Some("ERR_TLS_CERT_ALTNAME_INVALID"), "altnames", "NODE_EXTRA_CA_CERTS"),
    (Some("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "unable to verify", "NODE_EXTRA_CA_CERTS"),
    (Some("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), "unable to get", "NODE_EXTRA_CA_CERTS"),
    (None, "client error (Connect): invalid peer certificate: UnknownIssuer", "NODE_EXTRA_CA_CERTS"),
    (Some("ERR_INVALID_URL"), "Invalid URL", ""),
    (Some("UND_ERR_INVALID_ARG"), "invalid", ""),
    (Some("ERR_ACCESS_DENIED"), "Access to this API has been restricted", ""),
    (Some("ERR_SSL_WRONG_VERSION_NUMBER"), "wrong version number", ""),
    (None, "client error (Connect): received corrupt message of type InvalidContentType", ""),
    (None, "Requires net access to \"acme.example:443\", run again with the --allow-net flag", "--allow-net"),
];

#[test]
fn what_cannot_pass_ends_at_the_first_attempt_and_a_create_is_not_looked_up() {
    for (code, message, hint) in FOR_GOOD {
        let happening = || Happening::Failed { message: message.into(), code: code.map(str::to_owned) };
        for scenario in [create(), Scenario::delete().sent()] {
            let failed = scenario.then(happening());
            assert_eq!((failed.code(), failed.requests()), ("network", 1), "{code:?} {message}");
            assert!(failed.error().message.contains(hint), "{}", failed.error().message);
        }
    }
    let temporary =
        "client error (Connect): dns error: failed to lookup address information: Temporary failure in name resolution";
    create().then(Happening::Failed { message: temporary.into(), code: None }).waits(250.0);
}

#[test]
fn a_create_is_sent_again_only_where_the_server_surely_did_nothing() {
    let turned_away = [
        (Happening::answer(429, ""), 250.0),
        (Happening::answer(429, "").asking(3), 3000.0),
        (Happening::answer(503, "").asking(0), 250.0),
        (Happening::lost(Some("ECONNREFUSED")), 250.0),
        (Happening::lost(Some("EAI_AGAIN")), 250.0),
        (Happening::lost(Some("UND_ERR_CONNECT_TIMEOUT")), 250.0),
        (Happening::lost(Some("ConnectionRefused")), 250.0),
        (Happening::Failed { message: "error sending request: client error (Connect)".into(), code: None }, 250.0),
    ];
    for (happening, wait) in turned_away {
        let scenario = create().then(happening.clone()).waits(wait);
        assert_eq!(scenario.request().method, Method::Post, "{happening:?}");
        assert_eq!(scenario.answered(201, &made(EPOCH_MS)).requests(), 2);
    }
}

#[test]
fn a_create_that_was_turned_away_too_often_fails_with_what_the_server_said() {
    let often = Scenario::create().attempts(2).sent().answered(429, "").waits(250.0).answered(429, "");
    assert_eq!(often.code(), "rate-limited");
    assert_eq!(create().then(Happening::answer(503, "").asking(61)).code(), "server-error");
    let refused = Scenario::create().attempts(1).sent().then(Happening::lost(Some("ECONNREFUSED")));
    assert_eq!(refused.code(), "network");
}

#[test]
fn an_answer_that_says_no_ends_a_create_without_a_look_up() {
    for status in [0, 100, 302, 400, 401, 403, 404, 405, 409, 418, 422, 425, 451, 499] {
        let scenario = create().answered(status, "");
        assert_eq!((scenario.outcome().attempts.len(), scenario.requests()), (1, 1), "{status}");
        assert!(!matches!(scenario.error().kind, ErrorKind::UnknownOutcome { .. }), "{status}");
    }
}

#[test]
fn after_every_other_failure_the_name_is_looked_up() {
    let unknown = [
        Happening::answer(408, ""),
        Happening::answer(500, ""),
        Happening::answer(501, ""),
        Happening::answer(502, ""),
        Happening::answer(503, ""),
        Happening::answer(503, "").with("retry-after", "soon"),
        Happening::answer(504, ""),
        Happening::answer(505, ""),
        Happening::answer(599, ""),
        Happening::answer(200, ""),
        Happening::answer(201, "<html>"),
        Happening::lost(None),
        Happening::lost(Some("ECONNRESET")),
    ];
    for happening in unknown {
        let scenario = create().then(happening.clone()).waits(250.0);
        let request = scenario.request();
        assert_eq!((request.method, request.url.as_str()), (Method::Get, LOOK_UP), "{happening:?}");
        assert!(request.body.is_none());
    }
    let late = create().after(20_000.0).then(Happening::TimedOut).waits(250.0);
    assert_eq!(late.request().url, LOOK_UP);
}

#[test]
fn what_is_found_equal_and_new_is_the_result() {
    let found = made(EPOCH_MS + 100.0);
    let scenario = looking().then(list(std::slice::from_ref(&found)));
    assert_eq!(scenario.ok(), Some(found.as_str()));
    assert!(scenario.notices().contains(&Notice::Reconciled { id: "i".into() }), "{:?}", scenario.notices());
    let reasons: Vec<_> = scenario.outcome().attempts.iter().map(|attempt| attempt.retry_reason).collect();
    assert_eq!(reasons, [Some("server-error"), None]);
    let unreadable = create().answered(200, "").waits(250.0).then(list(&[found]));
    assert_eq!(unreadable.outcome().attempts[0].retry_reason, Some("bad-response"));
}

#[test]
fn what_was_created_before_the_first_attempt_is_somebody_elses() {
    // 250 ms lie between the first attempt and the second that the Date header tells; clocks may go in steps of 100.
    assert!(looking().then(list(&[made(EPOCH_MS - 350.0)])).ok().is_some());
    assert_eq!(is_open(&looking().then(list(&[made(EPOCH_MS - 351.0)]))), "server-error");
    let turned_away = create().then(Happening::answer(429, "").asking(5)).waits(5000.0).answered(500, "").waits(250.0);
    let answer = Happening::answer(200, &format!("[{}]", made(EPOCH_MS + 10.0)));
    let found = turned_away.then(answer.with("date", &http_date(EPOCH_MS + 5250.0)));
    assert!(found.ok().is_some(), "the first attempt counts, not the last");
}

#[test]
fn without_the_servers_clock_the_callers_counts_less_five_minutes() {
    let undated = |created_ms| looking().then(Happening::answer(200, &format!("[{}]", made(created_ms))));
    assert!(undated(EPOCH_MS - 300_100.0).ok().is_some());
    assert_eq!(is_open(&undated(EPOCH_MS - 300_101.0)), "server-error");
}

#[test]
fn what_is_found_different_or_twice_leaves_it_open() {
    let found = made(EPOCH_MS + 100.0);
    for (from, to) in [(r#""url":"u""#, r#""url":"v""#), (r#""type":"t""#, r#""type":"T""#), ("2023", "1999")] {
        let scenario = looking().then(list(&[found.replace(from, to)]));
        assert_eq!(is_open(&scenario), "server-error", "{from}");
    }
    assert_eq!(is_open(&looking().then(list(&[found.clone(), found]))), "server-error");
}

#[test]
fn nothing_found_after_a_plain_500_is_that_error() {
    let scenario = looking().then(list(&[]));
    assert_eq!((scenario.code(), scenario.error().attempts.len()), ("server-error", 2));
    assert_eq!(scenario.error().message, "500 from createServiceDeskIntegration");
}

#[test]
fn nothing_found_after_anything_else_leaves_it_open() {
    for (happening, cause) in [
        (Happening::answer(502, ""), "server-error"),
        (Happening::answer(408, ""), "unexpected-status"),
        (Happening::answer(200, ""), "bad-response"),
        (Happening::lost(None), "network"),
    ] {
        let scenario = create().then(happening).waits(250.0).then(list(&[]));
        assert_eq!(is_open(&scenario), cause);
    }
    let late = create().after(20_000.0).then(Happening::TimedOut).waits(250.0).then(list(&[]));
    assert_eq!(is_open(&late), "timeout");
}

#[test]
fn a_look_up_has_attempts_of_its_own() {
    let scenario = Scenario::create().attempts(2).sent().answered(429, "").waits(250.0).answered(500, "").waits(250.0);
    let scenario = scenario.answered(503, "").waits(250.0).then(list(&[made(EPOCH_MS + 600.0)]));
    assert!(scenario.ok().is_some());
    assert_eq!(scenario.outcome().attempts.len(), 4);
    let used_up = Scenario::create().attempts(1).sent().answered(500, "").waits(250.0).answered(503, "");
    assert_eq!((is_open(&used_up), used_up.requests()), ("server-error", 2));
}

#[test]
fn a_look_up_that_fails_leaves_it_open() {
    for happening in [
        Happening::answer(400, ""),
        Happening::answer(401, ""),
        Happening::answer(404, ""),
        Happening::answer(302, ""),
        Happening::answer(200, "[{}]"),
        Happening::answer(200, "<html>"),
        Happening::answer(503, "").asking(61),
    ] {
        assert_eq!(is_open(&looking().then(happening)), "server-error");
    }
}

#[test]
fn a_token_refused_to_a_look_up_is_renewed_once() {
    let scenario = Scenario::create().renewable().sent().answered(500, "").waits(250.0).answered(401, "").renews();
    assert_eq!(scenario.request().url, LOOK_UP);
    assert!(scenario.then(list(&[made(EPOCH_MS + 100.0)])).ok().is_some());
    let again = Scenario::create().renewable().sent().answered(401, "").renews().answered(500, "").waits(250.0);
    assert_eq!(is_open(&again.answered(401, "")), "server-error");
}

#[test]
fn what_ends_a_look_up_before_it_is_sent_leaves_it_open() {
    let waiting = || create().answered(502, "").after(250.0).then(Happening::Woke);
    let placed = || waiting().then(Happening::Token(TOKEN.into(), 1));
    assert_eq!(is_open(&waiting().then(Happening::NoToken)), "server-error");
    for scenario in [waiting(), placed(), placed().then(Happening::Queued { expected: 1e5, held: None })] {
        assert_eq!(is_open(&scenario.at(60_000.0).then(Happening::TimedOut)), "server-error");
    }
    assert_eq!(is_open(&placed().then(Happening::Queued { expected: 0.0, held: Some(70_000.0) })), "server-error");
    assert_eq!(is_open(&placed().at(60_000.0).then(Happening::Admitted)), "server-error");
}

#[test]
fn a_deadline_that_ends_a_create_in_flight_leaves_it_open() {
    let scenario = Scenario::create().with(|setup| setup.timeout = Some(5000.0)).sent();
    let scenario = scenario.at(5000.0).then(Happening::TimedOut);
    assert_eq!(is_open(&scenario), "timeout");
    let ErrorKind::UnknownOutcome { cause, .. } = &scenario.error().kind else { panic!("unknown") };
    assert_eq!(cause.kind, ErrorKind::Timeout(Limit::Call));
    let in_look_up = looking().at(60_000.0).then(Happening::TimedOut);
    assert_eq!(is_open(&in_look_up), "server-error");
}

#[test]
fn a_create_that_ran_out_of_time_before_it_was_sent_is_a_timeout() {
    let turned_away = create().answered(429, "").after(250.0).then(Happening::Woke).at(60_000.0);
    assert_eq!(turned_away.then(Happening::TimedOut).error().kind, ErrorKind::Timeout(Limit::Call));
}

#[test]
fn a_look_up_is_made_at_once_where_there_is_no_time_to_wait() {
    let scenario = create().at(59_800.0).answered(500, "");
    let Effect::Wait(until) = scenario.machine.steps.last().unwrap().effect else { panic!("no wait") };
    assert_eq!(ms(until), 59_800.0);
    assert_eq!(scenario.waits(0.0).request().url, LOOK_UP);
    assert_eq!(is_open(&create().at(60_000.0).answered(500, "")), "server-error");
}

#[test]
fn a_look_up_waits_for_what_the_server_asks() {
    let scenario = create().then(Happening::answer(500, "").asking(7));
    assert!(matches!(scenario.notices().last(), Some(Notice::Wait { reason: WaitReason::RetryAfter, .. })));
    assert_eq!(scenario.waits(7000.0).request().url, LOOK_UP);
    for (at, seconds) in [(0.0, 61), (59_000.0, 1)] {
        let scenario = create().at(at).then(Happening::answer(502, "").asking(seconds));
        assert_eq!((is_open(&scenario), scenario.requests()), ("server-error", 1));
    }
}

#[test]
fn without_retry_nothing_is_looked_up() {
    let off = || Scenario::create().without_retry().sent();
    assert_eq!(off().answered(500, "").code(), "server-error");
    assert_eq!(is_open(&off().answered(502, "")), "server-error");
    assert_eq!(is_open(&off().answered(200, "")), "bad-response");
    assert_eq!(is_open(&off().then(Happening::lost(None))), "network");
    assert_eq!(off().answered(400, "").code(), "bad-request");
    assert_eq!(off().answered(429, "").code(), "rate-limited");
}

#[test]
fn a_name_that_no_url_can_hold_leaves_it_open() {
    let name = "x".repeat(8000);
    let body = format!(r#"{{"name":"{name}","description":"d","type":"t","attributes":{{}}}}"#);
    let scenario = Scenario::of(Ask::Create(body)).sent().answered(500, "");
    let ErrorKind::UnknownOutcome { name: told, .. } = &scenario.machine.error().unwrap().kind else { panic!("known") };
    assert_eq!((told, scenario.requests()), (&name, 1));
}

#[test]
fn an_abort_ends_a_look_up_as_it_ends_everything() {
    assert_eq!(looking().then(Happening::Aborted).error().kind, ErrorKind::Aborted);
    assert_eq!(create().answered(500, "").then(Happening::Aborted).error().kind, ErrorKind::Aborted);
}

#[test]
fn a_look_up_that_is_turned_away_holds_everyone_back() {
    let scenario = looking().then(Happening::answer(429, "").asking(2));
    assert_eq!(scenario.machine.steps.last().unwrap().hold.map(ms), Some(2250.0));
    assert_eq!(scenario.waits(2000.0).request().url, LOOK_UP);
}

#[test]
fn no_two_creates_of_a_client_are_given_the_same_integration() {
    let shown = |id: &str| list(&[made(EPOCH_MS + 100.0).replace(r#""id":"i""#, &format!(r#""id":"{id}""#))]);
    let lost = |created_ids: &CreatedIds| Scenario::create().among(created_ids).sent().answered(502, "").waits(250.0);
    let refused =
        |created_ids: &CreatedIds| Scenario::create().resent().among(created_ids).sent().answered(400, "").looks();
    let answered = CreatedIds::default();
    assert!(Scenario::create().among(&answered).sent().answered(201, &made(EPOCH_MS)).ok().is_some());
    let found = CreatedIds::default();
    assert!(lost(&found).then(shown("i")).ok().is_some());
    for created_ids in [answered, found] {
        assert_eq!(is_open(&lost(&created_ids).then(shown("i"))), "server-error");
        assert_eq!(refused(&created_ids).then(shown("i")).code(), "bad-request");
        assert!(lost(&created_ids).then(shown("j")).ok().is_some());
        assert!(refused(&created_ids).then(shown("k")).ok().is_some());
    }
}

#[test]
fn what_no_create_was_given_may_still_be_what_another_one_made() {
    let created_ids = CreatedIds::default();
    let lost = || Scenario::create().among(&created_ids).sent().answered(502, "").waits(250.0);
    let item = made(EPOCH_MS + 100.0);
    assert_eq!(Scenario::of(Ask::Get).among(&created_ids).sent().answered(200, &item).ok(), Some(item.as_str()));
    assert_eq!(is_open(&lost().then(list(&[item.replace("\"d\"", "\"other\"")]))), "server-error");
    assert!(lost().then(list(&[item])).ok().is_some());
}

#[test]
fn a_refusal_stands_unless_the_platform_sent_twice_and_the_look_up_shows_what_it_made() {
    let refused = |status| Scenario::create().resent().sent().answered(status, "").looks();
    let found = made(EPOCH_MS);
    for (status, code) in [(400, "bad-request"), (409, "conflict")] {
        let looking = refused(status);
        assert_eq!((looking.request().method, looking.request().url.as_str()), (Method::Get, LOOK_UP));
        let seen = looking.then(list(std::slice::from_ref(&found)));
        assert_eq!(seen.ok(), Some(found.as_str()));
        assert!(seen.notices().contains(&Notice::Reconciled { id: "i".into() }));
        for shown in [
            list(&[]),
            list(&[made(EPOCH_MS - 5000.0)]),
            list(&[found.replace("\"d\"", "\"other\"")]),
            list(&[found.clone(), found.clone()]),
            // A second is what clocks may be apart where the server's cannot be read.
            Happening::answer(200, &format!("[{}]", made(EPOCH_MS - 1101.0))),
            Happening::answer(403, ""),
            Happening::answer(429, ""),
            Happening::answer(500, ""),
            Happening::lost(None),
        ] {
            let scenario = refused(status).then(shown.clone());
            assert_eq!((scenario.code(), scenario.requests()), (code, 2), "{shown:?}");
            assert_eq!(scenario.error().attempts.len(), 2);
        }
        let reasons: Vec<_> = seen.outcome().attempts.iter().map(|attempt| attempt.retry_reason).collect();
        assert_eq!(reasons, [Some("refused"), None]);
        let undated = Happening::answer(200, &format!("[{}]", made(EPOCH_MS - 1100.0)));
        assert!(refused(status).then(undated).ok().is_some());
    }
    assert_eq!(Scenario::create().resent().without_retry().sent().answered(400, "").code(), "bad-request");
    for status in [401, 403, 404, 405, 415, 422] {
        assert_eq!(Scenario::create().resent().sent().answered(status, "").requests(), 1, "{status}");
    }
}

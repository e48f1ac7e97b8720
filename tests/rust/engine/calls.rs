//! One call at a time, step by step: what follows what.

use crate::engine::support::machine::ms;
use crate::engine::support::scenario::{BODY, TOKEN};
use crate::engine::support::{Ask, Happening, Policy, Scenario, Setup, replay};
use isc_service_desk::client::call::event::WaitReason;
use isc_service_desk::client::error::{Limit, TokenFailure};
use isc_service_desk::client::options::settings::CallSettings;
use isc_service_desk::client::response::report::Attempt;
use isc_service_desk::client::{Call, Effect, ErrorKind, Notice, Operation};
use isc_service_desk::clock::Instant;
use isc_service_desk::http::Method;

const INTEGRATION: &str = r#"{"id":"i","name":"n","type":"t","attributes":{}}"#;

fn get() -> Scenario {
    Scenario::of(Ask::Get)
}

fn put() -> Scenario {
    Scenario::of(Ask::Replace(BODY.to_owned()))
}

fn token_request() -> Scenario {
    Scenario::of(Ask::Token)
}

// What a call asks for, in order.

#[test]
fn a_call_gets_a_token_then_a_place_and_is_sent_with_that_token() {
    let mut scenario = get();
    assert!(matches!(scenario.tell(Happening::Started).effect, Effect::GetToken { rejected: None }));
    assert!(matches!(scenario.tell(Happening::Token(TOKEN.into(), 1)).effect, Effect::Admit));
    scenario.tell(Happening::Admitted);
    let request = scenario.request();
    assert_eq!(
        (request.method, request.url.as_str()),
        (Method::Get, "https://a.example/service-desk-integrations/v1/i")
    );
    assert_eq!(request.headers.get("authorization"), Some("Bearer THE-TOKEN"));
}

#[test]
fn a_token_request_needs_neither_token_nor_place() {
    let scenario = token_request().then(Happening::Started);
    assert_eq!(scenario.request().headers.get("authorization"), None);
}

#[test]
fn a_good_answer_ends_the_call_with_its_text() {
    let scenario = Scenario::of(Ask::List).sent().after(12.0);
    let scenario = scenario.then(Happening::answer(200, "[]").with("slpt-request-id", "abc"));
    assert_eq!(scenario.ok(), Some("[]"));
    let expected = Attempt {
        started_at_ms: 1_700_000_000_000.0,
        duration_ms: 12.0,
        status: Some(200),
        request_id: Some("abc".into()),
        retry_reason: None,
        waited_ms: None,
    };
    let outcome = scenario.outcome();
    assert_eq!(outcome.attempts, [expected]);
    assert_eq!(outcome.response.as_ref().unwrap().request_id.as_deref(), Some("abc"));
    assert_eq!(outcome.sent, Some(Instant::at(0.0)));
}

#[test]
fn a_refused_call_says_operation_status_text_and_request() {
    let answer = Happening::answer(404, r#"{"messages":[{"text":"gone"}]}"#).with("slpt-request-id", "abc");
    let scenario = get().sent().then(answer);
    let error = scenario.error();
    assert_eq!(
        error.message,
        "404 from getServiceDeskIntegration: gone (https://a.example/service-desk-integrations/v1/i)"
    );
    assert_eq!((error.kind.code(), error.request_id.as_deref()), ("not-found", Some("abc")));
    assert_eq!((error.operation, error.attempts.len()), (Some(Operation::Get), 1));
}

#[test]
fn each_status_has_its_code() {
    for (status, code) in [
        (400, "bad-request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not-found"),
        (409, "conflict"),
        (429, "rate-limited"),
        (500, "server-error"),
        (599, "server-error"),
        (418, "unexpected-status"),
        (600, "unexpected-status"),
        (199, "unexpected-status"),
        (0, "redirected"),
        (300, "redirected"),
        (399, "redirected"),
        (204, "bad-response"),
    ] {
        assert_eq!(get().without_retry().sent().answered(status, "").code(), code, "{status}");
    }
}

#[test]
fn a_body_that_went_on_is_no_answer() {
    let mut answer = Happening::answer(200, "[]");
    if let Happening::Answer { cut, .. } = &mut answer {
        *cut = true;
    }
    let scenario = Scenario::of(Ask::List).sent().then(answer.clone());
    assert_eq!(scenario.error().kind, ErrorKind::BadResponse { status: 200, path: None });
    assert_eq!(token_request().then(Happening::Started).then(answer).code(), "token-request-failed");
}

#[test]
fn the_last_response_of_all_attempts_is_told() {
    let first = Happening::answer(500, "").with("slpt-request-id", "first");
    let scenario = get().sent().then(first).waits(250.0).then(Happening::lost(None)).waits(500.0);
    let scenario = scenario.then(Happening::Aborted);
    assert_eq!(scenario.outcome().response.as_ref().unwrap().request_id.as_deref(), Some("first"));
}

// No answer.

#[test]
fn no_answer_is_a_network_error_with_its_reason() {
    let scenario = Scenario::delete().without_retry().sent().then(Happening::lost(None));
    let error = scenario.error();
    assert_eq!(error.message, "deleteServiceDeskIntegration got no answer: fetch failed");
    assert_eq!((&error.kind, error.attempts.len()), (&ErrorKind::Network, 1));
}

#[test]
fn the_nearer_of_both_limits_bounds_an_attempt() {
    let mut scenario = get().without_retry();
    assert_eq!(scenario.tell(Happening::Started).until, Some(Instant::at(60_000.0)));
    scenario.clock = 30_000.0;
    assert_eq!(scenario.tell(Happening::Token(TOKEN.into(), 1)).until, Some(Instant::at(60_000.0)));
    assert_eq!(scenario.tell(Happening::Admitted).until, Some(Instant::at(50_000.0)));
    let scenario = scenario.at(50_000.0).then(Happening::TimedOut);
    assert_eq!(scenario.error().kind, ErrorKind::Timeout(Limit::Attempt));
    let message = "getServiceDeskIntegration was not done within the attempt limit of 20000 ms";
    assert_eq!(scenario.error().message, message);

    let mut scenario = get().then(Happening::Started).at(45_000.0).then(Happening::Token(TOKEN.into(), 1));
    assert_eq!(scenario.tell(Happening::Admitted).until, Some(Instant::at(60_000.0)));
    let scenario = scenario.at(60_000.0).then(Happening::TimedOut);
    assert_eq!(scenario.error().kind, ErrorKind::Timeout(Limit::Call));
}

#[test]
fn a_call_without_limits_is_never_given_up() {
    let mut scenario = get().with(|setup| (setup.timeout, setup.attempt_timeout) = (None, None));
    assert_eq!(scenario.tell(Happening::Started).until, None);
    assert_eq!(scenario.tell(Happening::Token(TOKEN.into(), 1)).until, None);
    assert_eq!(scenario.tell(Happening::Admitted).until, None);
    scenario.at(1e9).answered(500, "").waits(250.0);
}

#[test]
fn a_token_or_a_place_that_does_not_come_in_time_is_the_calls_timeout() {
    let waiting = || get().then(Happening::Started);
    let placed = || waiting().then(Happening::Token(TOKEN.into(), 1));
    let queued = || placed().then(Happening::Queued { expected: 1e6, held: None });
    for scenario in [waiting(), placed(), queued()] {
        let scenario = scenario.at(60_000.0).then(Happening::TimedOut);
        let error = scenario.error();
        assert_eq!((&error.kind, error.attempts.len()), (&ErrorKind::Timeout(Limit::Call), 0));
    }
}

#[test]
fn a_call_whose_turn_comes_after_its_time_is_not_sent() {
    let placed = || get().then(Happening::Started).then(Happening::Token(TOKEN.into(), 1));
    for late in [60_000.0, 60_001.0] {
        let scenario = placed().at(late).then(Happening::Admitted);
        assert_eq!(scenario.error().kind, ErrorKind::Timeout(Limit::Call));
    }
    assert_eq!(placed().at(59_999.0).then(Happening::Admitted).requests(), 1);
}

#[test]
fn a_call_that_oversleeps_its_deadline_ends() {
    for scenario in [get().sent(), token_request().then(Happening::Started)] {
        let scenario = scenario.answered(500, "").at(60_000.0).then(Happening::Woke);
        assert_eq!((scenario.error().attempts.len(), scenario.requests()), (1, 1));
    }
}

#[test]
fn a_part_of_something_longer_ends_with_it_and_goes_on_with_its_history() {
    let setup = Setup::of(Ask::Get);
    let before = get().without_retry().sent().answered(404, "");
    let history = before.error().attempts.clone();
    let mut scenario = get();
    scenario.machine.call = Call::new(setup.plan().unwrap(), &setup.settings());
    scenario.machine.call.within(Some(Instant::at(9.0)), history);
    assert_eq!(scenario.tell(Happening::Started).until, Some(Instant::at(9.0)));
    scenario.clock = 9.0;
    let step = scenario.tell(Happening::TimedOut);
    let Effect::Finished(outcome) = &step.effect else { panic!("no end") };
    assert_eq!(outcome.attempts.len(), 1);
}

// Another attempt.

#[test]
fn what_may_pass_is_tried_again_after_a_wait_that_doubles() {
    let failing = get().sent().answered(503, "").waits(250.0).then(Happening::lost(None)).waits(500.0);
    let failing = failing.answered(500, "").waits(1000.0);
    assert_eq!(failing.answered(200, INTEGRATION).ok(), Some(INTEGRATION));
}

#[test]
fn the_statuses_that_pass_are_tried_again_and_no_other() {
    let again: Vec<u16> = (0..700)
        .filter(|status| {
            matches!(put().sent().answered(*status, "").machine.steps.last().unwrap().effect, Effect::Wait(_))
        })
        .collect();
    assert_eq!(again, [408, 425, 429, 500, 502, 503, 504]);
}

#[test]
fn the_last_failure_is_told_when_the_attempts_are_used_up() {
    let scenario = get().attempts(2).sent().answered(500, "").waits(250.0).answered(429, "");
    assert_eq!((scenario.code(), scenario.requests()), ("rate-limited", 2));
    let scenario = get().attempts(2).sent().answered(500, "").waits(250.0).after(20_000.0).then(Happening::TimedOut);
    assert_eq!(scenario.error().kind, ErrorKind::Timeout(Limit::Attempt));
    assert_eq!(get().attempts(1).sent().then(Happening::lost(None)).code(), "network");
}

#[test]
fn each_entry_of_the_history_but_the_last_says_why_it_was_not() {
    let scenario = get().attempts(6).renewable().sent().answered(429, "").waits(250.0);
    let scenario = scenario.answered(425, "").waits(500.0).answered(408, "").waits(1000.0);
    let scenario = scenario.then(Happening::lost(None)).waits(2000.0).answered(401, "").renews();
    let scenario = scenario.after(20_000.0).then(Happening::TimedOut).waits(4000.0).answered(200, INTEGRATION);
    let said: Vec<_> =
        scenario.outcome().attempts.iter().map(|attempt| (attempt.retry_reason, attempt.waited_ms)).collect();
    let expected = [
        (Some("rate-limited"), Some(250.0)),
        (Some("server-error"), Some(500.0)),
        (Some("timeout"), Some(1000.0)),
        (Some("network"), Some(2000.0)),
        (Some("unauthorized"), Some(0.0)),
        (Some("timeout"), Some(4000.0)),
        (None, None),
    ];
    assert_eq!(said, expected);
}

#[test]
fn without_retry_the_first_failure_is_the_last() {
    for happening in [Happening::answer(503, "").asking(1), Happening::answer(429, ""), Happening::lost(None)] {
        assert_eq!(get().without_retry().sent().then(happening).outcome().attempts.len(), 1);
    }
}

#[test]
fn a_retry_after_is_waited_for_where_it_is_longer() {
    get().sent().then(Happening::answer(503, "").asking(7)).waits(7000.0);
    get().sent().then(Happening::answer(503, "").asking(0)).waits(250.0);
    get().sent().then(Happening::answer(503, "").with("retry-after", "2099-01-01")).waits(250.0);
}

#[test]
fn a_retry_after_beyond_the_limit_or_the_deadline_ends_the_call_at_once() {
    for seconds in [61, 3_000_000] {
        let scenario = get().sent().then(Happening::answer(503, "").asking(seconds));
        let ErrorKind::Api(failure) = &scenario.error().kind else { panic!("an answer") };
        assert_eq!(failure.retry_after_ms, Some(f64::from(seconds) * 1000.0));
    }
    let mut scenario = get().sent().at(50_000.0).then(Happening::answer(429, "").asking(10));
    assert_eq!((scenario.code(), scenario.clock), ("rate-limited", 50_000.0));
    scenario = get().sent().at(50_000.0).then(Happening::answer(429, "").asking(9)).waits(9000.0);
    assert_eq!(scenario.requests(), 2);
}

#[test]
fn a_wait_that_would_reach_the_deadline_is_not_begun() {
    assert_eq!(get().sent().at(59_750.0).answered(500, "").code(), "server-error");
    get().sent().at(59_749.0).answered(500, "").waits(250.0);
}

#[test]
fn a_complete_answer_that_is_none_is_not_asked_for_again() {
    for body in ["", "<html>", "[", r#"{"name":1}"#] {
        assert_eq!(get().sent().answered(200, body).code(), "bad-response", "{body}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_not_tried_again() {
    let scenario = get().sent().then(Happening::answer(302, "").with("location", "https://b.example/?t=THE-TOKEN"));
    let ErrorKind::Redirected { status: 302, location } = &scenario.error().kind else { panic!("a redirect") };
    assert_eq!(location.as_deref(), Some("https://b.example/?t=[redacted]"));
}

#[test]
fn a_redirect_that_fetch_followed_is_a_hidden_one_that_says_where_it_led() {
    let scenario = get().sent().then(Happening::answer(0, "").with("location", "https://b.example/"));
    let error = scenario.error();
    assert_eq!(error.kind, ErrorKind::Redirected { status: 0, location: Some("https://b.example/".to_owned()) });
    assert!(error.message.contains("fetch followed"), "{}", error.message);
    assert!(!get().sent().answered(0, "").error().message.contains("fetch followed"));
}

// A refused token.

#[test]
fn a_refused_token_is_renewed_once_outside_of_the_attempts() {
    let scenario = get().attempts(1).renewable().sent().answered(401, "").renews();
    assert_eq!(scenario.request().headers.get("authorization"), Some("Bearer THE-TOKEN"));
    assert_eq!(scenario.answered(200, INTEGRATION).outcome().attempts.len(), 2);
    let again = get().renewable().sent().answered(401, "").renews().answered(401, "");
    assert_eq!((again.code(), again.requests()), ("unauthorized", 2));
    let without = get().without_retry().renewable().sent().answered(401, "").renews();
    assert_eq!(without.answered(503, "").code(), "server-error");
}

#[test]
fn a_renewal_does_not_use_up_an_attempt_nor_lengthen_the_waits() {
    let scenario = get().attempts(3).renewable().sent().answered(500, "").waits(250.0).answered(401, "").renews();
    let scenario = scenario.answered(500, "").waits(500.0).answered(500, "");
    assert_eq!((scenario.code(), scenario.requests()), ("server-error", 4));
}

#[test]
fn a_token_that_cannot_be_renewed_is_refused_for_good() {
    assert_eq!(get().sent().answered(401, "").code(), "unauthorized");
}

#[test]
fn a_renewal_that_fails_is_what_the_caller_is_told() {
    let scenario = get().renewable().sent().answered(401, "").then(Happening::NoToken);
    assert_eq!((scenario.code(), scenario.error().attempts.len()), ("token-request-failed", 1));
}

#[test]
fn a_call_without_a_token_is_not_sent() {
    let scenario = get().then(Happening::Started).then(Happening::NoToken);
    assert_eq!((scenario.code(), scenario.requests()), ("token-request-failed", 0));
    assert_eq!(scenario.error().operation, Some(Operation::Get));
}

// The rate limit.

#[test]
fn a_429_holds_everyone_back_for_what_it_asks() {
    let hold = |status, asked: Option<u32>| {
        let answer = Happening::answer(status, "");
        let answer = if let Some(seconds) = asked { answer.asking(seconds) } else { answer };
        get().sent().at(100.0).then(answer).machine.steps.last().unwrap().hold.map(ms)
    };
    assert_eq!(hold(429, Some(3)), Some(3100.0));
    assert_eq!(hold(429, Some(3000)), Some(3_000_100.0));
    assert_eq!(hold(429, None), None);
    assert_eq!(hold(503, Some(3)), None);
}

#[test]
fn a_queued_call_waits_for_its_turn_and_says_for_how_long() {
    let mut scenario = get().then(Happening::Started).then(Happening::Token(TOKEN.into(), 1));
    let step = scenario.tell(Happening::Queued { expected: 70_000.0, held: None });
    assert!(matches!(step.effect, Effect::Queue));
    let [Notice::Wait { reason: WaitReason::RateLimit, length }] = step.notices[..] else { panic!("no notice") };
    assert_eq!(length.0, 70_000.0);
    assert_eq!(scenario.after(5.0).then(Happening::Admitted).requests(), 1);
}

#[test]
fn a_held_call_ends_at_once_where_it_may_not_wait_so_long() {
    let held = |scenario: Scenario, until: f64| {
        let scenario = scenario.then(Happening::Started).after(100.0).then(Happening::Token(TOKEN.into(), 1));
        scenario.then(Happening::Queued { expected: 0.0, held: Some(until) })
    };
    let ends = |scenario: Scenario| match &scenario.machine.steps.last().unwrap().effect {
        Effect::Queue => None,
        _ => {
            let ErrorKind::Api(failure) = &scenario.error().kind else { panic!("a rate limit") };
            assert_eq!((scenario.code(), scenario.error().attempts.len()), ("rate-limited", 0));
            failure.retry_after_ms
        }
    };
    let patient = || get().with(|setup| setup.timeout = None);
    assert_eq!(ends(held(patient(), 60_100.0)), None);
    assert_eq!(ends(held(patient(), 60_101.0)), Some(60_001.0));
    assert_eq!(ends(held(get(), 59_999.0)), None);
    assert_eq!(ends(held(get(), 60_000.0)), Some(59_900.0));
    assert_eq!(ends(held(patient().without_retry(), 1e9)), None);
    let message = "getServiceDeskIntegration was not sent: the server has asked all calls to wait 60 s longer";
    assert_eq!(held(get(), 60_000.0).error().message, message);
}

// Deletes.

#[test]
fn a_404_after_an_attempt_that_may_have_deleted_is_success() {
    let unknown = [
        Happening::answer(408, ""),
        Happening::answer(500, ""),
        Happening::answer(502, ""),
        Happening::answer(503, ""),
        Happening::answer(504, ""),
        Happening::lost(Some("ECONNRESET")),
    ];
    for happening in unknown {
        let scenario = Scenario::delete().sent().then(happening).waits(250.0).answered(404, "");
        assert_eq!(scenario.ok(), None);
    }
    let late = Scenario::delete().sent().at(20_000.0).then(Happening::TimedOut).waits(250.0);
    assert_eq!(late.answered(404, "").ok(), None);
}

#[test]
fn a_404_after_attempts_that_surely_deleted_nothing_is_a_failure() {
    let turned_away = [
        (Happening::answer(429, ""), 250.0),
        (Happening::answer(425, ""), 250.0),
        (Happening::answer(503, "").asking(1), 1000.0),
        (Happening::lost(Some("ECONNREFUSED")), 250.0),
    ];
    for (happening, wait) in turned_away {
        let scenario = Scenario::delete().sent().then(happening).waits(wait).answered(404, "");
        assert_eq!(scenario.code(), "not-found");
    }
    assert_eq!(Scenario::delete().sent().answered(404, "").code(), "not-found");
    assert_eq!(Scenario::delete().renewable().sent().answered(401, "").renews().answered(404, "").code(), "not-found");
}

#[test]
fn what_may_have_been_deleted_is_remembered_over_later_attempts() {
    let scenario = Scenario::delete().renewable().sent().answered(500, "").waits(250.0).answered(401, "").renews();
    assert_eq!(scenario.answered(429, "").waits(500.0).answered(404, "").ok(), None);
}

#[test]
fn a_404_to_anything_but_a_delete_is_a_failure() {
    assert_eq!(get().sent().answered(500, "").waits(250.0).answered(404, "").code(), "not-found");
    assert_eq!(put().sent().answered(500, "").waits(250.0).answered(404, "").code(), "not-found");
}

// Ends.

#[test]
fn an_abort_ends_the_call_in_every_phase() {
    let started = || get().then(Happening::Started);
    let placed = || started().then(Happening::Token(TOKEN.into(), 1));
    let queued = placed().then(Happening::Queued { expected: 1.0, held: None });
    for scenario in [get(), started(), placed(), queued, get().sent(), get().sent().answered(500, "")] {
        assert_eq!(scenario.then(Happening::Aborted).error().kind, ErrorKind::Aborted);
    }
    let again = get().then(Happening::Aborted).then(Happening::Aborted).then(Happening::Woke);
    assert_eq!(again.error().kind, ErrorKind::Internal);
}

#[test]
fn what_cannot_happen_ends_the_call_and_says_so() {
    let scenario = get().sent().then(Happening::Woke);
    assert_eq!(scenario.error().kind, ErrorKind::Internal);
    assert_eq!(scenario.error().message, "a call was told what cannot happen (InFlight)");
}

// The token endpoint.

#[test]
fn every_failure_of_the_token_endpoint_is_a_token_error() {
    let sent = || token_request().without_retry().then(Happening::Started);
    let refused = sent().answered(401, r#"{"error":"invalid_client","error_description":"Unknown"}"#);
    assert_eq!(refused.error().message, "401 from the token endpoint: invalid_client: Unknown");
    let expected = TokenFailure {
        status: Some(401),
        oauth_error: Some("invalid_client".into()),
        oauth_description: Some("Unknown".into()),
    };
    assert_eq!(refused.error().kind, ErrorKind::Token(expected));
    for happening in [Happening::lost(None), Happening::TimedOut, Happening::Aborted, Happening::Woke] {
        let scenario = sent().then(happening);
        assert_eq!(scenario.error().kind, ErrorKind::Token(TokenFailure::default()));
        assert_eq!(scenario.error().operation, None);
    }
    let moved = sent().answered(307, "");
    assert_eq!(moved.error().kind, ErrorKind::Token(TokenFailure { status: Some(307), ..TokenFailure::default() }));
}

#[test]
fn the_token_endpoint_is_asked_again_like_any_other() {
    let scenario = token_request().then(Happening::Started).answered(503, "").waits(250.0);
    let scenario =
        scenario.then(Happening::answer(429, "").asking(2)).waits(2000.0).then(Happening::lost(None)).waits(1000.0);
    assert_eq!(scenario.answered(200, "{}").ok(), Some("{}"));
    assert_eq!(token_request().renewable().then(Happening::Started).answered(400, "").requests(), 1);
}

// Notices.

#[test]
fn an_observer_is_told_of_requests_answers_and_waits() {
    let scenario = get().sent().after(12.0);
    let url = "https://a.example/service-desk-integrations/v1/i".to_owned();
    assert_eq!(scenario.notices(), [Notice::Request { attempt: 1, method: Method::Get, url: url.clone() }]);
    let answer = Happening::answer(503, "").asking(1).with("slpt-request-id", "abc").with("x-deprecated", "TRUE");
    let scenario = scenario.then(answer);
    let [
        Notice::Response { attempt: 1, status: 503, duration, request_id: Some(id) },
        Notice::Deprecated { url: deprecated },
        Notice::Wait { reason: WaitReason::RetryAfter, length },
    ] = scenario.notices()
    else {
        panic!("{:?}", scenario.notices())
    };
    assert_eq!((duration.0, id.as_str(), deprecated, length.0), (12.0, "abc", &url, 1000.0));
    let scenario = scenario.waits(1000.0);
    assert_eq!(scenario.notices(), [Notice::Request { attempt: 2, method: Method::Get, url }]);
    let scenario = scenario.then(Happening::lost(None));
    assert!(matches!(scenario.notices(), [Notice::Wait { reason: WaitReason::Retry, .. }]));
}

#[test]
fn without_an_observer_nothing_is_told() {
    let setup = Setup::of(Ask::Get);
    let mut scenario = get();
    scenario.machine.call = Call::new(setup.plan().unwrap(), &setup.settings());
    let mut scenario = scenario.sent().answered(500, "");
    scenario.tell(Happening::Woke);
    assert!(scenario.machine.steps.iter().all(|step| step.notices.is_empty()));
}

#[test]
fn all_header_fields_are_wanted_where_the_caller_is_told_of_the_response() {
    for reports in [false, true] {
        let setup = Setup::of(Ask::Create(BODY.to_owned()));
        let mut scenario = Scenario::new(setup.clone());
        let settings = CallSettings { reports, ..setup.settings() };
        scenario.machine.call = Call::new(setup.plan().unwrap(), &settings);
        let sent = scenario.sent();
        assert_eq!(sent.request().all_fields, reports);
        assert_eq!(sent.answered(502, "").waits(250.0).request().all_fields, reports, "a look-up");
    }
}

// Replaying.

#[test]
fn a_script_replays_a_call() {
    let waited = Scenario::delete().sent().after(3.25).then(Happening::answer(503, "é").asking(1)).waits(1000.0);
    let scenario = waited.then(Happening::lost(Some("ECONNRESET"))).waits(500.0).answered(404, "");
    let again = replay(&scenario.machine.script());
    assert_eq!(again.lines, scenario.machine.lines);
    assert_eq!(format!("{:?}", again.steps), format!("{:?}", scenario.machine.steps));
    assert_eq!(again.setup.retry, Some(Policy::default()));
}

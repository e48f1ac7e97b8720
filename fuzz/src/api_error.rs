//! The body of a refused call, as the whole call tells it: one bounded line, and no echo of a secret.

use isc_service_desk::client::options::settings::CallSettings;
use isc_service_desk::client::request::plan::Plan;
use isc_service_desk::client::response::api_error::ApiFailure;
use isc_service_desk::client::session::token::{Generation, Issued};
use isc_service_desk::client::{Call, Effect, Error, ErrorKind, Event, Operation};
use isc_service_desk::clock::{Instant, Now};
use isc_service_desk::http::{Headers, Method, Request, Response};
use isc_service_desk::json::quote;
use isc_service_desk::wire::Secret;

use crate::support::is_one_line;

/// What the kept bodies echo. It is written otherwise in JSON and in URLs.
const SECRET: &str = "S3C/RET+\"x";

/// The longest excerpt of a server's text, and what stands before it.
const MAX_LINE_CHARS: usize = 300 + 60;

const NOW: Now = Now { moment: Instant::at(0.0), epoch_ms: 0.0 };

/// What must hold for every body.
pub fn holds(input: &[u8]) {
    is_read_within_bounds(input);
    is_hidden_before_it_is_cut(&String::from_utf8_lossy(input));
    for call in [for_operation(), for_token()] {
        let told = refused(call, input);
        assert!(told.is_some(), "a refused call must fail");
        if let Some(error) = told {
            is_one_bounded_line(&error);
            assert!(!shown(&error).contains(SECRET), "the secret is told: {error:?}");
        }
    }
}

/// All that is kept of a body was in it: nothing grows.
fn is_read_within_bounds(body: &[u8]) {
    let (failure, said) = ApiFailure::read(&response(body), NOW);
    let text = String::from_utf8_lossy(body);
    let messages = failure.messages.iter().chain(&failure.causes);
    let kept = [failure.detail_code.as_deref(), failure.tracking_id.as_deref()].into_iter().flatten().map(str::len);
    let kept: usize = kept.chain(messages.filter_map(|message| message.text.as_deref()).map(str::len)).sum();
    assert!(kept <= text.len(), "{kept} bytes out of {}", text.len());
    assert!(said.is_none_or(|said| !is_blank(&said)), "nothing is said, and said");
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || character.is_control())
}

/// Behind any text an echo is hidden whole, also where the line ends within it; only its escapes tell that it is one.
fn is_hidden_before_it_is_cut(text: &str) {
    let before: String = text.chars().take(MAX_LINE_CHARS).collect();
    let echo: String = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let quoted = quote(&before);
    let body = format!("{}{echo}\"", quoted.strip_suffix('"').unwrap_or_default());
    let told = refused(for_token(), body.as_bytes()).map(|error| error.message);
    let begins = SECRET.get(..3).unwrap_or(SECRET);
    assert!(before.contains(begins) || told.is_some_and(|told| !told.contains(begins)), "a part is told: {body}");
}

fn is_one_bounded_line(error: &Error) {
    assert!(is_one_line(&error.message), "not one line: {:?}", error.message);
    assert!(error.message.chars().count() <= MAX_LINE_CHARS, "too long: {}", error.message);
    let said = error.message.strip_prefix("400 from ").map(|rest| rest.split_once(": "));
    assert!(said.is_some_and(|said| said.is_none_or(|(_, said)| !is_blank(said))), "{}", error.message);
}

/// Every text that a caller can read.
fn shown(error: &Error) -> String {
    let texts = match &error.kind {
        ErrorKind::Api(failure) => {
            let messages = failure.messages.iter().chain(&failure.causes);
            let texts = messages.flat_map(|message| [&message.locale, &message.locale_origin, &message.text]);
            texts.chain([&failure.detail_code, &failure.tracking_id]).flatten().cloned().collect::<Vec<_>>()
        }
        ErrorKind::Token(failure) => {
            [&failure.oauth_error, &failure.oauth_description].into_iter().flatten().cloned().collect()
        }
        _ => Vec::new(),
    };
    [error.message.clone()].into_iter().chain(texts).collect::<Vec<_>>().join("\n")
}

/// Takes a call to its end, with a refusal for its answer.
fn refused(mut call: Call, body: &[u8]) -> Option<Box<Error>> {
    let mut step = call.step(Event::Started, NOW, 0.0);
    if matches!(step.effect, Effect::GetToken { .. }) {
        let token = Issued { secret: Secret::new(SECRET), generation: Generation::default() };
        call.step(Event::Token(token), NOW, 0.0);
        step = call.step(Event::Admitted, NOW, 0.0);
    }
    assert!(matches!(step.effect, Effect::Send(_)), "nothing is sent");
    match call.step(Event::Response(response(body)), NOW, 0.0).effect {
        Effect::Finished(outcome) => outcome.result.err(),
        _ => None,
    }
}

fn for_operation() -> Call {
    let plan = Plan { operation: Operation::Get, request: request(), search: None, keeps_odd: false };
    Call::new(plan, &CallSettings::default())
}

fn for_token() -> Call {
    let mut call = Call::for_token(request(), &CallSettings::default());
    call.hiding(&Secret::new(SECRET));
    call
}

fn request() -> Request {
    let url = "https://acme.example/".to_owned();
    Request {
        method: Method::Get,
        url,
        headers: Headers::default(),
        body: None,
        max_body_bytes: 1024,
        all_fields: false,
    }
}

fn response(body: &[u8]) -> Response {
    Response { status: 400, headers: Headers::default(), body: body.to_vec(), cut: false }
}

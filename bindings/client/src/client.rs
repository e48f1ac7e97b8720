//! The session as JavaScript sees it: each function converts, tells the session, and says what comes of it.

use std::cell::RefCell;

use gloo_net::http::Headers as FetchHeaders;
use wasm_bindgen::prelude::*;

use crate::border::{say, say_fetch, take_headers, wake};
use crate::read::{arguments, body, given, text};
use crate::write::{self, Object};
use isc_service_desk::Invalid;
use isc_service_desk::client::options::settings::Settings;
use isc_service_desk::client::session::{
    Action, ClientId, Clock, Command, Effect, Ending, Settled, Surroundings, TaskId, TokenAnswer, Turn, WalkId,
};
use isc_service_desk::client::{Operation, Session};
use isc_service_desk::clock::{Instant, Now};
use isc_service_desk::http::message::{MAX_ERROR_BYTES, TransportFailure};
use isc_service_desk::http::{Headers, Response};
use isc_service_desk::wire::Secret;

thread_local! {
    static SESSION: RefCell<Session> = const { RefCell::new(Session::new()) };
    /// The headers of the request before, and what was made of them: most requests have the same ones.
    static HEADERS: RefCell<(Headers, JsValue)> =
        const { RefCell::new((Headers::of_lines(String::new()), JsValue::UNDEFINED)) };
}

/// In the place of a number: what was asked for is refused.
const REFUSED: u32 = u32::MAX;

fn with<T>(run: impl FnOnce(&mut Session) -> T) -> T {
    SESSION.with_borrow_mut(run)
}

fn clock(now: f64, epoch_ms: f64, random: f64) -> Clock {
    Clock { now: Now { moment: Instant::at(now), epoch_ms }, random }
}

fn task_id(task: u32) -> TaskId {
    TaskId(task as usize)
}

#[expect(clippy::cast_possible_truncation, reason = "the memory of the core holds fewer")]
fn number(place: usize) -> u32 {
    place as u32
}

/// Says why something is refused.
pub fn refuse(invalid: Invalid) {
    say(&Object::default().json("error", Some(write::error(&Box::from(invalid)))).finish(), None);
}

/// `new ServiceDeskClient()`
#[wasm_bindgen]
pub fn open(
    options: &str,
    in_page: bool,
    resends: bool,
    is_observed: bool,
    is_apart: bool,
    token_function: u32,
    now: f64,
) -> u32 {
    let opened = Settings::read(&given(arguments(options).first()), in_page).map(|settings| {
        let mut opened = Object::default();
        opened.text("baseUrl", Some(settings.endpoint.base.as_str()));
        say(&opened.text("apiVersion", Some(settings.endpoint.version.as_str())).finish(), None);
        let surroundings = Surroundings { resends, is_observed, is_apart, token_function: token_function as usize };
        with(|session| session.open(settings, surroundings, Instant::at(now))).0
    });
    placed(opened)
}

/// A client that nothing holds any more.
#[wasm_bindgen]
pub fn close(client: u32) {
    with(|session| session.close(ClientId(client as usize)));
    wake_all();
}

/// Begins a call or an update: gives the number of its task, which is to be polled.
#[wasm_bindgen]
pub fn start(client: u32, command: &str, json: Option<String>, reports: bool, now: f64) -> u32 {
    let items = arguments(command);
    let Some(action) = action(&text(items.first())) else {
        refuse(Invalid::new("", "there is no such command"));
        return REFUSED;
    };
    let (argument, options) = (given(items.get(1)), given(items.get(2)));
    let body = body(items.get(3), json);
    let command = Command { action, argument: &argument, body, options: &options, reports };
    let now = Now { moment: Instant::at(now), epoch_ms: 0.0 };
    placed(with(|session| session.start(ClientId(client as usize), &command, now)).map(|task| task.0))
}

/// The number of what has begun.
fn placed(place: Result<usize, Invalid>) -> u32 {
    match place {
        Ok(place) => number(place),
        Err(invalid) => {
            refuse(invalid);
            REFUSED
        }
    }
}

fn action(name: &str) -> Option<Action> {
    Some(Action::Call(match name {
        "list" => Operation::List,
        "create" => Operation::Create,
        "get" => Operation::Get,
        "replace" => Operation::Replace,
        "patch" => Operation::Patch,
        "delete" => Operation::Delete,
        "listTypes" => Operation::ListTypes,
        "getTemplate" => Operation::GetTemplate,
        "getStatusCheck" => Operation::GetStatusCheck,
        "updateStatusCheck" => Operation::UpdateStatusCheck,
        "update" => return Some(Action::Update),
        _ => return None,
    }))
}

/// Says what a task waits for, after each that it was told; `why` is 1 where its time is over, and 2 where the caller's signal has fired.
#[wasm_bindgen]
pub fn poll(task: u32, why: u32, now: f64, epoch_ms: f64, random: f64) {
    let task = task_id(task);
    match why {
        1 => with(|session| session.handle_timeout(task)),
        2 => with(|session| session.abort(task)),
        _ => {}
    }
    say_next(task, clock(now, epoch_ms, random));
}

/// The request of a task has been sent.
#[wasm_bindgen]
pub fn sent(task: u32, now: f64) {
    with(|session| session.handle_sent(task_id(task), Instant::at(now)));
}

/// The answer to a request has come; `followed_to` is where fetch went that followed a redirect.
#[wasm_bindgen]
pub fn respond(task: u32, status: u16, headers: String, body: Vec<u8>, is_cut: bool, followed_to: Option<String>) {
    let response = match followed_to {
        Some(location) => Response::followed(&location),
        None => Response { status, headers: Headers::of_lines(headers), body, cut: is_cut },
    };
    with(|session| session.handle_response(task_id(task), response));
}

/// No answer has come; `thrown` is the place of what was thrown.
#[wasm_bindgen]
pub fn fail(task: u32, message: String, code: Option<String>, is_unsent: bool, thrown: Option<u32>) {
    let thrown = thrown.map(|place| place as usize);
    with(|session| session.handle_failure(task_id(task), TransportFailure { message, code, thrown, is_unsent }));
}

/// The token function has given a text, or no text, or has thrown.
#[wasm_bindgen]
pub fn token(task: u32, text: Option<String>, thrown: Option<u32>) {
    let answer = match (thrown, text) {
        (Some(place), _) => TokenAnswer::Threw(place as usize),
        (None, Some(text)) => TokenAnswer::Text(Secret::new(text)),
        (None, None) => TokenAnswer::NoText,
    };
    with(|session| session.handle_token(task_id(task), answer));
}

/// The caller has changed the integration `before` to what is written, or has thrown.
#[wasm_bindgen]
pub fn change(task: u32, before: String, written: &str, thrown: Option<u32>) {
    let id = task_id(task);
    let after = body(arguments(written).first(), None);
    with(|session| match (thrown, after.json()) {
        (Some(place), _) => session.handle_change_failure(id, Ending::Thrown(place as usize)),
        (None, Ok(after)) => session.handle_change(id, before, after.to_owned()),
        (None, Err(invalid)) => session.handle_change_failure(id, Ending::Failed(invalid.into())),
    });
}

/// A text without the secrets of a task that failed.
#[wasm_bindgen]
pub fn hide(task: u32, text: &str) {
    let hidden = with(|session| session.hide(task_id(task), text));
    say("{}", Some(&hidden));
}

/// A task that failed is over.
#[wasm_bindgen]
pub fn release(task: u32) {
    with(|session| session.release(task_id(task)));
}

/// `integrations.iterate()`: the number of a walk.
#[wasm_bindgen(js_name = openWalk)]
pub fn open_walk(client: u32, command: &str, reports: bool) -> u32 {
    let items = arguments(command);
    let (query, options) = (given(items.first()), given(items.get(1)));
    let walk = with(|session| session.open_walk(ClientId(client as usize), &query, &options, reports));
    placed(walk.map(|walk| walk.0))
}

/// Begins a step of a walk: gives the number of its task, which is to be polled.
#[wasm_bindgen(js_name = nextPage)]
pub fn next_page(walk: u32) -> u32 {
    number(with(|session| session.next_page(WalkId(walk as usize))).0)
}

/// Ends a walk.
#[wasm_bindgen(js_name = closeWalk)]
pub fn close_walk(walk: u32) {
    with(|session| session.close_walk(WalkId(walk as usize)));
    wake_all();
}

fn wake_all() {
    while let Some(task) = with(Session::poll_wake) {
        wake(number(task.0));
    }
}

/// Says what a task waits for, and wakes others.
fn say_next(task: TaskId, clock: Clock) {
    let Turn { notices, pages, token_requests, effect } = with(|session| session.poll(task, clock));
    // Before anything is said: a page may have put its own in the place of what a wake-up uses.
    wake_all();
    let mut said = Object::default();
    said.json("events", write::events(&notices));
    said.json("pages", write::tasks(&pages)).json("tokenRequests", write::tasks(&token_requests));
    match effect {
        Effect::Fetch { request, until } => {
            let (more, until) = (said.finish_or_nothing(), moment(until).unwrap_or(f64::NAN));
            let (method, body) = (request.method.as_str(), request.body.as_ref().map(|body| body.reveal()));
            #[expect(clippy::cast_precision_loss, reason = "no limit is so large")]
            let (good, bad) = (request.max_body_bytes as f64, MAX_ERROR_BYTES as f64);
            with_fetch_headers(&request.headers, &|headers| {
                say_fetch(&more, method, &request.url, headers, body, until, good, bad, request.all_fields);
            });
        }
        Effect::AskToken { is_forced, is_shared, until } => {
            said.text("do", Some("token")).number("until", moment(until));
            say(&said.flag("isForced", is_forced).flag("isShared", is_shared).finish(), None);
        }
        Effect::AskChange { json, until } => {
            say(&said.text("do", Some("change")).number("until", moment(until)).finish(), Some(&json));
        }
        Effect::Wait { until, token_request } => {
            said.text("do", Some("wait")).number("until", moment(until));
            say(&said.whole("tokenRequest", token_request.map(|task| task.0 as u64)).finish(), None);
        }
        Effect::Pending => say(&said.text("do", Some("go on")).finish(), None),
        Effect::Settle(settled) => say_settled(said, *settled),
    }
}

/// Never before the moment, or a limit would be reached a little too early.
fn moment(moment: Option<Instant>) -> Option<f64> {
    moment.map(|moment| ((moment - Instant::at(0.0)).0 * 1000.0).ceil() / 1000.0)
}

fn say_settled(mut said: Object, Settled { report, ending }: Settled) {
    said.text("do", Some("settle")).json("report", report.as_ref().map(write::report));
    let mut body = None;
    match ending {
        Ending::Nothing => {}
        Ending::Json(json) => {
            body = Some(json);
        }
        Ending::Page(page) => {
            let (written, keep) = write::page(&page);
            said.json("page", Some(written)).json("keep", keep);
            body = Some(page.json);
        }
        Ending::Failed(error) => {
            said.json("error", Some(write::error(&error)));
        }
        Ending::Thrown(place) => {
            said.whole("thrown", Some(place as u64));
        }
        Ending::FailedPage(task) => {
            said.whole("failedPage", Some(task.0 as u64));
        }
    }
    say(&said.finish(), body.as_deref());
}

/// Gives those of the platform, undefined in a runtime that can make none.
fn with_fetch_headers(fields: &Headers, give: &dyn Fn(&JsValue)) {
    HEADERS.with_borrow_mut(|(known, made)| {
        if known != fields || made.is_undefined() {
            // What throws within gloo-net is a panic.
            if !take_headers(fields.lines()) {
                return give(&JsValue::UNDEFINED);
            }
            let headers = FetchHeaders::new();
            fields.iter().for_each(|(name, value)| headers.set(name, value));
            (*known, *made) = (fields.clone(), headers.into_raw().into());
        }
        give(made);
    });
}

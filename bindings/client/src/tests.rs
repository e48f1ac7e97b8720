//! The exports in a real runtime: a call that Rust carries by hand.
#![allow(clippy::unwrap_used, reason = "a test says by panicking what is wrong")]

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::client::{close, fail, open, poll, release, respond, start};
use crate::filters::filter;

#[wasm_bindgen(module = "/src/border.js")]
extern "C" {
    fn said() -> JsValue;
}

const CLIENT: &str = r#"[["object","baseUrl","https://a.example","auth",["object","token","TOKEN"]]]"#;

/// A member of what was said, by a path.
fn member(said: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(said.clone(), |object, name| Reflect::get(&object, &name.into()).unwrap())
}

fn text(said: &JsValue, path: &str) -> String {
    member(said, path).as_string().unwrap_or_default()
}

fn opened() -> u32 {
    let client = open(CLIENT, false, false, true, false, 0, 0.0);
    assert_eq!(text(&said(), "baseUrl"), "https://a.example");
    client
}

/// A call of `types.list()` up to its request.
fn begun(client: u32) -> (u32, JsValue) {
    let task = start(client, r#"["listTypes",[],[]]"#, None, false, 0.0);
    poll(task, 0, 1.0, 2.0, 0.5);
    (task, said())
}

#[wasm_bindgen_test]
async fn a_call_is_carried_to_its_end() {
    let client = opened();
    let (task, asked) = begun(client);
    assert_eq!(text(&asked, "do"), "fetch");
    assert_eq!(text(&asked, "request.url"), "https://a.example/service-desk-integrations/v1/types");
    assert_eq!(text(&asked, "events.0.type"), "request");
    let get = member(&asked, "request.headers.get").dyn_into::<Function>().unwrap();
    let token = get.call1(&member(&asked, "request.headers"), &"authorization".into()).unwrap();
    assert_eq!(token.as_string().as_deref(), Some("Bearer TOKEN"));

    let fetch = member(&js_sys::global(), "fetch").dyn_into::<Function>().unwrap();
    let answer = fetch.call1(&JsValue::UNDEFINED, &r#"data:,[{"type":"t","scriptName":"s"}]"#.into()).unwrap();
    let answer = JsFuture::from(Promise::resolve(&answer)).await.unwrap();
    let read = member(&answer, "text").dyn_into::<Function>().unwrap().call0(&answer).unwrap();
    let body = JsFuture::from(Promise::resolve(&read)).await.unwrap().as_string().unwrap();
    respond(task, 200, String::new(), body.clone().into_bytes(), false, None);
    poll(task, 0, 3.0, 4.0, 0.5);
    let settled = said();
    assert_eq!((text(&settled, "do"), text(&settled, "body")), ("settle".to_owned(), body));
    close(client);
}

#[wasm_bindgen_test]
fn a_failure_is_said_with_its_code_and_what_was_thrown() {
    let client = opened();
    let (task, _asked) = begun(client);
    poll(task, 2, 1.0, 2.0, 0.5);
    assert_eq!(text(&said(), "error.code"), "aborted");
    release(task);
    let (task, _asked) = begun(client);
    fail(task, "got TOKEN".to_owned(), None, true, Some(7));
    poll(task, 0, 3.0, 4.0, 0.5);
    let settled = said();
    assert_eq!(text(&settled, "error.code"), "network");
    assert_eq!(member(&settled, "error.thrown").as_f64(), Some(7.0));
    assert!(!text(&settled, "error.message").contains("TOKEN"));
}

#[wasm_bindgen_test]
fn what_is_refused_begins_nothing() {
    assert_eq!(open(r#"[["object"]]"#, false, false, false, false, 0, 0.0), u32::MAX);
    assert_eq!(text(&said(), "error.fields.field"), "tenant");
    assert_eq!(start(opened(), r#"["get",["number","0"],[]]"#, None, false, 0.0), u32::MAX);
    assert_eq!(text(&said(), "error.message"), "id must be a string, got a number");
}

#[wasm_bindgen_test]
fn a_filter_folds_case_as_the_platform_does() {
    filter(r#"["matches",["filter","name eq \"ÄÖ\""],null,"äö",null,null]"#);
    assert_eq!(member(&said(), "matches").as_bool(), Some(true));
}

//! The bindings in a real runtime: what odd JavaScript gives, and what odd fetch functions do.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says by panicking what is wrong")]

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::arguments;
use super::client::Core;
use crate::client::options::given::Given;

/// The value of a JavaScript expression.
fn js(expression: &str) -> JsValue {
    Function::new_no_args(&format!("return {expression}")).call0(&JsValue::UNDEFINED).unwrap()
}

fn client(auth: &str, fetch: &str) -> Core {
    Core::new(&js(&format!(
        "{{ baseUrl: 'https://a.example', auth: {auth}, fetch: {fetch}, retry: 'off', rateLimit: 'off' }}"
    )))
    .unwrap()
}

async fn types_through(fetch: &str) -> Result<JsValue, JsValue> {
    JsFuture::from(client("{ token: 'TOKEN' }", fetch).list_types(&JsValue::UNDEFINED)).await
}

fn message(error: &JsValue) -> String {
    arguments::property(error, "message").as_string().unwrap_or_else(|| format!("{error:?}"))
}

#[wasm_bindgen_test]
async fn an_answer_is_read_whatever_made_it() {
    let answers = [
        "async () => new Response('[]')",
        "() => new Response('[]')",
        "() => ({ then: (done) => done(new Response('[]')) })",
        "async () => ({ status: 200, headers: new Map([['a', 'b']]), arrayBuffer: async () => new TextEncoder().encode('[]').buffer })",
        "async () => ({ status: 200, text: async () => '[]' })",
        "async () => ({ status: 200, headers: null, body: undefined, text: () => '[]' })",
        "async () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([91])); c.enqueue(new Uint8Array([93])); c.close(); } }))",
    ];
    for fetch in answers {
        let types = types_through(fetch).await.map_err(|error| message(&error));
        assert!(types.as_ref().is_ok_and(Array::is_array), "{fetch}: {types:?}");
    }
}

#[wasm_bindgen_test]
async fn whatever_fetch_does_the_promise_settles_with_its_reason() {
    let failures = [
        ("async () => { throw 'a string' }", "got no answer: a string"),
        ("() => { throw new TypeError('thrown') }", "got no answer: thrown"),
        (
            "async () => { throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }) }",
            "fetch failed (ECONNREFUSED)",
        ),
        ("() => Promise.reject()", "got no answer: fetch failed"),
        ("() => Promise.reject(null)", "got no answer: fetch failed"),
        ("() => Promise.reject({ get message() { throw 1 } })", "got no answer: fetch failed"),
        ("() => undefined", "fetch gave no Response"),
        ("() => 42", "fetch gave no Response"),
        ("async () => ({})", "without a status"),
        ("async () => ({ status: '200', text: () => '[]' })", "without a status"),
        ("async () => ({ status: 200 })", "got no answer"),
        ("async () => ({ status: 200, body: {} })", "got no answer"),
        ("async () => ({ get status() { throw new Error('trap') } })", "trap"),
        ("async () => ({ status: 200, get headers() { throw new Error('trap') } })", "trap"),
        ("async () => ({ status: 200, text: () => { throw 'trap' } })", "trap"),
        ("async () => ({ status: 200, text: () => 7 })", "the body is empty"),
        ("async () => new Response(new ReadableStream({ start(c) { c.error('broke off') } }))", "broke off"),
        (
            "async () => new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close() } }))",
            "what is no bytes",
        ),
        ("async () => Response.error()", "Response.error()"),
        (
            "async () => new Response(null, { status: 302, headers: { location: 'https://b.example' } })",
            "none is followed",
        ),
    ];
    for (fetch, expected) in failures {
        let error = types_through(fetch).await.expect_err(fetch);
        assert!(message(&error).contains(expected), "{fetch}: {}", message(&error));
    }
}

#[wasm_bindgen_test]
async fn a_fetch_that_never_answers_ends_with_the_limit() {
    let client = client("{ token: 'TOKEN' }", "() => new Promise(() => {})");
    let error = JsFuture::from(client.list_types(&js("{ attemptTimeoutMs: 1 }"))).await.unwrap_err();
    assert!(message(&error).contains("attempt limit of 1 ms"), "{}", message(&error));
}

#[wasm_bindgen_test]
async fn an_abort_ends_the_call_with_its_reason_wherever_it_stands() {
    let never = "new Promise(() => {})";
    for (auth, fetch) in [
        ("{ token: 'TOKEN' }", format!("() => {never}")),
        ("{ token: 'TOKEN' }", format!("async () => ({{ status: 200, text: () => {never} }})")),
        ("{ token: () => new Promise(() => {}) }", "() => 1".to_owned()),
        ("{ clientId: 'a', clientSecret: 'b' }", format!("() => {never}")),
    ] {
        let client = client(auth, &fetch);
        let late = js(
            "(() => { const c = new AbortController(); setTimeout(() => c.abort('why'), 0); return { signal: c.signal } })()",
        );
        assert_eq!(JsFuture::from(client.list_types(&late)).await, Err("why".into()), "{fetch}");
        let early = js("{ signal: AbortSignal.abort('before') }");
        assert_eq!(JsFuture::from(client.list_types(&early)).await, Err("before".into()), "{fetch}");
    }
}

#[wasm_bindgen_test]
async fn a_hundred_calls_at_once_share_one_token_request() {
    let log = Array::new();
    Reflect::set(&js_sys::global(), &"requestLog".into(), &log).unwrap();
    let fetch = "async (request) => { requestLog.push(request.url); return request.url.endsWith('/oauth/token') \
                 ? Response.json({ access_token: 't', token_type: 'bearer', expires_in: 749 }) : new Response('[]') }";
    let client = client("{ clientId: 'a', clientSecret: 'b' }", fetch);
    let calls: Array = (0..100).map(|_| client.list_types(&JsValue::UNDEFINED)).collect();
    JsFuture::from(Promise::all(calls.unchecked_ref())).await.unwrap();
    let tokens = log.iter().filter(|url| url.as_string().is_some_and(|url| url.ends_with("/oauth/token"))).count();
    assert_eq!((tokens, log.length()), (1, 101));
}

#[wasm_bindgen_test]
async fn a_token_function_is_held_to_its_word() {
    for (token, expected) in [
        ("() => { throw 'no' }", "the token function failed"),
        ("async () => { throw new Error('no') }", "the token function failed"),
        ("() => 7", "must give a string"),
        ("() => ''", "an empty string"),
        ("() => 'SECRET\\n'", "visible ASCII"),
    ] {
        let client = client(&format!("{{ token: {token} }}"), "() => new Response('[]')");
        let error = JsFuture::from(client.list_types(&JsValue::UNDEFINED)).await.unwrap_err();
        assert!(message(&error).contains(expected) && !message(&error).contains("SECRET"), "{}", message(&error));
    }
    let good = client(
        "{ token: async () => 'good' }",
        "async (r) => Response.json([{ type: r.headers.get('authorization'), scriptName: 's' }])",
    );
    let types = JsFuture::from(good.list_types(&JsValue::UNDEFINED)).await.unwrap();
    let first = Array::from(&types).get(0);
    assert_eq!(arguments::property(&first, "type").as_string().as_deref(), Some("Bearer good"));
}

#[wasm_bindgen_test]
fn what_json_cannot_hold_is_named_by_its_pointer() {
    let pointer = |value: &str| arguments::json(&js(value)).unwrap_err().field.clone().into_owned();
    assert_eq!(pointer("(() => { const a = { b: { c: 1 } }; a.b.d = a; return a })()"), "/b/d");
    assert_eq!(
        pointer("(() => { const a = { attributes: {} }; a.attributes.self = a.attributes; return a })()"),
        "/attributes/self"
    );
    assert_eq!(pointer("{ 'x/y~': { n: 1n } }"), "/x~1y~0/n");
    assert_eq!(pointer("{ list: [1, { toJSON() { throw 1 } }] }"), "/list/1");
    assert_eq!(pointer("undefined"), "");
    assert_eq!(pointer("() => 1"), "");
    assert_eq!(
        arguments::json(&js("{ d: new Date(0), u: undefined, __proto__: null }")).unwrap(),
        r#"{"d":"1970-01-01T00:00:00.000Z"}"#
    );
}

#[wasm_bindgen_test]
fn half_a_surrogate_pair_is_no_text() {
    assert_eq!(arguments::text("id", &js("'a\\ud800'")).unwrap_err().field, "id");
    assert_eq!(arguments::text("id", &js("'a\\ud83d\\ude00\\ufffd'")).unwrap(), "a😀\u{fffd}");
    for other in
        ["undefined", "null", "7", "{}", "new URL('https://a.example')", "new String('a')", "Symbol('a')", "1n"]
    {
        assert_eq!(arguments::text("id", &js(other)).unwrap_err().field, "id", "{other}");
    }
}

#[wasm_bindgen_test]
fn an_url_is_text_and_a_getter_that_throws_is_no_option() {
    assert!(
        matches!(arguments::given(&js("new URL('https://a.example/b')")), Given::Text(url) if url == "https://a.example/b")
    );
    let options = js("{ get tenant() { throw 1 }, auth: { token: 't' } }");
    assert!(message(&Core::new(&options).map(|_| ()).unwrap_err()).contains("tenant must be a string, got null"));
}

//! Hands a request to `exchange.js`, and takes the answer from there.

use gloo_net::http::Headers as FetchHeaders;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::engine::message::MAX_ERROR_BYTES;
use crate::engine::{Request, Response};

#[wasm_bindgen(module = "/src/wasm/exchange.js")]
extern "C" {
    type Exchange;
    #[wasm_bindgen(constructor)]
    fn new(
        fetch: Option<&Function>,
        method: &str,
        url: &str,
        headers: &JsValue,
        body: Option<&str>,
        good_limit: f64,
        bad_limit: f64,
    ) -> Exchange;
    #[wasm_bindgen(method, getter)]
    fn answer(this: &Exchange) -> Promise;
    #[wasm_bindgen(method)]
    fn end(this: &Exchange);

    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> String;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Uint8Array;
    #[wasm_bindgen(method, getter, js_name = isCut)]
    fn is_cut(this: &Answer) -> bool;
}

/// A request that was sent. Dropped before its answer has come to its end, it is aborted.
pub struct Sent {
    exchange: Exchange,
    answer: JsFuture,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.exchange.end();
    }
}

/// Sends a request; `fetch` is the caller's own, if any.
pub fn send(request: &Request, fetch: Option<&Function>) -> Sent {
    let headers = FetchHeaders::new();
    // Names and values were checked when they came in: this throws on nothing else.
    for (name, value) in request.headers.iter() {
        headers.set(name, value);
    }
    let body = request.body.as_ref().map(|body| body.reveal());
    #[expect(clippy::cast_precision_loss, reason = "no limit is so large")]
    let (good, bad) = (request.max_body_bytes as f64, MAX_ERROR_BYTES as f64);
    let exchange = Exchange::new(fetch, request.method.as_str(), &request.url, &headers.into_raw(), body, good, bad);
    let answer = JsFuture::from(exchange.answer());
    Sent { exchange, answer }
}

/// Reads the answer to its end.
///
/// # Errors
///
/// Whatever the platform, or the caller's fetch, threw.
pub async fn receive(mut sent: Sent) -> Result<Response, JsValue> {
    let answer: Answer = (&mut sent.answer).await?.unchecked_into();
    let headers = answer.headers();
    let mut lines = headers.split('\n');
    let fields = std::iter::from_fn(|| Some((lines.next()?, lines.next()?)));
    Ok(Response {
        status: answer.status(),
        headers: fields.collect(),
        body: answer.body().to_vec(),
        cut: answer.is_cut(),
    })
}

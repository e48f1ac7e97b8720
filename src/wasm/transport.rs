//! Hands a request to `exchange.js`, and takes the answer from there.

use gloo_net::http::Headers as FetchHeaders;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::bell::{Bell, with_ring};
use crate::engine::message::MAX_ERROR_BYTES;
use crate::engine::{Request, Response};

#[wasm_bindgen(module = "/src/wasm/exchange.js")]
extern "C" {
    type Exchange;
    #[wasm_bindgen(constructor)]
    fn new(
        ring: &JsValue,
        bell: u32,
        fetch: Option<&Function>,
        method: &str,
        url: &str,
        headers: &JsValue,
        body: Option<&str>,
        good_limit: f64,
        bad_limit: f64,
    ) -> Exchange;
    #[wasm_bindgen(static_method_of = Exchange, js_name = hasHeaders)]
    fn has_headers() -> bool;
    #[wasm_bindgen(method, getter)]
    fn state(this: &Exchange) -> u8;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Exchange) -> JsValue;
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

/// The states of an `Exchange`.
const WAITING: u8 = 0;
const ANSWERED: u8 = 1;
const UNSENT: u8 = 3;

/// A request that was sent. Dropped before its answer has come to its end, it is aborted.
pub struct Sent {
    exchange: Exchange,
    bell: Bell,
}

/// Why no answer has come.
pub struct Unanswered {
    /// Whatever the platform, or the caller's fetch, threw.
    pub thrown: JsValue,
    /// The runtime cannot even make such a request: nothing was sent.
    pub is_unsent: bool,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.exchange.end();
    }
}

/// Sends a request; `fetch` is the caller's own, if any.
pub fn send(request: &Request, fetch: Option<&Function>) -> Sent {
    // Names and values were checked when they came in: what is left to throw is a runtime without Headers.
    let headers = Exchange::has_headers().then(|| {
        let headers = FetchHeaders::new();
        request.headers.iter().for_each(|(name, value)| headers.set(name, value));
        headers.into_raw()
    });
    let headers = headers.map_or(JsValue::UNDEFINED, JsValue::from);
    let body = request.body.as_ref().map(|body| body.reveal());
    #[expect(clippy::cast_precision_loss, reason = "no limit is so large")]
    let (good, bad) = (request.max_body_bytes as f64, MAX_ERROR_BYTES as f64);
    let bell = Bell::new();
    let (method, url) = (request.method.as_str(), &request.url);
    let exchange = with_ring(|ring| Exchange::new(ring, bell.number(), fetch, method, url, &headers, body, good, bad));
    Sent { exchange, bell }
}

/// Reads the answer to its end.
///
/// # Errors
///
/// [`Unanswered`] where none has come to its end.
pub async fn receive(sent: Sent) -> Result<Response, Unanswered> {
    let state = loop {
        sent.bell.rung().await;
        match sent.exchange.state() {
            WAITING => {}
            state => break state,
        }
    };
    let result = sent.exchange.result();
    if state != ANSWERED {
        return Err(Unanswered { thrown: result, is_unsent: state == UNSENT });
    }
    let answer: Answer = result.unchecked_into();
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

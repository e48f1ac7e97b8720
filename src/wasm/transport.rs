//! Hands a request to `exchange.js`, and takes the answer from there.

use gloo_net::http::Headers as FetchHeaders;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::settle::settle;
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
    #[wasm_bindgen(static_method_of = Exchange, js_name = hasHeaders)]
    fn has_headers() -> bool;
    #[wasm_bindgen(method, getter)]
    fn answer(this: &Exchange) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = isUnsent)]
    fn is_unsent(this: &Exchange) -> bool;
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
struct Sent(Exchange);

/// Why no answer has come.
pub struct Unanswered {
    /// Whatever the platform, or the caller's fetch, threw.
    pub thrown: JsValue,
    /// The runtime cannot even make such a request: nothing was sent.
    pub is_unsent: bool,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Sends a request at once, and gives what reads its answer to the end; `fetch` is the caller's own, if any.
///
/// # Errors
///
/// [`Unanswered`] where no answer has come to its end.
pub fn send(request: &Request, fetch: Option<&Function>) -> impl Future<Output = Result<Response, Unanswered>> + use<> {
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
    let sent = Sent(Exchange::new(fetch, request.method.as_str(), &request.url, &headers, body, good, bad));
    let answer = settle(&sent.0.answer());
    async move {
        let answer = answer.await;
        let answer = answer.map_err(|thrown| Unanswered { thrown, is_unsent: sent.0.is_unsent() })?;
        Ok(read(answer.unchecked_ref()))
    }
}

fn read(answer: &Answer) -> Response {
    let headers = answer.headers();
    let mut lines = headers.split('\n');
    let fields = std::iter::from_fn(|| Some((lines.next()?, lines.next()?)));
    Response { status: answer.status(), headers: fields.collect(), body: answer.body().to_vec(), cut: answer.is_cut() }
}

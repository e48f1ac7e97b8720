//! Hands a request to `exchange.js`, and takes the answer from there.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_net::http::Headers as FetchHeaders;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::runtime;
use super::settle::settle;
use crate::http::message::MAX_ERROR_BYTES;
use crate::http::{Headers, Request, Response};

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
        all_fields: bool,
    ) -> Exchange;
    #[wasm_bindgen(static_method_of = Exchange)]
    fn takes(lines: &str) -> bool;
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
    fn body(this: &Answer) -> Vec<u8>;
    #[wasm_bindgen(method, getter, js_name = isCut)]
    fn is_cut(this: &Answer) -> bool;
    #[wasm_bindgen(method, getter, js_name = followedTo)]
    fn followed_to(this: &Answer) -> Option<String>;
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

/// What sends the requests of a client.
pub struct Fetch {
    /// The caller's own, if any.
    own: Option<Function>,
    /// Whether a request may go out twice. What a fetch of the caller's does is his affair, and most are a test's.
    pub resends: bool,
    /// The headers of the request before, and what was made of them: most requests have the same ones.
    last: RefCell<(Headers, JsValue)>,
}

impl Fetch {
    /// Without a function of the caller's, the platform's is used.
    pub fn new(own: Option<Function>) -> Rc<Self> {
        let resends = own.is_none() && runtime::may_resend();
        Rc::new(Self { own, resends, last: RefCell::default() })
    }

    /// Sends a request at once, and gives what reads its answer to the end.
    ///
    /// # Errors
    ///
    /// [`Unanswered`] where no answer has come to its end.
    pub fn send(&self, request: &Request) -> impl Future<Output = Result<Response, Unanswered>> + use<> {
        let headers = self.headers(&request.headers);
        let body = request.body.as_ref().map(|body| body.reveal());
        #[expect(clippy::cast_precision_loss, reason = "no limit is so large")]
        let (good, bad) = (request.max_body_bytes as f64, MAX_ERROR_BYTES as f64);
        let (own, method) = (self.own.as_ref(), request.method.as_str());
        let sent = Sent(Exchange::new(own, method, &request.url, &headers, body, good, bad, request.all_fields));
        let answer = settle(&sent.0.answer());
        async move {
            let answer = answer.await;
            let answer = answer.map_err(|thrown| Unanswered { thrown, is_unsent: sent.0.is_unsent() })?;
            Ok(read(answer.unchecked_ref()))
        }
    }

    /// Those of the platform; undefined in a runtime that can make none.
    fn headers(&self, fields: &Headers) -> JsValue {
        if let (known, made) = &*self.last.borrow()
            && !made.is_undefined()
            && known == fields
        {
            return made.clone();
        }
        // What throws within gloo-net is a panic.
        if !Exchange::takes(fields.lines()) {
            return JsValue::UNDEFINED;
        }
        let made = FetchHeaders::new();
        fields.iter().for_each(|(name, value)| made.set(name, value));
        let made = JsValue::from(made.into_raw());
        self.last.replace((fields.clone(), made.clone()));
        made
    }
}

fn read(answer: &Answer) -> Response {
    if let Some(location) = answer.followed_to() {
        return Response::followed(&location);
    }
    let headers = Headers::of_lines(answer.headers());
    Response { status: answer.status(), headers, body: answer.body(), cut: answer.is_cut() }
}

//! Awaits what strangers call a promise.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/wasm/settle.js")]
extern "C" {
    #[wasm_bindgen(js_name = Settling)]
    type Promised;
    #[wasm_bindgen(constructor, js_class = Settling)]
    fn new(value: &JsValue) -> Promised;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Promised) -> Promise;
    #[wasm_bindgen(method)]
    fn end(this: &Promised);
    #[wasm_bindgen(static_method_of = Promised, js_class = Settling)]
    fn forget(value: &JsValue);
}

/// Lets a promise go whose end matters to nobody: it must not count as a rejection that nobody handles.
pub fn forget(value: &JsValue) {
    if value.is_object() {
        Promised::forget(value);
    }
}

/// The value of a promise, or of anything like one, or the value itself.
///
/// It is heard from now on, not from the first poll: what is given up before must not count as a rejection that nobody
/// handles.
pub fn settle(value: &JsValue) -> Settling {
    let promised = Promised::new(value);
    Settling { result: JsFuture::from(promised.result()), promised }
}

/// What [`settle`] awaits.
///
/// What waits for a promise in Rust is kept by it until it settles, and a stranger's may never do so. What waits here
/// waits for a promise in between, which is settled when this is dropped.
pub struct Settling {
    result: JsFuture,
    promised: Promised,
}

impl Future for Settling {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.result).poll(context)
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        self.promised.end();
    }
}

//! Promises of the core's own.

use std::future::Future;
use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// What a promise brings.
type Fate = Result<JsValue, JsValue>;

/// A promise of what the future gives. All futures are of one type here: what carries them to a promise is a copy for each.
pub fn promise(future: impl Future<Output = Fate> + 'static) -> Promise {
    let future: Pin<Box<dyn Future<Output = Fate>>> = Box::pin(future);
    wasm_bindgen_futures::future_to_promise(future)
}

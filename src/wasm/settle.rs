//! Awaits what strangers call a promise.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The value of a promise, or of anything like one, or the value itself.
///
/// A promise of somebody else's may have a `then` or a `constructor` that throws, which `Promise.resolve` and `await` in
/// Rust would pass on into the core and hang the caller. One that is made here takes it for a rejection.
///
/// It is heard from now on, not from the first poll: what is given up before must not count as a rejection that nobody
/// handles.
pub fn settle(value: &JsValue) -> JsFuture {
    let promise = Promise::new(&mut |resolve, _reject| {
        // The function that resolves a promise throws nothing.
        let _resolved = resolve.call1(&JsValue::UNDEFINED, value);
    });
    JsFuture::from(promise)
}

/// Lets a promise go whose end matters to nobody: it must not count as a rejection that nobody handles.
pub fn forget(value: JsValue) {
    if value.is_object() {
        spawn_local(async move {
            let _rejected = settle(&value).await;
        });
    }
}

//! Awaits what strangers call a promise.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// One that was made here: its `then` throws nothing.
    type OwnPromise;
    #[wasm_bindgen(method)]
    fn then(this: &OwnPromise, resolve: &Function, reject: &Function) -> Promise;

    /// A function that does nothing, and throws at nothing.
    #[wasm_bindgen(thread_local_v2, js_name = Boolean)]
    static NOTHING: Function;
}

/// The value of a promise, or of anything like one, or the value itself.
///
/// A promise of somebody else's may have a `then` or a `constructor` that throws, which `Promise.resolve` and `await` in
/// Rust would pass on into the core and hang the caller. One that is made here takes it for a rejection.
///
/// It is heard from now on, not from the first poll: what is given up before must not count as a rejection that nobody
/// handles.
pub fn settle(value: &JsValue) -> Settling {
    let mut give_up = None;
    let promise = Promise::new(&mut |resolve, reject| {
        then(&resolved(value), &resolve, &reject);
        give_up = Some(resolve);
    });
    Settling { result: JsFuture::from(promise), give_up }
}

/// What [`settle`] awaits.
///
/// What waits for a promise in Rust is kept by it until it settles, and a stranger's may never do so. What waits here
/// waits for a promise in between, which is settled when this is dropped.
pub struct Settling {
    result: JsFuture,
    give_up: Option<Function>,
}

impl Future for Settling {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let poll = Pin::new(&mut self.result).poll(context);
        if poll.is_ready() {
            self.give_up = None;
        }
        poll
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let Some(give_up) = &self.give_up {
            let _resolved = give_up.call0(&JsValue::UNDEFINED);
        }
    }
}

fn then(promise: &Promise, resolve: &Function, reject: &Function) {
    let _chained = promise.unchecked_ref::<OwnPromise>().then(resolve, reject);
}

/// `Promise.resolve`, which would ask a stranger for its constructor.
fn resolved(value: &JsValue) -> Promise {
    Promise::new(&mut |resolve, _reject| {
        // The function that resolves a promise throws nothing.
        let _resolved = resolve.call1(&JsValue::UNDEFINED, value);
    })
}

/// Lets a promise go whose end matters to nobody: it must not count as a rejection that nobody handles.
pub fn forget(value: &JsValue) {
    if value.is_object() {
        NOTHING.with(|nothing| then(&resolved(value), nothing, nothing));
    }
}

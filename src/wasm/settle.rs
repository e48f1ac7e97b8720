//! Awaits what strangers call a promise.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use super::bell::{Bell, with_ring};

#[wasm_bindgen(module = "/src/wasm/settle.js")]
extern "C" {
    type Settling;
    #[wasm_bindgen(constructor)]
    fn new(ring: &JsValue, bell: u32, value: &JsValue) -> Settling;
    #[wasm_bindgen(method, getter)]
    fn state(this: &Settling) -> u8;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Settling) -> JsValue;
    #[wasm_bindgen(method)]
    fn end(this: &Settling);
    #[wasm_bindgen(static_method_of = Settling)]
    fn forget(value: &JsValue);
}

/// The states of a `Settling`.
const WAITING: u8 = 0;
const DONE: u8 = 1;

/// Lets a promise go whose end matters to nobody: it must not count as a rejection that nobody handles.
pub fn forget(value: &JsValue) {
    if value.is_object() {
        Settling::forget(value);
    }
}

/// A promise that is heard. Dropped, it rings no more.
struct Heard {
    settling: Settling,
    bell: Bell,
    is_over: Cell<bool>,
}

impl Drop for Heard {
    fn drop(&mut self) {
        if !self.is_over.get() {
            self.settling.end();
        }
    }
}

/// The value of a promise, or of anything like one, or the value itself.
///
/// It is heard from now on, not from the first poll: what is given up before must not count as a rejection that nobody
/// handles.
///
/// # Errors
///
/// What it was rejected with.
pub fn settle(value: &JsValue) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let bell = Bell::new();
    let settling = with_ring(|ring| Settling::new(ring, bell.number(), value));
    let heard = Heard { settling, bell, is_over: Cell::default() };
    async move {
        loop {
            heard.bell.rung().await;
            let state = heard.settling.state();
            if state != WAITING {
                heard.is_over.set(true);
                let result = heard.settling.result();
                return if state == DONE { Ok(result) } else { Err(result) };
            }
        }
    }
}

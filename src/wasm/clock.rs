//! The clocks, the timers and the random source of the runtime.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;

use crate::engine::clock::{Moment, Now};

/// What a timer of the runtime can count: a longer one would fire at once.
const MAX_TIMER_MS: f64 = 2_147_483_647.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic_ms() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn epoch_ms() -> f64;
    #[wasm_bindgen(js_namespace = Math, js_name = random)]
    fn math_random() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// What both clocks show.
pub fn now() -> Now {
    Now { moment: Moment::at(monotonic_ms()), epoch_ms: epoch_ms() }
}

/// A number from 0 to 1.
pub fn random() -> f64 {
    math_random()
}

/// Ends when the moment has come; with `None`, never. Its timer is cleared when it is dropped.
pub async fn sleep_until(moment: Option<Moment>) {
    let Some(moment) = moment else { return std::future::pending().await };
    loop {
        let left = (moment - now().moment).0;
        if left <= 0.0 {
            return;
        }
        // Timers may fire a fraction early: the loop looks again.
        Timer::start(left.ceil().min(MAX_TIMER_MS)).fired().await;
    }
}

/// One timer of the runtime, cleared on drop.
struct Timer {
    id: JsValue,
    state: Rc<RefCell<State>>,
    _callback: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct State {
    fired: bool,
    waker: Option<Waker>,
}

impl Timer {
    fn start(ms: f64) -> Self {
        let state = Rc::<RefCell<State>>::default();
        let shared = Rc::clone(&state);
        let callback = Closure::new(move || {
            let mut state = shared.borrow_mut();
            state.fired = true;
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Self { id: set_timeout(&callback, ms), state, _callback: callback }
    }

    async fn fired(&self) {
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            if state.fired {
                return Poll::Ready(());
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

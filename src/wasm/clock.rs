//! The clocks, the timers and the random source of the runtime.

use wasm_bindgen::prelude::*;

use super::bell::{Bell, with_ring};
use crate::clock::{Millis, Moment, Now};

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
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

#[wasm_bindgen(module = "/src/wasm/clock.js")]
extern "C" {
    #[wasm_bindgen(js_name = startTimer)]
    fn start_timer(ring: &JsValue, bell: u32, ms: f64) -> JsValue;
}

/// What the clock shows that only goes on.
pub fn moment() -> Moment {
    Moment::at(monotonic_ms())
}

/// What both clocks show.
pub fn now() -> Now {
    Now { moment: moment(), epoch_ms: epoch_ms() }
}

/// A number from 0 to 1.
pub fn random() -> f64 {
    math_random()
}

/// Ends when the moment has come; with `None`, never.
pub async fn sleep_until(end: Option<Moment>) {
    let Some(end) = end else { return std::future::pending().await };
    let bell = Bell::new();
    // Timers may fire a fraction early: the loop looks again.
    let mut now = moment();
    while now < end {
        let _timer = Timer::after(end - now, &bell);
        bell.rung().await;
        now = moment();
    }
}

/// One timer of the runtime, which rings a bell; cleared on drop.
pub struct Timer(JsValue);

impl Timer {
    /// One that rings at that moment, or before it where no timer can count so far.
    pub fn until(end: Moment, bell: &Bell) -> Self {
        Self::after(end - moment(), bell)
    }

    fn after(left: Millis, bell: &Bell) -> Self {
        let left = left.0.ceil().min(MAX_TIMER_MS);
        Self(with_ring(|ring| start_timer(ring, bell.number(), left)))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

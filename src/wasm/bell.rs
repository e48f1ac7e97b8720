//! What waits for JavaScript, and how JavaScript tells it to look: by one function that lives as long as the core.
//!
//! A function for each wait would have to be let go when its wait ends. But in a worker, whose requests are kept apart, a timer
//! that another request clears fires all the same: a function that is gone would trap. A number that is gone meets nobody.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;

use super::slab::Slab;

thread_local! {
    static BELLS: RefCell<Slab<State>> = const { RefCell::new(Slab::new()) };
    static RING: Closure<dyn Fn(u32)> = Closure::new(ring);
}

#[derive(Default)]
struct State {
    has_rung: Cell<bool>,
    waker: Option<Waker>,
}

/// Rung to make what waits look again. That there is something to see is no promise: its number may have been another's.
pub struct Bell(u32);

impl Bell {
    /// One that has not rung.
    #[expect(clippy::cast_possible_truncation, reason = "the memory of the core holds fewer")]
    pub fn new() -> Self {
        Self(BELLS.with_borrow_mut(|bells| bells.insert(State::default())) as u32)
    }

    /// Its number, to ring it by.
    pub fn number(&self) -> u32 {
        self.0
    }

    /// Ends when it has rung since the last time.
    pub async fn rung(&self) {
        poll_fn(|context| {
            BELLS.with_borrow_mut(|bells| match bells.get_mut(self.0 as usize) {
                Some(state) if !state.has_rung.take() => {
                    state.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            })
        })
        .await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        BELLS.with_borrow_mut(|bells| bells.remove(self.0 as usize));
    }
}

/// Rings the bell with this number, if there is one.
pub fn ring(number: u32) {
    let waker = BELLS.with_borrow_mut(|bells| {
        let state = bells.get_mut(number as usize)?;
        state.has_rung.set(true);
        state.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Gives the function of JavaScript that rings a bell by its number.
pub fn with_ring<T>(give: impl FnOnce(&JsValue) -> T) -> T {
    RING.with(|ring| give(ring.as_ref()))
}

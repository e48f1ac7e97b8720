//! The caller's AbortSignal, heard for as long as one call lasts.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Anything that behaves as an AbortSignal does: it may come from another realm.
    #[derive(Clone)]
    pub type Signal;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn aborted(this: &Signal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn reason(this: &Signal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    fn add_event_listener(this: &Signal, kind: &str, listener: &Closure<dyn FnMut()>) -> Result<(), JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &Signal, kind: &str, listener: &Closure<dyn FnMut()>) -> Result<(), JsValue>;
}

const EVENT: &str = "abort";

impl Signal {
    fn is_aborted(&self) -> bool {
        self.aborted().is_ok_and(|aborted| aborted.is_truthy())
    }
}

/// A listener on the caller's signal, taken off again on drop.
pub struct AbortWatch {
    signal: Option<Signal>,
    cancel: Cancel,
    listener: Option<Closure<dyn FnMut()>>,
}

/// An abort from within.
#[derive(Clone, Default)]
pub struct Cancel {
    fired: Rc<Cell<bool>>,
    waker: Rc<RefCell<Option<Waker>>>,
}

impl Cancel {
    /// Aborts whoever listens.
    pub fn fire(&self) {
        self.fired.set(true);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl AbortWatch {
    /// Listens to `signal`, where there is one.
    pub fn on(signal: Option<Signal>) -> Self {
        Self::with(signal, Cancel::default())
    }

    /// Listens to `signal`, where there is one, and to `cancel`.
    pub fn with(signal: Option<Signal>, cancel: Cancel) -> Self {
        let listener = signal.as_ref().map(|signal| {
            let shared = cancel.clone();
            let listener = Closure::new(move || shared.wake());
            // A signal that cannot be listened to is looked at again on every wake.
            let _added = signal.add_event_listener(EVENT, &listener);
            listener
        });
        Self { signal, cancel, listener }
    }

    /// Whether either has fired.
    pub fn is_fired(&self) -> bool {
        self.cancel.fired.get() || self.signal.as_ref().is_some_and(Signal::is_aborted)
    }

    /// Ends when either has fired.
    pub async fn fired(&self) {
        poll_fn(|context| {
            if self.is_fired() {
                return Poll::Ready(());
            }
            *self.cancel.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// The signal itself; `undefined` where there is none.
    pub fn signal(&self) -> JsValue {
        self.signal.clone().map_or(JsValue::UNDEFINED, JsValue::from)
    }

    /// What the call rejects with.
    pub fn reason(&self) -> JsValue {
        self.signal.as_ref().and_then(|signal| signal.reason().ok()).unwrap_or(JsValue::UNDEFINED)
    }
}

impl Drop for AbortWatch {
    fn drop(&mut self) {
        if let (Some(signal), Some(listener)) = (&self.signal, &self.listener) {
            let _removed = signal.remove_event_listener(EVENT, listener);
        }
    }
}

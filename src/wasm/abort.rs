//! The caller's AbortSignal, heard for as long as one call lasts.

use std::cell::RefCell;
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
    waker: Rc<RefCell<Option<Waker>>>,
    listener: Option<Closure<dyn FnMut()>>,
}

impl AbortWatch {
    /// Listens to `signal`, where there is one.
    pub fn on(signal: Option<Signal>) -> Self {
        let waker = Rc::<RefCell<Option<Waker>>>::default();
        let listener = signal.as_ref().map(|signal| {
            let shared = Rc::clone(&waker);
            let listener = Closure::new(move || {
                let waker = shared.borrow_mut().take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
            // A signal that cannot be listened to is looked at again on every wake.
            let _added = signal.add_event_listener(EVENT, &listener);
            listener
        });
        Self { signal, waker, listener }
    }

    /// Ends when the signal has fired.
    pub async fn fired(&self) {
        poll_fn(|context| {
            let Some(signal) = &self.signal else { return Poll::Pending };
            if signal.is_aborted() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
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

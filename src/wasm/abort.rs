//! The caller's AbortSignal, heard for as long as one call lasts.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Map;
use wasm_bindgen::prelude::*;

use super::slab::Slab;

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

thread_local! {
    /// The place in [`HUBS`] of each signal that is listened to.
    static PLACES: Map = Map::new();
    static HUBS: RefCell<Slab<Rc<Hub>>> = const { RefCell::new(Slab::new()) };
}

/// The one listener on a signal, for all calls that have it: Node warns of a leak from the eleventh on.
struct Hub {
    signal: Signal,
    place: Cell<usize>,
    listener: RefCell<Option<Closure<dyn FnMut()>>>,
    calls: RefCell<Slab<Cancel>>,
}

/// A call's place at the hub of its signal; the last to go takes the listener off.
struct Seat {
    hub: Rc<Hub>,
    place: usize,
}

impl Hub {
    fn of(signal: &Signal) -> Rc<Self> {
        let known = PLACES.with(|places| places.get(signal)).as_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was put in as a place")]
        let known = known.and_then(|place| HUBS.with_borrow(|hubs| hubs.get(place as usize).cloned()));
        known.unwrap_or_else(|| Self::listen(signal))
    }

    fn listen(signal: &Signal) -> Rc<Self> {
        let hub = Rc::new(Self {
            signal: signal.clone(),
            place: Cell::default(),
            listener: RefCell::default(),
            calls: RefCell::new(Slab::new()),
        });
        let fired = Rc::downgrade(&hub);
        let listener = Closure::new(move || {
            if let Some(hub) = fired.upgrade() {
                let calls: Vec<_> = hub.calls.borrow().iter().cloned().collect();
                calls.iter().for_each(Cancel::wake);
            }
        });
        // A signal that cannot be listened to is looked at again on every wake.
        let _added = signal.add_event_listener(EVENT, &listener);
        *hub.listener.borrow_mut() = Some(listener);
        let place = HUBS.with_borrow_mut(|hubs| hubs.insert(Rc::clone(&hub)));
        hub.place.set(place);
        #[expect(clippy::cast_precision_loss, reason = "there are not so many signals")]
        PLACES.with(|places| places.set(signal, &(place as f64).into()));
        hub
    }
}

impl Seat {
    fn take(signal: &Signal, cancel: &Cancel) -> Self {
        let hub = Hub::of(signal);
        let place = hub.calls.borrow_mut().insert(cancel.clone());
        Self { hub, place }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Hub { signal, place, listener, calls } = &*self.hub;
        calls.borrow_mut().remove(self.place);
        if !calls.borrow().is_empty() {
            return;
        }
        PLACES.with(|places| places.delete(signal));
        HUBS.with_borrow_mut(|hubs| hubs.remove(place.get()));
        if let Some(listener) = &*listener.borrow() {
            let _removed = signal.remove_event_listener(EVENT, listener);
        }
    }
}

/// The caller's signal, heard until this is dropped.
pub struct AbortWatch {
    signal: Option<Signal>,
    cancel: Cancel,
    _seat: Option<Seat>,
}

/// An abort from within.
#[derive(Clone, Default)]
pub struct Cancel(Rc<Switch>);

#[derive(Default)]
struct Switch {
    fired: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Cancel {
    /// Aborts whoever listens.
    pub fn fire(&self) {
        self.0.fired.set(true);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.0.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl AbortWatch {
    /// Listens to `signal`, where there is one, and to `cancel`.
    pub fn with(signal: Option<Signal>, cancel: Cancel) -> Self {
        let seat = signal.as_ref().map(|signal| Seat::take(signal, &cancel));
        Self { signal, cancel, _seat: seat }
    }

    /// Whether either has fired.
    pub fn is_fired(&self) -> bool {
        self.cancel.0.fired.get() || self.signal.as_ref().is_some_and(Signal::is_aborted)
    }

    /// Ends when either has fired.
    pub async fn fired(&self) {
        poll_fn(|context| {
            if self.is_fired() {
                return Poll::Ready(());
            }
            *self.cancel.0.waker.borrow_mut() = Some(context.waker().clone());
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

//! What one call was given besides its arguments.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::abort::{AbortWatch, Cancel, Signal};
use super::arguments;
use super::observe::notify;
use super::report;
use crate::Invalid;
use crate::client::options::given::Given;
use crate::client::options::settings::CallSettings;
use crate::client::response::report::{Attempt, ResponseInfo};

/// The options of a call, read once: what becomes of the object afterwards changes nothing.
#[derive(Clone)]
pub struct Caller {
    /// Limits, retries and headers.
    pub settings: CallSettings,
    signal: Option<Signal>,
    on_response: Option<Function>,
}

impl Caller {
    /// Reads the `RequestOptions` of the public surface over what the client has.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the option.
    pub fn read(defaults: &CallSettings, options: &JsValue) -> Result<Self, Invalid> {
        let given = arguments::given(options);
        let settings = defaults.read(&given)?;
        // Most calls have none.
        if let Given::Nothing = given {
            return Ok(Self { settings, signal: None, on_response: None });
        }
        let (signal, on_response) = (arguments::signal(options), arguments::function(options, "onResponse"));
        Ok(Self { settings, signal, on_response })
    }

    /// Listens to the signal, if there is one, and to `cancel`.
    pub fn watch(&self, cancel: Cancel) -> AbortWatch {
        AbortWatch::with(self.signal.clone(), cancel)
    }

    /// Tells the last response, if there was one. What `onResponse` throws must not fail a call that the server has
    /// answered.
    pub fn tell(&self, response: Option<&ResponseInfo>, attempts: &[Attempt]) {
        if let (Some(listener), Some(response)) = (&self.on_response, response) {
            notify(listener, &report::response_info(response, attempts));
        }
    }
}

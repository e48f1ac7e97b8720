//! What the core says to JavaScript. It leaves it in `border.js`: a value that is returned must be freed by another call.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/border.js")]
extern "C" {
    /// Says JSON, with a body beside it.
    pub fn say(json: &str, body: Option<&str>);
    /// Says what is to be fetched; `json` is what else there is to say, or empty.
    #[wasm_bindgen(js_name = sayFetch)]
    pub fn say_fetch(
        json: &str,
        method: &str,
        url: &str,
        headers: &JsValue,
        body: Option<&str>,
        until: f64,
        good_limit: f64,
        bad_limit: f64,
        all_fields: bool,
    );
    /// Whether the runtime has Headers, and they take these fields.
    #[wasm_bindgen(js_name = takeHeaders)]
    pub fn take_headers(lines: &str) -> bool;
    /// Wakes the function that carries a task.
    pub fn wake(task: u32);
}

/// A text in lower case, as the platform has it.
pub fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

//! What the core says to JavaScript. It leaves it in `border.js`: a value that is returned must be freed by another call.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = say)]
    fn say_all(text: &str, body: Option<&str>, headers: &JsValue);
    /// Whether the runtime has Headers, and they take these fields.
    #[wasm_bindgen(js_name = takeHeaders)]
    pub fn take_headers(lines: &str) -> bool;
    /// Wakes the function that carries a task.
    pub fn wake(task: u32);
}

/// Says a JSON text.
pub fn say(text: &str) {
    say_all(text, None, &JsValue::UNDEFINED);
}

/// Says a JSON text, with a body and header fields beside it.
pub fn say_with(text: &str, body: Option<&str>, headers: &JsValue) {
    say_all(text, body, headers);
}

/// A text in lower case, as the platform has it.
pub fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

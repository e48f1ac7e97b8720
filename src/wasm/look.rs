//! Looks at values of strangers: a proxy may throw at every look, and what throws past a binding hangs its caller.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn array_is_array(value: &JsValue) -> Result<bool, JsValue>;

    /// The items of anything that can be iterated.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    pub fn array_from(iterable: &JsValue) -> Result<Array, JsValue>;

    /// The names of an object's own enumerable properties.
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub fn keys(object: &JsValue) -> Result<Array, JsValue>;
}

/// Whether it is an array, as far as it lets itself be looked at.
pub fn is_array(value: &JsValue) -> bool {
    array_is_array(value).unwrap_or(false)
}

/// The prototype in which all chains of an object's realm end.
pub fn root(value: &JsValue) -> Option<JsValue> {
    let mut root = None;
    let mut at = value.clone();
    // A proxy may have a chain without end.
    for _ in 0..100 {
        at = Reflect::get_prototype_of(&at).ok()?.into();
        if !at.is_object() {
            break;
        }
        root = Some(at.clone());
    }
    root
}

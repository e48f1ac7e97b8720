//! The operations of a patch, and differences, on their way to JavaScript, which holds them.

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::{arguments, failure};
use crate::Invalid;
use crate::patch::{self, Replace};

/// `PatchBuilder.replace()`: one operation as JSON.
///
/// # Errors
///
/// A `ValidationError` with field `path` or `value`.
#[wasm_bindgen(js_name = replaceOperation)]
pub fn replace_operation(path: &JsValue, value: &JsValue) -> Result<String, JsValue> {
    let operation = || Replace::new(&arguments::text("path", path)?, &value_json(value)?);
    operation().map(|operation| operation.to_json()).map_err(failure::invalid_to_js)
}

/// `diff()`
///
/// # Errors
///
/// A `ValidationError` with field `before` or `after` where it is no object.
#[wasm_bindgen(js_name = diff)]
pub fn diff(before: &JsValue, after: &JsValue) -> Result<JsValue, JsValue> {
    let found = || patch::diff(&side("before", before)?, &side("after", after)?);
    found().map_err(failure::invalid_to_js).and_then(|found| JSON::parse(&found.to_json()))
}

fn side(name: &'static str, value: &JsValue) -> Result<String, Invalid> {
    arguments::json(value).map_err(|invalid| at(name, invalid))
}

fn value_json(value: &JsValue) -> Result<String, Invalid> {
    if value.is_undefined() {
        return Err(Invalid::new("value", "value must be given"));
    }
    arguments::json(value).map_err(|invalid| at("value", invalid))
}

/// The refusal of a part of the argument `name`.
fn at(name: &str, invalid: Invalid) -> Invalid {
    Invalid::new([name, &invalid.field].concat(), invalid.into_inner().message)
}

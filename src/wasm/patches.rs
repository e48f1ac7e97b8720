//! Patches and differences as JavaScript holds them.

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::{arguments, failure};
use crate::model::Invalid;
use crate::patch::{self, Patch};

/// A patch: what `PatchBuilder` of the entry file stands on.
#[wasm_bindgen]
pub struct PatchCore(Patch);

#[wasm_bindgen]
impl PatchCore {
    /// `patch()`
    #[wasm_bindgen(constructor)]
    pub fn new() -> PatchCore {
        Self(Patch::new())
    }

    /// `replace()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` with field `path` or `value`.
    #[wasm_bindgen(js_name = replace)]
    pub fn replace(&self, path: &JsValue, value: &JsValue) -> Result<PatchCore, JsValue> {
        let longer = || self.0.replace(&arguments::text("path", path)?, &value_json(value)?);
        longer().map(PatchCore).map_err(failure::invalid_to_js)
    }

    /// How many operations it has.
    #[wasm_bindgen(getter, js_name = length)]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// The operations.
    ///
    /// # Errors
    ///
    /// None: what was checked can be parsed.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&self.0.to_json())
    }
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

//! Turns small results into plain JavaScript objects.

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::engine::Headers;
use crate::engine::report::{Attempt, ResponseInfo};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'r> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'r str>,
    deprecated: bool,
    attempts: &'r [Attempt],
}

/// The `ResponseInfo` of the public surface.
pub fn response_info(response: &ResponseInfo, attempts: &[Attempt]) -> JsValue {
    let info = to_js(&Info {
        status: response.status,
        request_id: response.request_id.as_deref(),
        deprecated: response.deprecated,
        attempts,
    });
    set(&info, "headers", &headers(&response.headers));
    info
}

/// Header fields as an object; `fromEntries` makes `__proto__` an own key like any other.
pub fn headers(headers: &Headers) -> JsValue {
    let entries: Array = headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
    Object::from_entries(&entries).unwrap_or_default().into()
}

/// A flat value as a plain object.
pub fn to_js<T: Serialize>(value: &T) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}

/// Sets an own property of an object made here.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Setting a property of a fresh plain object cannot fail.
    let _set = Reflect::set(object, &name.into(), value);
}

//! Filters on their way to JavaScript, which holds their texts: nothing of them stays in WebAssembly.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::{arguments, failure, look};
use crate::engine::given::Given;
use crate::model::Invalid;
use crate::query::{Field, Filter, MAX_TEXT_LEN, Row};

/// `filter.<field>.eq()`: the text of the filter, and whether a part of that is unchecked, as all that follow give it.
///
/// # Errors
///
/// A `ValidationError` where the value is no text.
#[wasm_bindgen(js_name = filterEq)]
pub fn eq(field: &str, value: &JsValue) -> Result<Array, JsValue> {
    made(arguments::text("value", value).and_then(|value| Filter::eq(named(field)?, &value)))
}

/// `filter.<field>.in()`
///
/// # Errors
///
/// A `ValidationError` where the values are no array of texts.
#[wasm_bindgen(js_name = filterIn)]
pub fn is_in(field: &str, values: &JsValue) -> Result<Array, JsValue> {
    made(texts(values).and_then(|values| Filter::is_in(named(field)?, &values)))
}

fn texts(values: &JsValue) -> Result<Vec<String>, Invalid> {
    if !look::is_array(values) {
        return Err(Invalid::new("values", "values must be an array of strings"));
    }
    let mut left = MAX_TEXT_LEN;
    let mut texts = Vec::new();
    for value in look::array_from(values).unwrap_or_default().iter() {
        let text = arguments::text("values", &value)?;
        // With its quotes and a comma.
        let rest = left.checked_sub(text.len() + 3);
        left = rest.ok_or_else(|| Invalid::new("values", "values must be at most 4 MiB long in all"))?;
        texts.push(text);
    }
    Ok(texts)
}

/// `filter.parse()`
///
/// # Errors
///
/// A `ValidationError` with the position of what is wrong.
#[wasm_bindgen(js_name = filterParse)]
pub fn parse(expression: &JsValue) -> Result<Array, JsValue> {
    made(arguments::text("filters", expression).and_then(|text| Filter::parse(&text)))
}

/// `filter.raw()`
///
/// # Errors
///
/// A `ValidationError` where the text is blank or too long.
#[wasm_bindgen(js_name = filterRaw)]
pub fn raw(expression: &JsValue) -> Result<Array, JsValue> {
    made(arguments::text("filters", expression).and_then(|text| Filter::raw(&text)))
}

/// `and()` and `or()`
///
/// # Errors
///
/// A `ValidationError` where `other` is no filter, or the result is too long or too deep.
#[wasm_bindgen(js_name = filterJoin)]
pub fn join(filter: &JsValue, conjunction: bool, other: &JsValue) -> Result<Array, JsValue> {
    let joined = || {
        let (filter, other) = (read("filter", filter)?, read("other", other)?);
        if conjunction { filter.and(&other) } else { filter.or(&other) }
    };
    made(joined())
}

/// `not()`
///
/// # Errors
///
/// A `ValidationError` where the result is too long or too deep.
#[wasm_bindgen(js_name = filterNot)]
pub fn not(filter: &JsValue) -> Result<Array, JsValue> {
    made(read("filter", filter).and_then(|filter| filter.not()))
}

/// `matches()`
///
/// # Errors
///
/// A `ValidationError` where a raw part cannot be judged.
#[wasm_bindgen(js_name = filterMatches)]
pub fn matches(filter: &JsValue, integration: &JsValue) -> Result<bool, JsValue> {
    let text = |object: &JsValue, name| arguments::property(object, name).as_string();
    let id = text(integration, "id");
    let name = text(integration, "name").unwrap_or_default();
    let kind = text(integration, "type").unwrap_or_default();
    let cluster = text(integration, "cluster").or_else(|| text(&arguments::property(integration, "clusterRef"), "id"));
    let row = Row { id: id.as_deref(), name: &name, kind: &kind, cluster: cluster.as_deref() };
    read("filter", filter).and_then(|filter| filter.matches(&row)).map_err(failure::invalid_to_js)
}

fn made(filter: Result<Filter, Invalid>) -> Result<Array, JsValue> {
    let parts = |filter: Filter| Array::of2(&filter.text().into(), &filter.is_raw().into());
    filter.map(parts).map_err(failure::invalid_to_js)
}

/// Reads a filter of this or another copy of the package.
fn read(name: &'static str, filter: &JsValue) -> Result<Filter, Invalid> {
    match arguments::given(filter) {
        Given::Text(text) if filter.is_object() => Filter::parse(&text),
        Given::RawFilter(text) => Filter::raw(&text),
        _ => Err(Invalid::new(name, [name, " must be a filter"].concat())),
    }
}

fn named(field: &str) -> Result<Field, Invalid> {
    Field::named(field).ok_or_else(|| Invalid::new("filters", "the API does not filter by that"))
}

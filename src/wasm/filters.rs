//! Filters on their way to JavaScript, which holds their texts: nothing of them stays in WebAssembly.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use super::{arguments, failure, look};
use crate::Invalid;
use crate::client::options::given::Given;
use crate::query::{Field, Filter, MAX_TEXT_LEN, Row};

/// `filter.<field>.eq()`, and `in()` for a list: the text of the filter, and whether a part of that is unchecked, as all that
/// follow give it.
///
/// # Errors
///
/// A `ValidationError` where the value is no text, or the values are no array of texts.
#[wasm_bindgen(js_name = filterTest)]
pub fn test(field: &str, is_list: bool, value: &JsValue) -> Result<Array, JsValue> {
    let test = || {
        let field = Field::named(field).ok_or_else(|| Invalid::new("filters", "the API does not filter by that"))?;
        if is_list {
            Filter::is_in(field, &texts(value)?)
        } else {
            Filter::eq(field, &arguments::text("value", value)?)
        }
    };
    made(test())
}

fn texts(values: &JsValue) -> Result<Vec<String>, Invalid> {
    let no_array = || Invalid::new("values", "values must be an array of strings");
    if !look::is_array(values) {
        return Err(no_array());
    }
    let too_long = || Invalid::new("values", "values must be at most 4 MiB");
    let length = arguments::length(values).and_then(|length| usize::try_from(length).ok());
    if length.is_none_or(|length| length > MAX_TEXT_LEN) {
        return Err(too_long());
    }
    let mut left = MAX_TEXT_LEN;
    let mut texts = Vec::new();
    for value in look::array_from(values).map_err(|_| no_array())?.iter() {
        let text = arguments::text("values", &value)?;
        // With its quotes and a comma.
        let rest = left.checked_sub(text.len() + 3);
        left = rest.ok_or_else(too_long)?;
        texts.push(text);
    }
    Ok(texts)
}

/// `filter.parse()`, and `filter.raw()` for a text that is not checked.
///
/// # Errors
///
/// A `ValidationError` with the position of what is wrong; a raw text must not be blank or too long.
#[wasm_bindgen(js_name = filterOf)]
pub fn of(expression: &JsValue, is_raw: bool) -> Result<Array, JsValue> {
    let text = arguments::text("filters", expression);
    made(text.and_then(|text| if is_raw { Filter::raw(&text) } else { Filter::parse(&text) }))
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
    let lower = |text: &str| String::from(JsString::from(text).to_lower_case());
    read("filter", filter).and_then(|filter| filter.matches_in(&row, &lower)).map_err(failure::invalid_to_js)
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

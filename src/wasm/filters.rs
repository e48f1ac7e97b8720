//! Filters as JavaScript holds them.

use wasm_bindgen::prelude::*;

use super::{arguments, failure, look};
use crate::model::Invalid;
use crate::query::{Field, Filter, Row};

/// A filter: what `Filter` of the entry file stands on.
#[wasm_bindgen]
pub struct FilterCore(Filter);

#[wasm_bindgen]
impl FilterCore {
    /// `filter.<field>.eq()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the value is no text.
    #[wasm_bindgen(js_name = eq)]
    pub fn eq(field: &str, value: &JsValue) -> Result<FilterCore, JsValue> {
        made(arguments::text("value", value).and_then(|value| Filter::eq(named(field)?, &value)))
    }

    /// `filter.<field>.in()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the values are no array of texts.
    #[wasm_bindgen(js_name = isIn)]
    pub fn is_in(field: &str, values: &JsValue) -> Result<FilterCore, JsValue> {
        if !look::is_array(values) {
            return made(Err(Invalid::new("values", "values must be an array of strings")));
        }
        let values: Result<Vec<_>, _> = look::array_from(values)
            .unwrap_or_default()
            .iter()
            .map(|value| arguments::text("values", &value))
            .collect();
        made(values.and_then(|values| Filter::is_in(named(field)?, &values)))
    }

    /// `filter.parse()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` with the position of what is wrong.
    #[wasm_bindgen(js_name = parse)]
    pub fn parse(expression: &JsValue) -> Result<FilterCore, JsValue> {
        made(arguments::text("filters", expression).and_then(|text| Filter::parse(&text)))
    }

    /// `filter.raw()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the text is blank or too long.
    #[wasm_bindgen(js_name = raw)]
    pub fn raw(expression: &JsValue) -> Result<FilterCore, JsValue> {
        made(arguments::text("filters", expression).and_then(|text| Filter::raw(&text)))
    }

    /// `and()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the result is too long or too deep.
    #[wasm_bindgen(js_name = and)]
    pub fn and(&self, other: &FilterCore) -> Result<FilterCore, JsValue> {
        made(self.0.and(&other.0))
    }

    /// `or()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the result is too long or too deep.
    #[wasm_bindgen(js_name = or)]
    pub fn or(&self, other: &FilterCore) -> Result<FilterCore, JsValue> {
        made(self.0.or(&other.0))
    }

    /// `not()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where the result is too long or too deep.
    #[wasm_bindgen(js_name = not)]
    pub fn not(&self) -> Result<FilterCore, JsValue> {
        made(self.0.not())
    }

    /// `matches()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` where a raw part cannot be judged.
    #[wasm_bindgen(js_name = matches)]
    pub fn matches(&self, integration: &JsValue) -> Result<bool, JsValue> {
        let text = |object: &JsValue, name| arguments::property(object, name).as_string();
        let id = text(integration, "id");
        let name = text(integration, "name").unwrap_or_default();
        let kind = text(integration, "type").unwrap_or_default();
        let cluster =
            text(integration, "cluster").or_else(|| text(&arguments::property(integration, "clusterRef"), "id"));
        let row = Row { id: id.as_deref(), name: &name, kind: &kind, cluster: cluster.as_deref() };
        self.0.matches(&row).map_err(failure::invalid_to_js)
    }

    /// The expression.
    #[wasm_bindgen(getter, js_name = text)]
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// Whether a part of it is unchecked text.
    #[wasm_bindgen(getter, js_name = isRaw)]
    pub fn is_raw(&self) -> bool {
        self.0.is_raw()
    }
}

fn made(filter: Result<Filter, Invalid>) -> Result<FilterCore, JsValue> {
    filter.map(FilterCore).map_err(failure::invalid_to_js)
}

fn named(field: &str) -> Result<Field, Invalid> {
    Field::named(field).ok_or_else(|| Invalid::new("filters", "the API does not filter by that"))
}

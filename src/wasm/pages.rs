//! Pages as JavaScript gets them.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::report::set;
use crate::query::ListQuery;

/// The answer to one page's query.
pub struct Page<'p> {
    /// Its items.
    pub items: &'p Array,
    /// What was asked for.
    pub query: &'p ListQuery,
    /// Items of the whole list, where that is known.
    pub total: Option<u64>,
    /// The query of the page after it.
    pub next: Option<ListQuery>,
}

impl Page<'_> {
    /// A `Page` of the public surface. `filters` is what the caller gave.
    pub fn to_js(&self, filters: &JsValue) -> JsValue {
        let page = Object::new().into();
        set(&page, "items", self.items);
        set(&page, "offset", &self.query.offset().into());
        set(&page, "limit", &self.query.limit().into());
        if let Some(total) = self.total {
            // No list is longer than 2^53.
            set(&page, "total", &(total as f64).into());
        }
        if let Some(next) = &self.next {
            // Of a list of many values the next page may be that of others.
            let is_same = next.filter().zip(self.query.filter()).is_some_and(|(next, this)| next.is(this));
            set(&page, "next", &query(next, is_same.then_some(filters)));
        }
        page
    }
}

/// A `ListQuery` of the public surface; `filters` is its filter where the caller gave it.
fn query(query: &ListQuery, filters: Option<&JsValue>) -> JsValue {
    let object = Object::new().into();
    set(&object, "offset", &query.offset().into());
    set(&object, "limit", &query.limit().into());
    if let Some(sorter) = query.sorter() {
        set(&object, "sorters", &sorter.as_str().into());
    }
    if let Some(filter) = query.filter() {
        let text = || filter.text().into();
        set(&object, "filters", &filters.cloned().unwrap_or_else(text));
    }
    if query.count() {
        set(&object, "count", &JsValue::TRUE);
    }
    object
}

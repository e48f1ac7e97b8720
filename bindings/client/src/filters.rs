//! Filters on their way to JavaScript, which holds their texts: nothing of them stays in WebAssembly.

use wasm_bindgen::prelude::*;

use crate::border::{lower_case, say};
use crate::client::refuse;
use crate::read::{arguments, given, text};
use crate::write::Object;
use isc_service_desk::Invalid;
use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::session::text as text_argument;
use isc_service_desk::json::Json;
use isc_service_desk::query::{Field, Filter, MAX_TEXT_LEN, Row};

/// What makes a filter, or asks one: says its text, and whether a part of that is unchecked; or whether it matches.
#[wasm_bindgen]
pub fn filter(command: &str) {
    let items = arguments(command);
    let (first, second) = (items.get(1), items.get(2));
    let made = match text(items.first()).as_str() {
        "eq" => test(first, second, Filter::eq),
        "in" => members(first, second),
        "parse" => text_argument("filters", &given(first)).and_then(|text| Filter::parse(&text)),
        "raw" => text_argument("filters", &given(first)).and_then(|text| Filter::raw(&text)),
        "and" => both(first, second).and_then(|(filter, other)| filter.and(&other)),
        "or" => both(first, second).and_then(|(filter, other)| filter.or(&other)),
        "not" => read("filter", first).and_then(|filter| filter.not()),
        _ => {
            say_match(first, items.get(2..).unwrap_or_default());
            return;
        }
    };
    match made {
        Ok(filter) => {
            let mut said = Object::default();
            say(&said.text("text", Some(&filter.text())).flag("isRaw", filter.is_raw()).finish(), None);
        }
        Err(invalid) => refuse(invalid),
    }
}

fn field(name: Option<&Json<'_>>) -> Result<Field, Invalid> {
    Field::named(&text(name)).ok_or_else(|| Invalid::new("filters", "the API does not filter by that"))
}

fn test(
    name: Option<&Json<'_>>,
    value: Option<&Json<'_>>,
    make: impl Fn(Field, &str) -> Result<Filter, Invalid>,
) -> Result<Filter, Invalid> {
    make(field(name)?, &text_argument("value", &given(value))?)
}

fn members(name: Option<&Json<'_>>, values: Option<&Json<'_>>) -> Result<Filter, Invalid> {
    let too_long = || Invalid::new("values", "values must be at most 4 MiB");
    let values = match given(values) {
        OptionValue::List(values) => values,
        OptionValue::Other(kind) if kind.starts_with("more than") => return Err(too_long()),
        _ => return Err(Invalid::new("values", "values must be an array of strings")),
    };
    let mut left = MAX_TEXT_LEN;
    let mut texts = Vec::new();
    for value in &values {
        let text = text_argument("values", value)?;
        // With its quotes and a comma.
        let rest = left.checked_sub(text.len() + 3);
        left = rest.ok_or_else(too_long)?;
        texts.push(text);
    }
    Filter::is_in(field(name)?, &texts)
}

fn both(filter: Option<&Json<'_>>, other: Option<&Json<'_>>) -> Result<(Filter, Filter), Invalid> {
    Ok((read("filter", filter)?, read("other", other)?))
}

/// Reads a filter of this or another copy of the package.
fn read(name: &'static str, filter: Option<&Json<'_>>) -> Result<Filter, Invalid> {
    match given(filter) {
        OptionValue::Filter(text) => Filter::parse(&text),
        OptionValue::RawFilter(text) => Filter::raw(&text),
        _ => Err(Invalid::new(name, [name, " must be a filter"].concat())),
    }
}

/// The members of an integration are its id, name, type and cluster: texts, or nothing.
fn say_match(filter: Option<&Json<'_>>, integration: &[Json<'_>]) {
    let member = |place: usize| Some(integration.get(place)?.as_str()?.into_owned());
    let (id, cluster) = (member(0), member(3));
    let (name, kind) = (member(1).unwrap_or_default(), member(2).unwrap_or_default());
    let row = Row { id: id.as_deref(), name: &name, kind: &kind, cluster: cluster.as_deref() };
    match read("filter", filter).and_then(|filter| filter.matches_in(&row, &lower_case)) {
        Ok(matches) => say(&Object::default().flag("matches", matches).finish(), None),
        Err(invalid) => refuse(invalid),
    }
}

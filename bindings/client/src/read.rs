//! Reads what `client/given.js` writes: values of JavaScript as JSON.

use isc_service_desk::client::options::given::Given;
use isc_service_desk::client::session::Body;
use isc_service_desk::json::{Json, Kind};

/// The items of the array in a text.
pub fn arguments(text: &str) -> Vec<Json<'_>> {
    Json::parse(text).ok().and_then(Json::as_array).unwrap_or_default()
}

/// A text, empty where there is none.
pub fn text(json: Option<&Json<'_>>) -> String {
    json.and_then(|json| json.as_str()).unwrap_or_default().into_owned()
}

/// A value. What is no value of JSON is an array that begins with the name of its kind.
pub fn given(json: Option<&Json<'_>>) -> Given {
    let Some(json) = json else { return Given::Nothing };
    match json.kind() {
        Kind::String => Given::Text(text(Some(json))),
        Kind::Null => Given::Null,
        Kind::Boolean => Given::Flag(json.text() == "true"),
        Kind::Array => tagged(&json.as_array().unwrap_or_default()),
        Kind::Number | Kind::Object => Given::Nothing,
    }
}

fn tagged(items: &[Json<'_>]) -> Given {
    let Some((tag, items)) = items.split_first() else { return Given::Nothing };
    let first = || text(items.first());
    match text(Some(tag)).as_str() {
        "number" => Given::Number(u64::from_str_radix(&first(), 16).map_or(f64::NAN, f64::from_bits)),
        "url" => Given::Url(first()),
        "filter" => Given::Filter(first()),
        "raw filter" => Given::RawFilter(first()),
        "function" => Given::Function,
        "list" => Given::List(items.iter().map(|item| given(Some(item))).collect()),
        "object" => {
            let pair = |pair: &[Json<'_>]| (text(pair.first()), given(pair.get(1)));
            Given::Object(items.chunks(2).map(pair).collect())
        }
        _ => Given::Other(first()),
    }
}

/// A body; its JSON may come beside it.
pub fn body(json: Option<&Json<'_>>, written: Option<String>) -> Body {
    if let Some(json) = written {
        return Body::Json(json);
    }
    let items = json.and_then(|json| json.as_array()).unwrap_or_default();
    match text(items.first()).as_str() {
        "json" => Body::Json(text(items.get(1))),
        "too long" => Body::TooLong,
        "unwritable" => Body::Unwritable(text(items.get(1))),
        _ => Body::Missing(given(items.get(1))),
    }
}

//! Reads what `client/given.js` writes: values of JavaScript as JSON.

use isc_service_desk::client::options::option_value::OptionValue;
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
pub fn given(json: Option<&Json<'_>>) -> OptionValue {
    let Some(json) = json else { return OptionValue::Nothing };
    match json.kind() {
        Kind::String => OptionValue::Text(text(Some(json))),
        Kind::Null => OptionValue::Null,
        Kind::Boolean => OptionValue::Flag(json.text() == "true"),
        Kind::Array => tagged(&json.as_array().unwrap_or_default()),
        Kind::Number | Kind::Object => OptionValue::Nothing,
    }
}

fn tagged(items: &[Json<'_>]) -> OptionValue {
    let Some((tag, items)) = items.split_first() else { return OptionValue::Nothing };
    let first = || text(items.first());
    match text(Some(tag)).as_str() {
        "number" => OptionValue::Number(u64::from_str_radix(&first(), 16).map_or(f64::NAN, f64::from_bits)),
        "url" => OptionValue::Url(first()),
        "filter" => OptionValue::Filter(first()),
        "raw filter" => OptionValue::RawFilter(first()),
        "function" => OptionValue::Function,
        "list" => OptionValue::List(items.iter().map(|item| given(Some(item))).collect()),
        "object" => {
            let pair = |pair: &[Json<'_>]| (text(pair.first()), given(pair.get(1)));
            OptionValue::Object(items.chunks(2).map(pair).collect())
        }
        _ => OptionValue::Other(first()),
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
        "unwritable" => Body::Unwritable { path: text(items.get(1)), why: text(items.get(2)) },
        _ => Body::Missing(given(items.get(1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> OptionValue {
        given(arguments(&["[", json, "]"].concat()).first())
    }

    #[test]
    fn values_come_as_they_were_written() {
        assert!(matches!(read("[]"), OptionValue::Nothing) && matches!(read("null"), OptionValue::Null));
        assert!(
            matches!(read("true"), OptionValue::Flag(true)) && matches!(read(r#"["function"]"#), OptionValue::Function)
        );
        assert!(matches!(read(r#""a\n""#), OptionValue::Text(text) if text == "a\n"));
        assert!(
            matches!(read(r#"["url","https://a.example/"]"#), OptionValue::Url(url) if url == "https://a.example/")
        );
        assert!(matches!(read(r#"["filter","name pr"]"#), OptionValue::Filter(text) if text == "name pr"));
        assert!(matches!(read(r#"["raw filter","x"]"#), OptionValue::RawFilter(text) if text == "x"));
        assert!(matches!(read(r#"["other","an iterable"]"#), OptionValue::Other(kind) if kind == "an iterable"));
        let OptionValue::Object(members) = read(r#"["object","a",["list",true,["number","4029000000000000"]]]"#) else {
            panic!("an object")
        };
        let [(name, OptionValue::List(items))] = members.as_slice() else { panic!("a list") };
        assert!(name == "a" && matches!(items.as_slice(), [OptionValue::Flag(true), OptionValue::Number(12.5)]));
    }

    #[test]
    fn numbers_are_their_bits() {
        for number in [0.0, -0.0, 250.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let OptionValue::Number(read) = read(&format!(r#"["number","{:x}"]"#, number.to_bits())) else {
                panic!("{number}")
            };
            assert_eq!(read.to_bits(), number.to_bits());
        }
        assert!(matches!(read(r#"["number","?"]"#), OptionValue::Number(number) if number.is_nan()));
    }

    #[test]
    fn bodies_are_json_or_what_is_wrong_with_them() {
        let read = |json: &str| body(arguments(json).first(), None);
        assert!(matches!(body(None, Some("{}".into())), Body::Json(json) if json == "{}"));
        assert!(matches!(read(r#"[["json","[1]"]]"#), Body::Json(json) if json == "[1]"));
        assert!(matches!(read(r#"[["too long"]]"#), Body::TooLong));
        let unwritable = read(r#"[["unwritable","/a","a cycle"]]"#);
        assert!(
            matches!(unwritable, Body::Unwritable { path, why } if (path.as_str(), why.as_str()) == ("/a", "a cycle"))
        );
        assert!(matches!(read(r#"[["missing",["function"]]]"#), Body::Missing(OptionValue::Function)));
        assert!(matches!(read("[]"), Body::Missing(OptionValue::Nothing)));
    }

    #[test]
    fn what_is_no_command_is_nothing() {
        for text in ["", "{}", "[", "7", "[7,{}]", r#"[[7]]"#, r#"[["object","a"]]"#] {
            assert!(!matches!(given(arguments(text).first()), OptionValue::Text(_)), "{text}");
        }
    }
}

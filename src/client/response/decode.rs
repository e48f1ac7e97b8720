//! Checks the body of a 2xx against what its operation returns.

use crate::client::request::operation::Operation;
use crate::http::message::Response;
use crate::json::shape::{Mismatch, Odd};
use crate::json::{Json, Kind, ObjectWriter, quote};
use crate::wire::QueuedCheckConfigDetails;

/// What a good answer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The JSON text that the caller gets parsed; `None` where the operation returns nothing.
    pub json: Option<String>,
    /// Of a list: what each of its items is told by, its id; an empty text where an odd one has none.
    pub names: Vec<String>,
    /// Of a list that keeps them: its items that are not what they must be.
    pub odd: Vec<Odd>,
}

/// Reads the bytes of an answer.
///
/// The text is the server's own, so that unknown members and numbers reach the caller untouched. Two exceptions make the
/// declared types true: status-check values become strings, and a template without `provisioningConfig` gets an empty one.
///
/// # Errors
///
/// A [`Mismatch`] where the body is not what the operation returns. An item of a list that is not what it must be is named in its message;
/// with `keeps_odd` it is an [`Odd`] of the answer.
pub fn decode(operation: Operation, response: Response, keeps_odd: bool) -> Result<Answer, Mismatch> {
    let Some(shape) = &operation.route().reads else { return Ok(Answer::default()) };
    if response.cut {
        return Err(no_json("the body is longer than 32 MiB"));
    }
    let mut text = String::from_utf8(response.body).map_err(|_| no_json("the body is not UTF-8"))?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.remove(0);
    }
    let (names, odd) = match shape.check_records(&text) {
        Ok(names) => (names, Vec::new()),
        Err(mut mismatch) => match shape.sort_out(&text) {
            Some(sorted) if keeps_odd => sorted,
            sorted => {
                if let Some(name) = sorted.and_then(|(_, odd)| odd.into_iter().next()?.name) {
                    mismatch.message = [&mismatch.message, ", in the record ", &quote(&name)].concat();
                }
                return Err(mismatch);
            }
        },
    };
    let json = match operation {
        Operation::GetStatusCheck | Operation::UpdateStatusCheck => with_texts(&text).unwrap_or(text),
        Operation::GetTemplate => with_provisioning_config(&text).unwrap_or(text),
        _ => text,
    };
    Ok(Answer { json: Some(json), names, odd })
}

fn no_json(message: &str) -> Mismatch {
    Mismatch { path: None, message: message.to_owned() }
}

/// Some servers put it before their JSON.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The status check with its numbers as strings; `None` where they are strings already.
fn with_texts(text: &str) -> Option<String> {
    let members = Json::parse(text).ok()?.as_object()?;
    let mut writer = ObjectWriter::new();
    let mut changed = false;
    for member in members.members() {
        let is_number = member.value.kind() == Kind::Number
            && member.name().is_some_and(|name| QueuedCheckConfigDetails::FIELDS.contains(&name));
        let value = member.value.text();
        writer.member(member.key(), &if is_number { quote(value) } else { value.to_owned() });
        changed |= is_number;
    }
    changed.then(|| writer.finish())
}

/// The template with an empty `provisioningConfig`; `None` where it has one.
fn with_provisioning_config(text: &str) -> Option<String> {
    const NAME: &str = "provisioningConfig";
    let members = Json::parse(text).ok()?.as_object()?;
    if members.get(NAME).is_some_and(|value| value.kind() == Kind::Object) {
        return None;
    }
    let mut writer = ObjectWriter::new();
    for member in members.members().into_iter().filter(|member| member.name() != Some(NAME)) {
        writer.member(member.key(), member.value.text());
    }
    writer.member(&quote(NAME), "{}");
    Some(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;

    fn answer(body: &[u8]) -> Response {
        Response { status: 200, headers: Headers::default(), body: body.to_vec(), cut: false }
    }

    fn decoded(operation: Operation, body: &str) -> String {
        decode(operation, answer(body.as_bytes()), false)
            .expect("a good body")
            .json
            .expect("an operation that returns something")
    }

    #[test]
    fn a_good_body_reaches_the_caller_byte_for_byte() {
        let body = r#" { "new" : 1.0e2, "id":"i","name":"n","type":"t","attributes":{"__proto__":{"a":1}} } "#;
        assert_eq!(decoded(Operation::Get, body), body);
        assert_eq!(decoded(Operation::List, "[]"), "[]");
        assert_eq!(decoded(Operation::List, "\u{feff}[]"), "[]");
    }

    #[test]
    fn a_deleted_integration_returns_nothing_whatever_its_body() {
        assert_eq!(decode(Operation::Delete, answer(b"<html>"), false), Ok(Answer::default()));
    }

    #[test]
    fn the_items_of_a_list_are_called_by_their_ids_or_else_their_names() {
        let items = [
            r#"{"name":"a","type":"t","attributes":{"id":"inner"},"id":"1"}"#,
            r#"{"id":"x","id":"\u0032","name":"b","type":"t","attributes":{},"ownerRef":{"id":"inner"}}"#,
            r#"{"id":"\ud800","name":"c","type":"t","attributes":{}}"#,
            r#"{"\u0069d":"4","name":"d","type":"t","attributes":{}}"#,
        ];
        let page = ["[", &items.join(","), "]"].concat();
        let names = decode(Operation::List, answer(page.as_bytes()), false).expect("a good body").names;
        assert_eq!(names, ["1", "2", "c", "4"]);
        assert_eq!(decode(Operation::List, answer(b"[]"), false).expect("a good body").names, [""; 0]);
    }

    const ODD: &str = r#"[{"id":"1","name":"a","type":"t","attributes":null},{"id":"2","name":"b","type":"t","attributes":[]},
        {"name":"c","type":7},"x",{"id":"5","name":"e","type":"t"}]"#;

    #[test]
    fn odd_records_of_a_list_are_sorted_out_where_they_are_kept() {
        let answer = decode(Operation::List, answer(ODD.as_bytes()), true).expect("a list");
        assert_eq!(answer.names, ["1", "2", "", "", "5"]);
        let odd = |index, name: Option<&str>, path: &str, message: &str| Odd {
            index,
            name: name.map(str::to_owned),
            path: path.to_owned(),
            message: message.to_owned(),
        };
        let expected = [
            odd(1, Some("2"), "/attributes", "/attributes must be an object, got an array"),
            odd(2, Some("c"), "/type", "/type must be a string, got a number"),
            odd(3, None, "", "the record must be an object, got a string"),
        ];
        assert_eq!(answer.odd, expected);
        assert_eq!(answer.json.as_deref(), Some(ODD));
    }

    #[test]
    fn a_list_of_more_than_a_thousand_odd_records_is_bad_also_where_they_are_kept() {
        let decoded = |count| {
            let page = ["[", &vec!["0"; count].join(","), "]"].concat();
            decode(Operation::List, answer(page.as_bytes()), true).map(|answer| answer.odd.len())
        };
        assert_eq!(decoded(1_000), Ok(1_000));
        assert_eq!(decoded(1_001).expect_err("too many").path.as_deref(), Some("/0"));
    }

    #[test]
    fn a_page_that_is_no_list_is_bad_also_where_odd_records_are_kept() {
        for body in ["{}", "null", "[", "", "<html>"] {
            assert!(decode(Operation::List, answer(body.as_bytes()), true).is_err(), "{body}");
        }
    }

    #[test]
    fn an_odd_record_is_named() {
        let message = |body: &str| decode(Operation::List, answer(body.as_bytes()), false).expect_err("odd").message;
        assert_eq!(message(ODD), "/1/attributes must be an object, got an array, in the record \"2\"");
        assert_eq!(
            message(r#"[{"name":"c\n","type":7}]"#),
            "/0/type must be a string, got a number, in the record \"c\\n\""
        );
        assert_eq!(message(r#"["x"]"#), "/0 must be an object, got a string");
    }

    #[test]
    fn status_check_values_become_strings() {
        let body = r#"{"provisioningStatusCheckIntervalMinutes":30,"provisioningMaxStatusCheckDays":"2","more":1}"#;
        let expected =
            r#"{"provisioningStatusCheckIntervalMinutes":"30","provisioningMaxStatusCheckDays":"2","more":1}"#;
        assert_eq!(decoded(Operation::GetStatusCheck, body), expected);
        assert_eq!(decoded(Operation::UpdateStatusCheck, expected), expected);
    }

    #[test]
    fn a_template_has_a_provisioning_config() {
        let expected = r#"{"type":"t","attributes":{},"provisioningConfig":{}}"#;
        assert_eq!(decoded(Operation::GetTemplate, r#"{"type":"t","attributes":{}}"#), expected);
        assert_eq!(
            decoded(Operation::GetTemplate, r#"{"provisioningConfig":null,"type":"t","attributes":{}}"#),
            expected
        );
        assert_eq!(decoded(Operation::GetTemplate, expected), expected);
    }

    #[test]
    fn an_integration_without_an_id_is_no_answer() {
        for body in
            [r#"{"name":"n","type":"t","attributes":{}}"#, r#"{"id":null,"name":"n","type":"t","attributes":{}}"#]
        {
            for operation in [Operation::Get, Operation::Create, Operation::Replace, Operation::Patch] {
                let mismatch = decode(operation, answer(body.as_bytes()), false).expect_err("a bad body");
                assert_eq!(mismatch.path.as_deref(), Some("/id"), "{body}");
            }
        }
    }

    #[test]
    fn a_bad_body_is_named_by_its_pointer() {
        let path = |body: &[u8]| decode(Operation::List, answer(body), false).expect_err("a bad body").path;
        assert_eq!(
            path(br#"[{"id":"i","name":"n","type":"t","attributes":{},"ownerRef":{"id":1}}]"#).as_deref(),
            Some("/0/ownerRef/id")
        );
        assert_eq!(path(b"\xff"), None);
        assert_eq!(path(b""), None);
    }
}

//! Turns a document into the one that a patch describes, as RFC 6902 has it.

use std::fmt;

use serde_json::Value;

use super::Patch;
use crate::json::pointer::Pointer;
use crate::json::{Json, Kind};

impl Patch {
    /// Replaces, one operation after the other, what each path points to. An array's item is pointed to by its index.
    ///
    /// A half of a surrogate pair becomes U+FFFD, and a number that no 64-bit float holds becomes null: [`Value`] can
    /// hold neither.
    ///
    /// # Errors
    /// The first operation whose target does not exist; `document` is then as it was.
    pub fn apply(&self, document: &mut Value) -> Result<(), MissingTarget> {
        let mut patched = document.clone();
        for (index, operation) in self.operations.iter().enumerate() {
            let Some(target) = patched.pointer_mut(operation.path.as_str()) else {
                return Err(MissingTarget { index, path: operation.path.clone() });
            };
            *target = Json::parse(&operation.value).map(owned).unwrap_or_default();
        }
        *document = patched;
        Ok(())
    }
}

/// An operation of a patch points to what the document does not have: the API answers 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingTarget {
    /// Which operation, counted from 0.
    pub index: usize,
    /// Its path.
    pub path: Pointer,
}

impl fmt::Display for MissingTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operation {} must replace what exists, found nothing at {}", self.index, self.path)
    }
}

impl std::error::Error for MissingTarget {}

fn owned(value: Json<'_>) -> Value {
    match value.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(value.text() == "true"),
        Kind::Number => value.text().parse().map_or(Value::Null, Value::Number),
        Kind::String => Value::String(lossy(&value.string_bytes().unwrap_or_default())),
        Kind::Array => Value::Array(value.as_array().unwrap_or_default().into_iter().map(owned).collect()),
        Kind::Object => {
            let members = value.as_object().unwrap_or_default();
            Value::Object(
                members.members().into_iter().map(|member| (lossy(member.name_bytes()), owned(member.value))).collect(),
            )
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Patch;
    use super::MissingTarget;
    use crate::json::pointer::Pointer;

    fn applied(operations: &[(&str, &str)], mut document: Value) -> Result<Value, MissingTarget> {
        let items =
            operations.iter().map(|(path, value)| format!(r#"{{"op":"replace","path":"{path}","value":{value}}}"#));
        let patch = Patch::parse(&format!("[{}]", items.collect::<Vec<_>>().join(","))).unwrap();
        patch.apply(&mut document).map(|()| document)
    }

    #[test]
    fn later_operation_wins() {
        let operations =
            [("/attributes/a/b", "1"), ("/attributes/a", r#"{"c":2}"#), ("/attributes/a/c", "3"), ("/name", r#""B""#)];
        let patched = applied(&operations, json!({ "name": "A", "attributes": { "a": { "b": 0 } } }));
        assert_eq!(patched, Ok(json!({ "name": "B", "attributes": { "a": { "c": 3 } } })));
    }

    #[test]
    fn item_of_an_array_is_replaced_by_its_index() {
        let document = || json!({ "attributes": { "l": ["a", "b"] } });
        assert_eq!(
            applied(&[("/attributes/l/1", r#""c""#)], document()),
            Ok(json!({ "attributes": { "l": ["a", "c"] } }))
        );
        for path in ["/attributes/l/2", "/attributes/l/-", "/attributes/l/01", "/attributes/l/+1", "/attributes/l/"] {
            let missing = MissingTarget { index: 0, path: Pointer::parse(path).unwrap() };
            assert_eq!(applied(&[(path, "1")], document()), Err(missing));
        }
    }

    #[test]
    fn missing_target_leaves_the_document_as_it_was() {
        let patch = Patch::new().replace("/name", r#""B""#).unwrap().replace("/attributes/a~1b", "1").unwrap();
        let mut document = json!({ "name": "A", "attributes": { "a": { "b": 0 } } });
        let missing = patch.apply(&mut document).unwrap_err();
        assert_eq!((missing.index, missing.path.as_str()), (1, "/attributes/a~1b"));
        assert_eq!(missing.to_string(), "operation 1 must replace what exists, found nothing at /attributes/a~1b");
        assert_eq!(document["name"], "A");
    }

    #[test]
    fn null_is_a_target() {
        assert_eq!(applied(&[("/clusterRef", "{}")], json!({ "clusterRef": null })), Ok(json!({ "clusterRef": {} })));
    }

    #[test]
    fn value_that_rust_cannot_hold_is_no_panic() {
        let value = r#"{"a":"x\ud800","b":1e999,"\udc00":[true],"c":-1.5,"d":18446744073709551616}"#;
        let replacement = "\u{fffd}".repeat(3);
        let held = json!({ "a": format!("x{replacement}"), "b": null, replacement: [true], "c": -1.5, "d": 18446744073709551616.0 });
        let patched = applied(&[("/attributes", value)], json!({ "attributes": {} }));
        assert_eq!(patched, Ok(json!({ "attributes": held })));
    }
}

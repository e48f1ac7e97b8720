//! Replace-only JSON Patch: built, checked, computed and applied.
//!
//! The API takes `replace` operations only and refuses the rest with 403. A [`Patch`] can hold nothing else: each of its
//! operations names a field that a client writes and carries a value that the API's document allows, whether it was
//! built with [`Patch::replace`], read with [`Patch::parse`] or computed with [`diff`]. What a patch cannot say needs a
//! PUT, and [`Diff::needs_replace`] tells.
//!
//! ```
//! use isc_service_desk::patch::{Patch, diff};
//!
//! let patch = Patch::new().replace("/attributes/url", r#""https://acme.example""#)?;
//! let before = r#"{"name": "Acme", "attributes": {"url": "https://old.example"}}"#;
//! let after = r#"{"name": "Acme", "attributes": {"url": "https://acme.example"}}"#;
//! assert_eq!(diff(before, after)?.patch, patch);
//! # Ok::<(), isc_service_desk::Invalid>(())
//! ```
//!
//! API: <https://developer.sailpoint.com/docs/api/patch-service-desk-integration-v-1>

mod apply;
mod diff;
mod parse;
mod plan;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod rules;
mod widen;

use std::fmt;

use crate::Invalid;
use crate::json::pointer::Pointer;
use crate::json::{Json, ObjectWriter, quote, write_array};

pub use apply::MissingTarget;
pub use diff::{Change, ChangeKind, Diff, Narrow, diff, diff_with};

/// A list of checked `replace` operations.
///
/// Operations run in their order. Two may name the same path, or one path below another: the later wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch {
    operations: Vec<Replace>,
}

/// One `replace` operation of a [`Patch`]. `Debug` shows the path only, since a value may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Replace {
    path: Pointer,
    value: String,
}

impl Patch {
    /// A patch that changes nothing. Whether to send one without operations is the sender's question.
    pub const fn new() -> Self {
        Self { operations: Vec::new() }
    }

    /// This patch and one more operation, as [`Replace::new`] makes it.
    ///
    /// # Errors
    ///
    /// As [`Replace::new`].
    pub fn replace(mut self, path: &str, value: &str) -> Result<Self, Invalid> {
        self.operations.push(Replace::new(path, value)?);
        Ok(self)
    }

    /// The operations, in their order.
    pub fn operations(&self) -> &[Replace] {
        &self.operations
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether the patch changes nothing.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The body of the request: a JSON array of operations.
    pub fn to_json(&self) -> String {
        write_array(&self.operations.iter().map(Replace::to_json).collect::<Vec<_>>())
    }
}

impl Replace {
    /// An operation; `value` is JSON text, which is sent as it is.
    ///
    /// The path names one of the fields that a client writes, or goes deeper in `/attributes` and `/provisioningConfig`.
    /// The value is a string, boolean, integer, object, or an array of strings, integers and objects; what stands inside
    /// an object is free. A top-level field takes a value of its own type only.
    ///
    /// # Errors
    /// The field is `path` for a path that a patch may not name: no JSON Pointer, the whole document, an unknown field,
    /// one that the server owns (`/id`, `/created`, `/modified`), the read-only `/provisioningConfig/universalManager`,
    /// a part of a reference, the place behind the end of a list (`/-`), an item of `managedResourceRefs` that is no number. It is `value` for text that is not JSON, null, a fraction, a number with an exponent, an
    /// array with other items, and another type than the field has. No message repeats a value.
    pub fn new(path: &str, value: &str) -> Result<Self, Invalid> {
        let operation = rules::check(path, parsed(value)?, false)?;
        rules::check_steps(path).map(|()| operation)
    }

    /// An operation for a field of tomorrow. Neither is checked that the field is known and one that a client writes, nor that a patch may
    /// carry the value.
    ///
    /// # Errors
    /// The field is `path` for what is no JSON Pointer, and for the whole document. It is `value` for text that is not JSON.
    pub fn raw(path: &str, value: &str) -> Result<Self, Invalid> {
        rules::check(path, parsed(value)?, true)
    }

    /// What is replaced.
    pub fn path(&self) -> &Pointer {
        &self.path
    }

    /// The new value, as JSON text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Its part of the body.
    pub fn to_json(&self) -> String {
        let mut writer = ObjectWriter::new();
        writer.member(r#""op""#, r#""replace""#);
        writer.member(r#""path""#, &quote(self.path.as_str()));
        writer.member(r#""value""#, &self.value);
        writer.finish()
    }
}

fn parsed(value: &str) -> Result<Json<'_>, Invalid> {
    Json::parse(value).map_err(|error| Invalid::new("value", ["value ", &error.text()].concat()))
}

impl fmt::Debug for Replace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replace {}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::{Patch, diff};

    #[test]
    fn an_operation_goes_to_the_end() {
        let one = Patch::new().replace("/name", r#""A""#).unwrap();
        let two = one.clone().replace("/attributes/a", " 1 ").unwrap();
        assert_eq!((Patch::new().len(), one.len(), two.len()), (0, 1, 2));
        assert_eq!(Patch::new().to_json(), "[]");
        assert_eq!(one.to_json(), r#"[{"op":"replace","path":"/name","value":"A"}]"#);
        assert_eq!(two.operations().last().map(|last| last.value()), Some("1"));
    }

    #[test]
    fn value_is_sent_as_it_was_written() {
        let value = r#"{ "b" : 1.50, "a": "\ud800\/", "a": 1e400 }"#;
        let patch = Patch::new().replace("/attributes", value).unwrap();
        assert_eq!(patch.to_json(), format!(r#"[{{"op":"replace","path":"/attributes","value":{value}}}]"#));
        assert_eq!(Patch::parse(&patch.to_json()), Ok(patch));
    }

    #[test]
    fn debug_shows_no_value() {
        let patch = Patch::new().replace("/attributes/password", r#""s3cret""#).unwrap();
        assert_eq!(format!("{patch:?}"), "Patch { operations: [replace /attributes/password] }");
    }

    #[test]
    fn ten_thousand_levels_are_refused() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let inside = format!(r#"{{"attributes":{{"a":{deep}}}}}"#);
        let refusals = [
            Patch::new().replace("/attributes/a", &deep).unwrap_err(),
            Patch::parse(&format!(r#"[{{"op":"replace","path":"/attributes/a","value":{deep}}}]"#)).unwrap_err(),
            diff(&inside, "{}").unwrap_err(),
            diff("{}", &inside).unwrap_err(),
        ];
        let texts = refusals.map(|refusal| refusal.to_string());
        let tail = "must not be nested deeper than 128 levels";
        assert_eq!(texts, ["value", "operations", "before", "after"].map(|start| format!("{start} {tail}")));
    }

    #[test]
    fn deepest_allowed_documents_are_compared() {
        let tree = |leaf: &str| format!("{}{leaf}{}", r#"{"attributes":{"a":"#.repeat(64), "}}".repeat(64));
        let found = diff(&tree("1"), &tree("2")).unwrap();
        assert_eq!((found.patch.len(), found.changes.len()), (1, 1));
        assert_eq!(found.changes.first().map(|change| change.path.tokens().count()), Some(128));
    }

    #[test]
    fn a_megabyte_is_compared() {
        let text = |letter: &str| format!(r#"{{"attributes":{{"a":"{}","b":1}}}}"#, letter.repeat(1 << 20));
        assert_eq!(diff(&text("x"), &text("é")).map(|found| found.patch.len()), Ok(1));
        let wide = |value: u8| {
            let members: Vec<_> = (0..50_000).map(|n| format!(r#""n{n}":{value}"#)).collect();
            format!(r#"{{"attributes":{{{}}}}}"#, members.join(","))
        };
        let found = diff(&wide(1), &wide(2)).unwrap();
        assert_eq!((found.patch.len(), found.changes.len()), (50_000, 50_000));
    }

    #[test]
    fn name_that_no_path_can_spell_is_replaced_with_the_object_around_it() {
        let text =
            |value| format!(r#"{{"attributes":{{"m":{{"\ud800":{value},"url":"https://acme.example"}},"n":1}}}}"#);
        let found = diff(&text(1), &text(2)).unwrap();
        let patch = r#"[{"op":"replace","path":"/attributes/m","value":{"\ud800":2,"url":"https://acme.example"}}]"#;
        assert_eq!((found.patch.to_json().as_str(), found.needs_replace), (patch, false));
        let paths: Vec<_> = found.changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, [r#"/attributes/m/"\ud800""#]);
    }

    #[test]
    fn value_with_half_of_a_surrogate_pair_is_compared_and_kept() {
        let text = |half| format!(r#"{{"attributes":{{"a":"{half}","url":"https://acme.example"}}}}"#);
        assert!(diff(&text(r"\ud800"), &text(r"\uD800")).is_ok_and(|found| found.changes.is_empty()));
        let found = diff(&text(r"\ud800"), &text(r"\ud801")).unwrap();
        assert_eq!(found.patch.to_json(), r#"[{"op":"replace","path":"/attributes/a","value":"\ud801"}]"#);
    }

    #[test]
    fn top_level_name_that_nothing_can_spell_needs_a_put() {
        let found = diff("{}", r#"{"\ud800":1}"#).unwrap();
        assert!(found.needs_replace && found.changes.len() == 1);
    }
}

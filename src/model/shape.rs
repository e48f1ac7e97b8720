//! Checks a JSON text against the shape that an operation reads or writes, keeping nothing of them.
//!
//! One table per wire type and one visitor for all of them: half the code of a derived reader for each, and it
//! knows the JSON Pointer of what it refuses. Unknown members are passed over, as the API may add them.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A boolean.
    Flag,
    /// A number.
    Number,
    /// A string or a number: the API's document and its examples disagree.
    TextOrNumber,
    /// An object with members of any name and kind.
    Map,
    /// An object with these members, and any others.
    Object(&'static [Member]),
    /// An array.
    List(&'static Shape),
}

/// One known member of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// Whether it must be there, and not null. Otherwise it may be absent or null: live servers answer both.
    pub required: bool,
}

/// A member that must be there.
pub const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, required: true }
}

/// A member that may be absent or null.
pub const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, required: false }
}

/// The first value that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// JSON Pointer to the value; `None` where the text is no JSON at all.
    pub path: Option<String>,
    /// What was expected there and what came, without the value itself.
    pub message: String,
}

impl Shape {
    /// Checks one complete JSON text.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`] where the text is empty, cut or no JSON (its `path` is `None`), or where a value has the wrong
    /// type or a required one is missing or null.
    pub fn check(&self, json: &str) -> Result<(), Mismatch> {
        let trace = Trace::default();
        let mut reader = serde_json::Deserializer::from_str(json);
        let checked = Check { shape: self, nullable: false, trace: &trace }.deserialize(&mut reader);
        let outcome = checked.and_then(|()| reader.end());
        outcome.map_err(|error| trace.mismatch.into_inner().unwrap_or_else(|| not_json(json, &error)))
    }

    /// What a person calls it.
    const fn describe(&self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "a boolean",
            Self::Number => "a number",
            Self::TextOrNumber => "a string or a number",
            Self::Map | Self::Object(_) => "an object",
            Self::List(_) => "an array",
        }
    }
}

fn not_json(json: &str, error: &serde_json::Error) -> Mismatch {
    let first = json.bytes().find(|byte| !byte.is_ascii_whitespace());
    let message = match first {
        None => "the body is empty".to_owned(),
        Some(b'<') => "the body is HTML or XML, not JSON".to_owned(),
        Some(_) if error.is_eof() => format!("the JSON ends too early, after {} bytes", json.len()),
        Some(_) => format!("the body is not JSON (line {}, column {})", error.line(), error.column()),
    };
    Mismatch { path: None, message }
}

/// Where the reader stands, and the first thing it refused: serde's errors carry no path.
#[derive(Default)]
struct Trace {
    steps: RefCell<Vec<Step>>,
    mismatch: RefCell<Option<Mismatch>>,
}

#[derive(Clone, Copy)]
enum Step {
    Name(&'static str),
    Index(usize),
}

impl Trace {
    fn within<T>(&self, step: Step, read: impl FnOnce() -> T) -> T {
        self.steps.borrow_mut().push(step);
        let value = read();
        self.steps.borrow_mut().pop();
        value
    }

    /// Known names hold neither `~` nor `/`, so nothing needs an escape.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in self.steps.borrow().iter() {
            pointer.push('/');
            match step {
                Step::Name(name) => pointer.push_str(name),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn refuse<E: de::Error>(&self, expected: &str, got: &str) -> E {
        let path = self.pointer();
        let place = if path.is_empty() { "the body" } else { path.as_str() };
        let message = format!("{place} must be {expected}, got {got}");
        *self.mismatch.borrow_mut() = Some(Mismatch { path: Some(path), message });
        E::custom("")
    }
}

struct Check<'t> {
    shape: &'t Shape,
    nullable: bool,
    trace: &'t Trace,
}

impl Check<'_> {
    fn accept<E: de::Error>(&self, fits: bool, got: &str) -> Result<(), E> {
        if fits { Ok(()) } else { Err(self.trace.refuse(self.shape.describe(), got)) }
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape.describe())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.accept(self.nullable, "null")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.accept(matches!(self.shape, Shape::Flag), "a boolean")
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.accept(matches!(self.shape, Shape::Number | Shape::TextOrNumber), "a number")
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.visit_u64(0)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.visit_u64(0)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.accept(matches!(self.shape, Shape::Text | Shape::TextOrNumber), "a string")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Shape::List(shape) = self.shape else { return self.accept(false, "an array") };
        let trace = self.trace;
        let mut index = 0;
        while let Some(()) =
            trace.within(Step::Index(index), || items.next_element_seed(Check { shape, nullable: false, trace }))?
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let members = match self.shape {
            Shape::Object(members) => *members,
            Shape::Map => &[],
            _ => return self.accept(false, "an object"),
        };
        let mut seen = 0_u32;
        while let Some(found) = entries.next_key_seed(Known(members))? {
            let Some((position, member)) = found else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            seen |= 1 << position;
            let check = Check { shape: &member.shape, nullable: !member.required, trace: self.trace };
            self.trace.within(Step::Name(member.name), || entries.next_value_seed(check))?;
        }
        let missing =
            members.iter().enumerate().find(|(position, member)| member.required && seen & (1 << position) == 0);
        let Some((_, member)) = missing else { return Ok(()) };
        Err(self.trace.within(Step::Name(member.name), || self.trace.refuse(member.shape.describe(), "nothing")))
    }
}

/// Reads a member's name as its place in the table.
struct Known(&'static [Member]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = Option<(usize, &'static Member)>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Known {
    type Value = Option<(usize, &'static Member)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().enumerate().find(|(_, member)| member.name == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Shape = Shape::Object(&[
        required("name", Shape::Text),
        optional("tags", Shape::List(&Shape::Text)),
        optional("inner", Shape::Object(&[required("flag", Shape::Flag), optional("count", Shape::Number)])),
        optional("free", Shape::Map),
        optional("loose", Shape::TextOrNumber),
    ]);

    fn refused(json: &str) -> (Option<String>, String) {
        let mismatch = NODE.check(json).unwrap_err();
        (mismatch.path, mismatch.message)
    }

    #[track_caller]
    fn names(json: &str, path: &str, message: &str) {
        assert_eq!(refused(json), (Some(path.to_owned()), message.to_owned()));
    }

    #[track_caller]
    fn is_no_json(json: &str, message: &str) {
        assert_eq!(refused(json), (None, message.to_owned()));
    }

    #[test]
    fn unknown_members_and_null_are_fine() {
        let json = r#" {"new":[1e999,{"a":null}],"name":"n","tags":null,"inner":{"flag":true,"count":1.5},"loose":7} "#;
        assert_eq!(NODE.check(json), Ok(()));
    }

    #[test]
    fn a_wrong_type_is_named_by_its_pointer() {
        names(r#"{"name":1}"#, "/name", "/name must be a string, got a number");
        names(r#"{"name":"n","tags":["a",true]}"#, "/tags/1", "/tags/1 must be a string, got a boolean");
        names(r#"{"name":"n","inner":{"flag":"x"}}"#, "/inner/flag", "/inner/flag must be a boolean, got a string");
        names(r#"{"name":"n","free":[]}"#, "/free", "/free must be an object, got an array");
        names(r#"{"name":"n","loose":{}}"#, "/loose", "/loose must be a string or a number, got an object");
        names("[]", "", "the body must be an object, got an array");
    }

    #[test]
    fn a_required_member_is_neither_absent_nor_null() {
        names("{}", "/name", "/name must be a string, got nothing");
        names(r#"{"name":null}"#, "/name", "/name must be a string, got null");
        names(r#"{"name":"n","inner":{}}"#, "/inner/flag", "/inner/flag must be a boolean, got nothing");
        names(r#"{"name":"n","tags":[null]}"#, "/tags/0", "/tags/0 must be a string, got null");
    }

    #[test]
    fn what_is_no_json_has_no_pointer() {
        is_no_json("  ", "the body is empty");
        is_no_json("<!DOCTYPE html>", "the body is HTML or XML, not JSON");
        is_no_json(r#"{"name":"n"#, "the JSON ends too early, after 10 bytes");
        is_no_json(r#"{"name":"n"} x"#, "the body is not JSON (line 1, column 14)");
        is_no_json(r#"{"name":"n",}"#, "the body is not JSON (line 1, column 13)");
    }

    #[test]
    fn nesting_without_end_is_refused_not_followed() {
        let deep = format!(r#"{{"name":"n","free":{{"a":{}"#, "[".repeat(1_000_000));
        assert_eq!(refused(&deep).0, None);
    }
}

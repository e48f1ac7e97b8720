//! Opens the text of a JSON value level by level, so that every part of it can be handed on as it was written.
//!
//! No part is turned into a Rust value before it is asked for, and a number never is: what JavaScript or the server
//! wrote goes out again byte for byte. Any way to read values with serde_json, `RawValue` included, links its code for
//! floating-point numbers: 7 KiB of a gzipped .wasm.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::fmt;

use super::scalar::{same_number, unescape};
use super::scanner::Scanner;
use crate::text::decimal::decimal;

/// How many arrays and objects may stand inside each other. A deeper text is refused when it is read, so whatever walks
/// a value afterwards may recurse.
pub const MAX_DEPTH: usize = 128;

/// A JSON value that was checked as a whole and is kept as its text.
///
/// Two of them are equal if they say the same: white space, the order of members, escapes in strings and the way a
/// number is written (`100`, `1e2`, `100.0`) do not count. Numbers are compared as decimals, without rounding.
///
/// ```
/// use isc_service_desk::json::Json;
///
/// let body = Json::parse(r#"{"name": "ServiceNow", "retries": 1.50, "name": "Jira"}"#)?;
/// let members = body.as_object().unwrap_or_default();
/// assert_eq!(members.get("name").map(|name| name.text()), Some(r#""Jira""#));
/// assert_eq!(members.get("retries").map(|number| number.text()), Some("1.50"));
/// # Ok::<(), isc_service_desk::json::NotJson>(())
/// ```
#[derive(Clone, Copy)]
pub struct Json<'a> {
    text: &'a str,
}

/// What a JSON value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list of values.
    Array,
    /// A list of named values.
    Object,
}

impl<'a> Json<'a> {
    /// Checks that `text` is one JSON value, with white space around it at most.
    ///
    /// # Errors
    /// Text that RFC 8259 does not allow, and more than [`MAX_DEPTH`] arrays and objects inside each other. Half of a
    /// surrogate pair (`"\ud800"`) is no error: `JSON.stringify` writes it.
    pub fn parse(text: &'a str) -> Result<Self, NotJson> {
        let mut scanner = Scanner::new(text);
        let checked = scanner.value().and_then(|text| scanner.end().map(|()| Self { text }));
        checked.map_err(|broken| *broken)
    }

    /// A part that a [`Scanner`] has passed over, and so checked.
    pub(super) fn checked(text: &'a str) -> Self {
        Self { text }
    }

    /// The value as it was written, without white space around it.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        Scanner::new(self.text).kind()
    }

    /// The members, where the value is an object. Nothing below them is opened.
    pub fn as_object(self) -> Option<Object<'a>> {
        (self.kind() == Kind::Object).then(|| Object::of(self.entries()))
    }

    /// The items, where the value is an array. Nothing below them is opened.
    pub fn as_array(self) -> Option<Vec<Json<'a>>> {
        (self.kind() == Kind::Array).then(|| self.parts(Kind::Array))
    }

    /// The names and values directly inside an object, in their order, repeated names included; of anything else, none.
    pub fn entries(self) -> impl Iterator<Item = (Json<'a>, Json<'a>)> {
        let mut parts = self.parts(Kind::Object).into_iter();
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    /// The values directly inside an array; of anything else, none.
    pub fn items(self) -> impl Iterator<Item = Json<'a>> {
        self.parts(Kind::Array).into_iter()
    }

    /// What stands directly inside an array, or an object, whose names come before their values; of anything else, nothing.
    fn parts(self, kind: Kind) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut scanner = Scanner::new(self.text);
        let mut value = |scanner: &mut Scanner<'a>, name: Option<&'a str>| {
            parts.extend(name.map(|text| Self { text }));
            scanner.value().map(|text| parts.push(Self { text }))
        };
        // The text was checked as a whole: nothing fails in a part of it.
        let _checked = match (kind, self.kind()) {
            (Kind::Object, Kind::Object) => scanner.members(|scanner, name| value(scanner, Some(name))),
            (Kind::Array, Kind::Array) => scanner.items(|scanner| value(scanner, None)),
            _ => Ok(()),
        };
        parts
    }

    /// The text that a string stands for; `None` for any other value, and for a string with half of a surrogate pair,
    /// which Rust's strings cannot hold.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.string_bytes()? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    /// The same in UTF-8, with half of a surrogate pair in the three bytes that it would take.
    pub fn string_bytes(self) -> Option<Cow<'a, [u8]>> {
        let [b'"', .., b'"'] = self.text.as_bytes() else { return None };
        let inner = self.text.get(1..self.text.len() - 1)?;
        let has_escape = inner.as_bytes().contains(&b'\\');
        Some(if has_escape { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner.as_bytes()) })
    }
}

impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        match (self.kind(), other.kind()) {
            (Kind::Number, Kind::Number) => same_number(self.text, other.text),
            (Kind::String, Kind::String) => self.string_bytes() == other.string_bytes(),
            (Kind::Array, Kind::Array) => self.as_array() == other.as_array(),
            (Kind::Object, Kind::Object) => self.as_object() == other.as_object(),
            _ => false,
        }
    }
}

/// Shows the kind and the length only: the text may hold a secret.
impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} bytes", self.kind(), self.text.len())
    }
}

impl Kind {
    /// The kind in a sentence: `a string`, `null`.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "a boolean",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// The members of an object in their order. Of members with the same name the last one counts, as for `JSON.parse`.
#[derive(Debug, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
    /// Names with their places in `members`, sorted; of equal names the last in the text comes last.
    by_name: Vec<(Cow<'a, [u8]>, usize)>,
}

/// One member of an [`Object`].
pub struct Member<'a> {
    name: Cow<'a, [u8]>,
    key: &'a str,
    /// The member's value.
    pub value: Json<'a>,
}

impl<'a> Object<'a> {
    fn of(entries: impl Iterator<Item = (Json<'a>, Json<'a>)>) -> Self {
        let mut members: Vec<Member<'a>> = Vec::new();
        // A heap, because it sorts in a fifth of the code that a slice's sort takes.
        let mut names = BinaryHeap::new();
        for (key, value) in entries {
            let name = key.string_bytes().unwrap_or_default();
            names.push((name.clone(), members.len()));
            members.push(Member { name, key: key.text, value });
        }
        Self { members, by_name: names.into_sorted_vec() }
    }

    /// The value of the member with this name.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.value_of(name.as_bytes())
    }

    /// The value of the member that has the same name as `member` of another object.
    pub fn get_like(&self, member: &Member<'_>) -> Option<Json<'a>> {
        self.value_of(&member.name)
    }

    /// The members that count, in their order.
    pub fn members(&self) -> Vec<&Member<'a>> {
        let counts = |(place, member): (usize, &'_ Member<'a>)| self.place_of(&member.name) == Some(place);
        self.members.iter().enumerate().filter(|pair| counts(*pair)).map(|pair| pair.1).collect()
    }

    fn value_of(&self, name: &[u8]) -> Option<Json<'a>> {
        self.members.get(self.place_of(name)?).map(|member| member.value)
    }

    fn place_of(&self, name: &[u8]) -> Option<usize> {
        let behind = self.by_name.partition_point(|other| *other.0 <= *name);
        let (last, place) = self.by_name.get(behind.checked_sub(1)?)?;
        (**last == *name).then_some(*place)
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        let members = self.members();
        members.len() == other.members().len()
            && members.into_iter().all(|member| other.get_like(member) == Some(member.value))
    }
}

impl<'a> Member<'a> {
    /// The name; `None` where it has half of a surrogate pair in it, so that nothing outside JSON can spell it.
    pub fn name(&self) -> Option<&str> {
        std::str::from_utf8(&self.name).ok()
    }

    /// The name in UTF-8, with half of a surrogate pair in the three bytes that it would take.
    pub fn name_bytes(&self) -> &[u8] {
        &self.name
    }

    /// The name as it was written, in its quotes.
    pub fn key(&self) -> &'a str {
        self.key
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.key, self.value)
    }
}

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotJson {
    /// It is not JSON from here on; both count from 1, columns in bytes.
    Syntax {
        /// The line.
        line: usize,
        /// The column in that line.
        column: usize,
    },
    /// It ends before the value does.
    Cut,
    /// More than [`MAX_DEPTH`] arrays and objects stand inside each other.
    TooDeep,
}

impl NotJson {
    /// The rest of a sentence that starts with the name of what was read.
    pub fn text(self) -> String {
        let (line, column) = match self {
            NotJson::Syntax { line, column } => (line, column),
            NotJson::Cut => return "must be JSON, ends too early".to_owned(),
            NotJson::TooDeep => {
                return ["must not be nested deeper than ", &decimal(MAX_DEPTH as u64), " levels"].concat();
            }
        };
        ["must be JSON, is not from line ", &decimal(line as u64), ", column ", &decimal(column as u64), " on"].concat()
    }
}

/// [`NotJson::text`]
impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for NotJson {}

#[cfg(test)]
mod tests {
    use super::{Json, Kind, MAX_DEPTH, NotJson};

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    fn nested(depth: usize) -> String {
        format!("{}1{}", r#"{"a":["#.repeat(depth / 2), "]}".repeat(depth / 2))
    }

    #[test]
    fn kind_is_told_by_the_first_character() {
        use Kind::{Array, Boolean, Null, Number, Object, String};
        let kinds = ["null", " true", "false", "-1", "0.5e9", "\"\"", "[]", "{}"].map(|text| json(text).kind());
        assert_eq!(kinds, [Null, Boolean, Boolean, Number, Number, String, Array, Object]);
    }

    #[test]
    fn parts_keep_their_text() {
        let value = json(" { \"a\" :1.50, \"b\\u0063\":[ 1e21,{ \"x\" : 1 } ,\"\\ud800\"] ,\"d\":-0\n} ");
        let members = value.as_object().unwrap();
        let texts: Vec<_> = members.members().iter().map(|member| (member.key(), member.value.text())).collect();
        let list = r#"[ 1e21,{ "x" : 1 } ,"\ud800"]"#;
        assert_eq!(texts, [(r#""a""#, "1.50"), (r#""b\u0063""#, list), (r#""d""#, "-0")]);
        let items = members.get("bc").unwrap().as_array().unwrap();
        let texts: Vec<_> = items.iter().map(|item| item.text()).collect();
        assert_eq!(texts, ["1e21", r#"{ "x" : 1 }"#, r#""\ud800""#]);
    }

    #[test]
    fn a_string_ends_at_its_own_quote_wherever_that_stands() {
        for length in 0..40 {
            for place in 0..=length {
                let mut inner = "é".repeat(length / 2) + &"a".repeat(length % 2);
                let place = (0..=place).rev().find(|place| inner.is_char_boundary(*place)).unwrap_or_default();
                for escape in ["", r#"\""#, r"\\", r"\u0022"] {
                    inner.insert_str(place, escape);
                    let text = format!(r#"["{inner}","b"]"#);
                    let items = json(&text).as_array().unwrap();
                    assert_eq!(
                        items.iter().map(|item| item.text().to_owned()).collect::<Vec<_>>(),
                        [format!("\"{inner}\""), "\"b\"".into()]
                    );
                    inner.replace_range(place..place + escape.len(), "");
                }
            }
        }
    }

    #[test]
    fn empty_containers_have_nothing_inside() {
        assert_eq!(json("[ ]").as_array().map(|items| items.len()), Some(0));
        assert_eq!(json("{ }").as_object().map(|members| members.members().len()), Some(0));
        assert!(json("{}").as_array().is_none() && json("[]").as_object().is_none() && json("1").as_str().is_none());
    }

    #[test]
    fn last_of_equal_names_counts() {
        let object = json(r#"{"a":1,"b":2,"\u0061":3,"a":4}"#).as_object().unwrap();
        let left: Vec<_> = object.members().iter().map(|member| (member.name(), member.value.text())).collect();
        assert_eq!(left, [(Some("b"), "2"), (Some("a"), "4")]);
        assert_eq!(object.get("a"), Some(json("4")));
        assert_eq!(object.get("c"), None);
    }

    #[test]
    fn inherited_names_of_javascript_are_names() {
        let object = json(r#"{"__proto__":{"x":1},"constructor":2,"":3}"#).as_object().unwrap();
        assert_eq!(object.get("__proto__").map(|value| value.text()), Some(r#"{"x":1}"#));
        assert_eq!(object.get("").map(|value| value.text()), Some("3"));
        assert_eq!(object.get("toString"), None);
    }

    #[test]
    fn what_says_the_same_is_equal() {
        for (left, right) in [
            (r#"{"a":1,"b":[true,null]}"#, r#" { "b" : [ true , null ] , "a" : 1.0 } "#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#""\u00e9\/""#, r#""é/""#),
            (r#""\ud800""#, r#""\uD800""#),
            (r#"{"\ud800":1}"#, r#"{"\uD800":1}"#),
        ] {
            assert_eq!(json(left), json(right));
        }
    }

    #[test]
    fn what_says_another_thing_is_not_equal() {
        for (left, right) in [
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            ("{}", "[]"),
            (r#""1""#, "1"),
            ("null", "false"),
            (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
            (r#"{"a":1,"c":1}"#, r#"{"a":1,"b":1}"#),
            (r#"{"a":null}"#, "{}"),
            (r#"{"\ud800":1}"#, r#"{"\ud801":1}"#),
        ] {
            assert_ne!(json(left), json(right));
            assert_ne!(json(right), json(left));
        }
    }

    #[test]
    fn nesting_ends_at_its_limit() {
        let (allowed, refused) = (nested(MAX_DEPTH), format!("[{}]", nested(MAX_DEPTH)));
        assert_eq!(json(&allowed).text(), allowed);
        assert_eq!(Json::parse(&refused), Err(NotJson::TooDeep));
        assert_eq!(Json::parse(&nested(10_000)), Err(NotJson::TooDeep));
        let brackets_in_text = format!(r#"["\"{}\\",[]]"#, "[{".repeat(MAX_DEPTH));
        assert_eq!(json(&brackets_in_text).text(), brackets_in_text);
    }

    #[test]
    fn what_stands_side_by_side_is_not_nested() {
        for one in ["[]", "{}", "[1]", r#"{"a":[]}"#] {
            let many = format!("[{}]", vec![one; 2 * MAX_DEPTH].join(","));
            assert_eq!(json(&many).items().count(), 2 * MAX_DEPTH);
        }
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_ends_to_be() {
        let at = |line, column| Err(NotJson::Syntax { line, column });
        assert_eq!(Json::parse(""), Err(NotJson::Cut));
        assert_eq!(Json::parse("[1, "), Err(NotJson::Cut));
        assert_eq!(Json::parse("{\n\"a\" 1}"), at(2, 5));
        let almost = ["undefined", "NaN", "[1,]", "{a:1}", "01", "+1", ".5", "'a'", "\"\u{1}\"", "1 2", "[", r#""\x""#];
        for text in almost.into_iter().chain(["\u{feff}1", r#"{"a":1,}"#, r#"{"a":1 "b":2}"#, r#""\u12""#]) {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let text = r#"{"a":"s3cret"}"#;
        assert_eq!(format!("{:?} {:?}", json(text), json(text).as_object()).find("s3cret"), None);
    }

    #[test]
    fn a_megabyte_of_members_is_compared() {
        let mut members: Vec<_> = (0..60_000).map(|n| format!("\"n{n}\":{n}")).collect();
        let forward = format!("{{{}}}", members.join(","));
        members.reverse();
        assert_eq!(json(&forward), json(&format!("{{{}}}", members.join(","))));
    }
}

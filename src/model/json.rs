//! Opens the text of a JSON value level by level, so that every part of it can be handed on as it was written.
//!
//! No part is turned into a Rust value before it is asked for, and a number never is: what JavaScript or the server
//! wrote goes out again byte for byte, and no code that reads or prints floating-point numbers is linked.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

/// How many arrays and objects may stand inside each other. A deeper text is refused when it is read, so whatever walks
/// a value afterwards may recurse.
pub const MAX_DEPTH: usize = 128;

/// A JSON value that was checked as a whole and is kept as its text.
///
/// Two of them are equal if they say the same: white space, the order of members, escapes in strings and the way a
/// number is written (`100`, `1e2`, `100.0`) do not count. Numbers are compared as decimals, without rounding.
///
/// ```
/// use isc_service_desk::model::json::Json;
///
/// let body = Json::parse(r#"{"name": "ServiceNow", "retries": 1.50, "name": "Jira"}"#)?;
/// let members = body.as_object().unwrap_or_default();
/// assert_eq!(members.get("name").map(|name| name.text()), Some(r#""Jira""#));
/// assert_eq!(members.get("retries").map(|number| number.text()), Some("1.50"));
/// # Ok::<(), isc_service_desk::model::json::NotJson>(())
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
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|error| NotJson::Syntax { line: error.line(), column: error.column() })?;
        let value = Self { text: raw.get() };
        if value.depth() > MAX_DEPTH { Err(NotJson::TooDeep) } else { Ok(value) }
    }

    /// The value as it was written, without white space around it.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        match self.text.bytes().next() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The members, where the value is an object. Nothing below them is opened.
    pub fn as_object(self) -> Option<Object<'a>> {
        (self.kind() == Kind::Object).then(|| Object::open(Pieces::inside(self.text)))
    }

    /// The items, where the value is an array. Nothing below them is opened.
    pub fn as_array(self) -> Option<Vec<Json<'a>>> {
        (self.kind() == Kind::Array).then(|| Pieces::inside(self.text).collect())
    }

    /// The text that a string stands for; `None` for any other value, and for a string with half of a surrogate pair,
    /// which Rust's strings cannot hold.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.string_bytes()? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    /// The same as [`Json::as_str`] in UTF-8, with half of a surrogate pair in the three bytes that it would take.
    fn string_bytes(self) -> Option<Cow<'a, [u8]>> {
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner.as_bytes()) })
    }

    /// How many arrays and objects stand inside each other.
    fn depth(self) -> usize {
        let (mut depth, mut deepest, mut in_string) = (0_usize, 0_usize, false);
        let mut bytes = self.text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => drop(bytes.next()),
                b'"' => in_string = !in_string,
                b'[' | b'{' if !in_string => depth += 1,
                b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
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
    /// Places in `members`, sorted by name; of equal names the last in the text comes last.
    by_name: Vec<usize>,
}

/// One member of an [`Object`].
pub struct Member<'a> {
    name: Cow<'a, [u8]>,
    key: &'a str,
    /// The member's value.
    pub value: Json<'a>,
}

impl<'a> Object<'a> {
    fn open(mut pieces: Pieces<'a>) -> Self {
        let mut members = Vec::new();
        while let (Some(key), Some(value)) = (pieces.next(), pieces.next()) {
            members.push(Member { name: key.string_bytes().unwrap_or_default(), key: key.text, value });
        }
        let mut by_name: Vec<usize> = (0..members.len()).collect();
        by_name.sort_unstable_by(|&a, &b| name_at(&members, a).cmp(&name_at(&members, b)).then(a.cmp(&b)));
        Self { members, by_name }
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
    pub fn iter(&self) -> impl Iterator<Item = &Member<'a>> {
        self.members
            .iter()
            .enumerate()
            .filter(|(place, member)| self.place_of(&member.name) == Some(*place))
            .map(|x| x.1)
    }

    fn value_of(&self, name: &[u8]) -> Option<Json<'a>> {
        self.members.get(self.place_of(name)?).map(|member| member.value)
    }

    fn place_of(&self, name: &[u8]) -> Option<usize> {
        let behind = self.by_name.partition_point(|&place| name_at(&self.members, place) <= Some(name));
        let place = *self.by_name.get(behind.checked_sub(1)?)?;
        (name_at(&self.members, place) == Some(name)).then_some(place)
    }
}

fn name_at<'m>(members: &'m [Member<'_>], place: usize) -> Option<&'m [u8]> {
    members.get(place).map(|member| &*member.name)
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().count() == other.iter().count()
            && self.iter().all(|member| other.get_like(member) == Some(member.value))
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

/// The values directly inside an array or object, names included, one after the other.
struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    fn inside(text: &'a str) -> Self {
        Self { rest: text.get(1..).unwrap_or_default() }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Json<'a>;

    /// Invariant: the text is valid, so between two values stand a comma or a colon and white space alone, and the
    /// first thing that is no value is the closing bracket.
    fn next(&mut self) -> Option<Json<'a>> {
        let rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let value = values.next()?.ok()?;
        self.rest = rest.get(values.byte_offset()..)?;
        Some(Json { text: value.get() })
    }
}

/// Writes an object from names and values that are JSON text already.
#[derive(Default)]
pub struct ObjectWriter {
    text: String,
}

impl ObjectWriter {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member: `key` is its name in quotes, as [`Member::key`] and [`quote`] give it, `value` its value's text.
    pub fn member(&mut self, key: &str, value: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(key);
        self.text.push(':');
        self.text.push_str(value);
    }

    /// The object's text.
    pub fn finish(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "{}" } else { "}" });
        self.text
    }
}

/// The text of an array of values that are JSON text already.
pub fn write_array(items: &[String]) -> String {
    let mut text = items.join(",");
    text.insert(0, '[');
    text.push(']');
    text
}

/// `text` as a JSON string, in quotes.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
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
    /// More than [`MAX_DEPTH`] arrays and objects stand inside each other.
    TooDeep,
}

/// Continues a sentence that starts with the name of what was read.
impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotJson::Syntax { line, column } => write!(f, "must be JSON, is not from line {line}, column {column} on"),
            NotJson::TooDeep => write!(f, "must not be nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

impl std::error::Error for NotJson {}

/// Undoes the escapes of a valid JSON string.
fn unescape(inner: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inner.len());
    for unit in char::decode_utf16(utf16_units(inner)) {
        match unit {
            Ok(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(half) => {
                let half = half.unpaired_surrogate();
                bytes.extend([0xE0 | (half >> 12) as u8, 0x80 | (half >> 6 & 0x3F) as u8, 0x80 | (half & 0x3F) as u8]);
            }
        }
    }
    bytes
}

fn utf16_units(inner: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let character = if character == '\\' {
            characters.next().unwrap_or('\\')
        } else {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        };
        units.push(match character {
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                characters.by_ref().take(4).fold(0, |unit, digit| unit << 4 | digit.to_digit(16).unwrap_or(0) as u16)
            }
            quote_or_slash => quote_or_slash as u16,
        });
    }
    units
}

fn same_number(left: &str, right: &str) -> bool {
    decimal(left).is_some_and(|number| Some(number) == decimal(right))
}

/// Sign, digits without zeros around them, and the place of the decimal point from the first of them: the same for `100`,
/// `1e2` and `100.0`. `None` where the exponent is beyond counting.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let leading_zeros = digits.len() - significant.len();
    let point = whole.len() as i64 - leading_zeros as i64;
    let exponent: i64 = exponent.parse().ok()?;
    Some((negative, significant.trim_end_matches('0').to_owned(), point.checked_add(exponent)?))
}

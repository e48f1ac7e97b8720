//! Checks a JSON text against the shape that an operation reads or writes, keeping nothing of them.
//!
//! One table per wire type and one walk for all of them, which is the walk that checks the grammar: a fraction of the code
//! of a derived reader for each, and it knows the JSON Pointer of what it refuses. Unknown members are passed over, as the API may add them;
//! in a text that is to be sent, one that is probably a known one misspelled is refused.

use super::scanner::{Broken, Scanner};
use super::{Json, Kind, NotJson};
use crate::Invalid;
use crate::text::contains;
use crate::text::decimal::decimal;
use crate::text::similar::misspelled;

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

/// An item of a list that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Its place in the list.
    pub index: usize,
    /// What it is called, where it says that.
    pub name: Option<String>,
    /// JSON Pointer to the first value that is wrong, within the item.
    pub path: String,
    /// What was expected there and what came, without the value itself.
    pub message: String,
}

/// What a message calls a text whose own kind is wrong.
const WHOLE: &str = "the body";

/// A person misspells fewer names. A hostile record could have thousands, and each search goes through all of it.
const MAX_SEARCHES: u32 = 100;

/// Each takes some hundred bytes: a hostile list of millions would fill the memory.
const MAX_ODD: usize = 1_000;

impl From<Mismatch> for Invalid {
    fn from(mismatch: Mismatch) -> Self {
        Self::new(mismatch.path.unwrap_or_default(), mismatch.message)
    }
}

impl Shape {
    /// Checks one complete JSON text.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`] where the text is empty, cut or no JSON (its `path` is `None`), or where a value has the wrong
    /// type or a required one is missing or null.
    pub fn check(&self, text: &str) -> Result<(), Mismatch> {
        self.check_as(text, None).map(drop)
    }

    /// The same, and what each item of a list of objects is told by: its `id`; where that is half of a surrogate pair, its `name`;
    /// where it has neither, the empty text.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_records(&self, text: &str) -> Result<Vec<String>, Mismatch> {
        let names = self.check_as(text, None)?;
        Ok(names.iter().map(Name::text).collect())
    }

    /// The items of a list of which at least one is odd: their ids, an empty text for one without, and what is wrong with the odd ones. Nothing where the text is no list, or has more than 1 000 odd items.
    pub fn sort_out(&self, text: &str) -> Option<(Vec<String>, Vec<Odd>)> {
        let Self::List(item) = self else { return None };
        let (mut names, mut odd) = (Vec::new(), Vec::new());
        for (index, value) in Json::parse(text).ok()?.as_array()?.into_iter().enumerate() {
            let members = value.as_object().unwrap_or_default();
            let text = |name| Some(members.get(name)?.as_str()?.into_owned());
            let id = text("id");
            if let Err(Mismatch { path, mut message }) = item.check(value.text()) {
                if let Some(rest) = message.strip_prefix(WHOLE) {
                    message = ["the record", rest].concat();
                }
                let name = id.clone().or_else(|| text("name"));
                odd.push(Odd { index, name, path: path.unwrap_or_default(), message });
            }
            names.push(id.unwrap_or_default());
            if odd.len() > MAX_ODD {
                return None;
            }
        }
        Some((names, odd))
    }

    /// The same for a text that is to be sent: no string of the table may hold half of a surrogate pair, which the server
    /// would read as another text, and no unknown member may be a known one misspelled, unless `record`, which the server has answered, has its
    /// name.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check), and at the member that is misspelled.
    pub fn check_input(&self, text: &str, record: &str) -> Result<(), Mismatch> {
        self.check_as(text, Some(record)).map(drop)
    }

    fn check_as<'a>(&self, text: &'a str, record: Option<&'a str>) -> Result<Vec<Name<'a>>, Mismatch> {
        let (mut scanner, mut check) = (Scanner::new(text), Check { record, searches: 0, names: Vec::new() });
        let checked = check.next(self, &mut scanner).and_then(|()| Ok(scanner.end()?));
        checked.map(|()| check.names).map_err(|unfit| match (unfit, Json::parse(text)) {
            // A text that is no JSON is told as such, whatever stood in front of the place.
            (Unfit::NoJson(error), _) => not_json(text, *error),
            (_, Err(error)) => not_json(text, error),
            (Unfit::Wrong(wrong), Ok(_)) => wrong.into_mismatch(),
        })
    }

    fn check_kind(&self, kind: Kind) -> Result<(), Unfit<'static>> {
        let fits = matches!(
            (self, kind),
            (Self::Text | Self::TextOrNumber, Kind::String)
                | (Self::Flag, Kind::Boolean)
                | (Self::Number | Self::TextOrNumber, Kind::Number)
                | (Self::Map, Kind::Object)
        );
        if fits { Ok(()) } else { Err(Unfit::wrong(self, kind.noun())) }
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

fn check_text(shape: &Shape, text: &str) -> Result<(), Unfit<'static>> {
    let is_whole = Json::checked(text).as_str().is_some();
    if is_whole { Ok(()) } else { Err(Unfit::wrong(shape, "half of a surrogate pair")) }
}

/// One pass over a text.
struct Check<'a> {
    /// Of a text that is to be sent: what the server has answered.
    record: Option<&'a str>,
    /// How often that was searched.
    searches: u32,
    /// Of the items of the outermost list.
    names: Vec<Name<'a>>,
}

/// What an object is called, as its text has it. Of several members of one name the last counts.
#[derive(Default)]
struct Name<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
}

impl Name<'_> {
    fn text(&self) -> String {
        let text = |value: Option<&str>| Some(Json::checked(value?).as_str()?.into_owned());
        text(self.id).or_else(|| text(self.name)).unwrap_or_default()
    }
}

impl<'a> Check<'a> {
    fn next(&mut self, shape: &Shape, scanner: &mut Scanner<'a>) -> Result<(), Unfit<'a>> {
        match (shape, scanner.kind()) {
            (Shape::Object(members), Kind::Object) => self.members(members, scanner),
            (Shape::List(shape), Kind::Array) => self.items(shape, scanner),
            (Shape::Text | Shape::TextOrNumber, Kind::String) if self.record.is_some() => {
                check_text(shape, scanner.value()?)
            }
            (_, kind) => {
                scanner.pass(kind)?;
                shape.check_kind(kind)
            }
        }
    }

    fn items(&mut self, shape: &Shape, scanner: &mut Scanner<'a>) -> Result<(), Unfit<'a>> {
        let (mut index, is_outermost) = (0, scanner.depth() == 0);
        scanner.items(|scanner| {
            if is_outermost {
                self.names.push(Name::default());
            }
            self.next(shape, scanner).map_err(|unfit| unfit.inside(Step::Index(index)))?;
            index += 1;
            Ok(())
        })
    }

    fn members(&mut self, members: &[Member], scanner: &mut Scanner<'a>) -> Result<(), Unfit<'a>> {
        let (mut seen, mut next, is_item) = (0_u32, 0, scanner.depth() == 1);
        scanner.members(|scanner, name| -> Result<(), Unfit<'a>> {
            let Some((place, member)) = known(members, name, next) else {
                self.check_unknown(name, members)?;
                return Ok(scanner.next()?);
            };
            seen |= 1 << place;
            next = place + 1;
            let (kind, start) = (scanner.kind(), scanner.place());
            if !member.required && kind == Kind::Null {
                scanner.next()?;
            } else {
                let checked = self.next(&member.shape, scanner);
                checked.map_err(|unfit| unfit.inside(Step::Name(member.name)))?;
            }
            if let Some(item) = self.names.last_mut().filter(|_| is_item) {
                match member.name {
                    "id" => item.id = Some(scanner.since(start)),
                    "name" => item.name = Some(scanner.since(start)),
                    _ => {}
                }
            }
            Ok(())
        })?;
        let missing = members.iter().enumerate().find(|(place, member)| member.required && seen & (1 << place) == 0);
        let unfit = |member: &Member| Unfit::wrong(&member.shape, "nothing").inside(Step::Name(member.name));
        missing.map_or(Ok(()), |(_, member)| Err(unfit(member)))
    }
}

impl<'a> Check<'a> {
    /// Whether the unknown member, whose name is in quotes, may be meant.
    fn check_unknown(&mut self, quoted: &'a str, members: &[Member]) -> Result<(), Unfit<'a>> {
        let Some(record) = self.record else { return Ok(()) };
        let name = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        let meant = misspelled(name, &members.iter().map(|member| member.name).collect::<Vec<_>>());
        let Some(meant) = meant.filter(|_| self.searches < MAX_SEARCHES) else { return Ok(()) };
        self.searches += 1;
        // A pointer to another name would need escapes.
        if contains(record, quoted) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(());
        }
        Err(Unfit::Wrong(Box::new(Wrong { way: vec![Step::Name(name)], expected: "", got: meant })))
    }
}

/// The member of this name, which stands there in quotes. A server writes its members in the order of the table, most of
/// the time: so the one behind the last is looked at first.
fn known<'m>(members: &'m [Member], quoted: &str, next: usize) -> Option<(usize, &'m Member)> {
    let expected = members
        .get(next)
        .filter(|member| matches!(quoted.as_bytes(), [b'"', name @ .., b'"'] if name == member.name.as_bytes()));
    if let Some(member) = expected {
        return Some((next, member));
    }
    let name = Json::checked(quoted).string_bytes().unwrap_or_default();
    members.iter().enumerate().find(|(_, member)| member.name.as_bytes() == &*name)
}

fn not_json(text: &str, error: NotJson) -> Mismatch {
    let message = match text.trim_ascii_start().bytes().next() {
        None => "the body is empty".to_owned(),
        Some(b'<') => "the body is HTML or XML, not JSON".to_owned(),
        Some(_) => ["the body ", &error.text()].concat(),
    };
    Mismatch { path: None, message }
}

/// Why a check ended before the text did.
enum Unfit<'a> {
    NoJson(Broken),
    Wrong(Box<Wrong<'a>>),
}

impl From<Broken> for Unfit<'_> {
    fn from(error: Broken) -> Self {
        Self::NoJson(error)
    }
}

impl<'a> Unfit<'a> {
    fn wrong(shape: &Shape, got: &'static str) -> Self {
        Self::Wrong(Box::new(Wrong { way: Vec::new(), expected: shape.describe(), got }))
    }

    fn inside(mut self, step: Step<'a>) -> Self {
        if let Self::Wrong(wrong) = &mut self {
            wrong.way.push(step);
        }
        self
    }
}

/// A value that does not fit, with the way to it from the inside out.
struct Wrong<'a> {
    way: Vec<Step<'a>>,
    /// Empty where it is the name that is wrong.
    expected: &'static str,
    /// Where it is the name that is wrong, the one that was probably meant.
    got: &'static str,
}

enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Wrong<'_> {
    /// The names hold neither `~` nor `/`, so nothing needs an escape.
    fn into_mismatch(self) -> Mismatch {
        let mut path = String::new();
        for step in self.way.iter().rev() {
            path.push('/');
            match step {
                Step::Name(name) => path.push_str(name),
                Step::Index(index) => path.push_str(&decimal(*index as u64)),
            }
        }
        let place = if path.is_empty() { WHOLE } else { path.as_str() };
        let [before, between, after] = if self.expected.is_empty() {
            [" is unknown: did you mean ", "", "?"]
        } else {
            [" must be ", ", got ", ""]
        };
        let message = [place, before, self.expected, between, self.got, after].concat();
        Mismatch { path: Some(path), message }
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
        is_no_json(r#"{"name":"n"#, "the body must be JSON, ends too early");
        is_no_json(r#"{"name":"n"} x"#, "the body must be JSON, is not from line 1, column 14 on");
        is_no_json(r#"{"name":"n",}"#, "the body must be JSON, is not from line 1, column 13 on");
    }

    #[test]
    fn what_is_no_json_is_told_as_such_although_a_wrong_value_stands_before_it() {
        is_no_json(r#"{"name":1"#, "the body must be JSON, ends too early");
        is_no_json(r#"{"name":1} x"#, "the body must be JSON, is not from line 1, column 12 on");
    }

    #[test]
    fn members_are_known_in_any_order_and_however_their_names_are_written() {
        let json = r#"{"loose":1,"na\u006de":"n","inner":{"count":1,"flag":true},"tags":["a"],"tags":[],"free":{}}"#;
        assert_eq!(NODE.check(json), Ok(()));
        names(r#"{"loose":1,"na\u006de":2}"#, "/name", "/name must be a string, got a number");
        names(r#"{"name":"n","tags":[],"name":2}"#, "/name", "/name must be a string, got a number");
        names(r#"{"name":"n","tags":[],"tag":[1],"tags":[1]}"#, "/tags/0", "/tags/0 must be a string, got a number");
    }

    #[test]
    fn names_that_the_record_has_are_no_misspellings_and_a_hundred_of_them_are_searched() {
        let near = |count: usize| (0..count).map(|at| format!("{},", quote_near(at))).collect::<String>();
        let text = |count: usize, more: &str| [r#"{"#, &near(count), more, r#""member":"m"}"#].concat();
        const SHAPE: Shape = Shape::Object(&[required("member", Shape::Text)]);
        let check = |count, more: &str| SHAPE.check_input(&text(count, more), &text(200, ""));
        assert_eq!(check(200, ""), Ok(()));
        let refused = check(99, r#""memb3r":1,"#).expect_err("a name that the record lacks");
        assert_eq!(refused.path.as_deref(), Some("/memb3r"));
        assert_eq!(check(100, r#""memb3r":1,"#), Ok(()), "a search goes through the whole record");
    }

    /// A member whose name is one letter away from `member`.
    fn quote_near(at: usize) -> String {
        let (place, letter) = (at / 50, char::from(b'A' + (at % 50 % 26) as u8));
        let letter = if at % 50 < 26 { letter } else { letter.to_ascii_lowercase() };
        let mut name = "member".to_owned();
        name.insert(place, letter);
        format!("\"{name}\":1")
    }

    #[test]
    fn half_a_surrogate_pair_is_read_but_not_sent() {
        let json = r#"{"name":"a\ud800","free":{"b":"\udfff"}}"#;
        assert_eq!(NODE.check(json), Ok(()));
        let mismatch = NODE.check_input(json, "").unwrap_err();
        assert_eq!(mismatch.message, "/name must be a string, got half of a surrogate pair");
        assert_eq!(NODE.check_input(r#"{"name":"a\ud83d\ude00","free":{"b":"\udfff"}}"#, ""), Ok(()));
    }

    #[test]
    fn nesting_without_end_is_refused_not_followed() {
        let deep = format!(r#"{{"name":"n","free":{{"a":{}"#, "[".repeat(1_000_000));
        assert_eq!(refused(&deep).0, None);
    }

    #[test]
    fn a_whole_text_may_be_as_deep_as_any_and_no_deeper() {
        for head in [r#"{"name":"n","free":{"a":"#, r#"{"name":"n","new":{"a":"#] {
            let nested = |depth: usize| format!("{head}{}{}}}}}", "[".repeat(depth - 2), "]".repeat(depth - 2));
            assert_eq!(NODE.check(&nested(128)), Ok(()));
            is_no_json(&nested(129), "the body must not be nested deeper than 128 levels");
        }
    }
}

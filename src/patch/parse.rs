//! Turns the JSON text of a list of operations into a checked patch.

use std::borrow::Cow;

use super::{Patch, Replace, rules};
use crate::Invalid;
use crate::json::pointer::Pointer;
use crate::json::{Json, Kind, Object};
use crate::text::decimal::decimal;

/// The name of the argument that holds the list.
const ARGUMENT: &str = "operations";

/// The verbs of RFC 6902 that the API refuses with 403.
const OTHER_VERBS: [&str; 5] = ["add", "remove", "move", "copy", "test"];

impl Patch {
    /// Reads `[{"op": "replace", "path": …, "value": …}, …]`, with the rules of [`Patch::replace`] for each operation.
    ///
    /// An operation with another member is refused: it is a typo, or a verb of RFC 6902 that would lose its meaning.
    ///
    /// # Errors
    /// The field is `operations` where the text is no JSON array, else a JSON Pointer into that array: `/0/op`,
    /// `/2/path`. No message repeats a value.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::read(text, false)
    }

    /// Reads the operations of a builder, in which the operation `raw` stands for what [`Replace::raw`] makes.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_built(text: &str) -> Result<Self, Invalid> {
        Self::read(text, true)
    }

    fn read(text: &str, is_built: bool) -> Result<Self, Invalid> {
        let refused = |message: &str| Invalid::new(ARGUMENT, [ARGUMENT, " ", message].concat());
        let list = Json::parse(text).map_err(|error| refused(&error.text()))?;
        let Some(items) = list.as_array() else {
            return Err(refused(&["must be an array of replace operations, got ", list.kind().noun()].concat()));
        };
        let mut operations = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            operations.push(operation(item, is_built).map_err(|invalid| placed(index, invalid))?);
        }
        Ok(Self { operations })
    }
}

/// Reads an operation; the field of an error is the name of its member, or empty.
fn operation(item: Json<'_>, is_built: bool) -> Result<Replace, Invalid> {
    let Some(members) = item.as_object() else {
        let message = ["an operation must be an object with op, path and value, got ", item.kind().noun()];
        return Err(Invalid::new("", message.concat()));
    };
    let op = members.get("op");
    let is_raw = is_built && op.and_then(Json::as_str).is_some_and(|verb| verb == "raw");
    if !is_raw {
        check_verb(op)?;
    }
    check_names(&members)?;
    let path = path_text(members.get("path"))?;
    let value = members.get("value").ok_or_else(|| Invalid::new("value", "value is missing"))?;
    rules::check(&path, value, is_raw)
}

/// Turns the name of a member into a pointer to it in the operation with this index.
fn placed(index: usize, invalid: Invalid) -> Invalid {
    let mut place = Pointer::root().child(&decimal(index as u64));
    if !invalid.field.is_empty() {
        place.push(&invalid.field);
    }
    Invalid::new(place.as_str().to_owned(), invalid.into_inner().message)
}

fn check_verb(op: Option<Json<'_>>) -> Result<(), Invalid> {
    let verb = op.and_then(Json::as_str).unwrap_or_default();
    if verb == "replace" {
        return Ok(());
    }
    let got = match op {
        None => ", is missing".to_owned(),
        _ if OTHER_VERBS.contains(&&*verb) => {
            [", got ", &verb, ": replace the value around it, or use update()"].concat()
        }
        Some(op) if op.kind() == Kind::String => ", got another text".to_owned(),
        Some(op) => [", got ", op.kind().noun()].concat(),
    };
    Err(Invalid::new("op", ["op must be replace", &got].concat()))
}

fn check_names(members: &Object<'_>) -> Result<(), Invalid> {
    match members.members().into_iter().find(|member| !matches!(member.name(), Some("op" | "path" | "value"))) {
        None => Ok(()),
        Some(unknown) => {
            let name = unknown.name().unwrap_or(unknown.key()).to_owned();
            Err(Invalid::new(name, "an operation has the members op, path and value, got another"))
        }
    }
}

fn path_text(path: Option<Json<'_>>) -> Result<Cow<'_, str>, Invalid> {
    path.and_then(Json::as_str).ok_or_else(|| {
        let problem = match path.map(Json::kind) {
            None => "is missing".to_owned(),
            Some(Kind::String) => "must be whole characters, got half of a surrogate pair".to_owned(),
            Some(other) => ["must be a string, got ", other.noun()].concat(),
        };
        Invalid::new("path", ["path ", &problem].concat())
    })
}

//! Turns the JSON text of a list of operations into a checked patch.

use super::{Patch, Replace, rules};
use crate::model::Invalid;
use crate::model::json::{Json, Kind, Object};
use crate::model::pointer::Pointer;

/// The name of the argument that holds the list.
const ARGUMENT: &str = "operations";

/// The verbs of RFC 6902 that the API refuses with 403, each with the way to say the same.
const OTHER_VERBS: [(&str, &str); 5] = [
    ("add", "replace the object around the new member, or use update()"),
    ("remove", "replace the object around the member with one that lacks it, or use update()"),
    ("move", "replace both places with their new values, or use update()"),
    ("copy", "replace the target with the value itself"),
    ("test", "update() reads the integration again before it writes"),
];

impl Patch {
    /// Reads `[{"op": "replace", "path": …, "value": …}, …]`, with the rules of [`Patch::replace`] for each operation.
    ///
    /// An operation with another member is refused: it is a typo, or a verb of RFC 6902 that would lose its meaning.
    ///
    /// # Errors
    /// The field is `operations` where the text is no JSON array, else a JSON Pointer into that array: `/0/op`,
    /// `/2/path`. No message repeats a value.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let list = Json::parse(text).map_err(|error| Invalid::new(ARGUMENT, format!("{ARGUMENT} {error}")))?;
        let Some(items) = list.as_array() else {
            let got = list.kind().noun();
            return Err(Invalid::new(
                ARGUMENT,
                format!("{ARGUMENT} must be an array of replace operations, got {got}"),
            ));
        };
        let operations = items.into_iter().enumerate().map(|(index, item)| operation(item, index));
        Ok(Self { operations: operations.collect::<Result<_, _>>()? })
    }
}

fn operation(item: Json<'_>, index: usize) -> Result<Replace, Invalid> {
    let place = Pointer::root().child(&index.to_string());
    let refused = |member: &str, message: String| Invalid::new(place.child(member).to_string(), message);
    let Some(members) = item.as_object() else {
        let message = format!("an operation must be an object with op, path and value, got {}", item.kind().noun());
        return Err(Invalid::new(place.to_string(), message));
    };
    check_verb(members.get("op")).map_err(|message| refused("op", message))?;
    if let Some(name) = unknown_member(&members) {
        return Err(refused(&name, "an operation has the members op, path and value, got another".to_owned()));
    }
    let path = text_of(members.get("path")).and_then(|path| rules::path(&path));
    let path = path.map_err(|message| refused("path", message))?;
    let value = members.get("value").ok_or_else(|| "value is missing".to_owned());
    let value = value.and_then(|value| rules::check_value(&path, value).map(|()| value.text().to_owned()));
    Ok(Replace { path, value: value.map_err(|message| refused("value", message))? })
}

fn check_verb(op: Option<Json<'_>>) -> Result<(), String> {
    let Some(op) = op else { return Err("op must be replace, is missing".to_owned()) };
    if op.kind() != Kind::String {
        return Err(format!("op must be replace, got {}", op.kind().noun()));
    }
    let verb = op.as_str().unwrap_or_default();
    if verb == "replace" {
        return Ok(());
    }
    Err(match OTHER_VERBS.iter().find(|other| other.0 == verb) {
        Some((verb, instead)) => format!("op must be replace, got {verb}: {instead}"),
        None => "op must be replace, got another text".to_owned(),
    })
}

fn unknown_member(members: &Object<'_>) -> Option<String> {
    let unknown = members.iter().find(|member| !matches!(member.name(), Some("op" | "path" | "value")))?;
    Some(unknown.name().unwrap_or(unknown.key()).to_owned())
}

fn text_of(path: Option<Json<'_>>) -> Result<String, String> {
    let Some(path) = path else { return Err("path is missing".to_owned()) };
    let text = path.as_str().map(|text| text.into_owned());
    text.ok_or_else(|| match path.kind() {
        Kind::String => "path must be whole characters, got half of a surrogate pair".to_owned(),
        other => format!("path must be a string, got {}", other.noun()),
    })
}

//! Says which fields a patch may name and which values it may carry, and words the refusal.

use std::borrow::Cow;

use super::Replace;
use crate::Invalid;
use crate::json::pointer::Pointer;
use crate::json::{Json, Kind};
use crate::text::decimal::number;
use crate::text::parts;
use crate::text::similar::nearest;
use crate::wire::integration::{LIST, READ_ONLY, SERVER_FIELDS, without_read_only};

/// What the API's document says a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// An object that is replaced as a whole only.
    Reference,
    /// An object in which a pointer may go deeper.
    Tree,
    Texts,
    Flag,
}

/// The fields of `ServiceDeskIntegrationDto` that a client writes, in the order of its input type.
pub(super) const FIELDS: [(&str, Shape); 11] = [
    ("name", Shape::Text),
    ("description", Shape::Text),
    ("type", Shape::Text),
    ("attributes", Shape::Tree),
    ("ownerRef", Shape::Reference),
    ("clusterRef", Shape::Reference),
    ("cluster", Shape::Text),
    ("managedSources", Shape::Texts),
    ("provisioningConfig", Shape::Tree),
    ("beforeProvisioningRule", Shape::Reference),
    ("credentialProviderEnabled", Shape::Flag),
];

/// The values of a patch, in words.
const CARRIED: &str = "a string, boolean, integer, object, or an array of strings, integers and objects";

/// Where to turn with what a patch cannot say.
const INSTEAD: &str = ": use replace() or update() for that";

/// Longer names are not repeated in a message, nor compared with the known ones.
const MAX_SHOWN_NAME: usize = 40;

/// Makes the operation that replaces the value at `path`; of a raw one only that it has a path is checked.
///
/// # Errors
/// The field is `path` or `value`.
pub(super) fn check(path: &str, value: Json<'_>, is_raw: bool) -> Result<Replace, Invalid> {
    let path = Pointer::parse(path).map_err(|error| refused_path(&[error.as_str()]))?;
    if !is_raw || path.as_str().is_empty() {
        check_path(&path)?;
        check_value(&path, value)?;
    }
    Ok(Replace { path, value: value.text().to_owned() })
}

/// Whether something can stand at this path: the items of a list have numbers, and nothing is behind its end. Of an integration that was
/// read, `-` may be the name of a member.
pub(super) fn check_steps(path: &str) -> Result<(), Invalid> {
    let item = path.strip_prefix(LIST).map(|rest| parts(rest, b'/').next().unwrap_or_default());
    if path.ends_with("/-") || item.is_some_and(|item| !is_index(item)) {
        return Err(refused_path(&["must name an item of a list by its number"]));
    }
    Ok(())
}

/// An index of RFC 6901: digits without a zero before them.
fn is_index(token: &str) -> bool {
    number(token.as_bytes(), 10).is_some() && (token.len() == 1 || !token.starts_with("0"))
}

/// Whether a patch may name this path.
pub(super) fn check_path(path: &Pointer) -> Result<(), Invalid> {
    let mut tokens = path.tokens();
    let Some(first) = tokens.next() else {
        return Err(refused_path(&["must name a field, got the whole document", INSTEAD]));
    };
    let (first, second) = (first.as_ref(), tokens.next());
    if SERVER_FIELDS.contains(&first) {
        return Err(refused_path(&["must name a field that a client writes, got /", first, ", which is server-owned"]));
    }
    if second.as_deref().is_some_and(|second| (first, second) == READ_ONLY) {
        let (parent, name) = READ_ONLY;
        return Err(refused_path(&["must not name /", parent, "/", name, ", which is read-only"]));
    }
    match shape_of(first) {
        None => Err(unknown_field(first)),
        Some(Shape::Tree) => Ok(()),
        Some(_) if second.is_none() => Ok(()),
        Some(_) => {
            let problem = "may go deeper in /attributes and /provisioningConfig only: replace /";
            Err(refused_path(&[problem, first, " as a whole"]))
        }
    }
}

/// What is written of a field: all of it but for what is read-only.
pub(super) fn writable<'a>(path: &Pointer, value: Json<'a>) -> Cow<'a, str> {
    let mut tokens = path.tokens();
    match (tokens.next(), tokens.next()) {
        (Some(field), None) if field == READ_ONLY.0 => without_read_only(value),
        _ => Cow::Borrowed(value.text()),
    }
}

/// Whether a patch may carry this value at `path`.
///
/// The API's document restricts the value itself and the items of an array; what stands inside an object is free. An
/// integer is a number without fraction and exponent, as OpenAPI 3.0 has it: JavaScript writes whole numbers from 1e21
/// on with an exponent, so those need a PUT.
pub(super) fn check_value(path: &Pointer, value: Json<'_>) -> Result<(), Invalid> {
    let refused = match value.as_array() {
        Some(items) => items.into_iter().find_map(refused_item),
        None => refused_scalar(value),
    };
    match refused {
        Some(noun) => Err(refused_value(&[" must be ", CARRIED, ", got ", noun, INSTEAD])),
        None => check_shape(path, value),
    }
}

fn refused_path(parts: &[&str]) -> Invalid {
    Invalid::new("path", ["path ", &parts.concat()].concat())
}

fn refused_value(parts: &[&str]) -> Invalid {
    Invalid::new("value", ["value", &parts.concat()].concat())
}

fn refused_scalar(value: Json<'_>) -> Option<&'static str> {
    match value.kind() {
        Kind::Null => Some("null"),
        Kind::Number => not_an_integer(value),
        _ => None,
    }
}

fn refused_item(item: Json<'_>) -> Option<&'static str> {
    match item.kind() {
        Kind::String | Kind::Object => None,
        Kind::Number => not_an_integer(item),
        Kind::Null => Some("null in an array"),
        Kind::Boolean => Some("a boolean in an array"),
        Kind::Array => Some("an array in an array"),
    }
}

fn not_an_integer(number: Json<'_>) -> Option<&'static str> {
    if number.text().bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        Some("a number with an exponent")
    } else {
        number.text().as_bytes().contains(&b'.').then_some("a fraction")
    }
}

/// The type of a top-level field; deeper, nothing is known.
fn check_shape(path: &Pointer, value: Json<'_>) -> Result<(), Invalid> {
    let mut tokens = path.tokens();
    let (Some(name), None) = (tokens.next(), tokens.next()) else { return Ok(()) };
    let kind = value.kind();
    let (expected, got) = match shape_of(&name) {
        Some(Shape::Text) if kind != Kind::String => ("a string", kind.noun()),
        Some(Shape::Reference | Shape::Tree) if kind != Kind::Object => ("an object", kind.noun()),
        Some(Shape::Flag) if kind != Kind::Boolean => ("a boolean", kind.noun()),
        Some(Shape::Texts) if kind != Kind::Array => ("an array of strings", kind.noun()),
        Some(Shape::Texts) if !is_texts(value) => ("an array of strings", "an array with other items"),
        _ => return Ok(()),
    };
    Err(refused_value(&[" of /", &name, " must be ", expected, ", got ", got]))
}

fn is_texts(value: Json<'_>) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(|item| item.kind() == Kind::String))
}

/// Whether this version knows the top-level field, the server's own included.
pub(super) fn is_known(name: &str) -> bool {
    SERVER_FIELDS.contains(&name) || shape_of(name).is_some()
}

fn shape_of(name: &str) -> Option<Shape> {
    FIELDS.iter().find(|field| field.0 == name).map(|field| field.1)
}

fn unknown_field(name: &str) -> Invalid {
    let shown = if name.len() <= MAX_SHOWN_NAME { name } else { "…" };
    match nearest(name, &FIELDS.map(|field| field.0)) {
        Some(known) => {
            refused_path(&["must name a field of the integration, got /", shown, ": did you mean /", known, "?"])
        }
        None => {
            let known = FIELDS.map(|field| field.0).join(", ");
            refused_path(&["must name a field of the integration (", &known, "), got /", shown])
        }
    }
}

//! Turns the body of a create or replace into the integration that the tenant keeps and answers.

use serde_json::{Map, Value};

use crate::json::shape::Shape;
use crate::wire::ServiceDeskIntegrationInput;
use crate::wire::integration::READ_ONLY;

use crate::sandbox::behaviour::clock;
use crate::sandbox::http::problem::{Problem, bad};

/// How deep a body may nest: what is kept can then be put into a page or a snapshot and still be read.
const MAX_DEPTH: usize = 100;

/// How many values a body may hold. Parsed, each takes some hundred bytes: without a bound one body fills all memory.
const MAX_VALUES: usize = 250_000;

/// Hours; the value of the documentation's examples, which the tenant sets where nothing is said.
const EXPIRATION_HOURS: u64 = 7;

/// The references of an integration, each with the only type that the API's document has for it.
const REFERENCES: [(&str, &str); 3] =
    [("ownerRef", "IDENTITY"), ("clusterRef", "CLUSTER"), ("beforeProvisioningRule", "RULE")];

/// Names that the documentation's examples give to ids.
const NAMES: [(&str, &str); 4] = [
    ("2c9180a46faadee4016fb4e018c20639", "Support"),
    ("2c9180867d05b227017d09921a205b4d", "Angelo Medici"),
    ("2c9180847a7fccdd017aa5896f9f4f6f", "Training VA"),
    ("048eb3d55c5a4758bd07dccb87741c78", "Before Provisioning Airtable Rule"),
];

/// The order of fields in an answer; unknown ones follow.
const ORDER: [&str; 13] = [
    "id",
    "name",
    "created",
    "modified",
    "description",
    "type",
    "ownerRef",
    "clusterRef",
    "cluster",
    "managedSources",
    "provisioningConfig",
    "attributes",
    "beforeProvisioningRule",
];

/// What the server says about an integration, whatever the client sent.
pub(crate) struct Stamps {
    pub(crate) id: String,
    pub(crate) created: String,
    pub(crate) modified_ms: u64,
}

impl Stamps {
    /// Those of an integration that is made now.
    pub(crate) fn new(id: String, now_ms: u64) -> Self {
        Self { id, created: clock::rfc3339(now_ms), modified_ms: now_ms }
    }
}

/// Reads the body of a create or replace: an object with the required fields, each of its type. Unknown fields are kept
/// (assumed). The server's own fields may be there, as in a body that was read before; they are not looked at.
pub(crate) fn read(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    check(&ServiceDeskIntegrationInput::SHAPE, body)?;
    match parse(body)? {
        Value::Object(map) => Ok(map),
        _ => Err(bad("the body must be an object")),
    }
}

/// Checks a body against its shape; the answer names the field.
pub(crate) fn check(shape: &Shape, body: &[u8]) -> Result<(), Problem> {
    let text = std::str::from_utf8(without_mark(body)).map_err(|_| bad("the body must be UTF-8"))?;
    shape.check(text).map_err(|mismatch| bad(mismatch.message))
}

/// Reads JSON that is to be kept.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Problem> {
    check_number(body)?;
    let value: Value =
        serde_json::from_slice(without_mark(body)).map_err(|_| bad("the body is no JSON that can be kept"))?;
    if depth(&value) > MAX_DEPTH {
        return Err(bad(format!("the body must nest at most {MAX_DEPTH} deep")));
    }
    Ok(value)
}

/// Refuses a body that holds more values than are parsed.
pub(crate) fn check_number(body: &[u8]) -> Result<(), Problem> {
    if values(body) > MAX_VALUES { Err(Problem::BodyTooLarge) } else { Ok(()) }
}

/// About how many values a JSON text holds: all but the first follow a comma, or are the first of a list or object.
fn values(json: &[u8]) -> usize {
    let (mut is_text, mut is_escaped, mut values) = (false, false, 1);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => values += 1,
            _ => {}
        }
    }
    values
}

/// The body without a mark of byte order.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Applies the rules that a shape cannot say, fills in what the server fills in, and orders the fields.
pub(crate) fn complete(mut body: Map<String, Value>, stamps: &Stamps) -> Result<Map<String, Value>, Problem> {
    for name in ["name", "type"] {
        if body.get(name).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
            return Err(bad(format!("/{name} must not be empty")));
        }
    }
    for (name, kind) in REFERENCES {
        if let Some(reference) = body.get_mut(name).and_then(Value::as_object_mut) {
            complete_reference(reference, kind).map_err(|problem| bad(format!("/{name}/{problem}")))?;
        }
    }
    for name in REFERENCES.map(|(name, _)| name).into_iter().chain(["managedSources"]) {
        if body.get(name).is_some_and(Value::is_null) {
            body.shift_remove(name);
        }
    }
    body.entry("cluster").or_insert(Value::Null);
    let config = body.shift_remove("provisioningConfig").and_then(|config| match config {
        Value::Object(config) => Some(config),
        _ => None,
    });
    body.insert("provisioningConfig".to_owned(), complete_config(config.unwrap_or_default())?);
    body.insert("id".to_owned(), stamps.id.as_str().into());
    body.insert("created".to_owned(), stamps.created.as_str().into());
    body.insert("modified".to_owned(), clock::rfc3339(stamps.modified_ms).into());
    Ok(ordered(body))
}

/// A provisioning configuration in which nothing was said. Source: the defaults in the API's document; the expiration is
/// assumed.
pub(crate) fn provisioning_defaults() -> Map<String, Value> {
    let defaults = [
        ("universalManager", false.into()),
        ("managedResourceRefs", Value::Array(Vec::new())),
        ("planInitializerScript", Value::Null),
        ("noProvisioningRequests", false.into()),
        ("provisioningRequestExpiration", EXPIRATION_HOURS.into()),
    ];
    defaults.into_iter().map(|(name, default)| (name.to_owned(), default)).collect()
}

fn complete_config(mut given: Map<String, Value>) -> Result<Value, Problem> {
    let mut config = Map::new();
    for (name, default) in provisioning_defaults() {
        let value = given.shift_remove(&name).filter(|value| !value.is_null());
        config.insert(name, value.unwrap_or(default));
    }
    config.extend(given);
    // A document's checker calls an object without a text in it a violation.
    if let Some(script) = config.get_mut("planInitializerScript")
        && script.get("source").is_none_or(Value::is_null)
    {
        *script = Value::Null;
    }
    let hours = config.get("provisioningRequestExpiration").and_then(Value::as_u64);
    if hours.is_none_or(|hours| hours > i32::MAX as u64) {
        return Err(bad("/provisioningConfig/provisioningRequestExpiration must be a whole number of hours"));
    }
    let sources = config.get_mut("managedResourceRefs").and_then(Value::as_array_mut);
    for (index, source) in sources.into_iter().flatten().enumerate() {
        if let Some(source) = source.as_object_mut() {
            let place = format!("/provisioningConfig/managedResourceRefs/{index}");
            complete_reference(source, "SOURCE").map_err(|problem| bad(format!("{place}/{problem}")))?;
        }
    }
    Ok(Value::Object(config))
}

/// The member of an integration that no request changes.
pub(crate) fn read_only(integration: &Value) -> Option<Value> {
    let (field, name) = READ_ONLY;
    Some(integration.get(field)?.get(name)?.clone())
}

/// Puts back what no request changes: what was there before, or the default.
pub(crate) fn keep_read_only(integration: &mut Map<String, Value>, before: Option<Value>) {
    let (field, name) = READ_ONLY;
    if let Some(config) = integration.get_mut(field).and_then(Value::as_object_mut) {
        config.insert(name.to_owned(), before.unwrap_or(Value::Bool(false)));
    }
}

/// Fills in type and name: an id is enough to refer to something (seen on a live tenant), and a name is never null,
/// which strict clients could not read.
fn complete_reference(reference: &mut Map<String, Value>, kind: &str) -> Result<(), String> {
    match reference.get("type").and_then(Value::as_str) {
        Some(given) if given != kind => return Err(format!("type must be {kind}, got another type")),
        _ => {}
    }
    let mut completed = Map::new();
    completed.insert("type".to_owned(), kind.into());
    let id = reference.get("id").and_then(Value::as_str).map(str::to_owned);
    let name = reference.get("name").and_then(Value::as_str).map(str::to_owned);
    let name = name.or_else(|| id.as_deref().map(|id| name_of(kind, id)));
    completed.extend(id.map(|id| ("id".to_owned(), id.into())));
    completed.extend(name.map(|name| ("name".to_owned(), name.into())));
    let unknown =
        std::mem::take(reference).into_iter().filter(|(name, _)| !["type", "id", "name"].contains(&name.as_str()));
    completed.extend(unknown);
    *reference = completed;
    Ok(())
}

/// The name behind an id. Assumed: the tenant holds no identities, clusters, rules or sources, so it makes one up.
fn name_of(kind: &str, id: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == id) {
        return (*name).to_owned();
    }
    let noun = match kind {
        "IDENTITY" => "Identity",
        "CLUSTER" => "Cluster",
        "RULE" => "Rule",
        _ => "Source",
    };
    let tail: Vec<char> = id.chars().rev().take(6).collect();
    format!("{noun} {}", tail.into_iter().rev().collect::<String>())
}

/// The same fields in the order of the API's document.
pub(crate) fn ordered(mut fields: Map<String, Value>) -> Map<String, Value> {
    let known = ORDER.map(|name| fields.shift_remove_entry(name));
    known.into_iter().flatten().chain(fields).collect()
}

/// What the beta version says instead: it has no null for these two, so it leaves them out.
pub(crate) fn beta(mut integration: Value) -> Value {
    if let Some(fields) = integration.as_object_mut() {
        remove_null(fields, "cluster");
        if let Some(config) = fields.get_mut("provisioningConfig").and_then(Value::as_object_mut) {
            remove_null(config, "planInitializerScript");
        }
    }
    integration
}

fn remove_null(fields: &mut Map<String, Value>, name: &str) {
    if fields.get(name).is_some_and(Value::is_null) {
        fields.shift_remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_texts_are_one_each() {
        assert_eq!(values(b"1"), 1);
        assert_eq!(values(br#"{"a":[1,2],"b":"x,[{\\\",","c":3}"#), 6);
    }
}

//! Runs the cases in `tests/patch/*.json`: what `diff` finds, what a list of operations is refused for, what the builder takes.
//!
//! A file is an array of cases, each with a `name` that a failure prints. Member by member:
//!
//! - `before` and `after`, or `beforeText` and `afterText` where the bytes matter: the two integrations;
//!   `patch`, `changes` (a line each: path, kind, before, after, secret) `needsReplace` (false if absent) and `atRisk`
//!   (empty if absent): the diff.
//! - `operations` or `operationsText`: a list that `Patch::parse` takes as it is, or refuses with `error`.
//! - `path` and `value` or `valueText`: an operation that the builder takes, or refuses with `error`.
//! - `error`: `field` and `message`.

use std::path::Path;

use isc_service_desk::Invalid;
use isc_service_desk::patch::{Patch, diff};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case<'a> {
    name: String,
    #[serde(borrow, default, deserialize_with = "given")]
    before: Option<&'a RawValue>,
    before_text: Option<String>,
    #[serde(borrow, default, deserialize_with = "given")]
    after: Option<&'a RawValue>,
    after_text: Option<String>,
    patch: Option<Value>,
    changes: Option<Value>,
    #[serde(default)]
    needs_replace: bool,
    #[serde(default)]
    at_risk: Vec<String>,
    #[serde(borrow, default, deserialize_with = "given")]
    operations: Option<&'a RawValue>,
    operations_text: Option<String>,
    path: Option<String>,
    #[serde(borrow, default, deserialize_with = "given")]
    value: Option<&'a RawValue>,
    value_text: Option<String>,
    error: Option<Value>,
}

/// A member that is there, be it null.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/patch");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let failures: Vec<_> = files.iter().flat_map(|file| failures_in(file)).collect();
    assert!(!files.is_empty() && failures.is_empty(), "{}", failures.join("\n\n"));
}

fn failures_in(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(!cases.is_empty(), "{} has no case", file.display());
    let file = file.file_name().unwrap().to_string_lossy();
    let outcomes = cases.iter().map(|case| (case, outcome(case)));
    outcomes
        .filter(|(case, outcome)| outcome != &expected(case))
        .map(|(case, outcome)| format!("{file}: {}\nexpected {}\n     got {outcome}", case.name, expected(case)))
        .collect()
}

fn expected(case: &Case) -> Value {
    if let Some(error) = &case.error {
        return json!({ "error": error });
    }
    match (&case.operations, &case.path) {
        (None, None) => json!({
            "patch": case.patch, "changes": case.changes, "needsReplace": case.needs_replace, "atRisk": case.at_risk,
        }),
        (None, Some(path)) => json!([{ "op": "replace", "path": path, "value": case.value }]),
        (Some(operations), _) => json!(operations),
    }
}

fn outcome(case: &Case) -> Value {
    let parsed = match (text_of(case.operations, &case.operations_text), &case.path) {
        (Some(operations), _) => Patch::parse(&operations).map(|patch| patch.to_json()),
        (None, Some(path)) => {
            let value = text_of(case.value, &case.value_text).unwrap();
            Patch::new().replace(path, &value).map(|patch| patch.to_json())
        }
        (None, None) => {
            let before = text_of(case.before, &case.before_text).unwrap();
            let after = text_of(case.after, &case.after_text).unwrap();
            diff(&before, &after).map(|diff| diff.to_json())
        }
    };
    parsed.map_or_else(refusal, |text| serde_json::from_str(&text).unwrap())
}

fn refusal(invalid: Invalid) -> Value {
    json!({ "error": { "field": invalid.field, "message": invalid.message } })
}

/// The text as JavaScript would write it, since bytes are counted: without the white space of the file.
fn text_of(raw: Option<&RawValue>, text: &Option<String>) -> Option<String> {
    text.clone().or_else(|| raw.map(|raw| compact(raw.get())))
}

fn compact(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let mut keep = |character: &char| {
        in_string ^= *character == '"' && !escaped;
        escaped = in_string && *character == '\\' && !escaped;
        in_string || !character.is_ascii_whitespace()
    };
    text.chars().filter(|character| keep(character)).collect()
}

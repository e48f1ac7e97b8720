//! Two integrations, parted by a record separator: the patch leads from one to the other, and shows no secret.

use isc_service_desk::json::Json;
use isc_service_desk::patch::{Diff, Patch, diff};
use isc_service_desk::wire::secrets::Secrets;
use serde_json::{Map, Value};

use crate::support::{halves, same_members};

/// What the kept inputs have for a secret.
const SECRET: &str = "S3CRET";

/// What must hold for every two texts.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (before, after) = halves(&text);
    let Ok(found) = diff(before, after) else {
        assert!(!is_object(before) || !is_object(after), "two objects, and no difference between them");
        return;
    };
    assert!(diff(before, before).is_ok_and(|none| none.changes.is_empty() && none.patch.is_empty()), "{before}");
    is_written_as_it_is_read(&found);
    if let (Ok(before), Ok(after)) = (serde_json::from_str(before), serde_json::from_str(after)) {
        leads_from_one_to_the_other(&found, &before, &after);
        hides_secrets(&found, before, after);
    }
}

fn is_object(text: &str) -> bool {
    Json::parse(text).is_ok_and(|value| value.as_object().is_some())
}

fn is_written_as_it_is_read(found: &Diff) {
    let patch = &found.patch;
    assert_eq!(Patch::parse(&patch.to_json()).as_ref(), Ok(patch), "the patch reads as another");
    assert!(Json::parse(&found.to_json()).is_ok(), "no JSON: {}", found.to_json());
}

fn leads_from_one_to_the_other(found: &Diff, before: &Value, after: &Value) {
    assert_eq!(
        found.changes.is_empty(),
        found.patch.is_empty() && !found.needs_replace,
        "a change and nothing to send"
    );
    if found.needs_replace {
        assert!(found.patch.is_empty(), "a patch beside a PUT: {:?}", found.patch);
        return;
    }
    let mut patched = before.clone();
    make_room_for_secrets(&mut patched, &found.patch);
    assert_eq!(found.patch.apply(&mut patched), Ok(()), "{:?} does not fit {before}", found.patch);
    let (patched, after) = (counted(&patched), counted(after));
    assert!(same_members(&patched, &after), "{:?} leads to {patched:?}", found.patch);
}

/// Puts something where a patch replaces a secret that the integration lacks: servers leave secrets out.
fn make_room_for_secrets(document: &mut Value, patch: &Patch) {
    for path in patch.operations().iter().map(|operation| operation.path()) {
        let Some(name) = path.tokens().last().filter(|name| Secrets::default().is_secret(name)) else { continue };
        let parent = path.as_str().rsplit_once('/').and_then(|(parent, _)| document.pointer_mut(parent));
        if let Some(members) = parent.and_then(Value::as_object_mut) {
            members.entry(name.into_owned()).or_insert(Value::Null);
        }
    }
}

/// Without what the server owns, and without null, which is the same as absent.
fn counted(value: &Value) -> Map<String, Value> {
    let is_counted = |name: &str| !matches!(name, "id" | "created" | "modified");
    let members = value.as_object().into_iter().flatten();
    let counted = members.filter(|(name, value)| is_counted(name) && !value.is_null());
    let mut counted: Map<String, Value> = counted.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(config) = counted.get_mut("provisioningConfig").and_then(Value::as_object_mut) {
        config.remove("universalManager");
    }
    counted
}

/// A text that stands under the name `password` alone is in no change.
fn hides_secrets(found: &Diff, mut before: Value, mut after: Value) {
    [&mut before, &mut after].into_iter().for_each(forget_passwords);
    if format!("{before}{after}").contains(SECRET) {
        return;
    }
    for change in &found.changes {
        let shown = [&change.before, &change.after].map(|text| parsed(text.as_deref()));
        assert!(!format!("{}{shown:?}", change.path).contains(SECRET), "{} is shown", change.path);
    }
    assert!(!format!("{:?}", found.patch).contains(SECRET), "the patch shows it");
}

fn forget_passwords(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| name != "password");
            members.values_mut().for_each(forget_passwords);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_passwords),
        _ => {}
    }
}

/// Without escapes, behind which a secret could stand.
fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

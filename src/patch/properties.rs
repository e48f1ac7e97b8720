//! Laws of patches and diffs, held against thousands of generated integrations.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use super::{Change, Diff, Narrow, Patch, diff};
use crate::json::{Json, quote};
use crate::wire::secrets::Secrets;

/// Few names, so that two documents meet in them; some that need care.
const NAMES: [&str; 9] = ["a", "b", "url", "x/y", "m~n", "", "__proto__", "password", "tokens"];

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3..300_i64).prop_map(Value::from),
        select(vec![0.5, 1e21, -2.25]).prop_map(Value::from),
        "[a-c\"\\\\é😀\n]{0,6}".prop_map(Value::from),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            4 => object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(select(&NAMES[..]).prop_map(str::to_owned), value, 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn texts() -> impl Strategy<Value = Value> {
    prop::collection::vec("[a-b]{1,3}", 0..3).prop_map(Value::from)
}

fn reference() -> impl Strategy<Value = Value> {
    "[a-b]".prop_map(|id| json!({ "id": id, "type": "IDENTITY" }))
}

fn maybe(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 8 => value.prop_map(Some)].boxed()
}

/// An integration, with fields of the server and one that no version knows.
fn integration() -> impl Strategy<Value = Value> {
    let text = || maybe("[a-c]{0,3}".prop_map(Value::from));
    let required = (text(), text(), maybe(object(tree())), maybe(object(tree())));
    let optional = (maybe(reference()), text(), maybe(texts()), maybe(reference()));
    let others = (text(), text(), prop_oneof![9 => Just(None), 1 => tree().prop_map(Some)]);
    (required, optional, others).prop_map(|(required, optional, others)| {
        let (name, description, attributes, config) = required;
        let (owner, cluster, sources, rule) = optional;
        let fields = [
            ("name", name),
            ("description", description),
            ("attributes", attributes),
            ("provisioningConfig", config),
            ("ownerRef", owner),
            ("cluster", cluster),
            ("managedSources", sources),
            ("beforeProvisioningRule", rule),
            ("id", others.0),
            ("modified", others.1),
            ("labels", others.2),
        ];
        Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    })
}

/// Two integrations that differ in a few places somewhere in the first one.
fn edited() -> impl Strategy<Value = (Value, Value)> {
    let edit = (any::<Index>(), prop_oneof![2 => scalar().prop_map(Some), 2 => tree().prop_map(Some), 1 => Just(None)]);
    (integration(), prop::collection::vec(edit, 0..4)).prop_map(|(before, edits)| {
        let mut after = before.clone();
        for (place, value) in edits {
            let mut paths = Vec::new();
            member_paths(&after, String::new(), &mut paths);
            if paths.is_empty() {
                continue;
            }
            let (parent, name) = place.get(&paths).rsplit_once('/').unwrap();
            let name = name.replace("~1", "/").replace("~0", "~");
            let members = after.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match value {
                Some(value) => members.insert(name, value),
                None => members.remove(&name),
            };
        }
        (before, after)
    })
}

/// Two integrations with much or nothing in common.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    prop_oneof![3 => edited(), 1 => (integration(), integration())]
}

fn member_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        member_paths(member, path.clone(), paths);
        paths.push(path);
    }
}

/// The text of a value with its members turned round by `turn`, and some of its letters escaped.
fn shuffled(value: &Value, turn: usize) -> String {
    match value {
        Value::Object(members) => {
            let mut parts: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{} : {}", escaped(name), shuffled(value, turn / 3)))
                .collect();
            let length = parts.len().max(1);
            parts.rotate_left(turn % length);
            if turn & 8 == 0 {
                parts.reverse();
            }
            format!("{{{}}}", parts.join(" ,\n"))
        }
        Value::Array(items) => {
            format!("[ {} ]", items.iter().map(|item| shuffled(item, turn / 3)).collect::<Vec<_>>().join(","))
        }
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    quote(text).replace('a', "\\u0061").replace('é', "\\u00E9").replace('😀', "\\ud83d\\ude00")
}

/// The value without what a diff does not count.
fn counted(value: &Value) -> Map<String, Value> {
    let server_owned = |name: &String| matches!(name.as_str(), "id" | "created" | "modified");
    let members = value.as_object().unwrap().iter();
    let counted = members.filter(|(name, value)| !server_owned(name) && !value.is_null());
    counted.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn find(before: &Value, after: &Value) -> Diff {
    diff(&before.to_string(), &after.to_string()).unwrap()
}

/// Every changed field replaced as a whole, if that leads from `before` to `after`.
fn whole_fields(before: &Value, after: &Value) -> Option<Patch> {
    let mut patched = before.clone();
    let mut changed = counted(after).into_iter().filter(|(name, value)| before.get(name) != Some(value));
    let patch = changed
        .try_fold(Patch::new(), |patch, (name, value)| patch.replace(&format!("/{name}"), &value.to_string()).ok())?;
    patch.apply(&mut patched).ok()?;
    (counted(&patched) == counted(after)).then_some(patch)
}

fn sorted(patch: Patch) -> Vec<String> {
    let mut texts: Vec<_> = patch.operations().iter().map(|operation| operation.to_json()).collect();
    texts.sort();
    texts
}

/// Puts something where a patch replaces a secret that the document lacks.
fn make_room_for_secrets(document: &mut Value, patch: &Patch) {
    for operation in patch.operations() {
        let path = operation.path();
        let is_secret = path.tokens().last().is_some_and(|name| Secrets::default().is_secret(&name));
        if is_secret && document.pointer(path.as_str()).is_none() {
            set(document, path.as_str(), Value::Null);
        }
    }
}

/// Puts a value at a path whose parent is there.
fn set(document: &mut Value, path: &str, value: Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.insert(name, value)),
        other => panic!("{other} holds no {name}"),
    }
}

/// Makes every value under a secret name one that can be searched for.
fn mark_secrets(value: &mut Value, secret: bool) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| {
            mark_secrets(member, secret || ["password", "tokens", "x/y"].contains(&name.as_str()));
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| mark_secrets(item, secret)),
        leaf if secret => *leaf = json!(format!("s3cret {leaf}")),
        _ => {}
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn patch_leads_from_before_to_after((before, after) in pair()) {
        let found = find(&before, &after);
        if found.needs_replace {
            prop_assert!(found.patch.is_empty());
        } else {
            let mut patched = before.clone();
            make_room_for_secrets(&mut patched, &found.patch);
            prop_assert_eq!(found.patch.apply(&mut patched), Ok(()));
            prop_assert_eq!(counted(&patched), counted(&after));
        }
    }

    #[test]
    fn a_narrow_patch_names_what_changed_alone((before, after) in pair()) {
        let found = find(&before, &after);
        let Some(Narrow { patch, is_tentative }) = found.narrow else {
            prop_assert!(!found.at_risk.is_empty());
            return Ok(());
        };
        let mut patched = before.clone();
        for operation in patch.operations() {
            let path = operation.path().as_str();
            let value: Value = serde_json::from_str(operation.value()).unwrap();
            let both_are_objects = before.pointer(path).is_some_and(Value::is_object) && value.is_object();
            prop_assert!(!both_are_objects || !path.starts_with("/attributes"), "{} is said as a whole", path);
            set(&mut patched, path, value);
        }
        prop_assert_eq!(counted(&patched), counted(&after));
        prop_assert!(is_tentative || found.patch == patch);
        prop_assert!(!found.at_risk.is_empty() || found.patch == patch);
    }

    #[test]
    fn an_object_of_attributes_is_written_as_a_whole_only_at_risk((before, after) in pair()) {
        let found = find(&before, &after);
        for operation in found.patch.operations() {
            let path = operation.path().as_str();
            let (old, new) = (before.pointer(path), after.pointer(path));
            if path.starts_with("/attributes") && old.is_some_and(Value::is_object) && new.is_some_and(Value::is_object) {
                let below = format!("{path}/");
                prop_assert!(found.at_risk.iter().any(|one| one.as_str().starts_with(&below)), "{}", path);
            }
        }
        for path in &found.at_risk {
            let is_a_change = |change: &Change| {
                path.as_str().starts_with(change.path.as_str()) || change.path.as_str().starts_with(path.as_str())
            };
            prop_assert!(found.changes.iter().any(is_a_change), "{}", path);
        }
    }

    #[test]
    fn put_is_needed_only_where_whole_fields_do_not_do((before, after) in pair()) {
        let found = find(&before, &after);
        let whole = whole_fields(&before, &after);
        prop_assert_eq!(found.needs_replace, whole.is_none());
        if let Some(whole) = whole {
            prop_assert_eq!(found.patch.with_whole_fields(&after.to_string()).map(sorted), Ok(sorted(whole)));
        }
    }

    #[test]
    fn no_change_means_equal((before, after) in pair()) {
        let found = find(&before, &after);
        prop_assert_eq!(found.changes.is_empty(), counted(&before) == counted(&after));
        prop_assert_eq!(found.changes.is_empty(), found.patch.is_empty() && !found.needs_replace);
    }

    #[test]
    fn one_value_in_two_ways_to_write_it_is_no_change(value in integration(), turn: usize, other: usize) {
        let found = diff(&shuffled(&value, turn), &shuffled(&value, other)).unwrap();
        let narrow = Some(Narrow { patch: Patch::new(), is_tentative: false });
        prop_assert_eq!(found, Diff { narrow, ..Diff::default() });
    }

    #[test]
    fn order_in_before_does_not_count((before, after) in pair(), turn: usize) {
        let turned = diff(&shuffled(&before, turn), &after.to_string()).unwrap();
        let found = find(&before, &after);
        prop_assert_eq!(&turned.patch, &found.patch);
        let lines = |changes: Vec<Change>| {
            let mut lines: Vec<_> = changes.into_iter().map(|one| (one.path.to_string(), one.after, one.secret)).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(lines(turned.changes), lines(found.changes));
    }

    #[test]
    fn every_change_is_where_it_says((before, after) in pair()) {
        for change in find(&before, &after).changes {
            let at_top = change.path.tokens().count() == 1;
            let there = |side: &Value| {
                let value = side.pointer(change.path.as_str()).filter(|value| !(at_top && value.is_null()));
                value.map(|value| value.to_string())
            };
            let (old, new) = (there(&before), there(&after));
            prop_assert_ne!(&old, &new);
            prop_assert_eq!((change.before.is_some(), change.after.is_some()), (old.is_some(), new.is_some()));
            prop_assert!(change.secret || (change.before, change.after) == (old, new));
        }
    }

    #[test]
    fn no_value_under_a_secret_name_is_shown(mut before in object(tree()), mut after in object(tree()), listed_before: bool) {
        [&mut before, &mut after].into_iter().for_each(|side| mark_secrets(side, false));
        let lister = if listed_before { &mut before } else { &mut after };
        lister.as_object_mut().unwrap().insert("encrypted".to_owned(), json!("m~n , x/y"));
        let found = find(&json!({ "attributes": before }), &json!({ "attributes": after }));
        let shown = format!("{:?} {:?}", found.patch, found.changes);
        prop_assert!(!shown.contains("s3cret"), "{}", shown);
        prop_assert_eq!(shown.contains("[redacted]"), found.changes.iter().any(|change| change.secret));
    }

    #[test]
    fn what_is_written_is_read_back((before, after) in pair()) {
        let patch = find(&before, &after).patch;
        prop_assert_eq!(Patch::parse(&patch.to_json()), Ok(patch.clone()));
        let built = patch.operations().iter().try_fold(Patch::new(), |built, one| built.replace(one.path().as_str(), one.value()));
        prop_assert_eq!(built, Ok(patch));
    }

    #[test]
    fn half_valid_operations_are_no_panic(value in tree(), path in "(/|~|a|attributes|name|\u{0}|😀){0,5}") {
        let text = json!([{ "op": "replace", "path": path, "value": value }]).to_string();
        let built = Patch::new().replace(&path, &value.to_string());
        prop_assert_eq!(Patch::parse(&text).is_ok(), built.is_ok());
        if let Ok(patch) = built {
            prop_assert_eq!(serde_json::from_str::<Value>(&patch.to_json()).ok(), serde_json::from_str(&text).ok());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:\\\\u0-9a-fn\\-.é ]{0,40}") {
        let (as_json, as_value) = (Json::parse(&text), serde_json::from_str::<serde::de::IgnoredAny>(&text));
        prop_assert_eq!(as_json.is_ok(), as_value.is_ok());
        let _ = (Patch::parse(&text), diff(&text, "{}"), Patch::new().replace("/attributes/a", &text));
    }
}

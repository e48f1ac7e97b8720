//! An update erases nothing that a server hides: random records and changes, against servers that show ciphertexts, masks or
//! nothing, keep what they are sent as it is, and differ in which patches they take.

use isc_service_desk::client::response::api_error::ApiFailure;
use isc_service_desk::client::session::update::{HiddenSecrets, Update, UpdateStep};
use isc_service_desk::client::{Error, ErrorKind};
use isc_service_desk::patch::{Patch, diff};
use isc_service_desk::wire::secrets::{Secrets, is_stand_in};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

const SECRET: [&str; 3] = ["password", "refresh_token", "apiKey"];
const NAMES: [&str; 8] = ["a", "b", "url", "statusMap", "x/y", "password", "refresh_token", "apiKey"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shows {
    Ciphertext,
    Masked,
    Omitted,
}

#[derive(Debug, Clone, Copy)]
struct Habits {
    shows: Shows,
    /// Whether it takes a pointer below a field.
    takes_deep: bool,
    /// Whether a `replace` of what is not there adds it.
    adds: bool,
    /// Whether it takes null, fractions and the like in a patch.
    takes_any: bool,
    refusal: u16,
}

/// A server that keeps what it is sent as it is.
struct Server {
    habits: Habits,
    record: Value,
}

impl Server {
    fn shown(&self) -> String {
        let mut shown = self.record.clone();
        self.hide(&mut shown["attributes"]);
        shown.to_string()
    }

    fn hide(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => {
                let is_hidden =
                    |name: &str, value: &Value| SECRET.contains(&name) && *value != json!("") && !value.is_null();
                match self.habits.shows {
                    Shows::Omitted => members.retain(|name, value| !is_hidden(name, value)),
                    Shows::Masked => members
                        .iter_mut()
                        .filter(|(name, value)| is_hidden(name, value))
                        .for_each(|(_, value)| *value = json!("********")),
                    Shows::Ciphertext => members
                        .iter_mut()
                        .filter(|(name, value)| is_hidden(name, value))
                        .for_each(|(_, value)| *value = json!("1:ACP:MDEyMzQ1Njc4OWFiY2RlZg==")),
                }
                members.values_mut().for_each(|value| self.hide(value));
            }
            _ => {}
        }
    }

    fn patch(&mut self, body: &str) -> Result<(), u16> {
        let mut next = self.record.clone();
        for operation in serde_json::from_str::<Vec<Value>>(body).unwrap() {
            assert_eq!(operation["op"], "replace");
            let path = operation["path"].as_str().unwrap();
            let is_allowed = Patch::new().replace(path, &operation["value"].to_string()).is_ok();
            let is_deep = path.matches('/').count() > 1;
            let (parent, name) = path.rsplit_once('/').unwrap();
            let name = name.replace("~1", "/").replace("~0", "~");
            let target = match next.pointer_mut(parent) {
                Some(Value::Object(members)) if self.habits.adds => members.entry(name).or_insert(Value::Null),
                Some(Value::Object(members)) => members.get_mut(&name).ok_or(self.habits.refusal)?,
                Some(Value::Array(items)) => {
                    name.parse::<usize>().ok().and_then(|at| items.get_mut(at)).ok_or(400_u16)?
                }
                _ => return Err(self.habits.refusal),
            };
            if is_deep && !self.habits.takes_deep || !is_allowed && !self.habits.takes_any {
                return Err(self.habits.refusal);
            }
            *target = operation["value"].clone();
        }
        self.keep(next);
        Ok(())
    }

    /// What is read-only stays.
    fn keep(&mut self, mut next: Value) {
        let read_only = self.record.pointer("/provisioningConfig/universalManager").cloned();
        if let (Some(read_only), Some(Value::Object(config))) = (read_only, next.get_mut("provisioningConfig")) {
            config.insert("universalManager".to_owned(), read_only);
        }
        self.record = next;
    }

    /// Carries an update through; gives why nothing was written.
    fn update(&mut self, hidden_secrets: HiddenSecrets, change: &dyn Fn(&mut Value)) -> Result<(), Box<Error>> {
        let mut update = Update::new(hidden_secrets, Secrets::default());
        let mut step = UpdateStep::Read;
        for _ in 0..20 {
            step = match step {
                UpdateStep::Read => update.handle_read(self.shown()),
                UpdateStep::Change(before) => {
                    let mut after = serde_json::from_str(&before).unwrap();
                    change(&mut after);
                    update.handle_changed(before, after.to_string())?
                }
                UpdateStep::Patch(body) => match self.patch(&body) {
                    Ok(()) => return Ok(()),
                    Err(status) => update.handle_refused(refused(status))?,
                },
                UpdateStep::Replace(body) => {
                    self.keep(serde_json::from_str(&body).unwrap());
                    return Ok(());
                }
                UpdateStep::Done(_) => return Ok(()),
                UpdateStep::Fail(error) => return Err(error),
            };
        }
        panic!("an update that goes on and on: {step:?}")
    }
}

fn refused(status: u16) -> Box<Error> {
    Error::new(ErrorKind::Api(Box::new(ApiFailure { status, ..ApiFailure::default() })), "refused")
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[a-c]{0,4}".prop_map(Value::from),
        1 => Just(json!(null)),
        1 => any::<bool>().prop_map(Value::from),
        1 => select(vec![json!(7), json!(0.5), json!("********"), json!("1:ACP:MDEyMzQ1Njc4OWFiY2RlZg==")]),
    ]
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(select(&NAMES[..]).prop_map(str::to_owned), value, 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(
        3,
        20,
        4,
        |inner| prop_oneof![1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from), 4 => object(inner)],
    )
}

/// What a server holds: under a secret name secrets alone.
fn record() -> impl Strategy<Value = Value> {
    let optional = (any::<bool>(), any::<bool>(), any::<bool>());
    (object(tree()), optional).prop_map(|(mut attributes, (owner, config, unknown))| {
        let mut counter = 0;
        make_secrets(&mut attributes, &mut counter);
        let mut record = json!({ "id": "i", "name": "n", "description": "d", "type": "t", "attributes": attributes });
        let fields = [
            (owner, "ownerRef", json!({ "id": "o", "type": "IDENTITY" })),
            (config, "provisioningConfig", json!({ "universalManager": false, "noProvisioningRequests": true })),
            (unknown, "credentialProviderEnabled", json!(false)),
        ];
        for (_, name, value) in fields.into_iter().filter(|field| field.0) {
            record[name] = value;
        }
        record
    })
}

fn make_secrets(value: &mut Value, counter: &mut u32) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| make_secrets(item, counter)),
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET.contains(&name.as_str()) {
                    *counter += 1;
                    *member = json!(format!("real secret {counter}"));
                } else {
                    make_secrets(member, counter);
                }
            }
        }
        _ => {}
    }
}

fn habits() -> impl Strategy<Value = Habits> {
    let shows = select(vec![Shows::Ciphertext, Shows::Masked, Shows::Omitted]);
    let flags = (prop::bool::weighted(0.8), any::<bool>(), any::<bool>(), any::<bool>());
    (shows, flags).prop_map(|(shows, (takes_deep, adds, takes_any, forbids))| Habits {
        shows,
        takes_deep,
        adds,
        takes_any,
        refusal: if forbids { 403 } else { 400 },
    })
}

#[derive(Debug, Clone)]
enum Edit {
    Set(Index, Value),
    Add(Index, &'static str, Value),
    Remove(Index),
    Field(&'static str, Option<Value>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let fields = vec![
        ("ownerRef", Some(json!({ "id": "p" }))),
        ("ownerRef", None),
        ("provisioningConfig", Some(json!({ "noProvisioningRequests": false }))),
        ("description", Some(json!("e"))),
        ("credentialProviderEnabled", Some(json!(true))),
        ("credentialProviderEnabled", None),
        ("beforeProvisioningRule", Some(json!({ "id": "r" }))),
    ];
    prop_oneof![
        4 => (any::<Index>(), tree()).prop_map(|(place, value)| Edit::Set(place, value)),
        3 => (any::<Index>(), select(&NAMES[..]), tree()).prop_map(|(place, name, value)| Edit::Add(place, name, value)),
        2 => any::<Index>().prop_map(Edit::Remove),
        2 => select(fields).prop_map(|(name, value)| Edit::Field(name, value)),
    ]
}

fn apply(edit: &Edit, integration: &mut Value) {
    let mut paths = Vec::new();
    member_paths(&integration["attributes"], "/attributes".to_owned(), &mut paths);
    match edit {
        Edit::Field(name, Some(value)) => integration[*name] = value.clone(),
        Edit::Field(name, None) => drop(integration.as_object_mut().unwrap().remove(*name)),
        _ if paths.is_empty() => {}
        Edit::Set(place, value) => *integration.pointer_mut(place.get(&paths).as_str()).unwrap() = value.clone(),
        Edit::Add(place, name, value) => {
            if let Some(members) = integration.pointer_mut(place.get(&paths).as_str()).and_then(Value::as_object_mut) {
                members.insert((*name).to_owned(), value.clone());
            } else {
                integration["attributes"][*name] = value.clone();
            }
        }
        Edit::Remove(place) => {
            let (parent, name) = place.get(&paths).rsplit_once('/').unwrap();
            if let Some(members) = integration.pointer_mut(parent).and_then(Value::as_object_mut) {
                members.remove(&name.replace("~1", "/").replace("~0", "~"));
            }
        }
    }
}

/// The paths of all members and items.
fn member_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                paths.push(path.clone());
                member_paths(member, path, paths);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}/{index}");
                paths.push(path.clone());
                member_paths(item, path, paths);
            }
        }
        _ => {}
    }
}

/// Where two values differ: members by their names, items by their places.
fn name_changes(before: &Value, after: &Value, path: String, changed: &mut Vec<String>) {
    let is_read_only = |path: &str| path == "/provisioningConfig/universalManager";
    let children: Vec<String> = match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).cloned().collect()
        }
        (Value::Array(old), Value::Array(new)) => {
            (0..old.len().max(new.len())).map(|index| index.to_string()).collect()
        }
        _ if before == after => return,
        _ => return changed.push(path),
    };
    let child = |value: &Value, name: &str| match value {
        Value::Array(items) => items.get(name.parse::<usize>().unwrap()).cloned(),
        other => other.get(name).cloned(),
    };
    for name in children {
        let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (child(before, &name), child(after, &name)) {
            _ if is_read_only(&path) => {}
            (Some(old), Some(new)) => name_changes(&old, &new, path, changed),
            _ => changed.push(path),
        }
    }
}

fn is_at_or_below(path: &str, of: &str) -> bool {
    path == of || path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, rng_seed: RngSeed::Fixed(18), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_no_change_names_is_unchanged_or_nothing_was_written(
        record in record(),
        habits in habits(),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let mut server = Server { habits, record: record.clone() };
        let shown: Value = serde_json::from_str(&server.shown()).unwrap();
        let mut wanted = shown.clone();
        edits.iter().for_each(|edit| apply(edit, &mut wanted));
        let written = server.update(HiddenSecrets::Refuse, &|integration| *integration = wanted.clone());
        if written.is_err() {
            prop_assert_eq!(&server.record, &record);
        }
        let mut changed = Vec::new();
        name_changes(&shown, &wanted, String::new(), &mut changed);
        let mut paths = Vec::new();
        member_paths(&record, String::new(), &mut paths);
        for path in paths {
            let is_named = changed.iter().any(|named| is_at_or_below(&path, named) || is_at_or_below(named, &path));
            prop_assert!(is_named || server.record.pointer(&path) == record.pointer(&path), "{} is another", path);
        }
        if written.is_ok() {
            for path in changed {
                prop_assert_eq!(server.record.pointer(&path), wanted.pointer(&path), "{}", path);
            }
        }
        let mut paths = Vec::new();
        member_paths(&server.record["attributes"], String::new(), &mut paths);
        for path in paths.iter().filter(|path| SECRET.iter().any(|name| path.ends_with(name))) {
            let value = server.record["attributes"].pointer(path).and_then(Value::as_str).unwrap_or_default();
            prop_assert!(!is_stand_in(value), "{} is what stood for a secret", path);
        }
    }

    #[test]
    fn where_nothing_is_hidden_every_change_is_written_by_a_server_that_takes_what_the_document_says(
        record in record(),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let habits = Habits { shows: Shows::Omitted, takes_deep: true, adds: false, takes_any: false, refusal: 400 };
        let mut record = record;
        forget_secrets(&mut record);
        let mut server = Server { habits, record };
        let mut wanted: Value = serde_json::from_str(&server.shown()).unwrap();
        edits.iter().for_each(|edit| apply(edit, &mut wanted));
        let written = server.update(HiddenSecrets::None, &|integration| *integration = wanted.clone());
        prop_assert_eq!(written, Ok(()));
        let left = diff(&server.record.to_string(), &wanted.to_string()).unwrap().changes;
        prop_assert!(left.is_empty(), "{:?}", left);
    }
}

fn forget_secrets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget_secrets),
        Value::Object(members) => {
            members.retain(|name, _| !SECRET.contains(&name.as_str()));
            members.values_mut().for_each(forget_secrets);
        }
        _ => {}
    }
}

//! A good answer's body, read as every operation reads it: what is accepted is JSON of the type that callers are promised.

use isc_service_desk::client::Operation;
use isc_service_desk::client::response::decode::decode;
use isc_service_desk::http::{Headers, Response};
use isc_service_desk::json::pointer::Pointer;
use isc_service_desk::json::shape::Mismatch;
use isc_service_desk::wire::QueuedCheckConfigDetails;
use serde_json::{Map, Value};

use crate::support::{is_beyond_rust, is_one_line, same, same_members};

const OPERATIONS: [Operation; 10] = [
    Operation::List,
    Operation::Create,
    Operation::Get,
    Operation::Replace,
    Operation::Patch,
    Operation::Delete,
    Operation::ListTypes,
    Operation::GetTemplate,
    Operation::GetStatusCheck,
    Operation::UpdateStatusCheck,
];

/// A message names a place in the body, and shows nothing of it.
const MAX_MESSAGE_BYTES: usize = 200;

/// What must hold for every body.
pub fn holds(input: &[u8]) {
    for operation in OPERATIONS {
        match decode(operation, answer(input, false), false) {
            Ok(answer) => is_what_was_promised(operation, input, answer.json),
            Err(mismatch) => is_a_place(&mismatch),
        }
        let cut = decode(operation, answer(input, true), true);
        assert_eq!(cut.is_ok(), operation == Operation::Delete, "cut, and accepted");
    }
    is_sorted_out(input);
}

/// Where odd records are kept, the others are integrations, and odd ones are none.
fn is_sorted_out(input: &[u8]) {
    let Ok(answer) = decode(Operation::List, answer(input, false), true) else { return };
    let items: Vec<Value> = match serde_json::from_str(&answer.json.unwrap_or_default()) {
        Ok(items) => items,
        Err(error) => return assert!(is_beyond_rust(&String::from_utf8_lossy(input), &error), "no list, {error}"),
    };
    assert_eq!(items.len(), answer.names.len());
    for (index, item) in items.iter().enumerate() {
        let odd = answer.odd.iter().find(|odd| odd.index == index);
        assert_eq!(odd.is_none(), is_integration(item), "{item} is {odd:?}");
        if let Some(odd) = odd {
            is_a_place(&Mismatch { path: Some(odd.path.clone()), message: odd.message.clone() });
        }
    }
}

fn answer(body: &[u8], cut: bool) -> Response {
    Response { status: 200, headers: Headers::default(), body: body.to_vec(), cut }
}

fn is_what_was_promised(operation: Operation, body: &[u8], text: Option<String>) {
    assert_eq!(text.is_none(), operation == Operation::Delete, "{operation:?} returns {text:?}");
    let Some(text) = text else { return };
    let body = std::str::from_utf8(body).unwrap_or_default();
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => return assert!(is_beyond_rust(&text, &error), "{operation:?} gives no JSON, {error}: {text}"),
    };
    let sent: Value = serde_json::from_str(body).unwrap_or_default();
    let fits = match operation {
        Operation::List => all(&value, is_integration),
        Operation::ListTypes => all(&value, |one| has_texts(one, &["type", "scriptName"])),
        Operation::GetTemplate => is_template(&value, &sent),
        Operation::GetStatusCheck | Operation::UpdateStatusCheck => is_status_check(&value, &sent),
        _ => is_integration(&value),
    };
    assert!(fits, "{operation:?} gives another type: {text}");
    let rewrites =
        matches!(operation, Operation::GetTemplate | Operation::GetStatusCheck | Operation::UpdateStatusCheck);
    assert!(rewrites || text == body, "{operation:?} gives another text: {text}");
}

fn all(value: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(fits))
}

fn has_texts(value: &Value, names: &[&str]) -> bool {
    names.iter().all(|name| value.get(name).is_some_and(Value::is_string))
}

/// Whether a member is of a type, absent or null.
fn may_have(value: &Value, name: &str, fits: impl Fn(&Value) -> bool) -> bool {
    value.get(name).is_none_or(|member| member.is_null() || fits(member))
}

/// `ServiceDeskIntegrationDto` of the API's document.
fn is_integration(value: &Value) -> bool {
    has_texts(value, &["id", "name", "type"])
        && may_have(value, "attributes", Value::is_object)
        && ["created", "modified", "description", "cluster"].iter().all(|name| may_have(value, name, Value::is_string))
        && ["ownerRef", "clusterRef", "beforeProvisioningRule"].iter().all(|name| may_have(value, name, is_reference))
        && may_have(value, "managedSources", |sources| all(sources, Value::is_string))
        && may_have(value, "provisioningConfig", is_provisioning_config)
}

fn is_reference(value: &Value) -> bool {
    value.is_object() && ["id", "name", "type"].iter().all(|name| may_have(value, name, Value::is_string))
}

fn is_provisioning_config(value: &Value) -> bool {
    value.is_object()
        && ["universalManager", "noProvisioningRequests"].iter().all(|name| may_have(value, name, Value::is_boolean))
        && may_have(value, "managedResourceRefs", |references| all(references, is_reference))
        && may_have(value, "planInitializerScript", |script| may_have(script, "source", Value::is_string))
        && may_have(value, "provisioningRequestExpiration", Value::is_number)
}

/// A template always has a `provisioningConfig`; the rest is as the server sent it.
fn is_template(value: &Value, sent: &Value) -> bool {
    let rest = |value: &Value| without(value, &["provisioningConfig"]);
    has_texts(value, &["type"])
        && ["id", "name", "created", "modified"].iter().all(|name| may_have(value, name, Value::is_string))
        && value.get("attributes").is_some_and(Value::is_object)
        && value.get("provisioningConfig").is_some_and(|config| config.is_object() && is_provisioning_config(config))
        && may_have(sent, "provisioningConfig", |sent| {
            value.get("provisioningConfig").is_some_and(|one| same(one, sent))
        })
        && same_members(&rest(value), &rest(sent))
}

/// The two settings are texts, whatever they came as; the rest is as the server sent it.
fn is_status_check(value: &Value, sent: &Value) -> bool {
    let rest = |value: &Value| without(value, &QueuedCheckConfigDetails::FIELDS);
    has_texts(value, &QueuedCheckConfigDetails::FIELDS) && same_members(&rest(value), &rest(sent))
}

fn without(value: &Value, names: &[&str]) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    let others = members.filter(|(name, _)| !names.contains(&name.as_str()));
    others.map(|(name, member)| (name.clone(), member.clone())).collect()
}

fn is_a_place(mismatch: &Mismatch) {
    let Mismatch { path, message } = mismatch;
    // The name of a record is the server's text: the call hides secrets in it, and cuts it.
    let message = message.split(", in the record ").next().unwrap_or_default();
    assert!(is_one_line(message) && message.len() <= MAX_MESSAGE_BYTES, "{message:?}");
    let Some(path) = path else { return };
    let is_named = if path.is_empty() {
        message.starts_with("the body ") || message.starts_with("the record ")
    } else {
        message.starts_with(path)
    };
    assert!(Pointer::parse(path).is_ok() && is_named, "{path}: {message}");
}

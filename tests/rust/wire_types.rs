//! The wire types against the published examples, and their two declarations against each other.

use isc_service_desk::client::Operation;
use isc_service_desk::client::response::decode::decode;
use isc_service_desk::http::{Headers, Response};
use isc_service_desk::json::shape::Mismatch;
use isc_service_desk::wire::{
    QueuedCheckConfigDetails, ServiceDeskIntegrationDto, ServiceDeskIntegrationTemplateDto,
    ServiceDeskIntegrationTemplateType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What servers answer.
const INTEGRATIONS: [&str; 3] = [
    include_str!("../data/spec-get-response.json"),
    include_str!("../data/constructed-servicenow-sdim.json"),
    include_str!("../data/thirdparty-terraform-fixture-webhook.json"),
];

/// What clients send: without an id.
const INPUTS: [&str; 3] = [
    include_str!("../data/constructed-generic-sdim.json"),
    include_str!("../data/thirdparty-terraform-create-minimal.json"),
    include_str!("../data/thirdparty-terraform-create-servicenow.json"),
];

fn decoded(operation: Operation, body: &str) -> Result<String, Mismatch> {
    let response = Response { status: 200, headers: Headers::default(), body: body.into(), cut: false };
    decode(operation, response, false).map(|answer| answer.json.unwrap())
}

/// A null says the same as nothing, and a struct writes nothing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        other => other,
    }
}

/// Reads the text as `T`, and compares what `T` writes with it.
#[track_caller]
fn round_trips<T: DeserializeOwned + Serialize>(text: &str) {
    let typed: T = serde_json::from_str(text).unwrap();
    let written = without_nulls(serde_json::to_value(&typed).unwrap());
    assert_eq!(written, without_nulls(serde_json::from_str(text).unwrap()));
}

#[test]
fn every_published_integration_decodes_byte_for_byte() {
    let answers = INPUTS.map(|input| input.replacen('{', r#"{"id":"i","#, 1));
    for body in INTEGRATIONS.into_iter().chain(answers.iter().map(String::as_str)) {
        for operation in [Operation::Get, Operation::Create, Operation::Replace, Operation::Patch] {
            assert_eq!(decoded(operation, body).as_deref(), Ok(body));
        }
        let list = format!("[{body},{body}]");
        assert_eq!(decoded(Operation::List, &list), Ok(list));
        round_trips::<ServiceDeskIntegrationDto>(body);
    }
    let list = include_str!("../data/spec-list-response.json");
    assert_eq!(decoded(Operation::List, list).as_deref(), Ok(list));
}

#[test]
fn the_other_published_answers_decode() {
    let types = include_str!("../data/spec-types-response.json");
    assert_eq!(decoded(Operation::ListTypes, types).as_deref(), Ok(types));
    serde_json::from_str::<Vec<ServiceDeskIntegrationTemplateType>>(types).unwrap();

    let template = include_str!("../data/spec-template-response.json");
    assert_eq!(decoded(Operation::GetTemplate, template).as_deref(), Ok(template));
    round_trips::<ServiceDeskIntegrationTemplateDto>(template);

    let check = include_str!("../data/spec-status-check-response.json");
    assert_eq!(decoded(Operation::GetStatusCheck, check).as_deref(), Ok(check));
    round_trips::<QueuedCheckConfigDetails>(check);
}

#[test]
fn an_integration_without_attributes_is_taken_as_it_came() {
    let sibling = include_str!("../data/spec-sim-integration-details.json");
    assert_eq!(decoded(Operation::Get, sibling).as_deref(), Ok(sibling));
    let null = r#"{"id":"i","name":"n","type":"t","attributes":null}"#;
    assert_eq!(decoded(Operation::Get, null).as_deref(), Ok(null));
}

/// Values that stand in the place of each member in turn.
fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!("text"),
        json!([]),
        json!([null]),
        json!(["a"]),
        json!([1]),
        json!([{}]),
        json!({}),
        json!({"id": 1}),
        json!({"type": "X", "id": "i", "name": null}),
        json!({"source": 1}),
        json!({"source": null}),
    ]
}

/// Every variant of `whole` in which one member, at any depth but below `attributes`, is missing or is another value.
fn variants(whole: &Value) -> Vec<Value> {
    let mut variants = vec![whole.clone()];
    let Some(members) = whole.as_object() else { return variants };
    for (name, member) in members {
        let with = |value: Value| {
            let mut variant = members.clone();
            variant.insert(name.clone(), value);
            Value::Object(variant)
        };
        let mut without = members.clone();
        without.remove(name);
        variants.push(Value::Object(without));
        if name == "attributes" {
            continue; // A struct keeps them as text, of whatever kind.
        }
        // A derived struct also reads the array of its fields, which is no JSON that anybody writes.
        let others = replacements().into_iter().filter(|value| !(member.is_object() && value.is_array()));
        variants.extend(others.map(with));
        variants.extend(self::variants(member).into_iter().map(with));
    }
    variants
}

/// What the shape takes, the struct reads, and the other way round.
#[track_caller]
fn agree<T: DeserializeOwned>(operation: Operation, whole: &str) {
    let whole: Value = serde_json::from_str(whole).unwrap();
    let mut taken = 0;
    let variants = variants(&whole);
    for variant in &variants {
        let text = variant.to_string();
        let by_shape = decoded(operation, &text);
        let by_struct = serde_json::from_str::<T>(by_shape.as_deref().unwrap_or(&text));
        assert_eq!(by_shape.is_ok(), by_struct.is_ok(), "{text}\n{by_shape:?}\n{:?}", by_struct.err());
        taken += usize::from(by_shape.is_ok());
    }
    assert!(taken > 0 && taken < variants.len(), "{taken} of {}", variants.len());
}

#[test]
fn struct_and_shape_take_the_same_values() {
    agree::<ServiceDeskIntegrationDto>(Operation::Get, INTEGRATIONS[0]);
    agree::<ServiceDeskIntegrationTemplateDto>(
        Operation::GetTemplate,
        include_str!("../data/spec-template-response.json"),
    );
    agree::<QueuedCheckConfigDetails>(
        Operation::GetStatusCheck,
        include_str!("../data/spec-status-check-response.json"),
    );
    let first = r#"{"type":"t","scriptName":"s","name":"n"}"#;
    for variant in variants(&serde_json::from_str(first).unwrap()) {
        let by_shape = decoded(Operation::ListTypes, &format!("[{variant}]")).is_ok();
        assert_eq!(
            by_shape,
            serde_json::from_value::<ServiceDeskIntegrationTemplateType>(variant.clone()).is_ok(),
            "{variant}"
        );
    }
}

#[test]
fn the_wrong_member_is_named_whatever_it_is() {
    let whole: Value = serde_json::from_str(INTEGRATIONS[0]).unwrap();
    for pointer in [
        "/id",
        "/name",
        "/type",
        "/attributes",
        "/ownerRef",
        "/clusterRef/id",
        "/managedSources/1",
        "/provisioningConfig/universalManager",
        "/provisioningConfig/managedResourceRefs/1/name",
        "/provisioningConfig/planInitializerScript/source",
        "/provisioningConfig/provisioningRequestExpiration",
        "/beforeProvisioningRule/type",
        "/modified",
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(pointer).unwrap() = json!([[]]);
        let mismatch = decoded(Operation::List, &json!([whole, broken]).to_string()).unwrap_err();
        assert_eq!(mismatch.path, Some(format!("/1{pointer}")));
    }
}

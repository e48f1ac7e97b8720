//! Turns the state of a tenant into plain JSON and back.

use serde_json::{Map, Value, json};

use crate::model::secrets::Secrets;
use crate::model::shape::required;
use crate::model::{
    Invalid, QueuedCheckConfigDetails, ServiceDeskIntegrationDto, ServiceDeskIntegrationTemplateDto,
    ServiceDeskIntegrationTemplateType, Shape,
};

use super::catalog::Catalog;
use super::clock;
use super::dto::{self, Stamps};
use super::ids::Seed;
use super::options::{Options, Start, check_list, parse_json};
use super::status_check::StatusCheck;
use super::store::{Store, Stored};
use super::veil::Veil;

const SHAPE: Shape = Shape::Object(&[
    required("integrations", Shape::List(&ServiceDeskIntegrationDto::SHAPE)),
    required("types", Shape::List(&ServiceDeskIntegrationTemplateType::SHAPE)),
    required("templates", Shape::Map),
    required("statusCheck", QueuedCheckConfigDetails::SHAPE),
]);

/// Everything that a client can read of a tenant.
pub(super) struct State {
    pub(super) store: Store,
    pub(super) types: Vec<Value>,
    pub(super) templates: Map<String, Value>,
    pub(super) status_check: StatusCheck,
}

impl State {
    /// What a new tenant has.
    pub(super) fn new(options: &Options, veil: Veil, now_ms: u64) -> Result<Self, Invalid> {
        let catalog = Catalog::built_in();
        let store = match &options.integrations {
            Start::Usual => populated(&catalog, catalog.len(), veil, now_ms),
            Start::Number(number) => populated(&catalog, *number, veil, now_ms),
            Start::Given(given) => taken(given, veil, now_ms)?,
        };
        let (types, templates) = (catalog.types(), catalog.templates(veil.seed));
        Ok(Self { store, types, templates, status_check: StatusCheck::default() })
    }

    /// The state as JSON, with its secrets in clear: it is the caller's own.
    pub(super) fn snapshot(&self) -> String {
        let integrations: Vec<&str> = self.store.iter(None).map(Stored::full).collect();
        let types = Value::from(self.types.as_slice());
        let templates = Value::from(self.templates.clone());
        format!(
            "{{\"integrations\":[{}],\"types\":{types},\"templates\":{templates},\"statusCheck\":{}}}",
            integrations.join(","),
            self.status_check.answer(false)
        )
    }

    /// Reads what [`State::snapshot`] wrote, or what somebody else did.
    pub(super) fn restore(json: &str, veil: Veil, now_ms: u64) -> Result<Self, Invalid> {
        SHAPE.check(json).map_err(|mismatch| {
            let field = mismatch.path.filter(|path| !path.is_empty()).unwrap_or_else(|| "state".to_owned());
            Invalid::new(field, mismatch.message.replace("the body", "state"))
        })?;
        let mut state = parse_json(json, "state")?;
        let integrations = state["integrations"].take();
        check_list(&integrations, "integrations")?;
        let templates = state["templates"].take().as_object().cloned().unwrap_or_default();
        for (script_name, template) in &templates {
            check_template(script_name, template)?;
        }
        let status_check = StatusCheck::read(state["statusCheck"].to_string().as_bytes())
            .map_err(|_| Invalid::new("/statusCheck", "/statusCheck must hold two whole numbers above 0"))?;
        let store = taken(integrations.as_array().map(Vec::as_slice).unwrap_or_default(), veil, now_ms)?;
        let types = state["types"].as_array().cloned().unwrap_or_default();
        Ok(Self { store, types, templates, status_check })
    }
}

fn check_template(script_name: &str, template: &Value) -> Result<(), Invalid> {
    let shape = &ServiceDeskIntegrationTemplateDto::SHAPE;
    let place = crate::model::pointer::Pointer::root().child("templates").child(script_name);
    shape.check(&template.to_string()).map_err(|mismatch| {
        let field = format!("{place}{}", mismatch.path.unwrap_or_default());
        Invalid::new(field.clone(), format!("{field} must be as a template has it"))
    })
}

fn populated(catalog: &Catalog, number: u64, veil: Veil, now_ms: u64) -> Store {
    let mut store = Store::default();
    for index in 0..number {
        let integration = catalog.integration(veil.seed, index, number, now_ms);
        store.put(Stored::new(integration, now_ms, veil, Secrets::default()));
    }
    store
}

/// Integrations as they are given; only id and timestamps are filled in where they are missing.
fn taken(given: &[Value], veil: Veil, now_ms: u64) -> Result<Store, Invalid> {
    let mut store = Store::default();
    for (index, integration) in given.iter().enumerate() {
        let stamps = Stamps::new(veil.seed.hex("given", index as u64), now_ms);
        let mut integration = integration.as_object().cloned().unwrap_or_default();
        if integration.get("id").is_none_or(Value::is_null) {
            integration.insert("id".to_owned(), json!(stamps.id));
        }
        integration.entry("created").or_insert_with(|| json!(stamps.created));
        integration.entry("modified").or_insert_with(|| json!(clock::rfc3339(stamps.modified_ms)));
        let stored = Stored::new(dto::ordered(integration), 0, veil, Secrets::default());
        let place = format!("/integrations/{index}");
        if store.get(&stored.id).is_some() {
            return Err(Invalid::new(format!("{place}/id"), format!("{place}/id must be unique, got one twice")));
        }
        if store.is_taken(stored.row().name, &stored.id) {
            return Err(Invalid::new(format!("{place}/name"), format!("{place}/name must be unique, got one twice")));
        }
        store.put(stored);
    }
    Ok(store)
}

/// An id that no integration has yet.
pub(super) fn fresh_id(store: &Store, seed: Seed, counter: &mut u64) -> String {
    loop {
        *counter += 1;
        let id = seed.hex("id", *counter);
        if store.get(&id).is_none() {
            return id;
        }
    }
}

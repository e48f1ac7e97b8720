//! Turns the state of a tenant into plain JSON and back.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Invalid;
use crate::json::Json;
use crate::json::pointer::Pointer;
use crate::json::shape::Shape;
use crate::json::shape::required;
use crate::wire::secrets::Secrets;
use crate::wire::{
    QueuedCheckConfigDetails, ServiceDeskIntegrationDto, ServiceDeskIntegrationTemplateDto,
    ServiceDeskIntegrationTemplateType,
};

use super::catalog::Catalog;
use super::dto::{self, Stamps};
use super::ids::Seed;
use super::secret_mask::SecretMask;
use super::status_check::StatusCheck;
use super::store::{Store, Stored};
use crate::sandbox::behaviour::options::{Options, Start};

const SHAPE: Shape = Shape::Object(&[
    required("integrations", Shape::List(&ServiceDeskIntegrationDto::WITHOUT_ID)),
    required("types", Shape::List(&ServiceDeskIntegrationTemplateType::SHAPE)),
    required("templates", Shape::Map),
    required("statusCheck", QueuedCheckConfigDetails::SHAPE),
]);

/// Everything that a client can read of a tenant.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) types: Vec<Value>,
    pub(crate) templates: Map<String, Value>,
    pub(crate) status_check: StatusCheck,
}

impl State {
    /// What a new tenant has.
    pub(crate) fn new(options: &Options, secret_mask: SecretMask, now_ms: u64) -> Result<Self, Invalid> {
        let catalog = Catalog::built_in();
        let store = match &options.integrations {
            Start::Usual => populated(&catalog, catalog.len(), secret_mask, now_ms),
            Start::Number(number) => populated(&catalog, *number, secret_mask, now_ms),
            Start::Given(given) => taken(given.iter().map(String::as_str), secret_mask, now_ms)?,
        };
        let (types, templates) = (catalog.types(), catalog.templates(secret_mask.seed));
        Ok(Self { store, types, templates, status_check: StatusCheck::default() })
    }

    /// The state as JSON, with its secrets in clear: it is the caller's own.
    pub(crate) fn snapshot(&self) -> String {
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
    pub(crate) fn restore(json: &str, secret_mask: SecretMask, now_ms: u64) -> Result<Self, Invalid> {
        SHAPE.check(json).map_err(|mismatch| {
            let field = mismatch.path.filter(|path| !path.is_empty()).unwrap_or_else(|| "state".to_owned());
            Invalid::new(field, mismatch.message.replace("the body", "state"))
        })?;
        let state = Json::parse(json).map_err(|error| Invalid::new("state", format!("state {error}")))?;
        let members = state.as_object().unwrap_or_default();
        let part = |name: &str| members.get(name).map(Json::text).unwrap_or("null");
        let templates: Map<String, Value> = kept(part("templates"), "/templates")?;
        for (script_name, template) in &templates {
            check_template(script_name, template)?;
        }
        let status_check = StatusCheck::read(part("statusCheck").as_bytes())
            .map_err(|_| Invalid::new("/statusCheck", "/statusCheck must hold two whole numbers above 0"))?;
        let integrations = members.get("integrations").and_then(Json::as_array).unwrap_or_default();
        let store = taken(integrations.into_iter().map(Json::text), secret_mask, now_ms)?;
        Ok(Self { store, types: kept(part("types"), "/types")?, templates, status_check })
    }
}

fn check_template(script_name: &str, template: &Value) -> Result<(), Invalid> {
    let shape = &ServiceDeskIntegrationTemplateDto::SHAPE;
    let place = Pointer::root().child("templates").child(script_name);
    shape.check(&template.to_string()).map_err(|mismatch| {
        let field = format!("{place}{}", mismatch.path.unwrap_or_default());
        Invalid::new(field.clone(), format!("{field} must be as a template has it"))
    })
}

fn populated(catalog: &Catalog, number: u64, secret_mask: SecretMask, now_ms: u64) -> Store {
    let mut store = Store::with_room_for(number);
    for integration in catalog.integrations(secret_mask.seed, number, now_ms) {
        store.put(Stored::new(integration, now_ms, secret_mask, Secrets::default()));
    }
    store
}

/// Integrations as they are given, each as JSON; only id and timestamps are filled in where they are missing.
fn taken<'j>(
    given: impl ExactSizeIterator<Item = &'j str>,
    secret_mask: SecretMask,
    now_ms: u64,
) -> Result<Store, Invalid> {
    let mut store = Store::with_room_for(given.len() as u64);
    for (index, json) in given.enumerate() {
        let place = format!("/integrations/{index}");
        let mut integration: Map<String, Value> = kept(json, &place)?;
        let stamps = Stamps::new(secret_mask.seed.hex("given", index as u64), now_ms);
        match integration.get("id") {
            Some(Value::String(_)) => {}
            None | Some(Value::Null) => drop(integration.insert("id".to_owned(), stamps.id.into())),
            Some(_) => return Err(Invalid::new(format!("{place}/id"), format!("{place}/id must be a string"))),
        }
        for field in ["created", "modified"] {
            integration.entry(field).or_insert_with(|| stamps.created.as_str().into());
        }
        let stored = Stored::new(dto::ordered(integration), 0, secret_mask, Secrets::default());
        if store.get(&stored.id).is_some() {
            return Err(Invalid::new(format!("{place}/id"), format!("{place}/id must be unique, got one twice")));
        }
        if store.is_taken(stored.row().name, &stored.id) {
            return Err(Invalid::new(format!("{place}/name"), format!("{place}/name must be unique, got one twice")));
        }
        if !store.has_room_for(&stored) {
            return Err(Invalid::new(place.clone(), format!("{place} is beyond the 256 MiB that a sandbox keeps")));
        }
        store.put(stored);
    }
    Ok(store)
}

/// Reads JSON that was checked before; half of a surrogate pair passes a check, but cannot be kept.
fn kept<T: DeserializeOwned>(json: &str, place: &str) -> Result<T, Invalid> {
    let unkept = |_| Invalid::new(place.to_owned(), format!("{place} must be JSON of whole characters"));
    serde_json::from_str(json).map_err(unkept)
}

/// An id that no integration has yet.
pub(crate) fn fresh_id(store: &Store, seed: Seed, counter: &mut u64) -> String {
    loop {
        *counter += 1;
        let id = seed.hex("id", *counter);
        if store.get(&id).is_none() {
            return id;
        }
    }
}

//! Turns the built-in catalog into the types, the templates and the first integrations of a tenant.
//!
//! The names of the types are public. What a real server answers for types and templates is not: script names, and
//! which attributes a template holds, are invented here, after the attribute names that are known from elsewhere.

use serde_json::{Map, Value, json};

use super::clock;
use super::dto::{self, Stamps};
use super::ids::Seed;

const CATALOG: &str = include_str!("catalog.json");

/// An identity that owns things in examples of the API's documentation.
const OWNER: &str = "2c9180a46faadee4016fb4e018c20639";

/// A cluster in examples of the API's documentation.
const CLUSTER: &str = "2c9180847a7fccdd017aa5896f9f4f6f";

/// How long before the tenant's start its first integration was made.
const AGE_MS: u64 = 30 * 86_400_000;

/// When the templates were made: any day in the past does.
const TEMPLATES_SINCE_MS: u64 = 1_432_822_037_000;

/// The kinds of service desk that a tenant knows at first.
pub(super) struct Catalog {
    entries: Vec<Value>,
}

impl Catalog {
    pub(super) fn built_in() -> Self {
        Self { entries: serde_json::from_str(CATALOG).unwrap_or_default() }
    }

    /// How many kinds there are.
    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The answer of the operation that lists the types.
    pub(super) fn types(&self) -> Vec<Value> {
        let line =
            |entry: &Value| json!({ "type": entry["type"], "name": entry["name"], "scriptName": entry["scriptName"] });
        self.entries.iter().map(line).collect()
    }

    /// The templates by their script names.
    pub(super) fn templates(&self, seed: Seed) -> Map<String, Value> {
        let stamp = clock::rfc3339(TEMPLATES_SINCE_MS);
        let template = |(number, entry): (usize, &Value)| {
            let template = json!({
                "id": seed.hex("template", number as u64), "name": entry["name"], "created": stamp, "modified": stamp,
                "type": entry["type"], "attributes": entry["attributes"], "provisioningConfig": dto::provisioning_defaults(),
            });
            (entry["scriptName"].as_str().unwrap_or_default().to_owned(), template)
        };
        self.entries.iter().enumerate().map(template).collect()
    }

    /// Integration number `index` of a tenant that starts with `total`: the kinds take turns. Up to one of each they have
    /// plain names; more are numbered, so that their names differ and sort as they were made.
    pub(super) fn integration(&self, seed: Seed, index: u64, total: u64, now_ms: u64) -> Map<String, Value> {
        let entry = self.entries.iter().cycle().nth((index % self.len().max(1)) as usize).unwrap_or(&Value::Null);
        let sample = &entry["sample"];
        let plain = sample["name"].as_str().unwrap_or_default();
        let name = if total <= self.len() { plain.to_owned() } else { format!("{:06} {plain}", index + 1) };
        let mut attributes = entry["attributes"].as_object().cloned().unwrap_or_default();
        attributes.extend(sample["attributes"].as_object().cloned().unwrap_or_default());
        let body = json!({
            "name": name, "description": sample["description"], "type": entry["type"],
            "ownerRef": { "id": OWNER }, "clusterRef": { "id": CLUSTER }, "attributes": attributes,
            "provisioningConfig": { "managedResourceRefs": [{ "id": seed.hex("source", index) }] },
        });
        let made_ms = (now_ms.saturating_sub(AGE_MS)).saturating_add(index * 1_000).min(now_ms);
        let stamps = Stamps::new(seed.hex("seeded", index), made_ms);
        dto::complete(body.as_object().cloned().unwrap_or_default(), &stamps).unwrap_or_default()
    }
}

//! Turns the built-in catalog into the types, the templates and the first integrations of a tenant.
//!
//! The names of the types are public. What a real server answers for types and templates is not: script names, and
//! which attributes a template holds, are invented here, after the attribute names that are known from elsewhere.

use serde_json::{Map, Value, json};

use super::dto::{self, Stamps};
use super::ids::Seed;
use crate::sandbox::behaviour::clock;

const CATALOG: &str = include_str!("catalog.json");

/// An identity that owns things in examples of the API's documentation.
const OWNER: &str = "2c9180a46faadee4016fb4e018c20639";

/// A cluster in examples of the API's documentation.
const CLUSTER: &str = "2c9180847a7fccdd017aa5896f9f4f6f";

/// A source in examples of the API's documentation.
const SOURCE: &str = "2c9180835d191a86015d28455b4a2329";

/// How long before the tenant's start its first integration was made.
const AGE_MS: u64 = 30 * 86_400_000;

/// When the templates were made: any day in the past does.
const TEMPLATES_SINCE_MS: u64 = 1_432_822_037_000;

/// The kinds of service desk that a tenant knows at first.
pub(crate) struct Catalog {
    entries: Vec<Value>,
}

impl Catalog {
    pub(crate) fn built_in() -> Self {
        Self { entries: serde_json::from_str(CATALOG).unwrap_or_default() }
    }

    /// How many kinds there are.
    pub(crate) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The answer of the operation that lists the types.
    pub(crate) fn types(&self) -> Vec<Value> {
        let line =
            |entry: &Value| json!({ "type": entry["type"], "name": entry["name"], "scriptName": entry["scriptName"] });
        self.entries.iter().map(line).collect()
    }

    /// The templates by their script names.
    pub(crate) fn templates(&self, seed: Seed) -> Map<String, Value> {
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

    /// The integrations of a tenant that starts with `total`: the kinds take turns. Up to one of each they have plain
    /// names; more are numbered, so that their names differ and sort as they were made.
    pub(crate) fn integrations(&self, seed: Seed, total: u64, now_ms: u64) -> impl Iterator<Item = Map<String, Value>> {
        let samples: Vec<_> = self.entries.iter().map(sample).collect();
        let is_numbered = total > self.entries.len() as u64;
        (0..total).zip(samples.into_iter().cycle()).map(move |(index, mut integration)| {
            let plain = integration.get("name").and_then(Value::as_str).unwrap_or_default();
            let name = if is_numbered { format!("{:06} {plain}", index + 1) } else { plain.to_owned() };
            let stamp = clock::rfc3339(now_ms.saturating_sub(AGE_MS).saturating_add(index * 1_000).min(now_ms));
            let own =
                [("id", seed.hex("seeded", index)), ("name", name), ("created", stamp.clone()), ("modified", stamp)];
            for (field, value) in own {
                integration.insert(field.to_owned(), value.into());
            }
            integration
        })
    }
}

/// An integration of this kind, complete but for what differs from one to the next.
fn sample(entry: &Value) -> Map<String, Value> {
    let sample = &entry["sample"];
    let mut attributes = entry["attributes"].as_object().cloned().unwrap_or_default();
    attributes.extend(sample["attributes"].as_object().cloned().unwrap_or_default());
    let body = json!({
        "name": sample["name"], "description": sample["description"], "type": entry["type"],
        "ownerRef": { "id": OWNER }, "clusterRef": { "id": CLUSTER }, "attributes": attributes,
        "provisioningConfig": { "managedResourceRefs": [{ "id": SOURCE }] }, "credentialProviderEnabled": false,
    });
    dto::complete(body.as_object().cloned().unwrap_or_default(), &Stamps::new(String::new(), 0)).unwrap_or_default()
}

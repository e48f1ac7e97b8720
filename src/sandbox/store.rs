//! Keeps the integrations of a tenant, found by id and name, in the order they were made or by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::secrets::Secrets;
use crate::query::{Row, Sorter};

use super::veil::{Veil, secrets_of};

/// An integration as text: a large tenant of parsed values would not fit into the memory of a page.
pub(super) struct Stored {
    pub(super) id: String,
    /// When it was changed last; 0 where somebody else's clock said it.
    pub(super) modified_ms: u64,
    name: String,
    kind: String,
    cluster: Option<String>,
    full: String,
    /// The answer, where it differs from `full`: with its secrets hidden.
    shown: Option<String>,
    pub(super) secrets: Secrets,
}

impl Stored {
    /// Keeps a complete integration; `earlier` are the names that were secret in it before.
    pub(super) fn new(integration: Map<String, Value>, modified_ms: u64, veil: Veil, earlier: Secrets) -> Self {
        let text = |name: &str| integration.get(name).and_then(Value::as_str).map(str::to_owned);
        let cluster_ref = || integration.get("clusterRef")?.get("id")?.as_str().map(str::to_owned);
        let id = text("id").unwrap_or_default();
        let (name, kind) = (text("name").unwrap_or_default(), text("type").unwrap_or_default());
        let cluster = text("cluster").or_else(cluster_ref);
        let secrets = secrets_of(integration.get("attributes"), earlier);
        let integration = Value::Object(integration);
        let shown = veil.hide(&id, &integration, &secrets).map(|shown| shown.to_string());
        Self { id, modified_ms, name, kind, cluster, full: integration.to_string(), shown, secrets }
    }

    /// The JSON that may be answered.
    pub(super) fn answer(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.full)
    }

    /// The JSON with its secrets.
    pub(super) fn full(&self) -> &str {
        &self.full
    }

    /// The same, parsed.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.full).unwrap_or_default()
    }

    /// When it was made, as it is answered.
    pub(super) fn created(&self) -> String {
        self.value().get("created").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// What a filter may ask about.
    pub(super) fn row(&self) -> Row<'_> {
        Row { id: Some(&self.id), name: &self.name, kind: &self.kind, cluster: self.cluster.as_deref() }
    }
}

/// All integrations.
#[derive(Default)]
pub(super) struct Store {
    rows: BTreeMap<u64, Stored>,
    by_id: BTreeMap<String, u64>,
    by_name: BTreeMap<String, u64>,
    next: u64,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Stored> {
        self.by_id.get(id).and_then(|place| self.rows.get(place))
    }

    /// Whether another integration than `id` has this name. Assumed: names are unique without regard to case, as the
    /// API's filters compare them.
    pub(super) fn is_taken(&self, name: &str, id: &str) -> bool {
        let holder = self.by_name.get(&folded(name)).and_then(|place| self.rows.get(place));
        holder.is_some_and(|holder| holder.id != id)
    }

    /// Adds an integration, or puts it in the place of the one with its id.
    ///
    /// Invariant: its name is not taken.
    pub(super) fn put(&mut self, integration: Stored) {
        let place = match self.by_id.get(&integration.id) {
            Some(place) => *place,
            None => {
                self.next += 1;
                self.next
            }
        };
        self.by_id.insert(integration.id.clone(), place);
        let name = folded(&integration.name);
        if let Some(before) = self.rows.insert(place, integration) {
            self.by_name.remove(&folded(&before.name));
        }
        self.by_name.insert(name, place);
    }

    /// Removes an integration; false where there is none.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let removed = self.by_id.remove(id).and_then(|place| self.rows.remove(&place));
        if let Some(removed) = &removed {
            self.by_name.remove(&folded(&removed.name));
        }
        removed.is_some()
    }

    /// All in the order of a list: as they were made (assumed), or by name.
    pub(super) fn iter(&self, sorter: Option<Sorter>) -> Box<dyn Iterator<Item = &Stored> + '_> {
        let find = |place: &u64| self.rows.get(place);
        match sorter {
            None => Box::new(self.rows.values()),
            Some(Sorter::Name) => Box::new(self.by_name.values().filter_map(find)),
            Some(Sorter::NameDescending) => Box::new(self.by_name.values().rev().filter_map(find)),
        }
    }
}

/// The name as filters and sorters compare it: character by character in lower case.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

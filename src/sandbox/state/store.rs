//! Keeps the integrations of a tenant, found by id and name, in the order they were made or by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::query::{Row, Sorter};
use crate::wire::secrets::Secrets;

use super::secret_mask::{SecretMask, secrets_of};

/// About what an integration takes, its places in the three maps included.
const BYTES_EACH: usize = 2_560;

/// The texts of all integrations have so many bytes at most. WebAssembly has 4 GiB at most, and dies where they are used up: a
/// list and a change need several times what they are about.
const MAX_BYTES: usize = 256 * 1_024 * 1_024;

/// An integration as text: a large tenant of parsed values would not fit into the memory of a page.
pub(crate) struct Stored {
    pub(crate) id: String,
    /// When it was changed last; 0 where somebody else's clock said it.
    pub(crate) modified_ms: u64,
    name: String,
    kind: String,
    cluster: Option<String>,
    full: String,
    cover: Option<Cover>,
    pub(crate) secrets: Secrets,
    bytes: usize,
}

/// What stands in an answer in the place of the part of the full text that holds secrets.
struct Cover {
    start: usize,
    end: usize,
    text: String,
}

impl Stored {
    /// Keeps a complete integration; `earlier` are the names that were secret in it before.
    pub(crate) fn new(
        mut integration: Map<String, Value>,
        modified_ms: u64,
        secret_mask: SecretMask,
        earlier: Secrets,
    ) -> Self {
        let text = |name: &str| integration.get(name).and_then(Value::as_str).map(str::to_owned);
        let cluster_ref = || integration.get("clusterRef")?.get("id")?.as_str().map(str::to_owned);
        let id = text("id").unwrap_or_default();
        let (name, kind) = (text("name").unwrap_or_default(), text("type").unwrap_or_default());
        let cluster = text("cluster").or_else(cluster_ref);
        let secrets = secrets_of(integration.get("attributes"), earlier);
        let full = json_text(&integration);
        let hidden = secret_mask.hide(&id, &mut integration, &secrets);
        let cover = hidden.then(|| Cover::between(&full, &json_text(&integration)));
        let shown = cover.as_ref().map_or(0, |cover| cover.text.len());
        let texts = [id.len(), name.len(), name.len(), kind.len(), cluster.as_ref().map_or(0, String::len)];
        let bytes = texts.iter().sum::<usize>() + full.len() + shown + secrets.bytes();
        Self { id, modified_ms, name, kind, cluster, full, cover, secrets, bytes }
    }

    /// The JSON that may be answered.
    pub(crate) fn answer(&self) -> String {
        let Some(Cover { start, end, text }) = &self.cover else { return self.full.clone() };
        let part = |range: Option<&str>| range.unwrap_or_default().to_owned();
        part(self.full.get(..*start)) + text + &part(self.full.get(*end..))
    }

    /// The JSON with its secrets.
    pub(crate) fn full(&self) -> &str {
        &self.full
    }

    /// The same, parsed.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.full).unwrap_or_default()
    }

    /// When it was made, as it is answered.
    pub(crate) fn created(&self) -> String {
        self.value().get("created").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// What a filter may ask about.
    pub(crate) fn row(&self) -> Row<'_> {
        Row { id: Some(&self.id), name: &self.name, kind: &self.kind, cluster: self.cluster.as_deref() }
    }
}

impl Cover {
    /// From the first to the last character in which the two differ.
    fn between(full: &str, shown: &str) -> Self {
        let alike = full.bytes().zip(shown.bytes()).take_while(|(left, right)| left == right).count();
        let start = full.floor_char_boundary(alike);
        let rest = |text: &str| text.get(start..).unwrap_or_default().to_owned();
        let (full_rest, mut text) = (rest(full), rest(shown));
        let pairs = full_rest.bytes().rev().zip(text.bytes().rev());
        let alike = pairs.take_while(|(left, right)| left == right).count();
        let end = full.ceil_char_boundary(full.len().saturating_sub(alike));
        text.truncate(text.len().saturating_sub(full.len().saturating_sub(end)));
        Self { start, end, text }
    }
}

fn json_text(integration: &Map<String, Value>) -> String {
    serde_json::to_string(integration).unwrap_or_default()
}

/// All integrations.
pub(crate) struct Store {
    rows: BTreeMap<u64, Stored>,
    by_id: BTreeMap<String, u64>,
    by_name: BTreeMap<String, u64>,
    next: u64,
    bytes: usize,
    pub(crate) most_bytes: usize,
}

impl Default for Store {
    fn default() -> Self {
        let (rows, by_id, by_name) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { rows, by_id, by_name, next: 0, bytes: 0, most_bytes: MAX_BYTES }
    }
}

impl Store {
    /// An empty store for so many integrations. The memory grows once: in WebAssembly each growth costs an engine more
    /// than the integrations that it makes room for.
    pub(crate) fn with_room_for(integrations: u64) -> Self {
        let bytes = usize::try_from(integrations).unwrap_or(0).saturating_mul(BYTES_EACH);
        let mut room: Vec<u8> = Vec::new();
        // Where there is no such room, it is asked for bit by bit.
        drop(room.try_reserve_exact(bytes));
        drop(std::hint::black_box(room));
        Self::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.by_id.get(id).and_then(|place| self.rows.get(place))
    }

    /// Whether another integration than `id` has this name. Assumed: names are unique without regard to case, as the
    /// API's filters compare them.
    pub(crate) fn is_taken(&self, name: &str, id: &str) -> bool {
        let holder = self.by_name.get(&folded(name)).and_then(|place| self.rows.get(place));
        holder.is_some_and(|holder| holder.id != id)
    }

    /// How many bytes the texts of all have.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it can be added, or put in the place of the one with its id. What does not grow always can.
    pub(crate) fn has_room_for(&self, integration: &Stored) -> bool {
        let before = self.get(&integration.id).map_or(0, |before| before.bytes);
        self.bytes - before + integration.bytes <= self.most_bytes
    }

    /// Adds an integration, or puts it in the place of the one with its id.
    ///
    /// Invariant: its name is not taken, and there is room for it.
    pub(crate) fn put(&mut self, integration: Stored) {
        self.bytes += integration.bytes;
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
            self.bytes -= before.bytes;
            self.by_name.remove(&folded(&before.name));
        }
        self.by_name.insert(name, place);
    }

    /// Removes an integration; false where there is none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let removed = self.by_id.remove(id).and_then(|place| self.rows.remove(&place));
        if let Some(removed) = &removed {
            self.bytes -= removed.bytes;
            self.by_name.remove(&folded(&removed.name));
        }
        removed.is_some()
    }

    /// All in the order of a list: as they were made (assumed), or by name.
    pub(crate) fn iter(&self, sorter: Option<Sorter>) -> Box<dyn Iterator<Item = &Stored> + '_> {
        self.iter_from(0, sorter)
    }

    /// The same without the first `offset`. Those are not looked up: that would be most of the work of a late page.
    pub(crate) fn iter_from(&self, offset: usize, sorter: Option<Sorter>) -> Box<dyn Iterator<Item = &Stored> + '_> {
        let find = |place: &u64| self.rows.get(place);
        match sorter {
            None => Box::new(self.rows.values().skip(offset)),
            Some(Sorter::Name) => Box::new(self.by_name.values().skip(offset).filter_map(find)),
            Some(Sorter::NameDescending) => Box::new(self.by_name.values().rev().skip(offset).filter_map(find)),
        }
    }
}

/// The name as filters and sorters compare it: character by character in lower case.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

//! Tells whether an id came before, in bounded memory however long the walk.

/// So many ids are in one table, which then takes 1 MiB.
const IDS_EACH: usize = 3 << 15;
/// When there would be more tables, the oldest is forgotten. So a repeat is always found within the last 589 824 ids: 2 359
/// pages. A WebAssembly memory never shrinks, and a table that grows leaves behind as much as it takes: so only the first
/// one grows, and a forgotten one becomes the newest.
const MOST_TABLES: usize = 7;
/// Slots of a new table: three full pages leave a quarter of them free.
const FIRST_SLOTS: usize = 1 << 10;

/// The ids of a walk, each as a 64-bit hash: 32 hex digits and their allocation would take eight times as much.
///
/// Two different ids have one hash with a chance of n²/2⁶⁵: for a million ids one in 37 million. The second of them
/// would then count as a repeat.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The newest last; all others are full.
    tables: Vec<Table>,
    ids_each: usize,
}

/// An open hash table of hashes, at most three quarters full; 0 is a free slot.
#[derive(Debug, Default)]
struct Table {
    slots: Vec<u64>,
    used: usize,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self { tables: Vec::new(), ids_each: IDS_EACH }
    }

    /// Remembers the hash of an id; whether it is new.
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        if self.tables.iter().any(|table| table.contains(hash)) {
            return false;
        }
        if self.tables.last().is_none_or(|table| table.used >= self.ids_each) {
            self.begin_table();
        }
        self.tables.last_mut().is_some_and(|table| table.insert(hash))
    }

    fn begin_table(&mut self) {
        let slots = self.tables.last().map_or(0, |table| table.slots.len());
        let oldest = self.tables.len() == MOST_TABLES;
        let mut table = if oldest { self.tables.remove(0) } else { Table::default() };
        table.used = 0;
        table.slots.clear();
        table.slots.resize(slots, 0);
        self.tables.push(table);
    }
}

impl Table {
    fn contains(&self, hash: u64) -> bool {
        self.probe(hash).is_some_and(|slot| self.slots.get(slot) == Some(&hash))
    }

    fn insert(&mut self, hash: u64) -> bool {
        if self.used * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let place = self.probe(hash);
        match place.and_then(|slot| self.slots.get_mut(slot)) {
            Some(slot) if *slot == 0 => {
                *slot = hash;
                self.used += 1;
                true
            }
            _ => false,
        }
    }

    /// The slot that holds the hash, or the free one where it belongs; none only in a table without slots.
    fn probe(&self, hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = hash as usize & mask;
        while self.slots.get(slot).is_some_and(|held| *held != 0 && *held != hash) {
            slot = (slot + 1) & mask;
        }
        Some(slot)
    }

    fn grow(&mut self) {
        let larger = vec![0; (self.slots.len() * 2).max(FIRST_SLOTS)];
        self.used = 0;
        for hash in std::mem::replace(&mut self.slots, larger) {
            if hash != 0 {
                self.insert(hash);
            }
        }
    }
}

/// FNV-1a, then mixed so that every bit of the id moves every bit of the hash; never 0.
pub(crate) fn hash(id: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    (hash ^ (hash >> 33)).max(1)
}

#[cfg(test)]
mod tests {
    use super::{IDS_EACH, MOST_TABLES, Seen, hash};

    #[test]
    fn second_time_is_not_new() {
        let mut seen = Seen::new();
        for id in 0..10_000 {
            assert!(seen.insert(hash(&id.to_string())), "{id}");
        }
        for id in 0..10_000 {
            assert!(!seen.insert(hash(&id.to_string())), "{id}");
        }
    }

    #[test]
    fn the_last_ids_are_remembered_and_older_ones_are_forgotten() {
        let mut seen = Seen { ids_each: 100, ..Seen::new() };
        let most = 100 * MOST_TABLES as u64;
        assert!((1..=most).all(|id| seen.insert(id)));
        assert!((1..=most).all(|id| !seen.insert(id)));
        assert!(seen.insert(most + 1));
        assert!((101..=most + 1).all(|id| !seen.insert(id)));
        assert!(seen.insert(1));
    }

    #[test]
    fn repeats_do_not_push_anything_out() {
        let mut seen = Seen { ids_each: 100, ..Seen::new() };
        assert!((1..=100).all(|id| seen.insert(id)));
        for _ in 0..1_000 {
            assert!((1..=100).all(|id| !seen.insert(id)));
        }
    }

    #[test]
    fn memory_is_bounded_for_a_million_ids() {
        let mut seen = Seen::new();
        for id in 1..=1_000_000_u64 {
            assert!(seen.insert(id.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        }
        assert_eq!(seen.tables.len(), MOST_TABLES);
        assert!(seen.tables.iter().all(|table| table.slots.len() <= 1 << 17));
        const { assert!(IDS_EACH * (MOST_TABLES - 1) >= 500_000, "what a walk promises to find") };
    }

    #[test]
    fn hashes_of_similar_ids_differ() {
        let mut hashes: Vec<u64> = (0..200_000).map(|id| hash(&format!("{id:032x}"))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 200_000);
        assert_ne!(hash(""), 0);
    }
}

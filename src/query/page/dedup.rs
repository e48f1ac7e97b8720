//! Tells whether an id came before.

/// The ids of a walk, each as a 64-bit hash: 32 hex digits and their allocation would take eight times as much.
///
/// Two different ids have one hash with a chance of n²/2⁶⁵: for a million ids one in 37 million. The second of them
/// would then count as a repeat.
///
/// An open hash table, at most half full; 0 is a free slot. The set of the standard library adds 760 bytes to an app.
#[derive(Debug, Default)]
pub(crate) struct SeenIds {
    slots: Vec<u64>,
    used: usize,
}

impl SeenIds {
    /// Remembers the hash of an id; whether it is new.
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        if self.used * 2 >= self.slots.len() {
            let larger = vec![0; (self.slots.len() * 2).max(1 << 10)];
            self.used = 0;
            for hash in std::mem::replace(&mut self.slots, larger).into_iter().filter(|hash| *hash != 0) {
                self.insert(hash);
            }
        }
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = hash;
                self.used += 1;
                return true;
            }
            if *slot == hash {
                return false;
            }
            place = (place + 1) & mask;
        }
        false
    }
}

/// FNV-1a, then mixed so that every bit of the id moves every bit of the hash.
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
    use super::{SeenIds, hash};

    #[test]
    fn second_time_is_not_new() {
        let mut seen = SeenIds::default();
        for expected in [true, false] {
            assert!((0..10_000).all(|id| seen.insert(hash(&id.to_string())) == expected));
        }
    }

    #[test]
    fn hashes_of_similar_ids_differ() {
        let mut hashes: Vec<u64> = (0..200_000).map(|id| hash(&format!("{id:032x}"))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 200_000);
    }
}

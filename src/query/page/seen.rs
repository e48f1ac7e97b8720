//! Tells whether an id came before.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// The ids of a walk, each as a 64-bit hash: 32 hex digits and their allocation would take eight times as much.
///
/// Two different ids have one hash with a chance of n²/2⁶⁵: for a million ids one in 37 million. The second of them
/// would then count as a repeat.
pub(crate) type Seen = HashSet<u64, BuildHasherDefault<Hashed>>;

/// The hash of what is a hash already.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
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
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::{Seen, hash};

    #[test]
    fn second_time_is_not_new() {
        let mut seen = Seen::default();
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

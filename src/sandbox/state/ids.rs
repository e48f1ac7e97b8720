//! Turns a seed and a counter into ids, request ids and the ciphertext of secrets: the same in every run.

use crate::sandbox::http::base64;

/// What every name that a tenant gives is drawn from. No protection: whoever knows the tenant's name can compute it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(u64);

impl Seed {
    /// The seed of a tenant of this name.
    pub(crate) fn of(tenant: &str) -> Self {
        Self(lane(0, &[tenant.as_bytes()]))
    }

    /// 32 hexadecimal digits, as ids and request ids are; `purpose` keeps the two apart.
    pub(crate) fn hex(self, purpose: &str, number: u64) -> String {
        let parts: [&[u8]; 2] = [purpose.as_bytes(), &number.to_le_bytes()];
        format!("{:016x}{:016x}", lane(self.0, &parts), lane(!self.0, &parts))
    }

    /// A ciphertext that looks like the server's own: the same for the same secret at the same place, of a length that
    /// tells nothing, and with no way back.
    pub(crate) fn ciphertext(self, id: &str, path: &str, secret: &str) -> String {
        let mut bytes = Vec::with_capacity(32);
        for turn in 0..4_u64 {
            let parts: [&[u8]; 3] = [id.as_bytes(), path.as_bytes(), secret.as_bytes()];
            bytes.extend_from_slice(&lane(self.0 ^ mixed(turn), &parts).to_le_bytes());
        }
        format!("1:ACP:{}", base64::encode(&bytes))
    }
}

/// 64 bits that depend on every byte of every part, and on where the parts end.
fn lane(seed: u64, parts: &[&[u8]]) -> u64 {
    let mut state = mixed(seed);
    for part in parts {
        for byte in *part {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
        }
        state = mixed(state ^ part.len() as u64);
    }
    state
}

/// The finalizer of SplitMix64.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_32_hex_digits_and_differ() {
        let seed = Seed::of("sandbox");
        let ids: BTreeSet<String> = (0..100_000).map(|number| seed.hex("id", number)).collect();
        assert_eq!(ids.len(), 100_000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }

    #[test]
    fn the_same_tenant_gives_the_same_ids_and_another_gives_others() {
        assert_eq!(Seed::of("a").hex("id", 7), Seed::of("a").hex("id", 7));
        assert_ne!(Seed::of("a").hex("id", 7), Seed::of("b").hex("id", 7));
        assert_ne!(Seed::of("a").hex("id", 7), Seed::of("a").hex("request", 7));
    }

    #[test]
    fn a_ciphertext_depends_on_the_secret_and_its_place_and_hides_its_length() {
        let seed = Seed::of("sandbox");
        let one = seed.ciphertext("id", "/password", "a");
        assert_eq!(one, seed.ciphertext("id", "/password", "a"));
        let others = [("id", "/password", "b"), ("ie", "/password", "a"), ("id", "/passwordb", "a"), ("id", "/p", "x")];
        for (id, path, secret) in others {
            let other = seed.ciphertext(id, path, secret);
            assert_ne!(one, other);
            assert_eq!(one.len(), other.len());
        }
        assert_eq!(one.len(), seed.ciphertext("id", "/password", &"long".repeat(1_000)).len());
        assert!(one.starts_with("1:ACP:"));
    }
}

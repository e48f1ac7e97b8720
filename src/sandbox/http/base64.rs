//! Base64 both ways, as HTTP Basic and tokens need it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The standard alphabet, padded.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let padded = [0, 1, 2].map(|place| chunk.get(place).copied().unwrap_or(0));
        let group = padded.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        for place in 0..4 {
            let sextet = (group >> (18 - 6 * place) & 63) as usize;
            let letter = if place <= chunk.len() { ALPHABET.get(sextet).copied().unwrap_or(b'=') } else { b'=' };
            text.push(char::from(letter));
        }
    }
    text
}

/// The alphabet for URLs, without padding: what a JWT is made of.
pub(crate) fn encode_url(bytes: &[u8]) -> String {
    encode(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// The standard alphabet, padded or not; `None` where it is anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut group = 0_u32;
        for letter in chunk {
            let sextet = ALPHABET.iter().position(|known| known == letter)?;
            group = group << 6 | sextet as u32;
        }
        group <<= 6 * (4 - chunk.len());
        let [_, octets @ ..] = group.to_be_bytes();
        bytes.extend(octets.iter().take(chunk.len().checked_sub(1).filter(|whole| *whole > 0)?));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_4648_hold_both_ways() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in vectors {
            assert_eq!(encode(plain.as_bytes()), encoded);
            assert_eq!(decode(encoded).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn the_url_alphabet_has_no_plus_slash_or_padding() {
        assert_eq!(encode(&[0xFB, 0xFF]), "+/8=");
        assert_eq!(encode_url(&[0xFB, 0xFF]), "-_8");
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["A", "AAAAA", "A A=", "é", "-_8"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}

//! Percent-encoding of one path segment or query value.

use super::of_bytes;

/// The unreserved characters of RFC 3986 stay, every other byte of the UTF-8 text becomes `%XX`; a space is `%20`,
/// the documented form, never `+`.
pub fn encode(text: &str) -> String {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.bytes().all(stays) {
        return text.to_owned();
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(hex_digit));
        }
    }
    encoded
}

fn hex_digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble })
}

/// Takes one layer of percent-encoding off. What is no `%XX` stays as it is; bytes that are no UTF-8 become U+FFFD.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, tail) = match tail {
            [high, low, tail @ ..] if first == b'%' => match (hex_value(*high), hex_value(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, tail),
                _ => (first, rest.get(1..).unwrap_or_default()),
            },
            _ => (first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    of_bytes(&bytes)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn decoding_takes_one_layer_off_and_leaves_the_rest() {
        assert_eq!(decode("%2e%2E%C3%A9"), "..é");
        assert_eq!(decode("%252e"), "%2e");
        assert_eq!(decode("%"), "%");
        assert_eq!(decode("%4"), "%4");
        assert_eq!(decode("%zz%41"), "%zzA");
        assert_eq!(decode("%ff"), "\u{fffd}");
    }

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("aZ09-._~"), "aZ09-._~");
        assert_eq!(encode("name eq \"A&B+C#D%20é\""), "name%20eq%20%22A%26B%2BC%23D%2520%C3%A9%22");
    }
}

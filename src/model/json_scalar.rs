//! Turns the text of a JSON string into its characters, and of a number into a decimal that can be compared.

/// The UTF-8 of what stands between the quotes of a valid JSON string, with half of a surrogate pair in the three bytes
/// that it would take.
pub(super) fn unescape(inner: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inner.len());
    for unit in char::decode_utf16(utf16_units(inner)) {
        match unit {
            Ok(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(half) => {
                let half = half.unpaired_surrogate();
                bytes.extend([0xE0 | (half >> 12) as u8, 0x80 | (half >> 6 & 0x3F) as u8, 0x80 | (half & 0x3F) as u8]);
            }
        }
    }
    bytes
}

fn utf16_units(inner: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let character = if character == '\\' {
            characters.next().unwrap_or('\\')
        } else {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        };
        units.push(match character {
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                characters.by_ref().take(4).fold(0, |unit, digit| unit << 4 | digit.to_digit(16).unwrap_or(0) as u16)
            }
            quote_or_slash => quote_or_slash as u16,
        });
    }
    units
}

/// Whether two valid JSON numbers are the same decimal.
pub(super) fn same_number(left: &str, right: &str) -> bool {
    decimal(left).is_some_and(|number| Some(number) == decimal(right))
}

/// Sign, digits without zeros around them, and the place of the decimal point from the first of them: the same for `100`,
/// `1e2` and `100.0`. `None` where the exponent is beyond counting.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let leading_zeros = digits.len() - significant.len();
    let point = whole.len() as i64 - leading_zeros as i64;
    let exponent: i64 = exponent.parse().ok()?;
    Some((negative, significant.trim_end_matches('0').to_owned(), point.checked_add(exponent)?))
}

#[cfg(test)]
mod tests {
    use super::{same_number, unescape};

    #[test]
    fn every_escape_is_undone() {
        assert_eq!(unescape(r#"\"\\\/\b\f\n\r\t\u0041\u00e9"#), "\"\\/\u{8}\u{c}\n\r\tAé".as_bytes());
        assert_eq!(unescape("é😀"), "é😀".as_bytes());
    }

    #[test]
    fn surrogates_join_only_as_a_pair() {
        assert_eq!(unescape(r"\ud83d\ude00"), "😀".as_bytes());
        assert_eq!(unescape(r"\uD83D\uDE00"), "😀".as_bytes());
        assert_eq!(unescape(r"\ude00\ud83d"), [0xED, 0xB8, 0x80, 0xED, 0xA0, 0xBD]);
        assert_eq!(unescape(r"\ud83da"), [0xED, 0xA0, 0xBD, b'a']);
    }

    #[test]
    fn one_number_written_in_many_ways_is_the_same() {
        for ways in [&["100", "1e2", "100.0", "1E+2", "0.1e3", "10000e-2"][..], &["0", "-0", "0.0", "0e9", "-0.00E-7"]]
        {
            for (left, right) in ways.iter().flat_map(|left| ways.iter().map(move |right| (left, right))) {
                assert!(same_number(left, right), "{left} {right}");
            }
        }
    }

    #[test]
    fn numbers_that_differ_in_one_digit_differ() {
        let long =
            ["9007199254740992", "9007199254740993", "9007199254740992.1", "-9007199254740992", "9007199254740992e1"];
        for (at, left) in long.iter().enumerate() {
            for right in long.iter().skip(at + 1) {
                assert!(!same_number(left, right), "{left} {right}");
            }
        }
        assert!(!same_number("0.1", "0.01"));
        assert!(!same_number("1e5", "1e-5"));
    }

    #[test]
    fn exponent_beyond_counting_is_no_panic() {
        for text in ["1e99999999999999999999", "1e-99999999999999999999", "10e9223372036854775807"] {
            assert!(!same_number(text, "1"));
            assert!(!same_number("2e5", text));
        }
        assert!(same_number("0e99999999999999999999", "0"));
    }
}

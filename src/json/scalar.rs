//! Turns the text of a JSON string into its characters, and of a number into a decimal that can be compared.

use std::str::{Bytes, Chars};

/// Numbers with a larger exponent are compared as texts: no sum of it and a text's length overflows.
const MAX_EXPONENT: i64 = 1 << 56;

/// The UTF-8 of what stands between the quotes of a valid JSON string, with half of a surrogate pair in the three bytes
/// that it would take.
pub(super) fn unescape(inner: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        let escape = if character == '\\' { rest.next() } else { None };
        let code = match escape {
            None => character.into(),
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => code_point(&mut rest),
            Some(quote_or_slash) => quote_or_slash.into(),
        };
        push(&mut bytes, code);
    }
    bytes
}

/// The four digits of an escape, and those of the next one where both are a surrogate pair.
fn code_point(rest: &mut Chars<'_>) -> u32 {
    let high = unit(rest);
    let mut ahead = rest.clone();
    if (0xD800..0xDC00).contains(&high) && ahead.next() == Some('\\') && ahead.next() == Some('u') {
        let low = unit(&mut ahead);
        if (0xDC00..0xE000).contains(&low) {
            *rest = ahead;
            return 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    high
}

fn unit(rest: &mut Chars<'_>) -> u32 {
    (0..4).fold(0, |unit, _| unit << 4 | rest.next().and_then(|digit| digit.to_digit(16)).unwrap_or_default())
}

fn push(bytes: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => bytes.extend([0xE0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3F) as u8, 0x80 | (code & 0x3F) as u8]),
    }
}

/// Whether two valid JSON numbers are the same decimal.
pub(super) fn same_number(left: &str, right: &str) -> bool {
    decimal(left).is_some_and(|number| Some(number) == decimal(right))
}

/// Sign, digits without zeros around them, and the place of the decimal point from the first of them: the same for `100`,
/// `1e2` and `100.0`. `None` where the exponent is too long to count with.
fn decimal(text: &str) -> Option<(bool, Vec<u8>, i64)> {
    let (mut digits, mut point, mut in_fraction) = (Vec::new(), 0_i64, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'-' => {}
            b'.' => in_fraction = true,
            b'e' | b'E' => point += exponent(&mut bytes)?,
            b'0' if digits.is_empty() => point -= i64::from(in_fraction),
            _ => {
                digits.push(byte);
                point += i64::from(!in_fraction);
            }
        }
    }
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() { Some((false, digits, 0)) } else { Some((text.starts_with("-"), digits, point)) }
}

fn exponent(bytes: &mut Bytes<'_>) -> Option<i64> {
    let (mut exponent, mut negative) = (0_i64, false);
    for byte in bytes {
        match byte {
            b'-' => negative = true,
            b'+' => {}
            digit => exponent = exponent * 10 + i64::from(digit - b'0'),
        }
        if exponent > MAX_EXPONENT {
            return None;
        }
    }
    Some(if negative { -exponent } else { exponent })
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
        assert_eq!(unescape(r"\ud800\u0041\n"), [0xED, 0xA0, 0x80, b'A', b'\n']);
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
        assert!(!same_number("1e72057594037927937", "1e72057594037927937"), "the texts are compared before");
        assert!(same_number("1e72057594037927936", "10e72057594037927935"));
    }
}

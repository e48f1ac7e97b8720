//! Reads and writes whole numbers: a printer of the standard library brings all that it can do with widths, signs and bases.

/// The digits of a number.
pub fn decimal(number: u64) -> String {
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    let mut text = String::new();
    while unit > 0 {
        text.push(char::from(b'0' + u8::try_from(number / unit % 10).unwrap_or_default()));
        unit /= 10;
    }
    text
}

/// A whole number's digits, without the machinery that prints fractions.
pub fn whole(number: f64) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the caller has checked the range")]
    let digits = decimal(number.abs() as u64);
    [sign, &digits].concat()
}

/// A number as JSON writes it, to thousandths.
pub fn thousandths(number: f64) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number that is too large becomes the largest"
    )]
    let all = (number.abs() * 1000.0).round() as u64;
    let (whole, rest) = (decimal(all / 1000), decimal(1000 + all % 1000));
    [sign, &whole, ".", rest.get(1..).unwrap_or_default()].concat()
}

/// The value of digits, of which there is one at least; a sign is none.
pub fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let value = |sum: u32, byte: &u8| sum.checked_mul(radix)?.checked_add(char::from(*byte).to_digit(radix)?);
    digits.iter().try_fold(0, value).filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_what_the_standard_library_writes() {
        for number in [0, 1, 9, 10, 99, 100, 429, 1_000_000, u64::MAX / 10, u64::MAX - 1, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn thousandths_are_json() {
        for (number, text) in
            [(0.0, "0.000"), (1.5, "1.500"), (-2.0004, "-2.000"), (12.0057, "12.006"), (0.9996, "1.000")]
        {
            assert_eq!(thousandths(number), text);
        }
        for number in [1e300, f64::INFINITY, f64::NAN, 1_767_225_600_123.0] {
            assert!(serde_json::from_str::<f64>(&thousandths(number)).is_ok());
        }
    }

    #[test]
    fn digits_alone_are_read() {
        let ten = |text: &str| number(text.as_bytes(), 10);
        assert_eq!((ten("0"), ten("007"), ten("4294967295")), (Some(0), Some(7), Some(u32::MAX)));
        assert_eq!(number(b"fF", 16), Some(255));
        for text in ["", "+1", "-1", " 1", "1.", "4294967296", "a", "\u{663}"] {
            assert_eq!(ten(text), None, "{text}");
        }
    }
}

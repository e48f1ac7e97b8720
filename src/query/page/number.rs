//! Turns the numbers that JavaScript gives into whole numbers of a range.

use crate::Invalid;
use crate::text::decimal::decimal;

/// Below it every whole number is exactly one `f64`.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// `value` where it is whole and from `min` to `max` (both at most [`MAX_SAFE_INTEGER`]), else an error that names `field`.
pub(crate) fn whole(field: &'static str, value: f64, min: u64, max: u64) -> Result<u64, Invalid> {
    let converted = value as u64;
    if value >= 0.0 && converted as f64 == value && (min..=max).contains(&converted) {
        return Ok(converted);
    }
    let range = [field, " must be a whole number from ", &decimal(min), " to ", &decimal(max)].concat();
    Err(Invalid::new(field, [&range, ", got ", &shown(value)].concat()))
}

/// The number with up to three decimals where that is exact, in words otherwise: a printer for every `f64` would weigh
/// more in the .wasm than the sentence is worth.
fn shown(value: f64) -> String {
    let magnitude = value.abs();
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if magnitude > MAX_SAFE_INTEGER as f64 {
        return if value > 0.0 { "a larger number" } else { "a negative number" }.to_owned();
    }
    let whole = magnitude as u64;
    let thousandths = ((magnitude - whole as f64) * 1000.0 + 0.5) as u64;
    if (whole * 1000 + thousandths) as f64 / 1000.0 != magnitude {
        return "a fraction".to_owned();
    }
    let mut text = [if value < 0.0 { "-" } else { "" }, &decimal(whole)].concat();
    if thousandths > 0 {
        let padded = decimal(1000 + thousandths);
        text.push('.');
        let zeros = padded.bytes().rev().take_while(|byte| *byte == b'0').count();
        text.push_str(padded.get(1..padded.len() - zeros).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{MAX_SAFE_INTEGER, shown, whole};

    #[test]
    fn range_holds_both_ends_and_nothing_beyond() {
        assert_eq!(whole("limit", 0.0, 0, 250), Ok(0));
        assert_eq!(whole("limit", -0.0, 0, 250), Ok(0));
        assert_eq!(whole("limit", 250.0, 0, 250), Ok(250));
        assert_eq!(whole("max", 9_007_199_254_740_991.0, 0, MAX_SAFE_INTEGER), Ok(MAX_SAFE_INTEGER));
        for bad in [-1.0, 251.0, 0.5, 249.999_999, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 5e-324] {
            assert!(whole("limit", bad, 0, 250).is_err(), "{bad}");
        }
        assert!(whole("pageSize", 0.0, 1, 250).is_err());
        assert!(whole("max", 9_007_199_254_740_992.0, 0, MAX_SAFE_INTEGER).is_err());
    }

    #[test]
    fn message_says_range_and_number() {
        let error = whole("limit", 1.5, 0, 250).unwrap_err();
        assert_eq!(error.message, "limit must be a whole number from 0 to 250, got 1.5");
        assert_eq!((&*error.field, error.position), ("limit", None));
    }

    #[test]
    fn numbers_are_shown_exactly_or_in_words() {
        let rows = [
            (1.5, "1.5"),
            (-1.0, "-1"),
            (300.0, "300"),
            (-0.25, "-0.25"),
            (0.001, "0.001"),
            (2.1, "2.1"),
            (12.05, "12.05"),
            (0.0001, "a fraction"),
            (0.9999, "a fraction"),
            (0.1 + 0.2, "a fraction"),
            (5e-324, "a fraction"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e300, "a larger number"),
            (f64::INFINITY, "a larger number"),
            (-1e300, "a negative number"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in rows {
            assert_eq!(shown(value), text);
        }
    }
}

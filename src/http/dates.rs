//! From dates to milliseconds since the epoch, in the Gregorian calendar.

use crate::text::{cut, exactly, split_before_any};

/// Milliseconds since the epoch. `month` counts from 0. `None` where a part is outside its range.
pub(crate) fn instant(year: f64, month: usize, day: f64, [hour, minute, second]: [f64; 3]) -> Option<f64> {
    // 60 is a leap second.
    if month > 11 || hour > 23.0 || minute > 59.0 || second >= 61.0 || !(1.0..=31.0).contains(&day) {
        return None;
    }
    Some((days_since_epoch(year, month, day) * 86_400.0 + hour * 3600.0 + minute * 60.0 + second) * 1000.0)
}

/// Days from 1970-01-01, counted in years that begin with March.
fn days_since_epoch(year: f64, month: usize, day: f64) -> f64 {
    let (year, month) = if month < 2 { (year - 1.0, month + 10) } else { (year, month - 2) };
    let month = u32::try_from(month).unwrap_or_default();
    let day_of_year = f64::from((153 * month + 2) / 5) + day - 1.0;
    year * 365.0 + (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor() + day_of_year - 719_468.0
}

/// The moment that a text such as `2024-01-17T18:45:25.994Z` or `2024-01-17T18:45:25.994123+00:00` names: how the API
/// writes `created`. Fractions finer than a millisecond are kept. Source: RFC 3339, section 5.6.
pub(crate) fn rfc3339(text: &str) -> Option<f64> {
    let (date, rest) = split_before_any(text, b"Tt ")?;
    let [year, month, day] = exactly(date, b'-')?;
    let (year, day) = (fixed(year, 4)?, fixed(day, 2)?);
    let month: usize = if month.len() == 2 { month.parse().ok()? } else { return None };
    let (time, zone) = split_before_any(rest.get(1..)?, b"Zz+-")?;
    let (clock, fraction) = cut(time, b'.').unwrap_or((time, "0"));
    let [hour, minute, second] = clock_face(clock)?;
    let clock = [hour, minute, second + digits(fraction)? / ten_to(fraction.len())];
    Some(instant(year, month.checked_sub(1)?, day, clock)? - zone_ms(zone)?)
}

/// `Z`, `+05:30`
fn zone_ms(zone: &str) -> Option<f64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0.0);
    }
    let sign = if zone.starts_with("-") { -1.0 } else { 1.0 };
    let [hours, minutes] = exactly(zone.get(1..)?, b':')?;
    Some(sign * (fixed(hours, 2)? * 60.0 + fixed(minutes, 2)?) * 60_000.0)
}

/// `18:45:25`
pub(crate) fn clock_face(text: &str) -> Option<[f64; 3]> {
    let [hour, minute, second] = exactly(text, b':')?.map(|part| fixed(part, 2));
    Some([hour?, minute?, second?])
}

fn ten_to(places: usize) -> f64 {
    (0..places).fold(1.0, |value, _| value * 10.0)
}

/// A decimal number of any length, without sign.
pub(crate) fn digits(text: &str) -> Option<f64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.bytes().fold(0.0, |value, byte| value * 10.0 + f64::from(byte - b'0')))
}

/// A decimal number of exactly so many digits.
pub(crate) fn fixed(text: &str, length: usize) -> Option<f64> {
    if text.len() == length { digits(text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_a_moment_agree() {
        for text in [
            "2024-01-17T18:45:25.500Z",
            "2024-01-17t18:45:25.5z",
            "2024-01-17 18:45:25.500000+00:00",
            "2024-01-17T20:45:25.500+02:00",
            "2024-01-17T13:15:25.500-05:30",
        ] {
            assert_eq!(rfc3339(text), Some(1_705_517_125_500.0), "{text}");
        }
        assert_eq!(rfc3339("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(rfc3339("2024-02-29T23:59:60Z"), Some(1_709_251_200_000.0));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2024-01-17",
            "2024-01-17T18:45:25",
            "2024-1-17T18:45:25Z",
            "2024-00-17T18:45:25Z",
            "2024-13-17T18:45:25Z",
            "2024-01-32T18:45:25Z",
            "2024-01-17T24:45:25Z",
            "2024-01-17T18:45Z",
            "2024-01-17T18:45:25:00Z",
            "2024-01-17T18:45:25.Z",
            "2024-01-17T18:45:25.5é",
            "2024-01-17T18:45:25+2",
            "2024-01-17T18:45:25+é1:00",
            "1705517125500",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}

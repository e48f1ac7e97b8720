//! Reads a Retry-After header by its grammar: seconds, or one of the three dates of HTTP.
//!
//! Whatever else stands there counts as absent: a lenient number parser reads `2099-01-01` as 2099 seconds.

use super::dates::{self, clock_face, digits, fixed};
use crate::clock::Duration;
use crate::text::{cut, exactly};

/// Longer than any wait that makes sense; keeps the arithmetic exact.
const MAX_SECONDS: f64 = 1e10;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How long the server asks to wait, seen from `epoch_ms`. A date that has passed asks for nothing: zero.
///
/// Source: RFC 9110, sections 10.2.3 and 5.6.7. `None` where the value is outside the grammar.
pub fn parse(value: &str, epoch_ms: f64) -> Option<Duration> {
    let value = value.trim_ascii();
    if let Some(seconds) = digits(value) {
        return Some(Duration(seconds.min(MAX_SECONDS) * 1000.0));
    }
    date(value).map(|date_ms| Duration((date_ms - epoch_ms).max(0.0)))
}

/// Milliseconds since the epoch of an HTTP date.
pub fn date(value: &str) -> Option<f64> {
    let (day_name, rest) = cut(value, b' ')?;
    if let Some((day_name, "")) = cut(day_name, b',') {
        let is_short = DAYS.iter().any(|day| day.get(..3) == Some(day_name));
        if is_short {
            imf_fixdate(rest)
        } else if DAYS.contains(&day_name) {
            rfc850(rest)
        } else {
            None
        }
    } else if DAYS.iter().any(|day| day.get(..3) == Some(day_name)) {
        asctime(rest)
    } else {
        None
    }
}

/// `06 Nov 1994 08:49:37 GMT`
fn imf_fixdate(text: &str) -> Option<f64> {
    let [day, month, year, time, "GMT"] = exactly(text, b' ')? else { return None };
    instant(fixed(year, 4)?, month, fixed(day, 2)?, time)
}

/// `06-Nov-94 08:49:37 GMT`; two digits of a year mean 1970 to 2069.
fn rfc850(text: &str) -> Option<f64> {
    let [date, time, "GMT"] = exactly(text, b' ')? else { return None };
    let [day, month, year] = exactly(date, b'-')?;
    let year = fixed(year, 2)?;
    instant(if year < 70.0 { 2000.0 + year } else { 1900.0 + year }, month, fixed(day, 2)?, time)
}

/// `Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<f64> {
    let (month, rest) = cut(text, b' ')?;
    let day = rest.get(..2)?;
    let ["", time, year] = exactly(rest.get(2..)?, b' ')? else { return None };
    let day = fixed(day, 2).or_else(|| fixed(day.strip_prefix(" ")?, 1))?;
    instant(fixed(year, 4)?, month, day, time)
}

fn instant(year: f64, month: &str, day: f64, time: &str) -> Option<f64> {
    let month = MONTHS.iter().position(|name| *name == month)?;
    dates::instant(year, month, day, clock_face(time)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOV_6_1994: f64 = 784_111_777_000.0;

    fn at_epoch(value: &str) -> Option<f64> {
        parse(value, 0.0).map(|wait| wait.0)
    }

    #[test]
    fn seconds_are_digits_and_nothing_else() {
        assert_eq!(at_epoch("0"), Some(0.0));
        assert_eq!(at_epoch(" 120\t"), Some(120_000.0));
        assert_eq!(at_epoch("1000000000"), Some(1e12));
        assert_eq!(at_epoch(&"9".repeat(400)), Some(1e13));
        for value in
            ["", " ", "-5", "+5", "1.5", "1e3", "5s", "0x10", "soon", "2099-01-01", "١", "NaN", "Infinity", "1 2"]
        {
            assert_eq!(at_epoch(value), None, "{value}");
        }
    }

    #[test]
    fn the_three_dates_of_http_mean_the_same() {
        for value in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(at_epoch(value), Some(NOV_6_1994), "{value}");
            assert_eq!(parse(value, NOV_6_1994 - 1500.0), Some(Duration(1500.0)));
            assert_eq!(parse(value, NOV_6_1994 + 1.0), Some(Duration(0.0)));
        }
    }

    #[test]
    fn calendars_edges_are_right() {
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0.0));
        assert_eq!(date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800_000.0));
        assert_eq!(date("Fri, 01 Mar 2024 00:00:00 GMT"), Some(1_709_251_200_000.0));
        assert_eq!(date("Wed, 01 Mar 2000 00:00:00 GMT"), Some(951_868_800_000.0));
        assert_eq!(date("Fri, 31 Dec 2100 23:59:60 GMT"), Some(4_133_980_800_000.0));
    }

    #[test]
    fn a_date_outside_the_grammar_counts_as_absent() {
        for value in [
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06-Nov-94-1 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov é 08:49:37 1994",
            "1994-11-06T08:49:37Z",
            "Foo, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(at_epoch(value), None, "{value}");
        }
    }
}

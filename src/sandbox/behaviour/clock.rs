//! Turns milliseconds since the epoch into the two texts a server writes them in.

/// The last millisecond of the year 9999, after which RFC 3339 has no text.
const LAST_MS: u64 = 253_402_300_799_999;

const DAY_MS: u64 = 86_400_000;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// As in `created`: `2024-01-17T18:45:25.994Z`.
pub(crate) fn rfc3339(now_ms: u64) -> String {
    let Instant { year, month, day, hour, minute, second, ms, .. } = Instant::of(now_ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// As in the Date header: `Wed, 31 Jan 2024 18:37:33 GMT`.
pub(crate) fn http_date(now_ms: u64) -> String {
    let Instant { days, year, month, day, hour, minute, second, .. } = Instant::of(now_ms);
    let weekday = WEEKDAYS.iter().cycle().nth((days % 7) as usize).unwrap_or(&"");
    let month = MONTHS.iter().cycle().nth((month - 1) as usize).unwrap_or(&"");
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

struct Instant {
    days: u64,
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    ms: u64,
}

impl Instant {
    fn of(now_ms: u64) -> Self {
        let now_ms = now_ms.min(LAST_MS);
        let (days, rest) = (now_ms / DAY_MS, now_ms % DAY_MS);
        let (year, month, day) = civil(days);
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
        Self { days, year, month, day, hour, minute, second: rest / 1_000 % 60, ms: rest % 1_000 }
    }
}

/// The Gregorian date of a day since the epoch, counted in eras of 400 years that begin with a March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(now_ms: u64, stamp: &str, date: &str) {
        assert_eq!((rfc3339(now_ms).as_str(), http_date(now_ms).as_str()), (stamp, date));
    }

    #[test]
    fn a_moment_reads_as_the_calendar_has_it() {
        reads(0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT");
        reads(1_705_517_125_994, "2024-01-17T18:45:25.994Z", "Wed, 17 Jan 2024 18:45:25 GMT");
        reads(1_709_164_800_000, "2024-02-29T00:00:00.000Z", "Thu, 29 Feb 2024 00:00:00 GMT");
        reads(4_107_542_399_999, "2100-02-28T23:59:59.999Z", "Sun, 28 Feb 2100 23:59:59 GMT");
        reads(4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT");
        reads(LAST_MS, "9999-12-31T23:59:59.999Z", "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn beyond_the_last_moment_time_stands_still() {
        assert_eq!(rfc3339(u64::MAX), rfc3339(LAST_MS));
        assert_eq!(http_date(u64::MAX), http_date(LAST_MS));
    }
}

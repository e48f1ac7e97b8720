//! A Retry-After header: held against a second reading of the grammar, which works on the shape of the whole text.

use isc_service_desk::http::retry_after::parse;

/// Before and after the dates that the kept headers have, and 1970.
const CLOCKS_MS: [f64; 3] = [0.0, 784_111_777_000.5, 1.8e12];

/// The end of the year 9999, which is the last that a date can name.
const LAST_MS: f64 = 253_402_300_800_000.0;

const MONTHS: [(&str, f64); 12] = [
    ("Jan", 31.0),
    ("Feb", 28.0),
    ("Mar", 31.0),
    ("Apr", 30.0),
    ("May", 31.0),
    ("Jun", 30.0),
    ("Jul", 31.0),
    ("Aug", 31.0),
    ("Sep", 30.0),
    ("Oct", 31.0),
    ("Nov", 30.0),
    ("Dec", 31.0),
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What must hold for every header.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for clock_ms in CLOCKS_MS {
        let wait = parse(&text, clock_ms).map(|wait| wait.0);
        assert!(wait.is_none_or(|wait| (0.0..=LAST_MS).contains(&wait)), "{wait:?} is no time to wait: {text:?}");
        assert_eq!(wait, expected(text.trim_matches([' ', '\t']), clock_ms), "{text:?} at {clock_ms}");
    }
}

fn expected(text: &str, clock_ms: f64) -> Option<f64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse::<f64>().ok()?.min(1e10) * 1000.0);
    }
    let date = Date::read(text)?;
    date.exists().then(|| (date.ms() - clock_ms).max(0.0))
}

struct Date {
    year: f64,
    month: usize,
    day: f64,
    time: [f64; 3],
}

impl Date {
    /// By the three forms of RFC 9110, section 5.6.7, in which each part has its column.
    fn read(text: &str) -> Option<Self> {
        let shape: String = text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
        let day_name = DAYS.into_iter().find(|day| text.starts_with(day) || day.get(..3) == text.get(..3))?;
        let rest = |name: &str| Some((shape.strip_prefix(name)?, text.get(name.len()..)?));
        let month_at = |text: &str, at: usize| {
            let name = text.get(at..at + 3)?;
            MONTHS.iter().position(|(month, _)| *month == name)
        };
        let shape_is = |shape: &str, text: &str, at: usize, form: &str| {
            text.get(at..at + 3).is_some_and(|month| form.replace("Mmm", month) == shape)
        };
        if let Some((shape, text)) = rest(day_name)
            && shape_is(shape, text, 5, ", 00-Mmm-00 00:00:00 GMT")
        {
            let year = number(text, 9, 11)?;
            let century = if year < 70.0 { 2000.0 } else { 1900.0 };
            let time = time(text, 12)?;
            return Some(Self { year: century + year, month: month_at(text, 5)?, day: number(text, 2, 4)?, time });
        }
        let (shape, text) = rest(day_name.get(..3)?)?;
        if shape_is(shape, text, 5, ", 00 Mmm 0000 00:00:00 GMT") {
            let time = time(text, 14)?;
            return Some(Self {
                year: number(text, 9, 13)?,
                month: month_at(text, 5)?,
                day: number(text, 2, 4)?,
                time,
            });
        }
        let forms = [" Mmm 00 00:00:00 0000", " Mmm  0 00:00:00 0000"];
        if forms.iter().any(|form| shape_is(shape, text, 1, form)) {
            let time = time(text, 8)?;
            return Some(Self {
                year: number(text, 17, 21)?,
                month: month_at(text, 1)?,
                day: number(text, 5, 7)?,
                time,
            });
        }
        None
    }

    /// Days end at 31 in every month, and a leap second may stand anywhere.
    fn exists(&self) -> bool {
        let [hour, minute, second] = self.time;
        (1.0..=31.0).contains(&self.day) && hour < 24.0 && minute < 60.0 && second <= 60.0
    }

    fn ms(&self) -> f64 {
        let years = self.year as i32;
        let is_leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = |year: i32| if is_leap(year) { 366.0 } else { 365.0 };
        let before: f64 = if years < 1970 {
            (years..1970).map(length).map(|days: f64| -days).sum()
        } else {
            (1970..years).map(length).sum()
        };
        let months: f64 = MONTHS.iter().take(self.month).map(|(_, days)| days).sum();
        let leap_day = if is_leap(years) && self.month > 1 { 1.0 } else { 0.0 };
        let [hour, minute, second] = self.time;
        ((before + months + leap_day + self.day - 1.0) * 86_400.0 + hour * 3600.0 + minute * 60.0 + second) * 1000.0
    }
}

/// The digits in these columns; a space stands for a leading zero.
fn number(text: &str, from: usize, to: usize) -> Option<f64> {
    text.get(from..to)?.trim_start().parse().ok()
}

/// `08:49:37`
fn time(text: &str, at: usize) -> Option<[f64; 3]> {
    Some([number(text, at, at + 2)?, number(text, at + 3, at + 5)?, number(text, at + 6, at + 8)?])
}

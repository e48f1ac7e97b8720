//! Writes moments as servers do, by another way than the engine reads them.

const MONTHS: [(&str, i64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

struct Parts {
    year: i64,
    month: usize,
    day: i64,
    clock: [i64; 3],
    ms: i64,
    day_name: &'static str,
}

fn parts(epoch_ms: f64) -> Parts {
    let ms = epoch_ms.floor() as i64;
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (mut year, mut month, mut day) = (1970, 0, days);
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while day >= 365 + i64::from(is_leap(year)) {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let length = |month: usize| MONTHS[month].1 + i64::from(month == 1 && is_leap(year));
    while day >= length(month) {
        day -= length(month);
        month += 1;
    }
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60];
    Parts { year, month, day: day + 1, clock, ms: rest % 1000, day_name: DAYS[(days.rem_euclid(7)) as usize] }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub fn http_date(epoch_ms: f64) -> String {
    let Parts { year, month, day, clock: [hour, minute, second], day_name, .. } = parts(epoch_ms);
    format!("{day_name}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} GMT", MONTHS[month].0)
}

/// `2024-01-17T18:45:25.994Z`, or cut to the second.
pub fn rfc3339(epoch_ms: f64, cut: bool) -> String {
    let Parts { year, month, day, clock: [hour, minute, second], ms, .. } = parts(epoch_ms);
    let fraction = if cut { String::new() } else { format!(".{ms:03}") };
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", month + 1)
}

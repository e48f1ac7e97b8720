//! Time as an argument: nothing here reads a clock.

use std::ops::{Add, Mul, Sub};

/// A moment on a clock that never goes back, in milliseconds from an origin of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Instant(f64);

/// A span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Duration(pub f64);

/// What the clocks show: one that never goes back, for measuring, and the calendar's, for reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// For measuring.
    pub moment: Instant,
    /// Milliseconds since the epoch.
    pub epoch_ms: f64,
}

/// A time limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimeLimit {
    /// So many milliseconds.
    Ms(f64),
    /// Lifted.
    None,
}

impl TimeLimit {
    /// When it is reached by what begins now; `None` means never.
    pub fn after(self, now: Now) -> Option<Instant> {
        match self {
            Self::Ms(ms) => Some(now.moment + Duration(ms)),
            Self::None => None,
        }
    }
}

impl Instant {
    /// The moment that a monotonic clock shows.
    pub const fn at(milliseconds: f64) -> Self {
        Self(milliseconds)
    }

    /// The earlier of two.
    pub fn earlier(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The later of two.
    pub fn later(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0 + span.0)
    }
}

impl Mul<usize> for Duration {
    type Output = Self;

    #[expect(clippy::cast_precision_loss, reason = "nothing is done so often")]
    fn mul(self, times: usize) -> Self {
        Self(self.0 * times as f64)
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Never less than nothing.
    fn sub(self, earlier: Self) -> Duration {
        Duration((self.0 - earlier.0).max(0.0))
    }
}

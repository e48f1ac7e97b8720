//! Whether an attempt is made again, and how long to wait before it.

use crate::clock::Duration;

/// How a call that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Retry {
    /// Not at all.
    Off,
    /// So often, after such waits.
    On(RetryPolicy),
}

/// Bounds of the attempts and of the waits between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// In all, the first one included; 1 or more.
    pub attempts: u32,
    /// The longest first wait.
    pub base_delay: Duration,
    /// The longest wait of all that nobody asked for.
    pub max_delay: Duration,
    /// A longer Retry-After is not waited for.
    pub max_retry_after: Duration,
}

/// A wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pause {
    /// How long.
    pub length: Duration,
    /// Whether the server asked for it.
    pub asked: bool,
}

impl Default for RetryPolicy {
    /// Chosen by us: four attempts spread over some 3.5 s at most where nobody asks for more.
    fn default() -> Self {
        Self {
            attempts: 4,
            base_delay: Duration(500.0),
            max_delay: Duration(20_000.0),
            max_retry_after: Duration(60_000.0),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::On(RetryPolicy::default())
    }
}

impl Retry {
    /// The wait after attempt number `made`, where there is to be another; `asked` is what Retry-After says.
    pub fn pause(self, made: u32, asked: Option<Duration>, random: f64) -> Option<Pause> {
        let Self::On(policy) = self else { return None };
        if made >= policy.attempts {
            return None;
        }
        let chosen = policy.backoff(made, random);
        match asked {
            Some(asked) if asked > policy.max_retry_after => None,
            Some(asked) if asked >= chosen => Some(Pause { length: asked, asked: true }),
            _ => Some(Pause { length: chosen, asked: false }),
        }
    }
}

impl RetryPolicy {
    /// Full jitter: callers that failed together do not come back together. `random` is from 0 to 1.
    fn backoff(&self, made: u32, random: f64) -> Duration {
        let doublings = f64::from(1_u32 << made.saturating_sub(1).min(31));
        let longest = (self.base_delay.0 * doublings).min(self.max_delay.0);
        // A NaN would pass a clamp.
        let random = if random.is_nan() { 1.0 } else { random.clamp(0.0, 1.0) };
        Duration(longest * random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::response::report::RetryReason;

    const DEFAULT: Retry = Retry::On(RetryPolicy {
        attempts: 4,
        base_delay: Duration(500.0),
        max_delay: Duration(20_000.0),
        max_retry_after: Duration(60_000.0),
    });

    fn pause(made: u32, asked: Option<f64>, random: f64) -> Option<(f64, bool)> {
        DEFAULT.pause(made, asked.map(Duration), random).map(|pause| (pause.length.0, pause.asked))
    }

    #[test]
    fn the_longest_wait_doubles_up_to_its_cap() {
        assert_eq!([1, 2, 3].map(|made| pause(made, None, 1.0)), [500.0, 1000.0, 2000.0].map(|ms| Some((ms, false))));
        let many = RetryPolicy { attempts: 100, ..RetryPolicy::default() };
        assert_eq!([6, 7, 99].map(|made| many.backoff(made, 1.0).0), [16_000.0, 20_000.0, 20_000.0]);
    }

    #[test]
    fn the_wait_is_anywhere_between_nothing_and_the_longest() {
        assert_eq!(pause(2, None, 0.0), Some((0.0, false)));
        assert_eq!(pause(2, None, 0.25), Some((250.0, false)));
        for odd in [f64::NAN, -1.0, 7.0] {
            assert!(pause(1, None, odd).is_some_and(|(ms, _)| (0.0..=500.0).contains(&ms)), "{odd}");
        }
    }

    #[test]
    fn what_the_server_asks_for_is_never_undercut_and_not_waited_for_beyond_the_limit() {
        assert_eq!(pause(1, Some(7000.0), 1.0), Some((7000.0, true)));
        assert_eq!(pause(1, Some(100.0), 1.0), Some((500.0, false)));
        assert_eq!(pause(1, Some(60_000.0), 0.0), Some((60_000.0, true)));
        assert_eq!(pause(1, Some(60_001.0), 0.0), None);
    }

    #[test]
    fn the_last_attempt_is_the_last() {
        assert!(pause(3, None, 0.0).is_some());
        assert_eq!(pause(4, Some(0.0), 0.0), None);
        assert_eq!(Retry::Off.pause(1, None, 0.0), None);
    }

    #[test]
    fn these_statuses_are_asked_for_again_and_no_other() {
        let again: Vec<u16> = (0..=999).filter(|status| RetryReason::of_status(*status).is_some()).collect();
        assert_eq!(again, [408, 425, 429, 500, 502, 503, 504]);
    }
}

//! Turns the times of earlier requests into leave to act, or into the seconds to wait.

use std::collections::{BTreeMap, VecDeque};

/// How many requests in any span of so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimit {
    pub(crate) requests: u64,
    pub(crate) per_ms: u64,
}

/// A sliding window for each API version, as the gateway counts each version of one client by itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Windows(BTreeMap<&'static str, VecDeque<u64>>);

impl Windows {
    /// Counts a request of this version, unless the limit is reached. A refused request does not count (assumed).
    ///
    /// # Errors
    ///
    /// The whole seconds, at least one, after which there is room again.
    pub(crate) fn admit(&mut self, limit: RateLimit, version: &'static str, now_ms: u64) -> Result<(), u64> {
        let times = self.0.entry(version).or_default();
        let passed = |time: &u64| time.saturating_add(limit.per_ms) <= now_ms;
        while times.front().is_some_and(passed) {
            times.pop_front();
        }
        match times.front() {
            Some(oldest) if times.len() as u64 >= limit.requests => {
                let wait_ms = oldest.saturating_add(limit.per_ms).saturating_sub(now_ms);
                Err(wait_ms.div_ceil(1_000).max(1))
            }
            _ => {
                times.push_back(now_ms);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { requests: 2, per_ms: 10_000 };

    #[test]
    fn no_span_holds_more_than_the_limit() {
        let mut windows = Windows::default();
        let mut admit = |now_ms| windows.admit(LIMIT, "v1", now_ms);
        assert_eq!([admit(0), admit(4_000)], [Ok(()), Ok(())]);
        assert_eq!([admit(4_001), admit(9_999)], [Err(6), Err(1)]);
        assert_eq!([admit(10_000), admit(13_999), admit(14_000)], [Ok(()), Err(1), Ok(())]);
    }

    #[test]
    fn each_version_counts_for_itself() {
        let mut windows = Windows::default();
        let one = RateLimit { requests: 1, per_ms: 1 };
        assert_eq!(windows.admit(one, "v1", 0), Ok(()));
        assert_eq!(windows.admit(one, "v3", 0), Ok(()));
        assert_eq!(windows.admit(one, "v1", 0), Err(1));
    }

    #[test]
    fn a_clock_that_goes_back_frees_nothing() {
        let mut windows = Windows::default();
        let one = RateLimit { requests: 1, per_ms: 1_000 };
        assert_eq!(windows.admit(one, "v1", 5_000), Ok(()));
        assert_eq!(windows.admit(one, "v1", 0), Err(6));
    }
}

//! How a tenant behaves: its options, faults, rate limit, clock and record.

pub(super) mod choices;
pub(super) mod clock;
pub(super) mod faults;
pub(super) mod fields;
pub(super) mod journal;
pub mod options;
pub(super) mod rate;
pub(super) mod record;

//! What the calls of a client share: tokens, the rate limit; and updates, which are several calls.

pub mod governor;
pub mod token;
pub mod update;

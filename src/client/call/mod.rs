//! One call: its attempts, its waits, and a create whose outcome is unknown.

pub mod created_ids;
pub mod event;
pub mod machine;
pub mod memory;
pub mod reconcile;
pub mod retry;

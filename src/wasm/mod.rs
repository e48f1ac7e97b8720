//! Turns JavaScript values into calls of the core and its results into JavaScript values.

#[cfg(feature = "sandbox")]
mod sandbox;

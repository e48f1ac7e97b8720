//! What requests and answers are made of.

pub mod host;

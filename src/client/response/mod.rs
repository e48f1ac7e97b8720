//! What an answer means, and what is told of it.

pub mod api_error;
pub mod classify;
pub mod decode;
pub mod report;

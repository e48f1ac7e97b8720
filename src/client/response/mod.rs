//! What an answer means, and what is told of it.

pub mod api_error;
pub mod decode;
pub mod judge;
pub mod report;

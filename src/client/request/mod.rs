//! What is sent for an operation.

pub mod body;
pub mod endpoint;
pub mod operation;
pub mod path_segment;
pub mod plan;

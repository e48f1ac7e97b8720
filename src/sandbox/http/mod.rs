//! What arrives at the tenant and leaves it: who asks, where it leads, and in which form.

pub(super) mod base64;
pub(super) mod cors;
pub(super) mod form;
pub mod message;
pub(super) mod oauth;
pub(super) mod problem;
pub(super) mod route;
pub mod visitor;

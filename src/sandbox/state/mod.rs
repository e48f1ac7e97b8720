//! What a tenant keeps: integrations, their secrets, the catalogue, tokens.

pub(super) mod catalog;
pub(super) mod dto;
pub(super) mod ids;
pub(super) mod list;
pub(super) mod secret_mask;
pub(super) mod snapshot;
pub(super) mod status_check;
pub(super) mod store;
pub(super) mod tokens;

//! The client as JavaScript sees it: texts in, texts out. Nothing is decided here.

mod border;
mod client;
mod filters;
mod patches;
mod read;
#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
mod write;

use isc_service_desk_bindings_shared as _;

//! What meets JavaScript: options in, promises out, and the core's effects carried out with fetch and timers.
//!
//! Nothing is decided here that a native test could not see; every function converts, calls the core, converts.

#[cfg(feature = "client")]
mod abort;
#[cfg(feature = "client")]
mod arguments;
#[cfg(feature = "client")]
mod bell;
#[cfg(feature = "client")]
mod caller;
#[cfg(feature = "client")]
mod cause;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod clock;
#[cfg(feature = "client")]
mod drive;
#[cfg(feature = "client")]
mod failure;
#[cfg(feature = "client")]
mod filters;
#[cfg(feature = "client")]
mod gate;
#[cfg(feature = "client")]
mod look;
#[cfg(feature = "client")]
mod observe;
#[cfg(feature = "client")]
mod pages;
#[cfg(feature = "client")]
mod patches;
#[cfg(feature = "client")]
mod promise;
#[cfg(feature = "client")]
mod report;
#[cfg(feature = "client")]
mod runtime;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "client")]
mod sender;
#[cfg(feature = "client")]
mod settle;
#[cfg(feature = "client")]
mod slab;
#[cfg(all(test, feature = "client"))]
mod tests;
#[cfg(feature = "client")]
mod tokens;
#[cfg(feature = "client")]
mod transport;
#[cfg(feature = "client")]
mod updating;
#[cfg(feature = "client")]
mod walk;

/// Smaller and quicker than the standard library's.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

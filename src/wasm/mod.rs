//! What meets JavaScript: texts in, texts out. Nothing is decided here.

#[cfg(feature = "client")]
mod border;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod filters;
#[cfg(feature = "client")]
mod patches;
#[cfg(feature = "client")]
mod read;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "client")]
mod write;

/// Smaller and quicker than the standard library's.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

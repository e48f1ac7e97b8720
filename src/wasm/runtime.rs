//! What kind of runtime this is.

use wasm_bindgen::JsValue;

use super::arguments::property;

/// A page, whose visitors can read all that it holds.
pub fn is_page() -> bool {
    let global = js_sys::global();
    ["window", "document"].into_iter().all(|name| !property(&global, name).is_undefined())
}

/// One whose fetch may send a request a second time of its own accord, where a connection that was in use before ends without
/// an answer. Chromium, Firefox and Deno do, whatever the method, and tell nobody; Node, Bun and workers don't with a POST.
pub fn may_resend() -> bool {
    let global = js_sys::global();
    let versions = property(&property(&global, "process"), "versions");
    let has = |object: &JsValue, name| !property(object, name).is_undefined();
    // Electron is like Node, and has Chromium's fetch; a page that Node only plays has Node's.
    has(&global, "Deno") || has(&versions, "electron") || !(has(&versions, "node") || keeps_requests_apart())
}

/// One that keeps the requests which it answers apart, in one memory: Cloudflare Workers, Vercel's edge. What one of them
/// began ends with it, in silence, whoever else waits for it; and what another begins for it belongs to that other.
pub fn keeps_requests_apart() -> bool {
    thread_local! {
        static KEEPS_APART: bool = {
            let global = js_sys::global();
            ["WebSocketPair", "EdgeRuntime"].into_iter().any(|name| !property(&global, name).is_undefined())
        };
    }
    KEEPS_APART.with(|keeps_apart| *keeps_apart)
}

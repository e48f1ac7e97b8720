//! Hands requests of JavaScript to a tenant in memory, and its replies back.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::engine::Headers;
use crate::model::Invalid;
use crate::sandbox::{Delivery, Incoming, Options, Reply, Tenant};

/// A tenant. What it refuses is thrown as an array of field and message.
#[wasm_bindgen]
pub struct SandboxCore {
    inner: Tenant,
}

#[wasm_bindgen]
impl SandboxCore {
    /// A tenant that behaves as these options say, which are JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, now_ms: f64) -> Result<SandboxCore, JsValue> {
        let options = Options::parse(options).map_err(thrown)?;
        Ok(Self { inner: Tenant::new(options, milliseconds(now_ms)).map_err(thrown)? })
    }

    /// Its origin.
    #[wasm_bindgen(js_name = "baseUrl")]
    pub fn base_url(&self) -> String {
        self.inner.base_url()
    }

    /// The id of the one client that its token endpoint knows.
    #[wasm_bindgen(js_name = "clientId")]
    pub fn client_id(&self) -> String {
        self.inner.client_id().to_owned()
    }

    /// The secret of that client.
    #[wasm_bindgen(js_name = "clientSecret")]
    pub fn client_secret(&self) -> String {
        self.inner.client_secret().reveal().to_owned()
    }

    /// How long each answer is to be held back.
    #[wasm_bindgen(js_name = "latencyMs")]
    pub fn latency_ms(&self) -> u32 {
        self.inner.latency_ms()
    }

    /// A fresh access token.
    #[wasm_bindgen(js_name = "token")]
    pub fn token(&mut self, now_ms: f64) -> String {
        self.inner.token(milliseconds(now_ms))
    }

    /// Adds a fault, which is JSON.
    #[wasm_bindgen(js_name = "fault")]
    pub fn fault(&mut self, fault: &str) -> Result<(), JsValue> {
        self.inner.fault(fault).map_err(thrown)
    }

    /// The whole state, as JSON.
    #[wasm_bindgen(js_name = "snapshot")]
    pub fn snapshot(&self) -> String {
        self.inner.snapshot()
    }

    /// Puts a state, which is JSON, in the place of the present one.
    #[wasm_bindgen(js_name = "restore")]
    pub fn restore(&mut self, state: &str, now_ms: f64) -> Result<(), JsValue> {
        self.inner.restore(state, milliseconds(now_ms)).map_err(thrown)
    }

    /// Answers a request; `headers` are names and values in turn.
    ///
    /// Gives `[status, headers, body, delivery, amount, record]`: headers as they are taken, the body as bytes, the delivery
    /// as its name with its bytes or milliseconds, the record as JSON.
    #[wasm_bindgen(js_name = "handle")]
    pub fn handle(
        &mut self,
        method: String,
        target: String,
        headers: Vec<String>,
        body: Vec<u8>,
        now_ms: f64,
    ) -> Array {
        let pairs = headers.chunks_exact(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
        let headers: Headers = pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = self.inner.handle(&Incoming { method, target, headers, body }, milliseconds(now_ms));
        handed(&reply)
    }
}

fn handed(reply: &Reply) -> Array {
    let headers = Array::new();
    for (name, value) in reply.headers.iter() {
        headers.push(&name.into());
        headers.push(&value.into());
    }
    let (delivery, amount) = match reply.delivery {
        Delivery::Whole => ("whole", 0.0),
        Delivery::Dropped => ("dropped", 0.0),
        Delivery::Truncated { bytes } => ("truncated", bytes as f64),
        Delivery::Stalled { ms } => ("stalled", f64::from(ms)),
    };
    let record = serde_json::to_string(&reply.record).unwrap_or_default();
    let body = Uint8Array::from(reply.body.as_slice());
    let handed: [JsValue; 6] =
        [reply.status.into(), headers.into(), body.into(), delivery.into(), amount.into(), record.into()];
    handed.iter().collect()
}

/// A clock of JavaScript may have fractions, and stand before the epoch: then it is the epoch.
fn milliseconds(now_ms: f64) -> u64 {
    now_ms as u64
}

fn thrown(invalid: Invalid) -> JsValue {
    Array::of2(&invalid.field.as_ref().into(), &invalid.message.as_str().into()).into()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_request_is_answered_with_its_record() {
        let Ok(mut core) = SandboxCore::new("{}", 0.0) else { panic!("a tenant") };
        let handed = core.handle("GET".into(), "/v3/service-desk-integrations".into(), Vec::new(), Vec::new(), 0.0);
        assert_eq!(handed.length(), 6);
        assert_eq!(handed.get(0).as_f64(), Some(401.0));
        assert!(handed.get(5).as_string().is_some_and(|record| record.contains("\"status\":401")));
    }

    #[wasm_bindgen_test]
    fn what_is_refused_is_thrown_as_field_and_message() {
        let Err(thrown) = SandboxCore::new(r#"{"tennant":"a"}"#, 0.0) else { panic!("a refusal") };
        assert_eq!(Array::from(&thrown).get(0).as_string().as_deref(), Some("tennant"));
    }
}

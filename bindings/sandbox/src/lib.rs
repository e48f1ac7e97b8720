//! Hands requests of JavaScript to a tenant in memory, and its replies back.

use isc_service_desk_bindings_shared as _;
use js_sys::Array;
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use isc_service_desk::Invalid;
use isc_service_desk::http::Headers;
use isc_service_desk::sandbox::{
    Admission, Delivery, Incoming, Instant, Options, Reply, Tenant, Visitors, is_this_machine,
};

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
    pub fn token(&mut self, now_ms: f64, random: Option<Vec<u8>>) -> String {
        self.inner.token(moment(now_ms, random))
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

    /// What arrived, as a JSON array.
    #[wasm_bindgen(js_name = "requests")]
    pub fn requests(&self) -> String {
        self.inner.requests()
    }

    /// Keeps nothing of what arrives from here on.
    #[wasm_bindgen(js_name = "keepNoRequests")]
    pub fn keep_no_requests(&mut self) {
        self.inner.keep_no_requests();
    }

    /// Looks at the head of a request from the network: gives its answer, where that does not depend on the body, or else how
    /// many bytes of the body are to be read at most.
    #[wasm_bindgen(js_name = "admit")]
    pub fn admit(
        &mut self,
        visitors: &SandboxVisitors,
        method: String,
        target: String,
        headers: Vec<String>,
        now_ms: f64,
    ) -> JsValue {
        let head = Incoming { method, target, headers: paired(&headers), body: Vec::new() };
        match self.inner.admit(&head, &visitors.inner, milliseconds(now_ms)) {
            Admission::Answered(reply) => handed(&reply),
            Admission::Awaited { most } => (most as f64).into(),
        }
    }

    /// Answers a request; `headers` are names and values in turn.
    ///
    /// Gives `[status, headers, body, delivery, amount]`: headers as they are taken, the body as bytes, the delivery as its
    /// name with its bytes or milliseconds.
    #[wasm_bindgen(js_name = "handle")]
    pub fn handle(
        &mut self,
        method: String,
        target: String,
        headers: Vec<String>,
        body: Vec<u8>,
        now_ms: f64,
        random: Option<Vec<u8>>,
    ) -> JsValue {
        let incoming = Incoming { method, target, headers: paired(&headers), body };
        handed(&self.inner.handle(&incoming, moment(now_ms, random)))
    }
}

/// Who may ask a tenant that listens on a port.
#[wasm_bindgen]
pub struct SandboxVisitors {
    inner: Visitors,
}

#[wasm_bindgen]
impl SandboxVisitors {
    /// Those of a tenant that listens on this host; `allowed` is a JSON array of names.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &str, allowed: &str) -> Result<SandboxVisitors, JsValue> {
        Ok(Self { inner: Visitors::read(host, allowed).map_err(thrown)? })
    }
}

/// Whether a host to listen on is this machine alone.
#[wasm_bindgen(js_name = "isThisMachine")]
pub fn is_alone(host: &str) -> bool {
    is_this_machine(host)
}

fn paired(headers: &[String]) -> Headers {
    let pairs = headers.chunks_exact(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
    pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn handed(reply: &Reply) -> JsValue {
    let headers: Vec<&str> = reply.headers.iter().flat_map(|(name, value)| [name, value]).collect();
    let (delivery, amount) = match reply.delivery {
        Delivery::Whole => ("whole", 0.0),
        Delivery::Dropped => ("dropped", 0.0),
        Delivery::Truncated { bytes } => ("truncated", bytes as f64),
        Delivery::Stalled { ms } => ("stalled", f64::from(ms)),
    };
    let handed = (reply.status, headers, Bytes(&reply.body), delivery, amount);
    // Texts, numbers and bytes can all be values of JavaScript.
    serde_wasm_bindgen::to_value(&handed).unwrap_or_default()
}

/// Bytes, which become a `Uint8Array`.
struct Bytes<'b>(&'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// A clock of JavaScript may have fractions, and stand before the epoch: then it is the epoch.
fn milliseconds(now_ms: f64) -> u64 {
    now_ms as u64
}

fn moment(now_ms: f64, random: Option<Vec<u8>>) -> Instant {
    Instant { now_ms: milliseconds(now_ms), random: random.and_then(|bytes| bytes.try_into().ok()) }
}

fn thrown(invalid: Invalid) -> JsValue {
    Array::of2(&invalid.field.as_ref().into(), &invalid.message.as_str().into()).into()
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use crate::*;

    #[wasm_bindgen_test]
    fn a_request_is_answered_and_recorded() {
        let Ok(mut core) = SandboxCore::new("{}", 0.0) else { panic!("a tenant") };
        let target = "/v3/service-desk-integrations";
        let handed = Array::from(&core.handle("GET".into(), target.into(), Vec::new(), Vec::new(), 0.0, None));
        assert_eq!(handed.length(), 5);
        assert_eq!(handed.get(0).as_f64(), Some(401.0));
        assert!(core.requests().contains("\"status\":401"));
    }

    #[wasm_bindgen_test]
    fn a_head_is_answered_or_its_body_is_awaited() {
        let Ok(mut core) = SandboxCore::new("{}", 0.0) else { panic!("a tenant") };
        let Ok(visitors) = SandboxVisitors::new("127.0.0.1", "[]") else { panic!("visitors") };
        let mut admit = |host: &str, target: &str| {
            let headers = vec!["host".to_owned(), host.to_owned()];
            core.admit(&visitors, "POST".into(), target.into(), headers, 0.0)
        };
        assert_eq!(Array::from(&admit("evil.example", "/")).get(0).as_f64(), Some(421.0));
        assert_eq!(admit("localhost", "/oauth/token").as_f64(), Some(65_536.0));
    }

    #[wasm_bindgen_test]
    fn random_bytes_are_the_id_of_a_token() {
        let Ok(mut core) = SandboxCore::new("{}", 0.0) else { panic!("a tenant") };
        assert_ne!(core.token(0.0, Some(vec![1; 16])), core.token(0.0, Some(vec![2; 16])));
    }

    #[wasm_bindgen_test]
    fn what_is_refused_is_thrown_as_field_and_message() {
        let Err(thrown) = SandboxCore::new(r#"{"tennant":"a"}"#, 0.0) else { panic!("a refusal") };
        assert_eq!(Array::from(&thrown).get(0).as_string().as_deref(), Some("tennant"));
    }
}

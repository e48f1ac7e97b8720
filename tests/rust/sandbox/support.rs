//! A tenant with a clock that moves by the test's hand, and one line for each request.

use isc_service_desk::http::Headers;
use isc_service_desk::sandbox::{Incoming, Options, Reply, Tenant};
use serde_json::{Value, json};

/// The start of a service's path in every version.
pub const BASES: [&str; 6] = [
    "/service-desk-integrations/v1",
    "/v3/service-desk-integrations",
    "/v2024/service-desk-integrations",
    "/v2025/service-desk-integrations",
    "/v2026/service-desk-integrations",
    "/beta/service-desk-integrations",
];

pub const V1: &str = BASES[0];
pub const BETA: &str = BASES[5];

/// 2026-01-02T03:04:05.006Z
pub const START_MS: u64 = 1_767_323_045_006;

pub const PATCH: &str = "application/json-patch+json";

pub struct World {
    pub tenant: Tenant,
    pub now_ms: u64,
    token: String,
}

pub struct Answer {
    pub reply: Reply,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.reply.status, status, "{}", String::from_utf8_lossy(&self.reply.body));
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.reply.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.reply.headers.get(name)
    }

    /// The text of the first message of an `ErrorResponseDto`.
    pub fn message(&self) -> &str {
        self.body["messages"][0]["text"].as_str().unwrap_or_default()
    }
}

impl World {
    #[track_caller]
    pub fn new(options: Value) -> Self {
        let options = Options::parse(&options.to_string()).unwrap();
        let mut tenant = Tenant::new(options, START_MS).unwrap();
        let token = tenant.token(START_MS);
        Self { tenant, now_ms: START_MS, token }
    }

    /// Without integrations.
    #[track_caller]
    pub fn empty() -> Self {
        Self::new(json!({ "integrations": [] }))
    }

    /// With one of these behaviours, without integrations.
    #[track_caller]
    pub fn behaving(behaviour: Value) -> Self {
        Self::new(json!({ "integrations": [], "behaviour": behaviour }))
    }

    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let headers: Headers = headers.iter().copied().collect();
        let (method, target) = (method.to_owned(), target.to_owned());
        let reply = self.tenant.handle(&Incoming { method, target, headers, body: body.to_vec() }, self.now_ms);
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        Answer { reply, body }
    }

    pub fn call(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", authorization.as_str())];
        if !content_type.is_empty() {
            headers.push(("content-type", content_type));
        }
        self.send(method, target, &headers, body)
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.call("GET", target, "", b"")
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Answer {
        self.call("POST", target, "application/json", body.to_string().as_bytes())
    }

    pub fn put(&mut self, target: &str, body: &Value) -> Answer {
        self.call("PUT", target, "application/json", body.to_string().as_bytes())
    }

    pub fn patch(&mut self, target: &str, body: &Value) -> Answer {
        self.call("PATCH", target, PATCH, body.to_string().as_bytes())
    }

    pub fn delete(&mut self, target: &str) -> Answer {
        self.call("DELETE", target, "", b"")
    }

    /// Creates an integration of this name and gives its id.
    #[track_caller]
    pub fn make(&mut self, name: &str) -> String {
        let made = self.post(V1, &draft(name)).expect(200);
        made.body["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn fault(&mut self, fault: Value) {
        self.tenant.fault(&fault.to_string()).unwrap();
    }
}

/// The smallest body of a create.
pub fn draft(name: &str) -> Value {
    json!({ "name": name, "description": "a description", "type": "ServiceNow SDIM", "attributes": {} })
}

/// A file of `tests/data`.
#[track_caller]
pub fn data(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

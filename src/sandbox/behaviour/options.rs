//! Turns the options of a sandbox, as JSON, into checked settings.

use serde_json::{Map, Value};

use crate::Invalid;
use crate::json::Json;
use crate::json::shape::Shape;
use crate::wire::{Secret, ServiceDeskIntegrationDto};

use super::choices::Behaviour;
use super::fields::{Fields, kind};
use super::rate::RateLimit;

/// Most integrations that are made by number.
const MAX_INTEGRATIONS: u64 = 100_000;

/// The token lifetime of the documentation's example.
const TOKEN_TTL_S: u64 = 749;

/// How a tenant behaves, and what it starts with.
///
/// ```
/// use isc_service_desk::sandbox::{Options, Tenant};
///
/// let options = Options::parse(r#"{"tenant": "acme", "integrations": 600}"#)?;
/// let tenant = Tenant::new(options, 0)?;
/// assert_eq!(tenant.base_url(), "https://acme.api.isc.invalid");
/// # Ok::<(), isc_service_desk::Invalid>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) tenant: String,
    pub(crate) integrations: Start,
    pub(crate) credentials: Credentials,
    pub(crate) token_ttl_s: u64,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) latency_ms: u32,
    pub(crate) behaviour: Behaviour,
}

/// The integrations that a tenant starts with.
#[derive(Clone)]
pub(crate) enum Start {
    /// One of each common type.
    Usual,
    /// So many.
    Number(u64),
    /// These, as JSON.
    Given(Vec<String>),
}

/// No attribute of an integration in any representation.
impl std::fmt::Debug for Start {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usual => f.write_str("Usual"),
            Self::Number(number) => write!(f, "Number({number})"),
            Self::Given(given) => write!(f, "Given({})", given.len()),
        }
    }
}

/// The one client that the token endpoint knows.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tenant: "sandbox".to_owned(),
            integrations: Start::Usual,
            credentials: Credentials {
                client_id: "sandbox-client".to_owned(),
                client_secret: Secret::new("sandbox-client-secret"),
            },
            token_ttl_s: TOKEN_TTL_S,
            rate_limit: None,
            latency_ms: 0,
            behaviour: Behaviour::default(),
        }
    }
}

impl Options {
    /// Reads the options of `createSandbox` but `now`, which is the caller's clock.
    ///
    /// # Errors
    ///
    /// Where the text is no JSON object, or a field is unknown, of a wrong type or out of range. The error's field is the
    /// option's name, or a JSON Pointer into the given integrations.
    pub fn parse(json: &str) -> Result<Self, Invalid> {
        let (value, given) = read_but_integrations(json)?;
        let known = ["tenant", "integrations", "credentials", "rateLimit", "latencyMs", "behaviour"];
        let fields = Fields::of("options", &value, &known)?;
        let mut options = Self::default();
        if fields.get("tenant").is_some() {
            options.tenant = host_label(&fields)?;
        }
        if let Some(integrations) = fields.get("integrations") {
            options.integrations = start(&fields, integrations, given)?;
        }
        if let Some(credentials) = fields.get("credentials") {
            (options.credentials, options.token_ttl_s) = read_credentials(credentials)?;
        }
        options.rate_limit = fields.get("rateLimit").map(rate_limit).transpose()?;
        let latency_ms = fields.whole("latencyMs", 0, i32::MAX as u64)?.unwrap_or(0);
        options.latency_ms = u32::try_from(latency_ms).unwrap_or(0);
        if let Some(behaviour) = fields.get("behaviour") {
            options.behaviour = options.behaviour.changed(behaviour)?;
        }
        Ok(options)
    }
}

/// Reads an argument that came as JSON text.
pub(crate) fn parse_json(json: &str, name: &'static str) -> Result<Value, Invalid> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Invalid::new(name, format!("{name} must be JSON, which it is not from line {line}, column {column} on"))
    })
}

/// The first label of a host name: the tenant's name becomes a part of its URL.
fn host_label(fields: &Fields<'_>) -> Result<String, Invalid> {
    let text = fields.text("tenant")?.unwrap_or_default();
    let clean = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=63).contains(&text.len()) && text.bytes().all(clean);
    if !fits || text.starts_with('-') || text.ends_with('-') {
        let message = "tenant must be 1 to 63 lower-case letters, digits and inner hyphens";
        return Err(Invalid::new("tenant", message));
    }
    Ok(text.to_owned())
}

/// The options with an empty array in the place of the integrations, and those as text: thousands of them take much less
/// room than their values.
fn read_but_integrations(json: &str) -> Result<(Value, Vec<String>), Invalid> {
    let options = Json::parse(json).map_err(|error| Invalid::new("options", format!("options {error}")))?;
    let Some(members) = options.as_object() else { return Ok((parse_json(json, "options")?, Vec::new())) };
    let (mut read, mut given) = (Map::new(), Vec::new());
    for member in members.members() {
        let name = member.name().unwrap_or(member.key());
        let value = match member.value.as_array().filter(|_| name == "integrations") {
            Some(items) => {
                check_list(member.value.text(), "integrations")?;
                given = items.iter().map(|item| item.text().to_owned()).collect();
                Value::Array(Vec::new())
            }
            None => parse_json(member.value.text(), "options")?,
        };
        read.insert(name.to_owned(), value);
    }
    Ok((Value::Object(read), given))
}

fn start(fields: &Fields<'_>, value: &Value, given: Vec<String>) -> Result<Start, Invalid> {
    match value {
        Value::Number(_) => Ok(fields.whole("integrations", 0, MAX_INTEGRATIONS)?.map_or(Start::Usual, Start::Number)),
        Value::Array(_) => Ok(Start::Given(given)),
        other => {
            let message = format!("integrations must be an array of integrations or a number, got {}", kind(other));
            Err(Invalid::new("integrations", message))
        }
    }
}

/// Checks each of a list of integrations; the error's field is a JSON Pointer that starts with `/name`.
fn check_list(list: &str, name: &str) -> Result<(), Invalid> {
    let shape = Shape::List(&ServiceDeskIntegrationDto::WITHOUT_ID);
    shape.check(list).map_err(|mismatch| match mismatch.path {
        Some(path) => Invalid::new(format!("/{name}{path}"), format!("/{name}{}", mismatch.message)),
        None => Invalid::new(name.to_owned(), mismatch.message),
    })
}

fn read_credentials(value: &Value) -> Result<(Credentials, u64), Invalid> {
    let fields = Fields::within("credentials", value, &["clientId", "clientSecret", "tokenTtlSeconds"])?;
    let text = |name: &str| match fields.text(name)? {
        Some("") | None => Err(fields.missing(name, "a string that is not empty")),
        Some(text) => Ok(text.to_owned()),
    };
    let credentials = Credentials { client_id: text("clientId")?, client_secret: Secret::new(text("clientSecret")?) };
    let ttl_s = fields.whole("tokenTtlSeconds", 0, i32::MAX as u64)?.unwrap_or(TOKEN_TTL_S);
    Ok((credentials, ttl_s))
}

fn rate_limit(value: &Value) -> Result<RateLimit, Invalid> {
    let fields = Fields::within("rateLimit", value, &["requests", "perMs"])?;
    let number = |name: &str| {
        fields.whole(name, 1, i32::MAX as u64)?.ok_or_else(|| fields.missing(name, "a whole number above 0"))
    };
    Ok(RateLimit { requests: number("requests")?, per_ms: number("perMs")? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(options: Value, field: &str) -> String {
        let invalid = Options::parse(&options.to_string()).unwrap_err();
        assert_eq!(invalid.field, field, "{options}");
        invalid.into_inner().message
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        let options = Options::parse("{}").unwrap();
        assert_eq!(options.tenant, "sandbox");
        assert_eq!(options.token_ttl_s, 749);
        assert_eq!(options.rate_limit, None);
        assert_eq!(options.behaviour, Behaviour::default());
        assert!(matches!(options.integrations, Start::Usual));
    }

    #[test]
    fn a_field_that_is_unknown_or_of_a_wrong_type_is_named() {
        refused(json!([]), "options");
        assert!(refused(json!({ "integration": 1 }), "integration").ends_with("did you mean integrations?"));
        refused(json!({ "tenant": "" }), "tenant");
        refused(json!({ "tenant": "Acme" }), "tenant");
        refused(json!({ "tenant": "a.b" }), "tenant");
        refused(json!({ "tenant": "-a" }), "tenant");
        refused(json!({ "tenant": "a".repeat(64) }), "tenant");
        refused(json!({ "integrations": "all" }), "integrations");
        refused(json!({ "integrations": -1 }), "integrations");
        refused(json!({ "integrations": 100_001 }), "integrations");
        refused(json!({ "integrations": [{ "name": "a", "attributes": {} }] }), "/integrations/0/type");
        refused(json!({ "credentials": { "clientId": "a" } }), "credentials.clientSecret");
        refused(json!({ "credentials": { "clientId": "", "clientSecret": "b" } }), "credentials.clientId");
        refused(json!({ "rateLimit": { "requests": 0, "perMs": 1 } }), "rateLimit.requests");
        refused(json!({ "rateLimit": { "requests": 1 } }), "rateLimit.perMs");
        refused(json!({ "latencyMs": 1.5 }), "latencyMs");
        refused(json!({ "behaviour": { "duplicateName": 422 } }), "behaviour.duplicateName");
        refused(json!({ "behaviour": { "pastEnds": 400 } }), "behaviour.pastEnds");
    }

    #[test]
    fn the_message_of_a_given_integration_starts_with_its_pointer() {
        let message = refused(json!({ "integrations": [{ "name": 7 }] }), "/integrations/0/name");
        assert_eq!(message, "/integrations/0/name must be a string, got a number");
    }
}

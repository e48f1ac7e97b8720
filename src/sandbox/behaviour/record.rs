//! Turns a request into its line of the record, in which no credential and no secret is left.

use serde_json::{Value, json};

use crate::json::{Json, Kind};
use crate::wire::secrets::{REDACTED, Secrets};

use super::options::Credentials;
use crate::sandbox::http::form::{self, Params};
use crate::sandbox::http::message::{Incoming, Record};
use crate::sandbox::http::route;

/// Longer bodies are not kept in the record.
const MAX_BODY_BYTES: usize = 65_536;

/// How every token of this tenant begins.
const TOKEN_START: &str = "eyJ";

/// A shorter client secret is looked for as a whole value only: it may be a part of anything.
const MIN_PART: usize = 8;

/// The line of a request, still without its status. `secrets` are the names that are secret in the integration it is
/// about; `parameters` are those of a token request.
pub(crate) fn line(
    incoming: &Incoming,
    parameters: Option<[&Params; 2]>,
    credentials: &Credentials,
    secrets: Secrets,
) -> Record {
    let content_type = incoming.headers.get("content-type").map(str::to_owned);
    let (path, query) = route::split(&incoming.target);
    let scrub = Scrub { secret: credentials.client_secret.reveal() };
    let body = match parameters {
        Some(parameters) => grant_type(parameters),
        None => body(&incoming.body, secrets, &scrub),
    };
    Record {
        method: incoming.method.clone(),
        path: scrub.path(path),
        query: scrub.query(query, parameters.is_some()),
        status: 0,
        content_type,
        body,
    }
}

/// What a token request asked for: the one parameter that may be recorded.
fn grant_type(parameters: [&Params; 2]) -> Option<Value> {
    let grant_type = parameters.into_iter().find_map(|parameters| form::value(parameters, "grant_type"));
    grant_type.map(|grant_type| json!({ "grant_type": grant_type }))
}

fn body(body: &[u8], mut secrets: Secrets, scrub: &Scrub<'_>) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let unreadable = |why: &str| Some(Value::String(format!("[{} bytes, {why}]", body.len())));
    if body.len() > MAX_BODY_BYTES {
        return unreadable("too long to keep");
    }
    let text = str::from_utf8(body).unwrap_or_default();
    let Ok(json) = Json::parse(text) else { return unreadable("no JSON") };
    learn(json, &mut secrets);
    let hidden = secrets.hide(json);
    match serde_json::from_str(hidden.as_deref().unwrap_or(text)) {
        Ok(mut value) => {
            scrub.value(&mut value);
            Some(value)
        }
        Err(_) => unreadable("no JSON"),
    }
}

/// Adds the names that the body itself declares secret: in `attributes` of an integration, or in an operation of a patch.
fn learn(body: Json<'_>, secrets: &mut Secrets) {
    secrets.list_of(body);
    for operation in body.as_array().unwrap_or_default() {
        let Some(members) = operation.as_object() else { continue };
        let Some(value) = members.get("value") else { continue };
        if value.kind() == Kind::Object {
            secrets.list(value);
        }
        let path = members.get("path").and_then(Json::as_str).unwrap_or_default();
        if path == "/attributes/encrypted" {
            let attributes = format!("{{\"encrypted\":{}}}", value.text());
            if let Ok(attributes) = Json::parse(&attributes) {
                secrets.list(attributes);
            }
        }
    }
}

/// Knows the credentials of the tenant, wherever they turn up.
struct Scrub<'c> {
    secret: &'c str,
}

impl Scrub<'_> {
    fn hides(&self, text: &str) -> bool {
        let holds_secret = text == self.secret || self.secret.len() >= MIN_PART && text.contains(self.secret);
        holds_secret || text.contains(TOKEN_START)
    }

    fn path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let decoded = form::decode(segment, false);
            if self.hides(segment) || decoded.is_some_and(|decoded| self.hides(&decoded)) { REDACTED } else { segment }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn query(&self, query: &str, is_token: bool) -> String {
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = form::decode(name, true).unwrap_or_default();
            let named = if is_token { decoded != "grant_type" } else { Secrets::default().is_secret(&decoded) };
            let value_hides = form::decode(value, true).is_none_or(|value| self.hides(&value)) || self.hides(value);
            let hidden = (named || value_hides) && !value.is_empty();
            if self.hides(name) || self.hides(&decoded) {
                REDACTED.to_owned()
            } else if hidden {
                format!("{name}={REDACTED}")
            } else {
                pair.to_owned()
            }
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.hides(text) => *text = REDACTED.to_owned(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.value(member)),
            _ => {}
        }
    }
}

//! Turns a request that no fault has stopped into an answer: what the gateway does itself, then the operation.

use serde_json::{Value, json};

use crate::engine::Headers;

use super::cors;
use super::form::Params;
use super::message::Incoming;
use super::oauth;
use super::operations;
use super::options::Options;
use super::problem::Problem;
use super::route::{Resource, Route};
use super::tenant::{MAX_BODY_BYTES, Tenant};

/// What an operation answers, before the fields that every answer has.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(text: impl Into<Vec<u8>>) -> Self {
        let headers = [("content-type", "application/json")].into_iter().collect();
        Self { status: 200, headers, body: text.into() }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Headers::default(), body: Vec::new() }
    }

    pub(super) fn problem(problem: &Problem, tracking_id: &str) -> Self {
        let mut answer = Self::json(problem.body(tracking_id).to_string());
        answer.status = problem.status();
        if let Some((name, value)) = problem.header() {
            answer.headers.set(name, &value);
        }
        answer
    }
}

/// The answer of the tenant, once it acts.
pub(super) fn act(
    tenant: &mut Tenant,
    incoming: &Incoming,
    read: Result<(Route, Params), Problem>,
    now_ms: u64,
) -> Result<Answer, Problem> {
    if incoming.body.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    if cors::is_preflight(&incoming.method, &incoming.headers) {
        return Ok(Answer::empty(204));
    }
    match read? {
        (Route::Unknown, _) => Err(Problem::NotFound),
        (Route::Token, query) => grant(tenant, incoming, &query, now_ms),
        (Route::Api { version, resource }, query) => {
            admit(tenant, incoming, version, now_ms)?;
            operate(tenant, incoming, version, &resource, &query, now_ms)
        }
    }
}

/// The gateway's part: a valid token, then the rate limit of its client and this version.
fn admit(tenant: &mut Tenant, incoming: &Incoming, version: &'static str, now_ms: u64) -> Result<(), Problem> {
    let authorization = incoming.headers.get("authorization");
    tenant.tokens.check(authorization, now_ms).map_err(Problem::Unauthorized)?;
    match tenant.options.rate_limit {
        Some(limit) => tenant.windows.admit(limit, version, now_ms).map_err(Problem::RateLimited),
        None => Ok(()),
    }
}

fn grant(tenant: &mut Tenant, incoming: &Incoming, query: &Params, now_ms: u64) -> Result<Answer, Problem> {
    if incoming.method != "POST" {
        return Err(Problem::MethodNotAllowed("POST"));
    }
    let headers = &incoming.headers;
    let (content_type, authorization) = (headers.get("content-type"), headers.get("authorization"));
    let Options { tenant: org, credentials, token_ttl_s, .. } = &tenant.options;
    oauth::check(credentials, query, content_type, authorization, &incoming.body)?;
    let seed = tenant.veil.seed;
    let minted = tenant.tokens.mint(seed, org, &credentials.client_id, *token_ttl_s, now_ms);
    let body = json!({
        "access_token": minted.access_token, "token_type": "bearer", "expires_in": token_ttl_s,
        "scope": "sp:scopes:all", "tenant_id": seed.hex("tenant", 0), "internal": false, "pod": "sandbox",
        "strong_auth_supported": false, "org": org, "user_id": "595826",
        "identity_id": seed.hex("identity", 0), "strong_auth": true, "enabled": true, "jti": minted.jti,
    });
    Ok(Answer::json(body.to_string()))
}

fn operate(
    tenant: &mut Tenant,
    incoming: &Incoming,
    version: &'static str,
    resource: &Resource,
    query: &Params,
    now_ms: u64,
) -> Result<Answer, Problem> {
    let is_beta = version == "beta";
    match (resource, incoming.method.as_str()) {
        (Resource::Integrations, "GET") => operations::list(tenant, query, is_beta),
        (Resource::Integrations, "POST") => operations::create(tenant, incoming, is_beta, now_ms),
        (Resource::Integration(id), "GET") => operations::get(tenant, id, is_beta),
        (Resource::Integration(id), "PUT") => operations::replace(tenant, id, incoming, is_beta, now_ms),
        (Resource::Integration(id), "PATCH") => operations::patch(tenant, id, incoming, is_beta, now_ms),
        (Resource::Integration(id), "DELETE") => operations::delete(tenant, id),
        (Resource::Types, "GET") => Ok(Answer::json(Value::from(tenant.state.types.as_slice()).to_string())),
        (Resource::Template(name), "GET") => operations::template(tenant, name, is_beta),
        (Resource::StatusCheck, "GET") => Ok(operations::status_check(tenant)),
        (Resource::StatusCheck, "PUT") => operations::update_status_check(tenant, incoming),
        (Resource::Integrations, _) => Err(Problem::MethodNotAllowed("GET, POST")),
        (Resource::Integration(_), _) => Err(Problem::MethodNotAllowed("GET, PUT, PATCH, DELETE")),
        (Resource::Types | Resource::Template(_), _) => Err(Problem::MethodNotAllowed("GET")),
        (Resource::StatusCheck, _) => Err(Problem::MethodNotAllowed("GET, PUT")),
        (Resource::Unknown, _) => Err(Problem::NotFound),
    }
}

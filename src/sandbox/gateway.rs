//! Turns a request that no fault has stopped into an answer: what the gateway does itself, then the operation.

use serde_json::{Value, json};

use crate::http::Headers;

use super::behaviour::options::Options;
use super::http::cors;
use super::http::form::Params;
use super::http::message::{Incoming, Instant};
use super::http::oauth::{self, MAX_FORM_BYTES};
use super::http::problem::Problem;
use super::http::route::{Resource, Route};
use super::operations;
use super::tenant::{MAX_BODY_BYTES, Tenant};

/// What an operation answers, before the fields that every answer has.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(text: impl Into<Vec<u8>>) -> Self {
        let headers = [("content-type", "application/json")].into_iter().collect();
        Self { status: 200, headers, body: text.into() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Headers::default(), body: Vec::new() }
    }

    pub(crate) fn problem(problem: &Problem, tracking_id: &str) -> Self {
        let mut answer = Self::json(problem.body(tracking_id).to_string());
        answer.status = problem.status();
        if let Some((name, value)) = problem.header() {
            answer.headers.set(name, &value);
        }
        answer
    }
}

/// What a target names, with the parameters of its query.
pub(crate) type Read = Result<(Route, Params), Problem>;

/// The longest body that a request of this target may have.
pub(crate) fn most_bytes(read: &Read) -> usize {
    if is_token(read) { MAX_FORM_BYTES } else { MAX_BODY_BYTES }
}

/// Whether a request is one to the token endpoint.
pub(crate) fn is_token(read: &Read) -> bool {
    matches!(read, Ok((Route::Token, _)))
}

/// The answer of the tenant, once it acts. `form` is what a token request has in its body.
pub(crate) fn act(
    tenant: &mut Tenant,
    incoming: &Incoming,
    read: Read,
    form: Result<Params, Problem>,
    at: Instant,
) -> Result<Answer, Problem> {
    if incoming.length() > most_bytes(&read) {
        return Err(Problem::BodyTooLarge);
    }
    if cors::is_preflight(&incoming.method, &incoming.headers) {
        return Ok(Answer::empty(204));
    }
    match read? {
        (Route::Unknown, _) => Err(Problem::NotFound),
        (Route::Token, query) => grant(tenant, incoming, &query, form, at),
        (Route::Api { version, resource }, query) => {
            admit(tenant, incoming, version, at.now_ms)?;
            operate(tenant, incoming, version, &resource, &query, at.now_ms)
        }
    }
}

/// Whether [`act`] gives the same answer for every body: all that is refused for its head.
pub(crate) fn is_decided_by_head(tenant: &Tenant, head: &Incoming, read: &Read, now_ms: u64) -> bool {
    let is_too_long = head.length() > most_bytes(read);
    is_too_long
        || match read {
            Err(_) | Ok((Route::Unknown, _)) => true,
            Ok((Route::Token, _)) => head.method != "POST",
            Ok((Route::Api { resource, .. }, _)) => {
                let is_taken = methods(resource).split(", ").any(|method| method == head.method);
                !is_taken || tenant.tokens.check(head.headers.get("authorization"), now_ms).is_err()
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

fn grant(
    tenant: &mut Tenant,
    incoming: &Incoming,
    query: &Params,
    form: Result<Params, Problem>,
    at: Instant,
) -> Result<Answer, Problem> {
    if incoming.method != "POST" {
        return Err(Problem::MethodNotAllowed("POST"));
    }
    let Options { tenant: org, credentials, token_ttl_s, .. } = &tenant.options;
    oauth::check(credentials, query, &form?, incoming.headers.get("authorization"))?;
    let seed = tenant.secret_mask.seed;
    let minted = tenant.tokens.mint(seed, org, &credentials.client_id, *token_ttl_s, at);
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
        (Resource::Unknown, _) => Err(Problem::NotFound),
        (resource, _) => Err(Problem::MethodNotAllowed(methods(resource))),
    }
}

/// The methods that a resource takes.
fn methods(resource: &Resource) -> &'static str {
    match resource {
        Resource::Integrations => "GET, POST",
        Resource::Integration(_) => "GET, PUT, PATCH, DELETE",
        Resource::Types | Resource::Template(_) => "GET",
        Resource::StatusCheck => "GET, PUT",
        Resource::Unknown => "",
    }
}

//! Turns a request that the gateway let through into what one of the ten operations does.

use serde_json::{Map, Value};

use crate::json::Json;
use crate::patch::Patch;
use crate::wire::SERVER_FIELDS;
use crate::wire::secrets::Secrets;

use super::gateway::{Answer, Read};
use super::http::form::Params;
use super::http::message::Incoming;
use super::http::problem::{Problem, bad};
use super::http::route::{Resource, Route};
use super::state::dto::{self, Stamps};
use super::state::list;
use super::state::secret_mask::secrets_of;
use super::state::snapshot::fresh_id;
use super::state::status_check::StatusCheck;
use super::state::store::Stored;
use super::tenant::Tenant;

/// The names that are secret in the integration that a request is about.
pub(crate) fn secrets_about(tenant: &Tenant, read: &Read) -> Secrets {
    match read {
        Ok((Route::Api { resource: Resource::Integration(id), .. }, _)) => {
            tenant.state.store.get(id).map(|stored| stored.secrets.clone()).unwrap_or_default()
        }
        _ => Secrets::default(),
    }
}

pub(crate) fn list(tenant: &Tenant, query: &Params, is_beta: bool) -> Result<Answer, Problem> {
    let behaviour = tenant.options.behaviour;
    let page = list::page(&tenant.state.store, query, behaviour)?;
    let items: Vec<String> = page.items.into_iter().map(|stored| text(stored, is_beta)).collect();
    let mut answer = Answer::json(format!("[{}]", items.join(",")));
    if let Some(total) = page.total.filter(|_| behaviour.expose_total) {
        answer.headers.set("x-total-count", &total.to_string());
    }
    Ok(answer)
}

pub(crate) fn get(tenant: &Tenant, id: &str, is_beta: bool) -> Result<Answer, Problem> {
    Ok(Answer::json(text(found(tenant, id)?, is_beta)))
}

pub(crate) fn create(tenant: &mut Tenant, incoming: &Incoming, is_beta: bool, now_ms: u64) -> Result<Answer, Problem> {
    check_media_type(incoming, "application/json")?;
    let body = dto::read(&incoming.body)?;
    let id = fresh_id(&tenant.state.store, tenant.secret_mask.seed, &mut tenant.made);
    keep(tenant, body, Stamps::new(id, now_ms), is_beta)
}

/// PUT replaces the whole: what the body leaves out is gone, but for what the server owns or fills in.
pub(crate) fn replace(
    tenant: &mut Tenant,
    id: &str,
    incoming: &Incoming,
    is_beta: bool,
    now_ms: u64,
) -> Result<Answer, Problem> {
    let before = found(tenant, id)?;
    check_media_type(incoming, "application/json")?;
    let body = dto::read(&incoming.body)?;
    keep(tenant, body, stamps_after(before, now_ms), is_beta)
}

pub(crate) fn patch(
    tenant: &mut Tenant,
    id: &str,
    incoming: &Incoming,
    is_beta: bool,
    now_ms: u64,
) -> Result<Answer, Problem> {
    let before = found(tenant, id)?;
    check_media_type(incoming, "application/json-patch+json")?;
    let operations = str::from_utf8(&incoming.body).map_err(|_| bad("the body must be UTF-8"))?;
    dto::check_number(&incoming.body)?;
    check_allowed(operations)?;
    let patch = Patch::parse(operations).map_err(|invalid| bad(format!("{}: {}", invalid.field, invalid.message)))?;
    let mut patched = before.value();
    patch.apply(&mut patched).map_err(|missing| bad(missing.to_string()))?;
    let body = dto::read(patched.to_string().as_bytes())?;
    keep(tenant, body, stamps_after(before, now_ms), is_beta)
}

pub(crate) fn delete(tenant: &mut Tenant, id: &str) -> Result<Answer, Problem> {
    if tenant.state.store.remove(id) { Ok(Answer::empty(204)) } else { Err(Problem::NotFound) }
}

pub(crate) fn template(tenant: &Tenant, script_name: &str, is_beta: bool) -> Result<Answer, Problem> {
    let template = tenant.state.templates.get(script_name).ok_or(Problem::NotFound)?;
    let secrets = secrets_of(template.get("attributes"), Secrets::default());
    let mut shown = template.as_object().cloned().unwrap_or_default();
    tenant.secret_mask.hide(script_name, &mut shown, &secrets);
    let shown = if is_beta { dto::beta(shown.into()) } else { shown.into() };
    Ok(Answer::json(shown.to_string()))
}

pub(crate) fn status_check(tenant: &Tenant) -> Answer {
    let numbers = tenant.options.behaviour.status_check_numbers;
    Answer::json(tenant.state.status_check.answer(numbers).to_string())
}

pub(crate) fn update_status_check(tenant: &mut Tenant, incoming: &Incoming) -> Result<Answer, Problem> {
    check_media_type(incoming, "application/json")?;
    tenant.state.status_check = StatusCheck::read(&incoming.body)?;
    Ok(status_check(tenant))
}

fn found<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Stored, Problem> {
    tenant.state.store.get(id).ok_or(Problem::NotFound)
}

/// Completes a body, puts it in the place of the integration with its id, or adds it, and answers it.
fn keep(tenant: &mut Tenant, body: Map<String, Value>, stamps: Stamps, is_beta: bool) -> Result<Answer, Problem> {
    let mut next = dto::complete(body, &stamps)?;
    let read_only = tenant.state.store.get(&stamps.id).and_then(|earlier| dto::read_only(&earlier.value()));
    dto::keep_read_only(&mut next, read_only);
    let text_of = |name: &str| next.get(name).and_then(Value::as_str).unwrap_or_default();
    let (name, kind) = (text_of("name"), text_of("type"));
    let store = &tenant.state.store;
    let earlier = store.get(&stamps.id);
    if earlier.is_none_or(|earlier| earlier.row().kind != kind) && !is_offered(tenant, kind) {
        return Err(Problem::NoTemplate(kind.to_owned()));
    }
    if store.is_taken(name, &stamps.id) {
        let text = "/name must be unique, got the name of another integration".to_owned();
        let conflicts = tenant.options.behaviour.duplicate_name == 409;
        return Err(if conflicts { Problem::Conflict(text) } else { Problem::BadRequest(text) });
    }
    let before = earlier.map(|earlier| earlier.secrets.clone()).unwrap_or_default();
    let secrets = secrets_of(next.get("attributes"), before);
    if let Some(earlier) = earlier {
        tenant.secret_mask.restore(&stamps.id, &mut next, &earlier.value(), &secrets);
    }
    let stored = Stored::new(next, stamps.modified_ms, tenant.secret_mask, secrets);
    if !store.has_room_for(&stored) {
        return Err(Problem::Full);
    }
    let answer = Answer::json(text(&stored, is_beta));
    tenant.state.store.put(stored);
    Ok(answer)
}

/// Whether the tenant can make this type: one that is not licensed was seen to be refused with 400. The API's document writes
/// one of them in its own way.
fn is_offered(tenant: &Tenant, kind: &str) -> bool {
    let kind = if kind == "ServiceNowSDIM" { "ServiceNow SDIM" } else { kind };
    tenant.state.types.iter().any(|line| line.get("type").and_then(Value::as_str) == Some(kind))
}

fn text(stored: &Stored, is_beta: bool) -> String {
    if !is_beta {
        return stored.answer();
    }
    serde_json::from_str(&stored.answer()).map(|value| dto::beta(value).to_string()).unwrap_or_default()
}

/// Those of a change: `modified` always moves on, even where two changes share a millisecond (assumed), so that whoever
/// compares it sees each.
fn stamps_after(before: &Stored, now_ms: u64) -> Stamps {
    let modified_ms = now_ms.max(before.modified_ms.saturating_add(1));
    Stamps { id: before.id.clone(), created: before.created(), modified_ms }
}

/// A wrong media type is 400: the API documents no 415.
fn check_media_type(incoming: &Incoming, expected: &str) -> Result<(), Problem> {
    let content_type = incoming.headers.get("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(bad(format!("Content-Type must be {expected}")))
}

/// 403 is documented for operations that are not allowed: all but `replace`. That a field of the server's own counts as
/// one is assumed.
fn check_allowed(operations: &str) -> Result<(), Problem> {
    let Ok(operations) = Json::parse(operations) else { return Ok(()) };
    for (index, operation) in operations.as_array().unwrap_or_default().into_iter().enumerate() {
        let Some(members) = operation.as_object() else { continue };
        let verb = members.get("op").and_then(Json::as_str).unwrap_or_default();
        if ["add", "remove", "move", "copy", "test"].contains(&verb.as_ref()) {
            return Err(Problem::Forbidden(format!("/{index}/op must be replace, got {verb}")));
        }
        let path = members.get("path").and_then(Json::as_str).unwrap_or_default();
        let field = path.split('/').nth(1).unwrap_or_default();
        if SERVER_FIELDS.contains(&field) {
            return Err(Problem::Forbidden(format!("/{index}/path must not name what the server owns, got /{field}")));
        }
    }
    Ok(())
}

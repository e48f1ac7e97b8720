//! Turns a token request into its parameters' verdict: the client's right to a token, or RFC 6749's error.

use super::base64;
use super::form::{self, Params};
use super::message::Incoming;
use super::problem::Problem;
use crate::sandbox::behaviour::options::Credentials;

/// Longer bodies of token requests are refused with 413. Assumed: above what any client sends.
pub(crate) const MAX_FORM_BYTES: usize = 65_536;

/// Whether the request may have a token.
///
/// Parameters are taken from a urlencoded or multipart body, from the query, and the client's from HTTP Basic as well:
/// the API's documents show the first three, and clients use them all.
///
/// # Errors
///
/// `invalid_request` and `unsupported_grant_type` with 400, `invalid_client` with 401.
pub(crate) fn check(
    credentials: &Credentials,
    query: &Params,
    form: &Params,
    authorization: Option<&str>,
) -> Result<(), Problem> {
    let either = |name: &str| form::value(form, name).or_else(|| form::value(query, name));
    match either("grant_type") {
        None | Some("") => return Err(Problem::OAuth(400, "invalid_request", "grant_type is missing")),
        Some("client_credentials") => {}
        Some(_) => return Err(Problem::OAuth(400, "unsupported_grant_type", "only client_credentials is supported")),
    }
    let basic = authorization.and_then(basic);
    let id = either("client_id").or_else(|| basic.as_ref().map(|(id, _)| id.as_str()));
    let secret = either("client_secret").or_else(|| basic.as_ref().map(|(_, secret)| secret.as_str()));
    let known = id == Some(credentials.client_id.as_str()) && secret == Some(credentials.client_secret.reveal());
    if known { Ok(()) } else { Err(Problem::OAuth(401, "invalid_client", "Bad client credentials")) }
}

/// The parameters in the body of a token request.
///
/// # Errors
///
/// The body is longer than it may be, or not what its Content-Type says.
pub(crate) fn read(incoming: &Incoming) -> Result<Params, Problem> {
    if incoming.length() > MAX_FORM_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    let content_type = incoming.headers.get("content-type").unwrap_or_default();
    let body = incoming.body.as_slice();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let params = match media_type.as_str() {
        "multipart/form-data" => form::multipart(content_type, body),
        "application/x-www-form-urlencoded" => str::from_utf8(body).ok().and_then(form::urlencoded),
        _ => Some(Params::new()),
    };
    params.ok_or(Problem::OAuth(400, "invalid_request", "the body is not what its Content-Type says"))
}

/// Id and secret of HTTP Basic, each urlencoded first as RFC 6749, section 2.3.1 has it.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(base64::decode(encoded.trim())?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form::decode(id, true)?, form::decode(secret, true)?))
}

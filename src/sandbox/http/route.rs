//! Turns a request target into the resource it names, in the paths of every API version.

use super::form::{self, Params};
use super::problem::{Problem, bad};

/// Longest target. Assumed: the usual limit of a gateway.
const MAX_TARGET_BYTES: usize = 8_192;

/// The version prefixes of the legacy layout; `v1` has its place after the service's name.
const PREFIXES: [&str; 5] = ["v3", "v2024", "v2025", "v2026", "beta"];

const SERVICE: &str = "service-desk-integrations";

/// What a target names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Token,
    Api { version: &'static str, resource: Resource },
    Unknown,
}

/// A resource of the API, the same for every version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Integrations,
    Integration(String),
    Types,
    Template(String),
    StatusCheck,
    /// Below the service's path, but none of its resources.
    Unknown,
}

/// Path and query of a target, as they were sent.
pub(crate) fn split(target: &str) -> (&str, &str) {
    let local = if target.starts_with('/') { target } else { after_origin(target) };
    local.split_once('?').unwrap_or((local, ""))
}

fn after_origin(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or("/")
}

/// The resource and the parameters of a target.
///
/// A path is taken literally: no dot segment is resolved, no doubled or trailing slash forgiven, `;` is a character like
/// any other. Assumed: a real gateway may be more lenient, but a client that relies on it is in error.
pub(crate) fn read(target: &str) -> Result<(Route, Params), Problem> {
    if target.len() > MAX_TARGET_BYTES {
        return Err(Problem::TargetTooLong);
    }
    let (path, query) = split(target);
    let segments: Option<Vec<String>> = path.split('/').skip(1).map(|segment| form::decode(segment, false)).collect();
    let segments = segments.ok_or_else(|| bad("the path must be percent-encoded UTF-8"))?;
    let params = form::urlencoded(query).ok_or_else(|| bad("the query must be percent-encoded UTF-8"))?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Ok((route(&segments), params))
}

fn route(segments: &[&str]) -> Route {
    match segments {
        ["oauth", "token"] => Route::Token,
        [SERVICE, "v1", rest @ ..] => Route::Api { version: "v1", resource: resource(rest) },
        [version, SERVICE, rest @ ..] => match PREFIXES.iter().find(|known| *known == version) {
            Some(version) => Route::Api { version, resource: resource(rest) },
            None => Route::Unknown,
        },
        _ => Route::Unknown,
    }
}

fn resource(rest: &[&str]) -> Resource {
    match rest {
        [] => Resource::Integrations,
        ["types"] => Resource::Types,
        ["status-check-configuration"] => Resource::StatusCheck,
        ["templates", name] => Resource::Template((*name).to_owned()),
        ["templates" | ""] => Resource::Unknown,
        [id] => Resource::Integration((*id).to_owned()),
        _ => Resource::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(version: &'static str, resource: Resource) -> Route {
        Route::Api { version, resource }
    }

    #[track_caller]
    fn names(target: &str, route: &Route) {
        assert_eq!(read(target).as_ref().map(|(route, _)| route), Ok(route), "{target}");
    }

    #[test]
    fn every_version_has_the_same_resources() {
        for version in PREFIXES.into_iter().chain(["v1"]) {
            let base = if version == "v1" { format!("/{SERVICE}/v1") } else { format!("/{version}/{SERVICE}") };
            names(&base, &api(version, Resource::Integrations));
            names(&format!("{base}/types"), &api(version, Resource::Types));
            names(&format!("{base}/templates/a%20b"), &api(version, Resource::Template("a b".to_owned())));
            names(&format!("{base}/status-check-configuration?x=1"), &api(version, Resource::StatusCheck));
            names(&format!("{base}/abc"), &api(version, Resource::Integration("abc".to_owned())));
        }
    }

    #[test]
    fn an_origin_does_not_matter() {
        names("https://acme.invalid/oauth/token", &Route::Token);
        names("http://127.0.0.1:80", &Route::Unknown);
        assert_eq!(split("https://acme.invalid?limit=1"), ("", "limit=1"));
    }

    #[test]
    fn a_path_is_taken_literally() {
        for target in [
            "",
            "/",
            "*",
            "//",
            "/v4/service-desk-integrations",
            "/service-desk-integrations",
            "/V3/service-desk-integrations",
            "//v3/service-desk-integrations",
        ] {
            names(target, &Route::Unknown);
        }
        for rest in ["/", "//", "/templates", "/templates/", "/a/b", "/types/", "/templates/a/b"] {
            let target = format!("/v3/{SERVICE}{rest}");
            let unknown = api("v3", Resource::Unknown);
            let template = api("v3", Resource::Template(String::new()));
            names(&target, if rest == "/templates/" { &template } else { &unknown });
        }
        for (segment, id) in [("%2e%2e", ".."), ("..", ".."), ("types;x", "types;x"), ("a%2Fb", "a/b"), ("a+b", "a+b")]
        {
            names(&format!("/v3/{SERVICE}/{segment}"), &api("v3", Resource::Integration(id.to_owned())));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for target in ["/%", "/%ff", "/v3/%zz", "/?a=%ff", "/?%"] {
            assert!(matches!(read(target), Err(Problem::BadRequest(_))), "{target}");
        }
        assert!(read(&format!("/{}", "a".repeat(MAX_TARGET_BYTES - 1))).is_ok());
        assert_eq!(read(&format!("/{}", "a".repeat(MAX_TARGET_BYTES))), Err(Problem::TargetTooLong));
    }
}

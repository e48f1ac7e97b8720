//! Turns the Origin of a page on this machine into leave to read the answers.

use crate::http::Headers;

use super::visitor::is_loopback_origin;

/// What the real gateway lets a page read. Source: a response printed in the documentation of SailPoint's Python SDK.
const EXPOSED: &str = "Retry-After,Connection,SLPT-Request-ID,Date,X-Zuul-ServiceId";

const METHODS: &str = "GET,POST,PUT,PATCH,DELETE";

/// Whether a browser asks for leave to send a request.
pub(crate) fn is_preflight(method: &str, headers: &Headers) -> bool {
    method == "OPTIONS" && headers.get("origin").is_some() && headers.get("access-control-request-method").is_some()
}

/// Adds the fields of an answer to a page. Pages of other origins than loopback get none.
pub(crate) fn allow(request: &Headers, expose_total: bool, response: &mut Headers) {
    let Some(origin) = request.get("origin") else { return };
    response.set("vary", "Origin,Access-Control-Request-Headers");
    if !is_loopback_origin(origin) {
        return;
    }
    response.set("access-control-allow-origin", origin);
    let total = if expose_total { ",X-Total-Count" } else { "" };
    response.set("access-control-expose-headers", &format!("{EXPOSED}{total}"));
    if request.get("access-control-request-method").is_some() {
        response.set("access-control-allow-methods", METHODS);
        response.set("access-control-max-age", "600");
        if let Some(asked) = request.get("access-control-request-headers") {
            response.set("access-control-allow-headers", asked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_page_is_told_nothing() {
        let request: Headers = [("origin", "https://evil.example")].into_iter().collect();
        let mut response = Headers::default();
        allow(&request, true, &mut response);
        assert_eq!(response.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["vary"]);
    }

    #[test]
    fn the_total_is_exposed_or_not() {
        let request: Headers = [("origin", "http://localhost:3000")].into_iter().collect();
        let exposed = |expose_total| {
            let mut response = Headers::default();
            allow(&request, expose_total, &mut response);
            response.get("access-control-expose-headers").unwrap().contains("X-Total-Count")
        };
        assert!(exposed(true) && !exposed(false));
    }
}

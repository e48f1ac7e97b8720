//! Turns faults as data into what happens to the requests that they match.

use serde_json::{Value, json};

use crate::Invalid;

use super::fields::{Fields, MAX_SAFE};

/// Which requests are hit, how many of them, and how. Faults are asked in the order in which they were added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    matcher: Matcher,
    times: u64,
    then: Then,
}

#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    Token,
    Requests { method: Option<String>, path: Option<String> },
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Then {
    /// This answer, and the tenant does not act.
    Answer { status: u16, headers: Vec<(String, String)>, body: Option<String> },
    /// The connection dies; the tenant has acted, or not.
    Drop { acted: bool },
    /// The body ends after so many bytes.
    Truncate { bytes: usize },
    /// The body pauses.
    Stall { ms: u32 },
}

/// The longest pause that a timer of JavaScript can keep.
const MAX_STALL_MS: u64 = (1 << 31) - 1;

/// Header fields that frame the body: only the transport can set them.
const FRAMING: [&str; 3] = ["content-length", "trailer", "transfer-encoding"];

impl Fault {
    /// Reads a fault.
    ///
    /// # Errors
    ///
    /// Where a field is unknown, of a wrong type or out of range, or where `then` does not say exactly one thing.
    pub(crate) fn read(value: &Value) -> Result<Self, Invalid> {
        let fields = Fields::of("fault", value, &["on", "times", "then"])?;
        let then = fields.get("then").ok_or_else(|| fields.missing("then", "an object"))?;
        let times = fields.whole("times", 1, MAX_SAFE)?.unwrap_or(1);
        Ok(Self { matcher: matcher(fields.get("on"))?, times, then: consequence(then)? })
    }

    /// Whether it hits this request. A preflight is hit only where its method is named: nobody who asks for faults in
    /// the API means the browser's own requests.
    fn hits(&self, method: &str, path: &str, token: bool) -> bool {
        match &self.matcher {
            Matcher::Token => token && method != "OPTIONS",
            Matcher::Requests { method: wanted, path: part } => {
                let method_fits = match wanted {
                    Some(wanted) => wanted.eq_ignore_ascii_case(method),
                    None => method != "OPTIONS",
                };
                method_fits && part.as_ref().is_none_or(|part| path.contains(part.as_str()))
            }
        }
    }
}

/// Whether one of them hits this request.
pub(crate) fn any_hits(faults: &[Fault], method: &str, path: &str, token: bool) -> bool {
    faults.iter().any(|fault| fault.hits(method, path, token))
}

/// The first fault that hits this request, counted; a fault that has hit often enough is gone.
pub(crate) fn take(faults: &mut Vec<Fault>, method: &str, path: &str, token: bool) -> Option<Then> {
    let place = faults.iter().position(|fault| fault.hits(method, path, token))?;
    let fault = faults.get_mut(place)?;
    fault.times -= 1;
    let then = fault.then.clone();
    if fault.times == 0 {
        faults.remove(place);
    }
    Some(then)
}

fn matcher(on: Option<&Value>) -> Result<Matcher, Invalid> {
    match on {
        None => Ok(Matcher::Requests { method: None, path: None }),
        Some(Value::String(text)) if text == "token" => Ok(Matcher::Token),
        Some(Value::String(_)) => Err(Invalid::new("on", "on must be \"token\" or an object, got another string")),
        Some(value) => {
            let fields = Fields::within("on", value, &["method", "path"])?;
            let (method, path) = (fields.text("method")?, fields.text("path")?);
            Ok(Matcher::Requests { method: method.map(str::to_owned), path: path.map(str::to_owned) })
        }
    }
}

fn consequence(value: &Value) -> Result<Then, Invalid> {
    let known = ["status", "headers", "body", "drop", "truncate", "stallMs"];
    let fields = Fields::within("then", value, &known)?;
    let ways = ["status", "drop", "truncate", "stallMs"];
    let said: Vec<&str> = ways.into_iter().filter(|way| fields.get(way).is_some()).collect();
    let alone = fields.len() == 1;
    match said.as_slice() {
        ["status"] => answer(&fields),
        ["drop"] if alone => dropped(&fields),
        ["truncate"] if alone => {
            let bytes = fields.whole("truncate", 0, MAX_SAFE)?.unwrap_or(0);
            Ok(Then::Truncate { bytes: usize::try_from(bytes).unwrap_or(usize::MAX) })
        }
        ["stallMs"] if alone => {
            let ms = fields.whole("stallMs", 0, MAX_STALL_MS)?.unwrap_or(0);
            Ok(Then::Stall { ms: u32::try_from(ms).unwrap_or(u32::MAX) })
        }
        _ => Err(Invalid::new("then", "then must say one of status (with headers and body), drop, truncate, stallMs")),
    }
}

fn dropped(fields: &Fields<'_>) -> Result<Then, Invalid> {
    let acted = fields.choice("drop", &[(json!("before"), false), (json!("after"), true)])?;
    Ok(Then::Drop { acted: acted.unwrap_or(false) })
}

fn answer(fields: &Fields<'_>) -> Result<Then, Invalid> {
    let status = fields.whole("status", 200, 599)?.and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    let body = fields.text("body")?.map(str::to_owned);
    if matches!(status, 204 | 205 | 304) && body.as_ref().is_some_and(|body| !body.is_empty()) {
        return Err(Invalid::new("then.body", format!("then.body must be absent with status {status}")));
    }
    let headers = match fields.get("headers") {
        None => Vec::new(),
        Some(Value::Object(headers)) => headers.iter().map(header).collect::<Result<_, _>>()?,
        Some(other) => return Err(fields.refuse("headers", "an object", other)),
    };
    Ok(Then::Answer { status, headers, body })
}

fn header((name, value): (&String, &Value)) -> Result<(String, String), Invalid> {
    let field = format!("then.headers.{name}");
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Invalid::new("then.headers", "then.headers holds a name that is no HTTP field name"));
    }
    if FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
        return Err(Invalid::new(field.clone(), format!("{field} is set by the transport")));
    }
    let printable = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    match value.as_str().filter(|text| text.bytes().all(printable)) {
        Some(text) => Ok((name.clone(), text.to_owned())),
        None => Err(Invalid::new(field.clone(), format!("{field} must be a string of printable ASCII"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(value: Value) -> Fault {
        Fault::read(&value).unwrap()
    }

    #[track_caller]
    fn refused(value: Value, field: &str) {
        assert_eq!(Fault::read(&value).unwrap_err().field, field, "{value}");
    }

    #[test]
    fn the_first_that_hits_is_taken_as_often_as_it_says() {
        let mut faults = vec![
            read(json!({ "on": { "method": "post" }, "then": { "drop": "after" }, "times": 2 })),
            read(json!({ "then": { "truncate": 3 } })),
        ];
        let mut next = |method| take(&mut faults, method, "/v3/x", false);
        assert_eq!(next("POST"), Some(Then::Drop { acted: true }));
        assert_eq!(next("GET"), Some(Then::Truncate { bytes: 3 }));
        assert_eq!(next("GET"), None);
        assert_eq!(next("POST"), Some(Then::Drop { acted: true }));
        assert_eq!(next("POST"), None);
    }

    #[test]
    fn method_and_part_of_the_path_must_both_fit() {
        let fault = read(json!({ "on": { "method": "GET", "path": "/types" }, "then": { "drop": "before" } }));
        assert!(fault.hits("GET", "/v3/service-desk-integrations/types", false));
        assert!(!fault.hits("PUT", "/v3/service-desk-integrations/types", false));
        assert!(!fault.hits("GET", "/v3/service-desk-integrations", false));
    }

    #[test]
    fn token_means_the_token_endpoint_and_all_means_all_but_preflights() {
        let then = json!({ "stallMs": 1 });
        let token = read(json!({ "on": "token", "then": then }));
        assert!(token.hits("POST", "/oauth/token", true) && !token.hits("GET", "/v3", false));
        let all = read(json!({ "then": then }));
        assert!(all.hits("POST", "/oauth/token", true) && all.hits("GET", "/v3", false));
        assert!(!all.hits("OPTIONS", "/v3", false));
        assert!(read(json!({ "on": { "method": "OPTIONS" }, "then": then })).hits("OPTIONS", "/v3", false));
    }

    #[test]
    fn a_fault_that_says_nothing_or_too_much_is_refused() {
        refused(json!(1), "fault");
        refused(json!({}), "then");
        refused(json!({ "then": {} }), "then");
        refused(json!({ "then": { "drop": "after", "status": 500 } }), "then");
        refused(json!({ "then": { "drop": "after", "body": "x" } }), "then");
        refused(json!({ "then": { "drop": "later" } }), "then.drop");
        refused(json!({ "then": { "truncate": -1 } }), "then.truncate");
        refused(json!({ "then": { "stallMs": 2_147_483_648_u64 } }), "then.stallMs");
        refused(json!({ "then": { "status": 199 } }), "then.status");
        refused(json!({ "then": { "status": 600 } }), "then.status");
        refused(json!({ "then": { "status": 204, "body": "x" } }), "then.body");
        refused(json!({ "then": { "status": 500, "body": {} } }), "then.body");
        refused(json!({ "then": { "status": 500, "headers": { "a b": "c" } } }), "then.headers");
        refused(json!({ "then": { "status": 500, "headers": { "a": "\n" } } }), "then.headers.a");
        refused(
            json!({ "then": { "status": 500, "headers": { "Content-Length": "1" } } }),
            "then.headers.Content-Length",
        );
        refused(json!({ "then": { "drop": "after" }, "times": 0 }), "times");
        refused(json!({ "then": { "drop": "after" }, "on": "tokens" }), "on");
        refused(json!({ "then": { "drop": "after" }, "on": { "url": "x" } }), "on.url");
    }
}

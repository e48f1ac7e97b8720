//! What a client is made from, checked once.

use super::header;
use super::option_value::{Fields, OptionValue, wrong};
use crate::Invalid;
use crate::client::call::retry::{Retry, RetryPolicy};
use crate::client::request::endpoint::{ApiVersion, BaseUrl, Endpoint};
use crate::client::session::limiter::RateLimit;
use crate::client::session::token::{ClientCredentials, MAX_TOKEN_BYTES, is_token};
use crate::client::session::update::HiddenSecrets;
use crate::clock::{Duration, TimeLimit};
use crate::http::message::Headers;
use crate::wire::Secret;
use crate::wire::secrets::Secrets;

/// The whole call, with all its waits. Chosen by us: an administrator at a prompt waits about so long.
pub const DEFAULT_TIMEOUT_MS: f64 = 60_000.0;
/// One attempt, until its body is read. Chosen by us.
pub const DEFAULT_ATTEMPT_TIMEOUT_MS: f64 = 20_000.0;

const OPTIONS: [&str; 13] = [
    "tenant",
    "domain",
    "baseUrl",
    "apiVersion",
    "auth",
    "fetch",
    "timeoutMs",
    "attemptTimeoutMs",
    "retry",
    "rateLimit",
    "headers",
    "onEvent",
    "secretNames",
];
const AUTH: [&str; 6] = ["token", "shared", "clientId", "clientSecret", "tokenUrl", "dangerouslyAllowBrowser"];
const CALL_OPTIONS: [&str; 6] = ["signal", "timeoutMs", "attemptTimeoutMs", "retry", "headers", "onResponse"];
/// Those of an update.
const UPDATE_OPTIONS: [&str; 7] =
    ["signal", "timeoutMs", "attemptTimeoutMs", "retry", "headers", "onResponse", "hiddenSecrets"];
const SECRET_NAMES: [&str; 2] = ["hide", "show"];
const RETRY: [&str; 4] = ["attempts", "baseDelayMs", "maxDelayMs", "maxRetryAfterMs"];
const RATE_LIMIT: [&str; 3] = ["requests", "perMs", "concurrency"];

/// More attempts than anybody waits for.
const MAX_ATTEMPTS: f64 = 100.0;
/// More requests than any gateway allows in a window; the moment of each is kept.
const MAX_REQUESTS: f64 = 10_000.0;

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API lives.
    pub endpoint: Endpoint,
    /// How calls are authorized.
    pub auth: Auth,
    /// What every call starts from.
    pub defaults: CallSettings,
    /// How many requests may be made; `None` where nobody counts.
    pub rate: Option<RateLimit>,
}

/// How calls are authorized.
#[derive(Debug, Clone)]
pub enum Auth {
    /// By one token, for as long as it lasts.
    Token(Secret),
    /// By tokens that the caller's function gives.
    Function {
        /// Whether they are the client's, and not those of the caller at hand.
        is_shared: bool,
    },
    /// By tokens that client credentials buy.
    Client(ClientCredentials),
}

/// What one call is given besides its arguments.
#[derive(Debug, Clone)]
pub struct CallSettings {
    /// The whole call.
    pub timeout: TimeLimit,
    /// One attempt.
    pub attempt_timeout: TimeLimit,
    /// What follows a failed attempt.
    pub retry: Retry,
    /// Sent besides the client's own.
    pub headers: Headers,
    /// Whether the caller is told of the last response, with all its header fields.
    pub reports: bool,
    /// What is secret.
    pub secrets: Secrets,
    /// Of an update.
    pub hidden_secrets: HiddenSecrets,
    /// Whether the base URL may be one to which the API version was added.
    pub doubts_base: bool,
}

impl Settings {
    /// Reads the options of a client. `in_page` says that a document surrounds it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the option: an unknown name, a wrong type, a value out of range, both or neither of
    /// `tenant` and `baseUrl`, an URL that may not be given a credential, credentials in a page.
    pub fn read(options: &OptionValue, in_page: bool) -> Result<Self, Invalid> {
        let fields = match options {
            OptionValue::Nothing => {
                return Err(Invalid::new("options", "a client needs options: tenant or baseUrl, and auth"));
            }
            options => Fields::of("options", options, &OPTIONS)?,
        };
        let endpoint = Endpoint { base: base_url(&fields)?, version: api_version(&fields)? };
        let auth = auth(fields.get("auth"), &endpoint, in_page)?;
        fields.function("fetch")?;
        fields.function("onEvent")?;
        let (mut defaults, rate) = (CallSettings::default().overridden(&fields)?, rate_limit(fields.get("rateLimit"))?);
        defaults.secrets = secret_names(fields.get("secretNames"))?;
        defaults.doubts_base = endpoint.base.ends_with_version();
        Ok(Self { endpoint, auth, defaults, rate })
    }
}

impl Default for CallSettings {
    fn default() -> Self {
        Self {
            timeout: TimeLimit::Ms(DEFAULT_TIMEOUT_MS),
            attempt_timeout: TimeLimit::Ms(DEFAULT_ATTEMPT_TIMEOUT_MS),
            retry: Retry::default(),
            headers: Headers::default(),
            reports: false,
            secrets: Secrets::default(),
            hidden_secrets: HiddenSecrets::default(),
            doubts_base: false,
        }
    }
}

impl CallSettings {
    /// Reads the options of one call, over the client's.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the option.
    pub fn read(&self, options: &OptionValue, is_update: bool) -> Result<Self, Invalid> {
        if let OptionValue::Nothing = options {
            return Ok(self.clone());
        }
        let known = if is_update { UPDATE_OPTIONS.as_slice() } else { &CALL_OPTIONS };
        let fields = Fields::of("options", options, known)?;
        fields.function("onResponse")?;
        match fields.get("signal") {
            OptionValue::Nothing => {}
            OptionValue::Other(kind) if kind == "an AbortSignal" => {}
            other => return Err(wrong("signal", "an AbortSignal", other)),
        }
        let mut settings = self.overridden(&fields)?;
        settings.reports = matches!(fields.get("onResponse"), OptionValue::Function);
        settings.hidden_secrets = match fields.get("hiddenSecrets") {
            OptionValue::Nothing => HiddenSecrets::default(),
            OptionValue::Text(name) if let Some(one) = HiddenSecrets::named(name) => one,
            other => return Err(wrong("hiddenSecrets", "\"refuse\", \"send-back\" or \"none\"", other)),
        };
        Ok(settings)
    }

    fn overridden(&self, fields: &Fields<'_>) -> Result<Self, Invalid> {
        let mut headers = self.headers.clone();
        header::read_into(&mut headers, fields.get("headers"))?;
        Ok(Self {
            timeout: fields.time_limit("timeoutMs")?.unwrap_or(self.timeout),
            attempt_timeout: fields.time_limit("attemptTimeoutMs")?.unwrap_or(self.attempt_timeout),
            retry: retry(fields.get("retry"), self.retry)?,
            headers,
            reports: self.reports,
            secrets: self.secrets.clone(),
            hidden_secrets: self.hidden_secrets,
            doubts_base: self.doubts_base,
        })
    }
}

/// Reads the option `secretNames`: names that are always secret, and names that never are.
///
/// # Errors
///
/// [`Invalid`] that names the option.
pub fn secret_names(given: &OptionValue) -> Result<Secrets, Invalid> {
    let fields = Fields::of("secretNames", given, &SECRET_NAMES)?;
    let mut named = Vec::new();
    for (option, is_secret) in SECRET_NAMES.into_iter().zip([true, false]) {
        let list = fields.get(option);
        let refused = || wrong(option, "an array of strings", list);
        match list {
            OptionValue::Nothing => {}
            OptionValue::List(names) => {
                for name in names {
                    let OptionValue::Text(name) = name else { return Err(refused()) };
                    named.push((name.clone(), is_secret));
                }
            }
            _ => return Err(refused()),
        }
    }
    Ok(Secrets::with(named))
}

/// `"off"`, or members that go before those of `known`.
fn retry(given: &OptionValue, known: Retry) -> Result<Retry, Invalid> {
    if is_off("retry", given)? {
        return Ok(Retry::Off);
    }
    if matches!(given, OptionValue::Nothing) {
        return Ok(known);
    }
    let fields = Fields::of("retry", given, &RETRY)?;
    let policy = if let Retry::On(policy) = known { policy } else { RetryPolicy::default() };
    let delay = |name, known| fields.delay(name).map(|given| given.unwrap_or(known));
    Ok(Retry::On(RetryPolicy {
        attempts: fields.count("attempts", MAX_ATTEMPTS)?.unwrap_or(policy.attempts),
        base_delay: delay("baseDelayMs", policy.base_delay)?,
        max_delay: delay("maxDelayMs", policy.max_delay)?,
        max_retry_after: delay("maxRetryAfterMs", policy.max_retry_after)?,
    }))
}

/// `"off"`, or both members of a limit.
fn rate_limit(given: &OptionValue) -> Result<Option<RateLimit>, Invalid> {
    if is_off("rateLimit", given)? {
        return Ok(None);
    }
    if matches!(given, OptionValue::Nothing) {
        return Ok(Some(RateLimit::default()));
    }
    let fields = Fields::of("rateLimit", given, &RATE_LIMIT)?;
    let missing = |name: &'static str| move || Invalid::new(name, ["rateLimit.", name, " must be given"].concat());
    let per = fields.delay("perMs")?.ok_or_else(missing("perMs"))?;
    if per <= Duration(0.0) {
        return Err(wrong("perMs", "a number of milliseconds above 0", fields.get("perMs")));
    }
    let requests = fields.count("requests", MAX_REQUESTS)?.ok_or_else(missing("requests"))?;
    Ok(Some(RateLimit { requests, per, concurrency: fields.count("concurrency", MAX_REQUESTS)? }))
}

fn is_off(name: &'static str, given: &OptionValue) -> Result<bool, Invalid> {
    match given {
        OptionValue::Text(text) if text == "off" => Ok(true),
        OptionValue::Nothing | OptionValue::Object(_) => Ok(false),
        other => Err(wrong(name, "an object or \"off\"", other)),
    }
}

fn base_url(fields: &Fields<'_>) -> Result<BaseUrl, Invalid> {
    match (fields.text("tenant")?, fields.text("baseUrl")?, fields.text("domain")?) {
        (Some(tenant), None, domain) => BaseUrl::of_tenant(tenant, domain),
        (None, Some(_), Some(_)) => Err(Invalid::new("domain", "domain goes with tenant, not with baseUrl")),
        (None, Some(url), None) => BaseUrl::parse("baseUrl", url),
        (Some(_), Some(_), _) => {
            Err(Invalid::new("baseUrl", "baseUrl and tenant exclude each other: give one of them"))
        }
        (None, None, _) => Err(Invalid::new("tenant", "tenant or baseUrl must be given")),
    }
}

fn api_version(fields: &Fields<'_>) -> Result<ApiVersion, Invalid> {
    let Some(name) = fields.text("apiVersion")? else { return Ok(ApiVersion::V1) };
    ApiVersion::parse(name).ok_or_else(|| {
        let known = ApiVersion::ALL.map(ApiVersion::as_str).join(", ");
        Invalid::new("apiVersion", ["apiVersion must be one of ", &known].concat())
    })
}

fn auth(given: &OptionValue, endpoint: &Endpoint, in_page: bool) -> Result<Auth, Invalid> {
    if matches!(given, OptionValue::Nothing) {
        return Err(Invalid::new("auth", "auth must be given: { token } or { clientId, clientSecret }"));
    }
    let fields = Fields::of("auth", given, &AUTH)?;
    if fields.has("token") {
        if let Some(other) = AUTH.into_iter().skip(2).find(|name| fields.has(name)) {
            return Err(Invalid::new(other, [other, " and token exclude each other: give one kind of auth"].concat()));
        }
        let is_shared = fields.flag("shared")?;
        return match fields.get("token") {
            OptionValue::Function => Ok(Auth::Function { is_shared }),
            _ if fields.has("shared") => Err(Invalid::new("shared", "shared goes with a token function")),
            _ => Ok(Auth::Token(token(&fields)?)),
        };
    }
    if fields.has("shared") {
        return Err(Invalid::new("shared", "shared goes with a token function"));
    }
    let allowed = fields.flag("dangerouslyAllowBrowser")?;
    let token_url = fields.text("tokenUrl")?.map(|url| BaseUrl::parse("tokenUrl", url)).transpose()?;
    let credentials = ClientCredentials {
        client_id: credential(&fields, "clientId")?,
        client_secret: credential(&fields, "clientSecret")?,
        token_url: token_url.unwrap_or_else(|| endpoint.default_token_url()),
    };
    if in_page && !allowed {
        return Err(Invalid::new(
            "clientSecret",
            "clientSecret must not be in a page, where every visitor can read it: give a token function, or say \
             dangerouslyAllowBrowser: true",
        ));
    }
    Ok(Auth::Client(credentials))
}

/// The token alone; the message never shows it.
fn token(fields: &Fields<'_>) -> Result<Secret, Invalid> {
    let token = credential(fields, "token")?;
    if is_token(token.reveal()) {
        return Ok(token);
    }
    Err(Invalid::new("token", "token must be the token alone: visible ASCII characters, no white space, no `Bearer `"))
}

/// A text for a form. A line break at its end is what a file or a shell leaves there.
fn credential(fields: &Fields<'_>, name: &'static str) -> Result<Secret, Invalid> {
    match fields.text(name)? {
        None => Err(Invalid::new(name, [name, " must be given"].concat())),
        Some("") => Err(Invalid::new(name, [name, " must not be empty"].concat())),
        Some(text) if text.chars().any(char::is_control) => {
            Err(Invalid::new(name, [name, " must not hold a control character, such as a line break"].concat()))
        }
        Some(text) if text.len() > MAX_TOKEN_BYTES => {
            Err(Invalid::new(name, [name, " must be at most 64 KiB"].concat()))
        }
        Some(text) => Ok(Secret::new(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;

    fn object(members: &[(&str, OptionValue)]) -> OptionValue {
        OptionValue::Object(members.iter().map(|(name, given)| ((*name).to_owned(), given.clone())).collect())
    }

    fn text(text: &str) -> OptionValue {
        OptionValue::Text(text.to_owned())
    }

    fn token() -> (&'static str, OptionValue) {
        ("auth", object(&[("token", text("t"))]))
    }

    #[track_caller]
    fn refused(options: &[(&str, OptionValue)]) -> (String, String) {
        let Refused { field, message, .. } =
            Settings::read(&object(options), false).map(|_| ()).unwrap_err().into_inner();
        (field.into_owned(), message)
    }

    #[test]
    fn a_tenant_and_a_token_are_enough() {
        let settings = Settings::read(&object(&[("tenant", text("acme")), token()]), true).expect("valid options");
        assert_eq!(settings.endpoint.base.as_str(), "https://acme.api.identitynow.com");
        assert_eq!(settings.endpoint.version, ApiVersion::V1);
        assert_eq!(settings.defaults.timeout, TimeLimit::Ms(60_000.0));
    }

    #[test]
    fn exactly_one_of_tenant_and_base_url_is_taken() {
        let url = ("baseUrl", text("https://a.example"));
        assert_eq!(refused(&[token()]).0, "tenant");
        assert_eq!(refused(&[("tenant", text("acme")), url.clone(), token()]).0, "baseUrl");
        assert_eq!(refused(&[url, ("domain", text("a.example")), token()]).0, "domain");
        assert_eq!(refused(&[("baseUrl", text("http://acme.example")), token()]).0, "baseUrl");
    }

    #[test]
    fn auth_is_one_kind_whole() {
        let auth = |members: &[(&str, OptionValue)]| refused(&[("tenant", text("acme")), ("auth", object(members))]).0;
        assert_eq!(refused(&[("tenant", text("acme"))]).0, "auth");
        assert_eq!(auth(&[]), "clientId");
        assert_eq!(auth(&[("clientId", text("i"))]), "clientSecret");
        assert_eq!(auth(&[("clientId", text("i")), ("clientSecret", text(""))]), "clientSecret");
        assert_eq!(auth(&[("token", text("t")), ("clientId", text("i"))]), "clientId");
        assert_eq!(auth(&[("token", OptionValue::Number(1.0))]), "token");
        assert_eq!(auth(&[("tokn", text("t"))]), "tokn");
        assert_eq!(
            auth(&[("clientId", text("i")), ("clientSecret", text("s")), ("tokenUrl", text("http://evil.example"))]),
            "tokenUrl"
        );
    }

    #[test]
    fn a_text_that_is_no_token_is_refused_and_not_shown() {
        for bad in ["SECRET\n", "SECRET\r\nx: y", "SECRET\0", "SECRETé", "Bearer SECRET", "SECRET\t", " SECRET"] {
            let (field, message) = refused(&[("tenant", text("acme")), ("auth", object(&[("token", text(bad))]))]);
            assert_eq!(field, "token");
            assert!(!message.contains("SECRET"), "{message}");
        }
    }

    #[test]
    fn a_page_may_hold_client_credentials_only_if_said_twice() {
        let read = |allowed: Option<bool>, in_page| {
            let mut auth = vec![("clientId", text("i")), ("clientSecret", text("s"))];
            auth.extend(allowed.map(|allowed| ("dangerouslyAllowBrowser", OptionValue::Flag(allowed))));
            Settings::read(&object(&[("tenant", text("acme")), ("auth", object(&auth))]), in_page)
                .map(|_| ())
                .map_err(|invalid| invalid.into_inner().field)
        };
        assert_eq!(read(None, false), Ok(()));
        assert_eq!(read(None, true), Err("clientSecret".into()));
        assert_eq!(read(Some(false), true), Err("clientSecret".into()));
        assert_eq!(read(Some(true), true), Ok(()));
    }

    #[test]
    fn the_options_of_a_call_override_the_clients() {
        let client = CallSettings::default();
        let call = client
            .read(
                &object(&[("timeoutMs", text("none")), ("headers", object(&[("Accept-Language", text("de"))]))]),
                false,
            )
            .expect("valid options");
        assert_eq!(call.timeout, TimeLimit::None);
        assert_eq!(call.attempt_timeout, client.attempt_timeout);
        assert_eq!(call.headers.get("accept-language"), Some("de"));
        assert!(!call.reports && !client.read(&OptionValue::Nothing, false).is_ok_and(|call| call.reports));
        assert!(client.read(&object(&[("onResponse", OptionValue::Function)]), false).is_ok_and(|call| call.reports));
        let field =
            |name, given| client.read(&object(&[(name, given)]), false).map(|_| ()).unwrap_err().into_inner().field;
        assert_eq!(field("signal", OptionValue::Object(Vec::new())), "signal");
        assert_eq!(field("onResponse", text("f")), "onResponse");
        assert_eq!(field("timeout", OptionValue::Number(1.0)), "timeout");
    }

    #[test]
    fn a_retry_of_a_call_goes_before_the_clients_member_by_member() {
        let client = CallSettings::default();
        let retry = |given: OptionValue| client.read(&object(&[("retry", given)]), false).map(|call| call.retry);
        let five = object(&[("attempts", OptionValue::Number(5.0)), ("baseDelayMs", OptionValue::Number(0.0))]);
        let expected = RetryPolicy { attempts: 5, base_delay: Duration(0.0), ..RetryPolicy::default() };
        assert_eq!(retry(five.clone()).ok(), Some(Retry::On(expected)));
        assert_eq!(retry(text("off")).ok(), Some(Retry::Off));
        let off = CallSettings { retry: Retry::Off, ..client.clone() };
        assert_eq!(off.read(&object(&[("retry", five)]), false).map(|call| call.retry).ok(), Some(Retry::On(expected)));
        assert_eq!(off.read(&OptionValue::Nothing, false).map(|call| call.retry).ok(), Some(Retry::Off));
    }

    #[test]
    fn what_is_no_retry_and_no_rate_limit_is_named() {
        let option =
            |name: &'static str, given: OptionValue| refused(&[("tenant", text("acme")), token(), (name, given)]).0;
        for (name, bad) in [
            ("attempts", OptionValue::Number(0.0)),
            ("attempts", OptionValue::Number(-1.0)),
            ("attempts", OptionValue::Number(1.5)),
            ("attempts", OptionValue::Number(101.0)),
            ("attempts", OptionValue::Number(f64::NAN)),
            ("attempts", OptionValue::Null),
            ("attempts", text("4")),
            ("baseDelayMs", OptionValue::Number(-1.0)),
            ("maxDelayMs", OptionValue::Number(f64::INFINITY)),
            ("maxRetryAfterMs", OptionValue::Null),
            ("attemps", OptionValue::Number(1.0)),
        ] {
            assert_eq!(option("retry", object(&[(name, bad)])), name);
        }
        for bad in [OptionValue::Null, OptionValue::Flag(false), OptionValue::Number(3.0), text("none")] {
            assert_eq!(option("retry", bad.clone()), "retry");
            assert_eq!(option("rateLimit", bad), "rateLimit");
        }
        let per = ("perMs", OptionValue::Number(1.0));
        assert_eq!(option("rateLimit", object(&[])), "perMs");
        assert_eq!(option("rateLimit", object(std::slice::from_ref(&per))), "requests");
        assert_eq!(option("rateLimit", object(&[("perMs", OptionValue::Number(0.0))])), "perMs");
        let requests = ("requests", OptionValue::Number(5.0));
        assert_eq!(
            option("rateLimit", object(&[per.clone(), ("requests", OptionValue::Number(10_001.0))])),
            "requests"
        );
        assert_eq!(
            option("rateLimit", object(&[per, requests, ("concurrency", OptionValue::Number(0.0))])),
            "concurrency"
        );
        assert_eq!(option("onEvent", text("f")), "onEvent");
    }

    #[test]
    fn the_gateways_limit_is_kept_unless_said_otherwise() {
        let rate = |given: OptionValue| {
            let options = object(&[("tenant", text("acme")), token(), ("rateLimit", given)]);
            Settings::read(&options, false).map(|settings| settings.rate)
        };
        assert_eq!(rate(OptionValue::Nothing), Ok(Some(RateLimit::default())));
        assert_eq!(rate(text("off")), Ok(None));
        let given = object(&[("requests", OptionValue::Number(5.0)), ("perMs", OptionValue::Number(0.5))]);
        assert_eq!(rate(given), Ok(Some(RateLimit { requests: 5, per: Duration(0.5), concurrency: None })));
    }

    #[test]
    fn debug_shows_no_credential() {
        let auth = object(&[("clientId", text("THE-ID")), ("clientSecret", text("THE-SECRET"))]);
        let settings =
            Settings::read(&object(&[("tenant", text("acme")), ("auth", auth)]), false).expect("valid options");
        let shown = format!("{settings:?}");
        assert!(shown.contains("acme") && !shown.contains("THE-ID") && !shown.contains("THE-SECRET"), "{shown}");
    }
}

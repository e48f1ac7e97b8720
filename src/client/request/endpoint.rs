//! Where the API lives: from a tenant or a base URL to the URL of one operation.

use super::operation::Operation;
use crate::Invalid;
use crate::http::host::{Host, is_label, is_name};
use crate::text::decimal::{decimal, number};
use crate::text::{cut, parts, split_before_any, split_once};

/// The hosts of ISC's production tenants end in it.
const DEFAULT_DOMAIN: &str = "identitynow.com";

/// Where else SailPoint has tenants. Below each domain `acme.` is the UI of a tenant, and `acme.api.` its API.
const OTHER_DOMAINS: [&str; 4] =
    ["identitynow-demo.com", "saas.sailpoint.com", "saas.sailpointfedramp.com", "cloud.sailpoint.com"];

/// The layout of the paths. All versions speak of the same integrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    /// `/service-desk-integrations/v1`: the current one.
    V1,
    /// `/v3/service-desk-integrations`: supported until the second quarter of 2028.
    V3,
    /// `/v2024/service-desk-integrations`
    V2024,
    /// `/v2025/service-desk-integrations`
    V2025,
    /// `/v2026/service-desk-integrations`
    V2026,
    /// `/beta/service-desk-integrations`
    Beta,
}

impl ApiVersion {
    /// Every version, the default first.
    pub const ALL: [Self; 6] = [Self::V1, Self::V3, Self::V2024, Self::V2025, Self::V2026, Self::Beta];

    /// Its name in options and paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V3 => "v3",
            Self::V2024 => "v2024",
            Self::V2025 => "v2025",
            Self::V2026 => "v2026",
            Self::Beta => "beta",
        }
    }

    /// The version of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == name)
    }

    /// The path of the collection of integrations, in parts.
    const fn collection(self) -> [&'static str; 3] {
        let name = "/service-desk-integrations";
        if let Self::V1 = self { [name, "/", "v1"] } else { ["/", self.as_str(), name] }
    }
}

/// What is given in its place is mostly a URL or a host.
const TENANT: &str = "tenant must be a name such as acme: baseUrl takes a URL, domain another domain";

/// A base URL that may be given a credential: https, or http to this machine; no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// `acme` with the default domain is `https://acme.api.identitynow.com`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `tenant` or `domain` where either is no host name.
    pub fn of_tenant(tenant: &str, domain: Option<&str>) -> Result<Self, Invalid> {
        if !is_label(tenant) {
            return Err(Invalid::new("tenant", TENANT));
        }
        let domain = domain.unwrap_or(DEFAULT_DOMAIN);
        if !domain.as_bytes().contains(&b'.') || domain.ends_with(".") || !is_name(domain) {
            return Err(Invalid::new("domain", "domain must be a host name such as identitynow-demo.com"));
        }
        Ok(Self(["https://", tenant, ".api.", domain].concat().to_ascii_lowercase()))
    }

    /// Checks an URL that a caller gave in the option `field`. A path is kept as a prefix.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is no absolute http or https URL, is plain http to another machine, or holds credentials, a
    /// query, a fragment, a dot segment, a character that runtimes would read in different ways, or a host that they would
    /// write in another way; and where `baseUrl` is on a host of SailPoint's and not the root of a tenant's API.
    pub fn parse(field: &'static str, url: &str) -> Result<Self, Invalid> {
        let refuse = |expected: &str| Err(Invalid::new(field, [field, " must ", expected].concat()));
        let Some((scheme, rest)) = split_once(url, "://") else {
            return refuse("be an absolute URL such as https://acme.api.identitynow.com");
        };
        let (host, path) = split_before_any(rest, b"/").unwrap_or((rest, ""));
        if rest.bytes().any(|byte| matches!(byte, b'?' | b'#')) {
            return refuse("have no query and no fragment");
        }
        if host.as_bytes().contains(&b'@') {
            return refuse("have no credentials in it");
        }
        let Some(host) = Host::parse(host) else {
            return refuse("name a host in ASCII, such as a.example:8443, 127.0.0.1 or [::1]");
        };
        if !is_plain_path(path) {
            return refuse("have a plain path, without dot segments");
        }
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" if host.is_loopback() => 80,
            "http" => {
                return refuse("be https: plain http would show the token to the network (it is taken for localhost)");
            }
            _ => return refuse("be an https URL"),
        };
        let name = host.name.to_ascii_lowercase();
        let port = host.port.filter(|port| *port != default_port);
        let port = port.map(|port| [":", &decimal(port.into())].concat()).unwrap_or_default();
        let slashes = path.bytes().rev().take_while(|byte| *byte == b'/').count();
        let path = path.get(..path.len() - slashes).unwrap_or_default();
        let url = [scheme.as_str(), "://", &name, &port, path].concat();
        match sailpoint_api(&name).filter(|api| field == "baseUrl" && *api != url) {
            Some(api) => refuse(&["be ", &api, ", the root of the API: apiVersion says the version"].concat()),
            None => Ok(Self(url)),
        }
    }

    /// The URL itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it ends with what looks like an API version.
    pub fn ends_with_version(&self) -> bool {
        let last = parts(&self.0, b'/').last().unwrap_or_default();
        let is_number = |digits: &str| number(digits.as_bytes(), 10).is_some();
        last == "beta" || last.strip_prefix("v").is_some_and(is_number)
    }

    /// The URL without its path.
    pub fn origin(&self) -> &str {
        let path = split_once(&self.0, "://").and_then(|(_, rest)| split_before_any(rest, b"/"));
        path.and_then(|(_, path)| self.0.get(..self.0.len() - path.len())).unwrap_or(&self.0)
    }
}

/// A base URL and the layout of the paths below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The tenant's API.
    pub base: BaseUrl,
    /// The layout of the paths.
    pub version: ApiVersion,
}

impl Endpoint {
    /// The URL of an operation; `segment` (percent-encoded) fills its path parameter, `query` comes without its `?`.
    pub fn url(&self, operation: Operation, segment: &str, query: &str) -> String {
        let [first, second, third] = self.version.collection();
        let path = operation.route().path;
        let segment = if path.ends_with("/") { segment } else { "" };
        let mark = if query.is_empty() { "" } else { "?" };
        [self.base.as_str(), first, second, third, path, segment, mark, query].concat()
    }

    /// The tenant's own token endpoint: at the root of the API's host, below the same prefix.
    pub fn default_token_url(&self) -> BaseUrl {
        BaseUrl([self.base.as_str(), "/oauth/token"].concat())
    }
}

/// The API of the tenant whose UI, login or API is on this host, where it is one of SailPoint's.
fn sailpoint_api(host: &str) -> Option<String> {
    let (tenant, rest) = cut(host, b'.')?;
    let below = rest.strip_prefix("api.").unwrap_or(rest);
    let domain = match below {
        DEFAULT_DOMAIN | "login.sailpoint.com" | "sailpoint.com" => DEFAULT_DOMAIN,
        other => OTHER_DOMAINS.into_iter().find(|domain| *domain == other)?,
    };
    // The documentation, and hosts for all tenants.
    let tenant = if below == "sailpoint.com" || tenant == "api" { "TENANT" } else { tenant };
    Some(["https://", tenant, ".api.", domain].concat())
}

fn is_plain_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@%".contains(&byte);
    path.bytes().all(is_plain)
        && !parts(path, b'/').any(|part| matches!(crate::text::percent::decode(part).as_str(), "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Result<String, String> {
        BaseUrl::parse("baseUrl", url).map(|base| base.0).map_err(|invalid| invalid.into_inner().message)
    }

    #[test]
    fn the_origin_is_without_the_path() {
        let origin = |url: &str| BaseUrl::parse("baseUrl", url).map(|base| base.origin().to_owned());
        assert_eq!(origin("https://A.example:8443/proxy/isc").as_deref(), Ok("https://a.example:8443"));
        assert_eq!(origin("http://[::1]:3000/").as_deref(), Ok("http://[::1]:3000"));
    }

    #[test]
    fn a_tenant_names_a_host_of_its_domain() {
        let of = |tenant, domain| {
            BaseUrl::of_tenant(tenant, domain).map(|base| base.0).map_err(|invalid| invalid.into_inner().field)
        };
        assert_eq!(of("acme", None), Ok("https://acme.api.identitynow.com".into()));
        assert_eq!(of("Acme-sb", Some("identitynow-demo.com")), Ok("https://acme-sb.api.identitynow-demo.com".into()));
        let too_long = "a".repeat(64);
        for tenant in ["", "a.b", "-a", "a-", "a/b", "a@b", "é", &too_long] {
            assert_eq!(of(tenant, None), Err("tenant".into()), "{tenant}");
        }
        for domain in ["", "com", "a..b", "a.com/", "a.com:1", ".com", "a.com.", "a.1", "a.0x10"] {
            assert_eq!(of("acme", Some(domain)), Err("domain".into()), "{domain}");
        }
    }

    #[test]
    fn a_base_url_keeps_its_path_and_loses_its_last_slash() {
        assert_eq!(base("https://Acme.api.identitynow.com/"), Ok("https://acme.api.identitynow.com".into()));
        assert_eq!(base("HTTPS://proxy.example:8443/isc/acme/"), Ok("https://proxy.example:8443/isc/acme".into()));
        assert_eq!(base("https://192.0.2.1:01/"), Ok("https://192.0.2.1:1".into()));
    }

    #[test]
    fn the_port_of_the_scheme_is_left_out() {
        assert_eq!(base("https://acme.example:443/p"), Ok("https://acme.example/p".into()));
        assert_eq!(base("http://[::1]:0080"), Ok("http://[::1]".into()));
        assert_eq!(base("https://acme.example:80"), Ok("https://acme.example:80".into()));
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for url in ["http://localhost:8080", "http://127.0.0.1:1", "http://127.255.0.9", "http://[::1]:3000"] {
            assert!(base(url).is_ok(), "{url}");
        }
        for url in [
            "http://acme.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://0.0.0.0",
            "http://128.0.0.1",
        ] {
            assert!(base(url).is_err_and(|message| message.contains("https")), "{url}");
        }
        for url in ["http://127.1", "http://0127.0.0.1", "http://[::2]", "http://[::ffff:127.0.0.1]"] {
            assert!(base(url).is_err_and(|message| message.contains("name a host")), "{url}");
        }
    }

    #[test]
    fn what_runtimes_would_read_differently_is_refused() {
        for url in [
            "",
            "acme",
            "//acme.example",
            "ftp://acme.example",
            "https://",
            "https:///x",
            "https://a b",
            "https://é.example",
            "https://user@acme.example",
            "https://user:pw@acme.example",
            "https://acme.example?x",
            "https://acme.example/#x",
            "https://acme.example/../x",
            "https://acme.example/%2e%2e/x",
            "https://acme.example/a b",
            "https://acme.example/a;b",
            "https://acme.example\\@evil.example",
            "https://acme.example:0",
            "https://acme.example:99999",
            "https://acme.example:",
            "https://acme.example/\n",
            " https://acme.example",
            "https://[x]",
            "https://[::1",
            "https:acme.example",
            "javascript://x",
            "https://a..b",
        ] {
            assert!(base(url).is_err(), "{url}");
        }
    }

    #[test]
    fn every_version_has_the_paths_of_its_document() {
        let url = |version, operation| {
            let base = BaseUrl::parse("baseUrl", "https://h.example/p").expect("a plain URL");
            Endpoint { base, version }.url(operation, "ID", "")
        };
        assert_eq!(url(ApiVersion::V1, Operation::List), "https://h.example/p/service-desk-integrations/v1");
        assert_eq!(url(ApiVersion::V1, Operation::Replace), "https://h.example/p/service-desk-integrations/v1/ID");
        assert_eq!(
            url(ApiVersion::V1, Operation::GetTemplate),
            "https://h.example/p/service-desk-integrations/v1/templates/ID"
        );
        for version in ApiVersion::ALL.into_iter().skip(1) {
            let collection = format!("https://h.example/p/{}/service-desk-integrations", version.as_str());
            assert_eq!(url(version, Operation::Create), collection);
            assert_eq!(url(version, Operation::ListTypes), format!("{collection}/types"));
            assert_eq!(url(version, Operation::UpdateStatusCheck), format!("{collection}/status-check-configuration"));
            assert_eq!(ApiVersion::parse(version.as_str()), Some(version));
        }
    }

    #[test]
    fn the_token_endpoint_is_the_tenants() {
        let base = BaseUrl::of_tenant("acme", None).expect("a name");
        let endpoint = Endpoint { base, version: ApiVersion::V1 };
        assert_eq!(endpoint.default_token_url().as_str(), "https://acme.api.identitynow.com/oauth/token");
    }

    #[test]
    fn on_hosts_of_sailpoint_the_root_of_the_api_is_named_for_what_is_not_it() {
        for (url, meant) in [
            ("https://acme.api.identitynow.com/v3", "acme.api.identitynow.com"),
            ("https://acme.api.identitynow.com/v2025/", "acme.api.identitynow.com"),
            ("https://acme.api.cloud.sailpoint.com/beta", "acme.api.cloud.sailpoint.com"),
            ("https://Acme.identitynow.com", "acme.api.identitynow.com"),
            ("https://acme.identitynow-demo.com/ui/d/mysailpoint", "acme.api.identitynow-demo.com"),
            ("https://acme.saas.sailpointfedramp.com", "acme.api.saas.sailpointfedramp.com"),
            ("https://acme.saas.sailpoint.com", "acme.api.saas.sailpoint.com"),
            ("https://acme.login.sailpoint.com/login", "acme.api.identitynow.com"),
            ("https://developer.sailpoint.com/docs/api/v3", "TENANT.api.identitynow.com"),
            ("https://api.identitynow.com", "TENANT.api.identitynow.com"),
        ] {
            let message = base(url).expect_err(url);
            assert!(message.starts_with(&format!("baseUrl must be https://{meant}, ")), "{message}");
        }
        for url in [
            "https://acme.api.identitynow.com",
            "https://acme.api.saas.sailpoint.com/",
            "https://acme.api.identitynow.com.example/v3",
            "https://proxy.example/v3",
            "https://identitynow.com.example",
            "https://myidentitynow.com/v3",
        ] {
            assert!(base(url).is_ok(), "{url}");
        }
        assert!(BaseUrl::parse("tokenUrl", "https://acme.api.identitynow.com/oauth/token").is_ok());
    }

    #[test]
    fn a_version_at_the_end_of_a_base_url_is_seen() {
        for (path, ends_with_version) in [
            ("", false),
            ("/isc", false),
            ("/v1/isc", false),
            ("/vault", false),
            ("/v", false),
            ("/v3", true),
            ("/isc/v2025/", true),
            ("/beta", true),
        ] {
            let base = BaseUrl::parse("baseUrl", &["https://v1.example", path].concat()).expect("a plain URL");
            assert_eq!(base.ends_with_version(), ends_with_version, "{path}");
        }
    }

    #[test]
    fn a_tenant_that_is_a_url_or_a_host_is_sent_to_the_option_that_takes_it() {
        for tenant in ["https://acme.api.identitynow.com", "acme.identitynow.com", "acme/"] {
            let message = BaseUrl::of_tenant(tenant, None).expect_err("no name").into_inner().message;
            assert!(message.contains("baseUrl") && message.contains("domain"), "{message}");
        }
    }
}

//! Decides who may ask a tenant that listens on a port, by the three things that a page of a foreign site cannot choose: the
//! Host, the target's authority, and the Origin.
//!
//! Every page that a browser opens can send requests to a port of this machine. A page whose name was bound to this machine
//! after it was loaded (DNS rebinding) even reads the answers, but its requests have that name as their Host.

use crate::Invalid;
use crate::http::Headers;
use crate::http::host::Host;

use super::problem::Problem;

/// Addresses to listen on that stand for every address of the machine.
const WILDCARDS: [&str; 2] = ["0.0.0.0", "::"];

const ELSEWHERE: &str = "This sandbox answers requests to localhost, names below it, 127.0.0.0/8, [::1], the host that it \
    listens on and the names in its option allowedHosts (--allow-host); the Host of this request is none of them. Where it \
    listens on every address (0.0.0.0 or ::), list each name and address by which it is asked.";

const FOREIGN_PAGE: &str = "This sandbox answers requests from localhost, names below it, 127.0.0.0/8, [::1], the host that it \
    listens on and the names in its option allowedHosts (--allow-host); this request comes from a page of another origin.";

/// The names by which a tenant that listens on a port may be asked, beside those of this machine.
#[derive(Debug, Clone, Default)]
pub struct Visitors {
    names: Vec<String>,
}

impl Visitors {
    /// For a tenant that listens on `host`; `allowed` is a JSON array of further names.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `allowedHosts` where it is no array of host names or addresses without a port.
    pub fn read(host: &str, allowed: &str) -> Result<Self, Invalid> {
        let refuse = || {
            let message = "allowedHosts must be an array of host names or addresses, without scheme and port";
            Invalid::new("allowedHosts", message)
        };
        let allowed: Vec<String> = serde_json::from_str(allowed).map_err(|_| refuse())?;
        let own = Some(host).filter(|host| !WILDCARDS.contains(host)).and_then(name_of);
        let allowed = allowed.iter().map(|name| name_of(name).ok_or_else(refuse));
        Ok(Self { names: own.map(Ok).into_iter().chain(allowed).collect::<Result<_, _>>()? })
    }

    /// Why a request of this head is not answered.
    pub(crate) fn refusal(&self, target: &str, headers: &Headers) -> Option<Problem> {
        let is_ours = |authority: &str| self.knows(authority);
        if !headers.get("host").is_some_and(is_ours) || !authority_of(target).is_none_or(is_ours) {
            return Some(Problem::Misdirected(ELSEWHERE));
        }
        let is_foreign = match headers.get("origin") {
            Some(origin) => !authority_of_origin(origin).is_some_and(is_ours),
            // A browser names no Origin where it gets an image or follows a link.
            None => headers.get("sec-fetch-site") == Some("cross-site"),
        };
        is_foreign.then(|| Problem::Forbidden(FOREIGN_PAGE.to_owned()))
    }

    fn knows(&self, authority: &str) -> bool {
        host_of(authority).is_some_and(|host| is_loopback(&host) || self.names.contains(&host))
    }
}

/// Whether a host, as it is given to listen on, is this machine alone.
pub fn is_this_machine(host: &str) -> bool {
    name_of(host).is_some_and(|name| is_loopback(&name))
}

/// Whether an Origin is a page of this machine: `http` or `https`, any port.
pub(crate) fn is_loopback_origin(origin: &str) -> bool {
    authority_of_origin(origin).and_then(host_of).is_some_and(|host| is_loopback(&host))
}

/// `localhost`, a name below it, 127.0.0.0/8 or `[::1]`, and no other spelling of them.
fn is_loopback(host: &str) -> bool {
    let is_own = Host::parse(host).is_some_and(|host| host.port.is_none() && host.is_loopback());
    is_own || host.strip_suffix(".localhost").is_some_and(is_name)
}

/// What stands between the scheme and the path of an absolute target; nothing in a path.
fn authority_of(target: &str) -> Option<&str> {
    let (_, rest) = Some(target).filter(|target| !target.starts_with('/'))?.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

fn authority_of_origin(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

/// The host of an authority in lower case, without its port; nothing where either is malformed.
fn host_of(authority: &str) -> Option<String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_bracketed = host.starts_with('[') || !host.contains(':');
    name_of(host).filter(|_| is_bracketed && port.is_none_or(is_port))
}

/// A host as it stands in an authority: in lower case, an address of IPv6 in brackets.
fn name_of(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let address = host.strip_prefix('[').map_or(Some(host.as_str()), |rest| rest.strip_suffix(']'))?;
    let is_ipv6 = address.parse::<std::net::Ipv6Addr>().is_ok();
    if is_ipv6 { Some(format!("[{address}]")) } else { Some(host).filter(|host| is_name(host)) }
}

/// Labels with dots between them.
fn is_name(name: &str) -> bool {
    let is_clean = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_clean))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitors(host: &str, allowed: &str) -> Visitors {
        Visitors::read(host, allowed).unwrap()
    }

    /// The status that a request of this head is refused with, 0 where it is not.
    fn refused(visitors: &Visitors, target: &str, fields: &[(&str, &str)]) -> u16 {
        let headers: Headers = fields.iter().copied().collect();
        visitors.refusal(target, &headers).map_or(0, |problem| problem.status())
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let own = ["localhost", "app.localhost", "a-1.b.localhost", "127.0.0.1", "127.255.0.9", "[::1]"];
        assert!(own.iter().all(|host| is_loopback(host)));
        let foreign = [
            "",
            ".localhost",
            "a..localhost",
            "localhost.",
            "localhost.example",
            "127.0.0.1.example",
            "127.0.0",
            "127.1",
            "127.0.0.01",
            "127.0.0.+1",
            "0127.0.0.1",
            "127.0.0.256",
            "10.0.0.1",
            "0.0.0.0",
            "::1",
            "[::1",
            "[::]",
            "[::2]",
            "[0:0:0:0:0:0:0:1]",
            "localhost@evil.example",
            "evil.example@.localhost",
        ];
        assert!(foreign.iter().all(|host| !is_loopback(host)));
    }

    #[test]
    fn an_origin_is_a_scheme_and_an_authority_alone() {
        let own = ["http://localhost", "https://localhost:8443", "http://[::1]:80", "http://app.localhost:1"];
        assert!(own.iter().all(|origin| is_loopback_origin(origin)));
        let odd = [
            "null",
            "",
            "file://",
            "ftp://localhost",
            "http://localhost:99999",
            "http://localhost:+1",
            "http://localhost:",
            "http://localhost/",
            "http://[::1",
            "http://::1",
            "http://localhost, http://localhost",
            "http://10.0.0.1",
        ];
        assert!(odd.iter().all(|origin| !is_loopback_origin(origin)));
    }

    #[test]
    fn a_host_is_this_machine_or_was_listed() {
        let own = visitors("127.0.0.1", "[]");
        for host in ["localhost", "LOCALHOST:8080", "x.localhost", "127.0.0.1:1", "127.9.9.9", "[::1]:65535"] {
            assert_eq!(refused(&own, "/", &[("host", host)]), 0, "{host}");
        }
        let foreign =
            ["evil.example", "evil.example:80", "", "localhost:x", "localhost.evil.example", "192.168.1.5", "::1"];
        for host in foreign {
            assert_eq!(refused(&own, "/", &[("host", host)]), 421, "{host}");
        }
        assert_eq!(refused(&own, "/", &[]), 421);
        let listed = visitors("Own.Example", r#"["sandbox", "192.168.1.5", "fe80::1", "[FE80::2]"]"#);
        for host in ["own.example:80", "SANDBOX", "192.168.1.5:8080", "[fe80::1]", "[fe80::2]:1", "localhost"] {
            assert_eq!(refused(&listed, "/", &[("host", host)]), 0, "{host}");
        }
        assert_eq!(refused(&listed, "/", &[("host", "other.example")]), 421);
    }

    #[test]
    fn an_address_that_stands_for_all_is_no_name() {
        for host in WILDCARDS {
            let all = visitors(host, "[]");
            for asked in ["0.0.0.0:80", "[::]:80", "192.168.1.5"] {
                assert_eq!(refused(&all, "/", &[("host", asked)]), 421, "{asked}");
            }
            assert_eq!(refused(&all, "/", &[("host", "localhost")]), 0);
        }
        assert_eq!(refused(&visitors("0.0.0.0", r#"["0.0.0.0"]"#), "/", &[("host", "0.0.0.0")]), 0);
    }

    #[test]
    fn an_absolute_target_must_be_ours_too() {
        let own = visitors("127.0.0.1", "[]");
        let refused = |target: &str| refused(&own, target, &[("host", "localhost")]);
        for target in ["http://localhost/x", "HTTP://127.0.0.1:80", "https://[::1]?a", "/http://evil.example/", "*", ""]
        {
            assert_eq!(refused(target), 0, "{target}");
        }
        for target in
            ["http://evil.example/x", "http://localhost@evil.example/", "x://evil.example", "http://", "http:///x"]
        {
            assert_eq!(refused(target), 421, "{target}");
        }
    }

    #[test]
    fn a_page_is_of_this_machine_or_of_a_listed_host() {
        let own = visitors("127.0.0.1", r#"["app.example"]"#);
        let refused = |name: &str, value: &str| refused(&own, "/", &[("host", "localhost"), (name, value)]);
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1", "https://app.example:8443"] {
            assert_eq!(refused("origin", origin), 0, "{origin}");
        }
        for origin in ["https://evil.example", "null", "", "file://", "http://localhost.evil.example"] {
            assert_eq!(refused("origin", origin), 403, "{origin}");
        }
        assert_eq!(refused("sec-fetch-site", "cross-site"), 403);
        for site in ["none", "same-origin", "same-site"] {
            assert_eq!(refused("sec-fetch-site", site), 0, "{site}");
        }
    }

    #[test]
    fn what_is_no_host_cannot_be_listed() {
        let wrong = [
            "1",
            "{}",
            "[1]",
            r#"[""]"#,
            r#"["a:80"]"#,
            r#"["http://a"]"#,
            r#"["a/b"]"#,
            r#"["*"]"#,
            r#"["a."]"#,
            r#"["[a]"]"#,
        ];
        for allowed in wrong {
            assert_eq!(Visitors::read("localhost", allowed).unwrap_err().field, "allowedHosts", "{allowed}");
        }
    }

    #[test]
    fn a_host_to_listen_on_is_this_machine_alone_or_not() {
        assert!(["localhost", "127.0.0.1", "127.0.0.78", "::1", "[::1]"].iter().all(|host| is_this_machine(host)));
        assert!(
            ["0.0.0.0", "::", "192.168.1.5", "example.com", "fe80::1%eth0"].iter().all(|host| !is_this_machine(host))
        );
    }
}

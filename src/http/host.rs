//! Reads hosts in the one spelling that every runtime leaves as it is.
//!
//! The URL standard rewrites many spellings: `0127.0.0.1` becomes 87.0.0.1, `127.1` becomes 127.0.0.1. A check of the text
//! would then be a check of another host than the one that is asked. So each of those spellings is refused.

use crate::text::decimal::number;
use crate::text::{exactly, parts};

/// The name or address of a machine, and its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host<'h> {
    /// As it is written, in any case of its letters.
    pub name: &'h str,
    /// Above 0, where there is one.
    pub port: Option<u32>,
}

impl<'h> Host<'h> {
    /// Reads a name in ASCII, an IPv4 address of four decimal numbers, or `[::1]`, with or without a port.
    pub fn parse(authority: &'h str) -> Option<Self> {
        // The last colon: an address of IPv6 holds others, and ends with a bracket.
        let port =
            parts(authority, b':').last().filter(|port| port.len() < authority.len() && !authority.ends_with("]"));
        let name = authority.get(..authority.len() - port.map_or(0, |port| port.len() + 1))?;
        let port = match port {
            Some(port) => Some(number(port.as_bytes(), 10).filter(|port| (1..65_536).contains(port))?),
            None => None,
        };
        (name == "[::1]" || is_ipv4(name) || is_name(name)).then_some(Self { name, port })
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let Self { name, .. } = self;
        name.eq_ignore_ascii_case("localhost") || *name == "[::1]" || is_ipv4(name) && name.starts_with("127.")
    }
}

/// Whether it is a host name in ASCII that no runtime takes for an address. A dot may end it.
pub fn is_name(name: &str) -> bool {
    let name = name.strip_suffix(".").unwrap_or(name);
    parts(name, b'.').all(is_label) && !parts(name, b'.').last().is_some_and(is_number)
}

/// Whether it is one part of a host name.
pub fn is_label(label: &str) -> bool {
    let label = label.as_bytes();
    let ends_well = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    label.len() <= 63
        && ends_well(label.first())
        && ends_well(label.last())
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// A number in decimal, octal or hexadecimal digits. The URL standard takes every host that ends with one for an address.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    let is_hex = hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_hex || label.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ipv4(address: &str) -> bool {
    let is_octet = |octet: &str| {
        let is_short = octet == "0" || !octet.starts_with("0");
        is_short && number(octet.as_bytes(), 10).is_some_and(|octet| octet < 256)
    };
    exactly::<4>(address, b'.').is_some_and(|octets| octets.into_iter().all(is_octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_each_host_is_read() {
        let host = |authority| Host::parse(authority).map(|Host { name, port }| (name, port));
        assert_eq!(host("Acme.example"), Some(("Acme.example", None)));
        assert_eq!(host("acme.example.:65535"), Some(("acme.example.", Some(65535))));
        assert_eq!(host("192.0.2.0:080"), Some(("192.0.2.0", Some(80))));
        assert_eq!(host("[::1]:3000"), Some(("[::1]", Some(3000))));
        assert_eq!(host("0x7f.a"), Some(("0x7f.a", None)));
    }

    #[test]
    fn each_spelling_that_a_runtime_rewrites_is_refused() {
        let numbers =
            ["0127.0.0.1", "00127.0.0.1", "127.000.000.001", "127.1", "2130706433", "1.2.3", "1.2.3.4.5", "1.2.3.4."];
        let digits =
            ["0x7f.1", "0X7F.0.0.1", "a.0x10", "a.0x", "a.1", "a.09", "a.1.", "256.0.0.1", "1.2.3.+4", "٣.0.0.1"];
        let ipv6 = ["[::2]", "[0::1]", "[::0001]", "[::ffff:127.0.0.1]", "[2001:db8::1]", "::1", "[::1", "[]", "[x]"];
        let ports = ["a:", "a:0", "a:+80", "a:65536", "a:99999999999", "a:b", "a:1:2", ":80", ""];
        for authority in [&numbers[..], &digits, &ipv6, &ports, &["é", "a..b", ".", "a_b", "-a", "a-", "a b"]].concat()
        {
            assert_eq!(Host::parse(authority), None, "{authority}");
        }
    }

    #[test]
    fn this_machine_has_three_names() {
        for (authority, is_loopback) in [
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("127.0.0.1", true),
            ("127.255.0.9:80", true),
            ("[::1]:80", true),
            ("localhost.", false),
            ("a.localhost", false),
            ("127.0.0.1.example", false),
            ("128.0.0.1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(Host::parse(authority).unwrap().is_loopback(), is_loopback, "{authority}");
        }
    }
}

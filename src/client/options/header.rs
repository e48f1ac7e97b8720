//! Checks the headers that a caller adds to a call.

use super::option_value::OptionValue;
use crate::Invalid;
use crate::http::message::Headers;

/// What the client decides itself; a caller's value would break a call or send a credential elsewhere.
const OWN: [&str; 6] = ["accept", "authorization", "content-length", "content-type", "cookie", "host"];

/// What two ends of a connection agree on (RFC 9110, section 7.6.1), or what only an answer has. Fetches throw where one is
/// set, or break the connection: a create would then be of unknown outcome.
const OF_CONNECTION: [&str; 10] = [
    "connection",
    "content-encoding",
    "expect",
    "keep-alive",
    "proxy-",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Servers take no more, and a call keeps them in memory.
const MAX_BYTES: usize = 16_384;

/// Reads the option `headers` over those that are there.
///
/// # Errors
///
/// [`Invalid`] with field `headers` where it is no object of strings, a name is no header's name, or one that the client or
/// the connection sets, a value holds anything but a tab and printable ASCII, or all together have more than 16 384 bytes. A
/// value is never shown: it may be a credential.
pub fn read_into(headers: &mut Headers, given: &OptionValue) -> Result<(), Invalid> {
    let members: &[_] = match given {
        OptionValue::Nothing => &[],
        OptionValue::Object(members) => members,
        other => return refuse(["must be an object of strings, got ", other.kind()].concat()),
    };
    for (name, value) in members {
        if !is_name(name) {
            return refuse("has a name that is no header's name".to_owned());
        }
        let lower = name.to_ascii_lowercase();
        if OWN.contains(&lower.as_str()) {
            return refuse(["must not set `", name, "`, which the client sets itself"].concat());
        }
        if OF_CONNECTION.iter().any(|known| lower == *known || known.ends_with("-") && lower.starts_with(known)) {
            return refuse(["must not set `", name, "`, which the connection sets"].concat());
        }
        match value {
            OptionValue::Text(value) | OptionValue::Url(value) if is_value(value) => headers.set(name, value),
            OptionValue::Text(_) | OptionValue::Url(_) => {
                return refuse(["has a value for `", name, "` that no header can carry"].concat());
            }
            other => return refuse(["must hold strings, got ", other.kind(), " for `", name, "`"].concat()),
        }
        if headers.lines().len() > MAX_BYTES {
            return refuse("must be at most 16 KiB".to_owned());
        }
    }
    Ok(())
}

/// A tab and printable ASCII: what every runtime sends unchanged.
pub fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || matches!(byte, 0x20..=0x7E))
}

/// A token of RFC 9110, section 5.6.2.
fn is_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

fn refuse(reason: String) -> Result<(), Invalid> {
    Err(Invalid::new("headers", ["headers ", &reason].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: OptionValue) -> Result<Headers, String> {
        let mut headers = Headers::default();
        read_into(&mut headers, &OptionValue::Object(vec![(name.to_owned(), value)]))
            .map(|()| headers)
            .map_err(|invalid| invalid.into_inner().message)
    }

    #[test]
    fn a_value_may_hold_tabs_and_printable_ascii_only() {
        let fits = |value: &str| read("x-a", OptionValue::Text(value.to_owned())).is_ok();
        assert!(fits("") && fits("\t ~") && fits("a b"));
        assert!(!fits("\u{1f}") && !fits("\u{7f}") && !fits("é") && !fits("a\r\nb") && !fits("\0"));
    }

    #[test]
    fn sixteen_kibibytes_are_taken_and_one_byte_more_is_not() {
        let value = |length: usize| OptionValue::Text("v".repeat(length));
        // With two line feeds.
        assert!(read("x-a", value(MAX_BYTES - 5)).is_ok());
        assert_eq!(read("x-a", value(MAX_BYTES - 4)).unwrap_err(), "headers must be at most 16 KiB");
    }

    #[test]
    fn a_bad_value_is_not_shown() {
        let message = read("x-a", OptionValue::Text("SECRET\n".into())).unwrap_err();
        assert_eq!(message, "headers has a value for `x-a` that no header can carry");
    }

    #[test]
    fn what_the_client_or_the_connection_sets_is_refused_in_any_case() {
        for name in ["Authorization", "HOST", "content-type", "Cookie", "content-length", "accept"] {
            assert!(
                read(name, OptionValue::Text("x".into())).unwrap_err().contains("which the client sets itself"),
                "{name}"
            );
        }
        for name in ["Connection", "keep-alive", "TE", "Transfer-Encoding", "Expect", "Proxy-Authorization", "proxy-"] {
            assert!(
                read(name, OptionValue::Text("x".into())).unwrap_err().contains("which the connection sets"),
                "{name}"
            );
        }
        for name in ["proxy", "te-x", "x-connection", "upgrade-insecure-requests", "traceparent"] {
            assert!(read(name, OptionValue::Text("x".into())).is_ok(), "{name}");
        }
        for name in ["", "a b", "a:b", "é", "a\n"] {
            assert!(read(name, OptionValue::Text("x".into())).unwrap_err().contains("no header's name"), "{name}");
        }
        assert_eq!(
            read("x-a", OptionValue::Number(1.0)).unwrap_err(),
            "headers must hold strings, got a number for `x-a`"
        );
    }
}

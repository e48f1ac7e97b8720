//! Turns an id or a script name into one path segment.

use crate::Invalid;
use crate::text::percent;

/// The neighbours of `/{id}`: an id of that name would reach another resource.
const SIBLINGS: [&str; 3] = ["types", "templates", "status-check-configuration"];

/// Percent-encoding may be nested; deeper than this it is refused unread.
const MAX_DECODING_ROUNDS: usize = 4;

/// The longest id or name, in bytes. An id has 32.
const MAX_BYTES: usize = 1_024;

/// The segment for an integration's id.
///
/// # Errors
///
/// [`Invalid`] with field `id` where the id is no single segment, see [`script_name`], or names a neighbour of the
/// collection (`types`, `templates`, `status-check-configuration`).
pub fn integration_id(id: &str) -> Result<String, Invalid> {
    let plain = single("id", id)?;
    if SIBLINGS.iter().any(|sibling| plain.eq_ignore_ascii_case(sibling)) {
        return Err(Invalid::new(
            "id",
            ["id must be an integration's id, got `", &plain, "`, which is another resource"].concat(),
        ));
    }
    Ok(percent::encode(id))
}

/// The segment for the name of a template.
///
/// # Errors
///
/// [`Invalid`] with field `scriptName` where the name is empty, longer than 1 024 bytes, `.` or `..`, or holds a slash, a
/// backslash, a `;` (a path parameter to Java servers) or a control character, in any percent-encoding.
pub fn script_name(name: &str) -> Result<String, Invalid> {
    single("scriptName", name).map(|_| percent::encode(name))
}

/// The text with its percent-encoding taken off, where it is harmless.
fn single(field: &'static str, text: &str) -> Result<String, Invalid> {
    let refuse = |reason: &str| Err(Invalid::new(field, [field, " must be one path segment, ", reason].concat()));
    if text.is_empty() {
        return refuse("got an empty string");
    }
    if text.len() > MAX_BYTES {
        return refuse("got more than 1 024 bytes");
    }
    let Some(plain) = decode_fully(text) else {
        return refuse("got percent-encoding inside percent-encoding");
    };
    if matches!(plain.as_str(), "." | "..") {
        return refuse("got a `.` or `..`");
    }
    // Servers decode before they split a path: `types%2F` would be the types.
    if plain.bytes().any(|byte| matches!(byte, b'/' | b'\\' | b';')) {
        return refuse("got a `/`, `\\` or `;`");
    }
    if plain.chars().any(char::is_control) {
        return refuse("got a control character");
    }
    Ok(plain)
}

fn decode_fully(text: &str) -> Option<String> {
    let mut plain = text.to_owned();
    for _ in 0..MAX_DECODING_ROUNDS {
        if !plain.as_bytes().contains(&b'%') {
            return Some(plain);
        }
        let decoded = percent::decode(&plain);
        if decoded == plain {
            return Some(plain);
        }
        plain = decoded;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_id_is_sent_as_it_is() {
        assert_eq!(integration_id("62945a496ef440189b1f03e3623411c8"), Ok("62945a496ef440189b1f03e3623411c8".into()));
    }

    #[test]
    fn what_is_special_in_a_url_is_encoded() {
        assert_eq!(integration_id("ab?c#d %"), Ok("ab%3Fc%23d%20%25".into()));
        assert_eq!(script_name("Generic SDIM é"), Ok("Generic%20SDIM%20%C3%A9".into()));
        assert_eq!(integration_id("..."), Ok("...".into()));
        assert_eq!(integration_id("%zz%"), Ok("%25zz%25".into()));
    }

    #[test]
    fn what_reaches_elsewhere_is_refused_in_any_encoding() {
        let hostile = [
            "",
            ".",
            "..",
            "%2e",
            "%2E%2e",
            ".%2e",
            "%252e%252e",
            "../x",
            "x/..",
            "..\\x",
            "x%2f..%2fy",
            "x%5c..",
            "types/",
            "/types",
            "types%2F",
            "a%255cb",
            "\\",
            ";x",
            "..;",
            "a;b",
            "%3b",
            "a\0",
            "a\n",
            "%00",
            "%250a",
            "\u{7f}",
            "\u{85}",
            "%25252525252e",
        ];
        let long = "é".repeat(512);
        assert!(integration_id(&long).is_ok());
        let too_long = long + "x";
        for id in hostile.into_iter().chain([too_long.as_str()]) {
            let refused = integration_id(id).expect_err(id);
            assert_eq!(refused.field, "id", "{id}");
            assert_eq!(script_name(id).expect_err(id).field, "scriptName");
        }
    }

    #[test]
    fn the_neighbours_of_the_collection_are_no_ids() {
        for id in ["types", "templates", "status-check-configuration", "Types", "%74ypes"] {
            assert_eq!(integration_id(id).expect_err(id).field, "id");
            assert!(script_name(id).is_ok());
        }
        assert!(integration_id("typesx").is_ok());
    }
}

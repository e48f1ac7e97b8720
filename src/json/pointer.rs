//! Turns the text of a JSON Pointer (RFC 6901) into checked tokens and back.

use std::borrow::Cow;
use std::fmt;

use crate::text::parts;

/// A JSON Pointer: `""` is the whole document, `/attributes/url` a member of a member.
///
/// # Syntax
/// Nothing, or tokens with a `/` before each. In a token `~1` stands for `/` and `~0` for `~`; every other character,
/// none at all included, stands for itself.
///
/// ```
/// use isc_service_desk::json::pointer::Pointer;
///
/// let mut path = Pointer::parse("/attributes/statusMap")?;
/// path.push("in/out");
/// assert_eq!(path.to_string(), "/attributes/statusMap/in~1out");
/// assert_eq!(path.tokens().last().as_deref(), Some("in/out"));
/// # Ok::<(), isc_service_desk::json::pointer::NotAPointer>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pointer {
    text: String,
}

impl Pointer {
    /// The pointer to the whole document.
    pub const fn root() -> Self {
        Self { text: String::new() }
    }

    /// Reads a pointer.
    ///
    /// # Errors
    /// A first character other than `/`, and a `~` that neither `0` nor `1` follows.
    pub fn parse(text: &str) -> Result<Self, NotAPointer> {
        if !text.is_empty() && !text.starts_with("/") {
            return Err(NotAPointer::NoSlash);
        }
        if parts(text, b'~').skip(1).any(|after| !after.starts_with("0") && !after.starts_with("1")) {
            return Err(NotAPointer::BadEscape);
        }
        Ok(Self { text: text.to_owned() })
    }

    /// The names and indexes from the document down, without escapes.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        parts(&self.text, b'/').skip(1).map(unescape)
    }

    /// Goes one level down, to the member or index `token`.
    pub fn push(&mut self, token: &str) {
        self.text.push('/');
        for character in token.chars() {
            match character {
                '~' => self.text.push_str("~0"),
                '/' => self.text.push_str("~1"),
                other => self.text.push(other),
            }
        }
    }

    /// The pointer to the member or index `token` of what this one points to.
    pub fn child(&self, token: &str) -> Self {
        let mut child = self.clone();
        child.push(token);
        child
    }

    /// The pointer's text, with escapes.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A token as it stands in a pointer's text, without escapes.
pub fn unescape(token: &str) -> Cow<'_, str> {
    let mut parts = parts(token, b'~');
    let Some(first) = parts.next().filter(|first| first.len() < token.len()) else { return Cow::Borrowed(token) };
    let mut text = first.to_owned();
    for part in parts {
        let (character, rest) = match part.strip_prefix("1") {
            Some(rest) => ("/", rest),
            None => ("~", part.strip_prefix("0").unwrap_or(part)),
        };
        text.push_str(character);
        text.push_str(rest);
    }
    Cow::Owned(text)
}

/// Why a text is no JSON Pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAPointer {
    /// It is not empty and does not start with `/`.
    NoSlash,
    /// A `~` in it is followed by neither `0` nor `1`.
    BadEscape,
}

/// Continues a sentence that starts with the name of what was read.
impl NotAPointer {
    /// The rest of a sentence that starts with the name of what was read.
    pub const fn as_str(self) -> &'static str {
        match self {
            NotAPointer::NoSlash => "must be a JSON Pointer, which starts with /, as in /attributes/url",
            NotAPointer::BadEscape => "must be a JSON Pointer, in which ~ is written ~0 and / in a name ~1",
        }
    }
}

/// [`NotAPointer::as_str`]
impl fmt::Display for NotAPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for NotAPointer {}

#[cfg(test)]
mod tests {
    use super::{NotAPointer, Pointer};

    fn tokens(text: &str) -> Vec<String> {
        Pointer::parse(text).unwrap().tokens().map(|token| token.into_owned()).collect()
    }

    #[test]
    fn tokens_are_those_of_rfc_6901() {
        assert_eq!(tokens(""), Vec::<String>::new());
        assert_eq!(tokens("/"), [""]);
        assert_eq!(tokens("/a//b/"), ["a", "", "b", ""]);
        assert_eq!(tokens("/a~1b/m~0n/~01/~10"), ["a/b", "m~n", "~1", "/0"]);
        assert_eq!(tokens("/c%d/ /k\"l/é"), ["c%d", " ", "k\"l", "é"]);
    }

    #[test]
    fn pointer_starts_with_a_slash() {
        for text in ["a", "#/a", "a/b", " /a", "~0"] {
            assert_eq!(Pointer::parse(text), Err(NotAPointer::NoSlash), "{text}");
        }
    }

    #[test]
    fn tilde_is_followed_by_0_or_1() {
        for text in ["/~", "/a~", "/~2", "/~~0", "/~/0", "/a~0~é"] {
            assert_eq!(Pointer::parse(text), Err(NotAPointer::BadEscape), "{text}");
        }
    }

    #[test]
    fn pushed_tokens_come_back() {
        let names = ["", "/", "~", "~1", "a/b~c", "__proto__", "\u{0}", "0"];
        let mut path = Pointer::root();
        names.iter().for_each(|name| path.push(name));
        assert_eq!(tokens(path.as_str()), names);
        assert_eq!(Pointer::parse(&path.to_string()), Ok(path));
    }
}

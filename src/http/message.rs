//! Requests and responses as plain values.

use std::{fmt, iter};

use crate::text::cut;
use crate::wire::secret::Secret;

/// The HTTP methods of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or asks for a token.
    Post,
    /// Replaces as a whole.
    Put,
    /// Replaces parts.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Header fields in order. They are kept as they come from the platform, in one text: a line for a name, in lower case, and
/// one for its value. To take each apart is to allocate twice for what is mostly not looked at.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(String);

impl Headers {
    /// Takes in such a text, in which each line ends with a line feed.
    pub const fn of_lines(lines: String) -> Self {
        Self(lines)
    }

    /// That text.
    pub fn lines(&self) -> &str {
        &self.0
    }

    /// The value of a field, the last where it came more than once; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(known, _)| *known == name).last().map(|(_, value)| value)
    }

    /// Sets a field, in the place of an earlier one of that name. A line feed, which no field can carry, becomes a space.
    pub fn set(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if self.get(&name).is_some() {
            let mut others = Self::default();
            self.iter().filter(|(known, _)| *known != name).for_each(|(name, value)| others.add(name, &[value]));
            *self = others;
        }
        self.add(&name, &[value]);
    }

    /// Adds a field that is not there yet, with the parts of its value; the name in lower case.
    pub(crate) fn add(&mut self, name: &str, value: &[&str]) {
        self.0.reserve(name.len() + value.iter().map(|part| part.len()).sum::<usize>() + 2);
        for parts in [&[name], value] {
            for mut text in parts.iter().copied() {
                while let Some((part, rest)) = cut(text, b'\n') {
                    self.0.push_str(part);
                    self.0.push(' ');
                    text = rest;
                }
                self.0.push_str(text);
            }
            self.0.push('\n');
        }
    }

    /// All fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.0.as_str();
        iter::from_fn(move || {
            let (name, behind) = cut(rest, b'\n')?;
            let (value, behind) = cut(behind, b'\n')?;
            rest = behind;
            Some((name, value))
        })
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.set(name.as_ref(), value.as_ref());
        }
        headers
    }
}

/// Names only: a value may be a credential, or an echo of one.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where: an absolute URL.
    pub url: String,
    /// The `authorization` field among them.
    pub headers: Headers,
    /// JSON, or the form of a token request: either may hold secrets.
    pub body: Option<Secret>,
    /// A longer body of a good answer is not read to its end; for one that is not good, [`MAX_ERROR_BYTES`] holds.
    pub max_body_bytes: usize,
    /// Whether all header fields of a good answer are wanted, or those alone that the client itself looks at. Of any other
    /// answer all are.
    pub all_fields: bool,
}

/// No good answer of the API comes near: a page of 250 integrations has some hundred KiB.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// No error says more, and no token is longer.
pub const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// What came back, read to its end.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status; 0 where the runtime hides a redirect.
    pub status: u16,
    /// As many fields as the runtime lets its caller read, of those that the request wanted.
    pub headers: Headers,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Whether the body went on: it was longer than a client reads.
    pub cut: bool,
}

impl Response {
    /// What stands in the place of an answer that fetch got by following a redirect, or from another origin: a hidden redirect.
    pub fn followed(location: &str) -> Self {
        Self { headers: Headers::from_iter([("location", location)]), ..Self::default() }
    }
}

/// No header value and no body: an answer may hold secrets, or echo them.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers, body, cut } = self;
        let mut shown = f.debug_struct("Response");
        shown.field("status", status).field("headers", headers).field("body", &body.len()).field("cut", cut).finish()
    }
}

/// Why no answer came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TransportFailure {
    /// What the platform says.
    pub message: String,
    /// Its code for it, such as `ECONNREFUSED`.
    pub code: Option<String>,
    /// The place of what was thrown in the list that the caller keeps.
    pub thrown: Option<usize>,
    /// Whether the runtime could not even make the request.
    pub is_unsent: bool,
}

/// Its code alone: what a fetch of the caller's throws may echo a credential.
impl fmt::Debug for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportFailure").field("code", &self.code).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_set_once_by_any_case_of_its_name_and_moves_to_the_end() {
        let mut headers = Headers::from_iter([("X-A", "1"), ("x-b", ""), ("x-a", "3")]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-b", ""), ("x-a", "3")]);
        headers.set("X-B", "4");
        assert_eq!((headers.get("x-b"), headers.get("x"), headers.get("")), (Some("4"), None, None));
    }

    #[test]
    fn what_comes_as_lines_is_what_was_set() {
        let headers = Headers::of_lines("x-a\n1\nx-b\n\nx-a\n2\n".to_owned());
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-a", "1"), ("x-b", ""), ("x-a", "2")]);
        assert_eq!(headers.get("x-a"), Some("2"));
        assert_eq!(Headers::of_lines("x-a\n1\n".to_owned()), Headers::from_iter([("X-A", "1")]));
    }

    #[test]
    fn no_value_and_no_name_makes_a_field_of_its_own() {
        let headers = Headers::from_iter([("a\nb", "c\n\nd\n"), ("e", "\n")]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("a b", "c  d "), ("e", " ")]);
    }
}

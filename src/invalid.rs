//! The one error of everything that is checked before a request is sent.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// An input that was refused before anything was sent: `ValidationError` in JavaScript. It is one word, since most of what is
/// checked hands it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(Box<Refused>);

/// What was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where: an option's name, a JSON Pointer into the body, or `filters`.
    pub field: Cow<'static, str>,
    /// What was expected, and what came; never a secret.
    pub message: String,
    /// In a filter or sorter text: the offending part.
    pub position: Option<Position>,
}

/// A half-open range of UTF-16 code units, the unit of JavaScript's strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The first unit of the offending part.
    pub start: usize,
    /// The unit after its last.
    pub end: usize,
}

impl Invalid {
    /// An invalid `field`, described by `message`, which starts with the field's name where it has one.
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Refused { field: field.into(), message: message.into(), position: None }))
    }

    /// The same, pointing at a part of a text.
    pub fn at(mut self, start: usize, end: usize) -> Self {
        self.0.position = Some(Position { start, end });
        self
    }

    /// What was refused, and why.
    pub fn into_inner(self) -> Refused {
        *self.0
    }
}

impl Deref for Invalid {
    type Target = Refused;

    fn deref(&self) -> &Refused {
        &self.0
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

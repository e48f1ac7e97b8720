//! The one holder of credentials and of bodies that may contain them.

use std::fmt;

/// What stands in the place of a secret.
const HIDDEN: &str = "[redacted]";

/// A text that no representation shows; [`Secret::reveal`] is the only way to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for what is sent, and for nothing that a person reads.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without this secret, wherever somebody else echoed it.
    pub fn hide_in(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, HIDDEN) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

//! The one holder of credentials and of bodies that may contain them.

use std::fmt;

use super::json::quote;
use super::percent;
use super::secrets::REDACTED;
use super::text::{contains, replace};

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
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// A shorter text is no secret worth hiding: it would be found in every word. Tests have tokens such as `t`.
const MIN_BYTES: usize = 4;

/// Takes secrets out of what somebody else wrote: a server that echoes them, a fetch that throws them.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Each secret as it is, and as it is written in JSON, in URLs and in forms; longer ones first, since one may be in
    /// another.
    forms: Vec<String>,
}

impl Redactor {
    /// Hides this text from now on, however it is written. Space around it is no secret, and whoever echoes it may drop it.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < MIN_BYTES {
            return;
        }
        // Most tokens: they are written alike everywhere, and every call adds one.
        if secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
            return self.add_form(secret.to_owned());
        }
        let json = quote(secret);
        let json = json.strip_prefix("\"").and_then(|json| json.strip_suffix("\"")).unwrap_or_default();
        let written = [percent::encode, percent::encode_component, percent::encode_uri, percent::encode_form];
        for form in written.map(|write| write(secret)).into_iter().chain([secret.to_owned(), json.to_owned()]) {
            self.add_form(percent::with_lower_digits(&form));
            self.add_form(form);
        }
    }

    fn add_form(&mut self, form: String) {
        if !self.forms.contains(&form) {
            let place = self.forms.partition_point(|longer| longer.len() >= form.len());
            self.forms.insert(place, form);
        }
    }

    /// Whether something of it is to be hidden.
    pub fn finds(&self, text: &str) -> bool {
        self.forms.iter().any(|form| contains(text, form))
    }

    /// `text` without what is to be hidden.
    pub fn hide(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, form| {
            if contains(&text, form) { replace(&text, form, REDACTED) } else { text }
        })
    }
}

/// It holds nothing but secrets.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let mut redactor = Redactor::default();
        redactor.add("p@ss \"w'o*rd\"");
        for echo in [
            "p@ss \"w'o*rd\"",
            "p@ss \\\"w'o*rd\\\"",
            "p%40ss%20%22w%27o%2Ard%22",
            "p%40ss%20%22w'o*rd%22",
            "p%40ss+%22w%27o*rd%22",
            "p%40ss%20%22w%27o%2ard%22",
        ] {
            assert_eq!(redactor.hide(&format!("<{echo}>")), "<[redacted]>", "{echo}");
        }
        assert_eq!(redactor.hide("nothing"), "nothing");
        redactor.add("\u{a0}copied\u{2003}");
        assert_eq!(redactor.hide("<copied>"), "<[redacted]>");
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_it() {
        let mut redactor = Redactor::default();
        redactor.add("abcd");
        redactor.add("xabcdx");
        assert_eq!(redactor.hide("xabcdx abcd"), "[redacted] [redacted]");
    }

    #[test]
    fn what_is_shorter_than_a_secret_leaves_words_readable() {
        let mut redactor = Redactor::default();
        redactor.add("t");
        redactor.add(" tok ");
        redactor.add("toke");
        assert_eq!(redactor.hide("the tok of a token"), "the tok of a [redacted]n");
    }

    #[test]
    fn space_around_a_secret_may_be_gone() {
        let mut redactor = Redactor::default();
        redactor.add(" a key\n");
        assert_eq!(redactor.hide("bad a key!"), "bad [redacted]!");
        redactor.add(" \n");
        assert_eq!(redactor.hide("a \n"), "a \n");
    }

    #[test]
    fn debug_shows_nothing() {
        let mut redactor = Redactor::default();
        redactor.add("abc");
        assert_eq!(format!("{:?} {redactor:?}", Secret::new("abc")), "[redacted] [redacted]");
    }
}

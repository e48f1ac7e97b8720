//! Goes through the text of a JSON value once and checks its grammar on the way.
//!
//! A page of 400 KB is looked at while a person waits, so it is looked at once: what wants to know a part's kind or its
//! name asks on the way. serde_json's reader as an ignored value takes a pass of its own, of twice the time.
//! What runs for each byte is always inlined: compiled for size it would be called, at a fifth of a page's whole time.

use super::{Kind, MAX_DEPTH, NotJson};

/// One word, since all that reads hands it on.
pub(super) type Broken = Box<NotJson>;

/// A place in a text, from which one part after the other is passed over.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    /// Before everything.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// What the value that stands next begins as; whether it is one is known behind it.
    pub(super) fn kind(&mut self) -> Kind {
        match self.skip_space() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// Passes over a value, and gives its text.
    ///
    /// # Errors
    ///
    /// It is none, or too deep.
    pub(super) fn value(&mut self) -> Result<&'a str, Broken> {
        let kind = self.kind();
        let start = self.at;
        self.pass(kind)?;
        Ok(self.since(start))
    }

    /// Where it is.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// What it has passed since it was at a place.
    pub(super) fn since(&self, place: usize) -> &'a str {
        self.text.get(place..self.at).unwrap_or_default()
    }

    /// In how many arrays and objects it is.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Passes over the value that stands here, and is of that [`kind`](Self::kind).
    ///
    /// # Errors
    ///
    /// It is none, or too deep.
    pub(super) fn pass(&mut self, kind: Kind) -> Result<(), Broken> {
        match kind {
            Kind::String => self.string(),
            Kind::Object => self.members(|scanner, _name| scanner.next()),
            Kind::Array => self.items(Self::next),
            Kind::Boolean if self.peek() == Some(b't') => self.word(b"true"),
            Kind::Boolean => self.word(b"false"),
            Kind::Null => self.word(b"null"),
            Kind::Number => self.number(),
        }
    }

    /// Passes over the next value.
    ///
    /// # Errors
    ///
    /// It is none, or too deep.
    pub(super) fn next(&mut self) -> Result<(), Broken> {
        let kind = self.kind();
        self.pass(kind)
    }

    /// Passes over an array: `each` is called before every item, and has to pass over it.
    ///
    /// # Errors
    ///
    /// It is none, or too deep; what `each` gives.
    pub(super) fn items<E: From<Broken>>(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), E>) -> Result<(), E> {
        let mut more = self.enter(b']')?;
        while more {
            each(self)?;
            more = self.next_or_end(b']')?;
        }
        Ok(())
    }

    /// Passes over an object: `each` is called before every value with its name as it stands there, in quotes, and has
    /// to pass over it.
    ///
    /// # Errors
    ///
    /// It is none, or too deep; what `each` gives.
    pub(super) fn members<E: From<Broken>>(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut more = self.enter(b'}')?;
        while more {
            let _quote = self.skip_space();
            let start = self.at;
            self.string()?;
            let name = self.since(start);
            let _colon = self.skip_space();
            self.expect(b':')?;
            each(self, name)?;
            more = self.next_or_end(b'}')?;
        }
        Ok(())
    }

    /// Whether nothing but white space is left.
    ///
    /// # Errors
    ///
    /// Something stands there.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        if self.skip_space().is_none() { Ok(()) } else { Err(self.failure()) }
    }

    /// Goes into the array or object that stands here, and says whether anything is in it.
    fn enter(&mut self, close: u8) -> Result<bool, Broken> {
        if self.depth == MAX_DEPTH {
            return Err(Box::new(NotJson::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        let is_empty = self.skip_space() == Some(close);
        if is_empty {
            self.leave();
        }
        Ok(!is_empty)
    }

    fn leave(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    /// Behind a part: passes over the comma, or out of what the part is in.
    fn next_or_end(&mut self, close: u8) -> Result<bool, Broken> {
        if self.skip_space() == Some(close) {
            self.leave();
            return Ok(false);
        }
        self.expect(b',').map(|()| true)
    }

    fn string(&mut self) -> Result<(), Broken> {
        self.expect(b'"')?;
        loop {
            self.skip_plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0x20..) => self.at += 1,
                _ => return Err(self.failure()),
            }
        }
    }

    /// Most of a text stands in strings: eight bytes are looked at together.
    #[inline(always)]
    fn skip_plain(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let count = plain_bytes(u64::from_le_bytes(*chunk));
            self.at += count;
            if count < 8 {
                return;
            }
        }
    }

    fn escape(&mut self) -> Result<(), Broken> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                (0..4).try_for_each(|_| self.need(|byte| byte.is_ascii_hexdigit()))
            }
            _ => Err(self.failure()),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Broken> {
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn number(&mut self) -> Result<(), Broken> {
        self.take(|byte| byte == b'-');
        if !self.take(|byte| byte == b'0') {
            self.digits()?;
        }
        if self.take(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.take(|byte| matches!(byte, b'e' | b'E')) {
            self.take(|byte| matches!(byte, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Broken> {
        self.need(|byte| byte.is_ascii_digit())?;
        while self.take(|byte| byte.is_ascii_digit()) {}
        Ok(())
    }

    #[inline(always)]
    fn expect(&mut self, expected: u8) -> Result<(), Broken> {
        self.need(|byte| byte == expected)
    }

    #[inline(always)]
    fn need(&mut self, fits: impl Fn(u8) -> bool) -> Result<(), Broken> {
        if self.take(fits) { Ok(()) } else { Err(self.failure()) }
    }

    /// Passes over the byte that stands here, if it fits.
    #[inline(always)]
    fn take(&mut self, fits: impl Fn(u8) -> bool) -> bool {
        let fits = self.peek().is_some_and(fits);
        self.at += usize::from(fits);
        fits
    }

    #[inline(always)]
    fn skip_space(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What is wrong where the text stops to be JSON.
    #[cold]
    #[inline(never)]
    fn failure(&self) -> Broken {
        let Some(before) = self.text.as_bytes().get(..self.at) else { return Box::new(NotJson::Cut) };
        if before.len() == self.text.len() {
            return Box::new(NotJson::Cut);
        }
        let line = before.split(|byte| *byte == b'\n');
        let (number, last) = line.enumerate().last().unwrap_or_default();
        Box::new(NotJson::Syntax { line: number + 1, column: last.len() + 1 })
    }
}

/// How many of eight bytes stand before the first quote, backslash or control character. A byte with its high bit set is none
/// of them; of the others, none takes a borrow but from one that is, so that the lowest mark is right whatever the ones above it are.
#[inline(always)]
fn plain_bytes(eight: u64) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let is = |byte: u8| (eight ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
    let is_control = eight.wrapping_sub(ONES * 0x20);
    let marks = (is(b'"') | is(b'\\') | is_control) & !eight & HIGHS;
    marks.trailing_zeros() as usize / 8
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use serde::de::IgnoredAny;

    use super::plain_bytes;
    use crate::json::{Json, NotJson};

    /// Pieces of which texts are put together that are JSON, or nearly so.
    const PIECES: [&str; 40] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "\r",
        "\"",
        "\\",
        "\"a\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\\u12",
        "0",
        "-",
        "+",
        "1",
        "01",
        ".",
        "1.5",
        "1e9",
        "E-3",
        "e",
        "true",
        "false",
        "null",
        "tru",
        "nul",
        "\u{0}",
        "\u{1f}",
        "\u{7f}",
        "\u{feff}",
        "é",
        "😀",
        "abcdefgh",
        "{\"a\":[",
        "]}",
    ];

    fn config() -> ProptestConfig {
        ProptestConfig {
            cases: 4_096,
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    /// What begins as a value does is another value, or one that is cut.
    #[track_caller]
    fn is_cut_before_its_end(text: &str) {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let (part, _) = text.split_at(end);
            assert!(matches!(Json::parse(part), Ok(_) | Err(NotJson::Cut)), "{part}");
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn what_another_reader_takes_is_taken_and_nothing_else(
            picks in vec(0..PIECES.len(), 0..12),
            wrapped in any::<bool>(),
        ) {
            let mut text: String = picks.iter().filter_map(|pick| PIECES.get(*pick).copied()).collect();
            if wrapped {
                text = format!("{{\"name\":[{text}],\"b\":\"{text}\"}}");
            }
            let theirs = serde_json::from_str::<IgnoredAny>(&text);
            prop_assert_eq!(Json::parse(&text).is_ok(), theirs.is_ok(), "{}", text);
            if theirs.is_ok() {
                is_cut_before_its_end(&text);
            }
        }

        #[test]
        fn bytes_are_plain_up_to_the_first_that_is_not(
            bytes in proptest::array::uniform8(prop_oneof![any::<u8>(), 0x1e..=0x23_u8, 0x5b..=0x5d_u8])
        ) {
            let count = bytes.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
            prop_assert_eq!(plain_bytes(u64::from_le_bytes(bytes)), count);
        }
    }

    #[test]
    fn a_text_that_ends_too_early_is_told_as_cut_wherever_it_ends() {
        is_cut_before_its_end(r#" {"a\u00e9\n" : [-0.5e+10, true, false, null, {}, [ ] ], "é😀":"\ud83d\ude00"} "#);
    }

    #[test]
    fn the_place_of_a_failure_is_that_of_the_first_byte_that_does_not_fit() {
        for (text, line, column) in [
            ("[1,]", 1, 4),
            ("{\n \"a\":tru }", 2, 9),
            ("\"é\u{1}\"", 1, 4),
            (r#""\u12x4""#, 1, 6),
            ("[01]", 1, 3),
            ("\n\n1 2", 3, 3),
            ("{a:1}", 1, 2),
        ] {
            assert_eq!(Json::parse(text), Err(NotJson::Syntax { line, column }), "{text}");
        }
    }
}

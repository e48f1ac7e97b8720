//! Takes secrets out of foreign text: a server that echoes them, a fetch that throws them.
//!
//! A secret is found as it is, in any case of its ASCII letters, and with each of its characters or none written as an escape
//! of URLs (`%41`), HTML (`&quot;`, `&#65;`, `&#x41;`) or JSON (`\n`, `\u0041`), also one kind inside another. It is found in
//! hexadecimal digits, and in Base64, alone or within more, as in `Basic` credentials, also on several lines. These may be
//! escaped in turn.

use std::cell::OnceCell;
use std::fmt;

use super::secrets::REDACTED;
use crate::text::decimal::number;

/// A shorter text is no secret worth hiding: it would be found in every word. Tests have tokens such as `t`.
const MIN_BYTES: usize = 4;

/// So much of a longer secret is hidden, too: texts are cut. It also bounds the work for a text that is all beginnings.
const MAX_NEEDED: usize = 256;

/// Escapes may stand inside escapes; what is deeper inside is not looked for.
const MAX_ROUNDS: usize = 4;

/// How digits are read: the bits of each, and how many stand before the first byte.
const DIGITS: [(u32, u32); 6] = [(4, 0), (4, 1), (6, 0), (6, 1), (6, 2), (6, 3)];

/// The entities that every escape of HTML writes.
const ENTITIES: [(&[u8], u8); 5] = [(b"amp", b'&'), (b"lt", b'<'), (b"gt", b'>'), (b"quot", b'"'), (b"apos", b'\'')];

/// What the letter of a short escape of JSON stands for.
const SHORT_ESCAPES: [(u8, u8); 9] = [
    (b'"', b'"'),
    (b'\\', b'\\'),
    (b'/', b'/'),
    (b'\'', b'\''),
    (b'b', 8),
    (b'f', 12),
    (b'n', b'\n'),
    (b'r', b'\r'),
    (b't', b'\t'),
];

/// Knows secrets, and takes them out of texts.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
    /// Made of them when a text is looked through for the first time.
    patterns: OnceCell<Patterns>,
}

impl Redactor {
    /// Hides this text from now on. White space around it is no secret, and an echo may lack it.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() >= MIN_BYTES {
            self.secrets.push(secret.to_owned());
            self.patterns.take();
        }
    }

    /// Lets go of what is made of the secrets, which takes several times their length.
    pub fn rest(&mut self) {
        self.patterns.take();
    }

    /// Whether something of a text is to be hidden.
    pub fn finds(&self, text: &str) -> bool {
        self.marks(text).is_some()
    }

    /// `text` without what is to be hidden.
    pub fn hide(&self, text: &str) -> String {
        let Some(marks) = self.marks(text) else { return text.to_owned() };
        let mut shown = String::new();
        let mut was_hidden = false;
        for (at, character) in text.char_indices() {
            let is_hidden = marks.get(at..at + character.len_utf8()).is_some_and(|marks| marks.contains(&true));
            match (is_hidden, was_hidden) {
                (false, _) => shown.push(character),
                (true, false) => shown.push_str(REDACTED),
                (true, true) => {}
            }
            was_hidden = is_hidden;
        }
        shown
    }

    /// For each byte of the text whether it is hidden; `None` where all are shown.
    fn marks(&self, text: &str) -> Option<Vec<bool>> {
        let shortest = self.secrets.iter().map(|secret| secret.len().min(MAX_NEEDED)).min()?;
        // No way of writing makes a secret shorter. Most tokens are longer than the headers that are looked through for them.
        if text.len() < shortest {
            return None;
        }
        let patterns = self.patterns.get_or_init(|| Patterns::of(&self.secrets));
        let mut marks = vec![false; text.len()];
        let mut next = Some(Reading::of(text));
        for _ in 0..MAX_ROUNDS {
            let Some(reading) = next.take() else { break };
            for (bits, skipped) in DIGITS {
                let digits = reading.of_digits(bits, skipped);
                digits.without_escapes().iter().for_each(|escaped| patterns.mark(escaped, &mut marks));
                patterns.mark(&digits, &mut marks);
            }
            next = reading.without_escapes();
            patterns.mark(&reading, &mut marks);
        }
        marks.contains(&true).then_some(marks)
    }
}

/// It holds nothing but secrets.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// What texts are looked through for.
#[derive(Clone)]
struct Patterns {
    /// Folded as a text is.
    sorted: Vec<Vec<u8>>,
    /// How much of each must stand in a text to be hidden: all, or what is a secret by itself.
    needed: Vec<usize>,
    /// For each byte whether a pattern begins with it: most places of a text are passed over by it.
    begins: [bool; 256],
}

impl Patterns {
    fn of(secrets: &[String]) -> Self {
        let mut sorted = Vec::new();
        for secret in secrets {
            // What is undone in a text that holds the secret is undone in what the secret itself seems to escape, too.
            let mut next = Some(Reading::of(secret));
            for _ in 0..MAX_ROUNDS {
                let Some(reading) = next.take() else { break };
                next = reading.without_escapes();
                let bytes = reading.folded();
                if bytes.len() >= MIN_BYTES {
                    sorted.push(bytes);
                }
            }
        }
        sorted.sort_unstable();
        let mut begins = [false; 256];
        let mut needed = Vec::with_capacity(sorted.len());
        // What begins with another pattern stands behind it.
        let (mut shortest, mut least): (&[u8], usize) = (&[], 0);
        for bytes in &sorted {
            if least == 0 || !bytes.starts_with(shortest) {
                (shortest, least) = (bytes, bytes.len().min(MAX_NEEDED));
            }
            needed.push(least);
            if let Some(begins) = bytes.first().and_then(|first| begins.get_mut(usize::from(*first))) {
                *begins = true;
            }
        }
        Self { sorted, needed, begins }
    }

    /// Marks what stands in a text, by its places in the text as it was.
    fn mark(&self, reading: &Reading, marks: &mut [bool]) {
        let bytes = reading.folded();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let is_possible = rest.first().and_then(|first| self.begins.get(usize::from(*first))) == Some(&true);
            let length = if is_possible { self.longest(rest) } else { 0 };
            let spans = reading.spans.get(at..at + length).unwrap_or_default();
            if let (Some((from, _)), Some((_, to))) = (spans.first(), spans.last()) {
                marks.get_mut(*from..*to).unwrap_or_default().fill(true);
            }
            at += length.max(1);
        }
    }

    /// How much of a pattern the text begins with, where that is to be hidden; 0 otherwise.
    ///
    /// What shares most with the text stands beside the place that the text would have among the patterns.
    fn longest(&self, text: &[u8]) -> usize {
        let place = self.sorted.partition_point(|pattern| pattern.as_slice() <= text);
        let mut longest = 0;
        for place in place.saturating_sub(1)..=place {
            let Some((pattern, needed)) = self.sorted.get(place).zip(self.needed.get(place)) else { continue };
            let length = pattern.iter().zip(text).take_while(|(left, right)| left == right).count();
            if length >= *needed {
                longest = length.max(longest);
            }
        }
        longest
    }
}

/// What a text says, read in one way: each byte, and from where to where it stands in the text.
struct Reading {
    bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl Reading {
    fn of(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), spans: (0..text.len()).map(|at| (at, at + 1)).collect() }
    }

    fn folded(&self) -> Vec<u8> {
        self.bytes.iter().map(|byte| folded(*byte)).collect()
    }

    /// The text with each escape undone once; `None` where there is none.
    fn without_escapes(&self) -> Option<Self> {
        let mut next = Self { bytes: Vec::new(), spans: Vec::new() };
        let mut at = 0;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = match undo(rest, &mut next.bytes) {
                0 => {
                    next.bytes.extend(rest.first());
                    1
                }
                length => length,
            };
            let spans = self.spans.get(at..at + length).unwrap_or_default();
            let span = spans.first().zip(spans.last()).map_or((0, 0), |(first, last)| (first.0, last.1));
            next.spans.resize(next.bytes.len(), span);
            at += length;
        }
        (next.bytes.len() < self.bytes.len()).then_some(next)
    }

    /// The text read as digits of so many bits, from the one behind `skipped` on in each run of them. White space may stand
    /// within a run, as where lines are broken.
    fn of_digits(&self, bits: u32, skipped: u32) -> Self {
        let mut reading = Self { bytes: Vec::new(), spans: Vec::new() };
        let (mut value, mut count, mut left, mut first) = (0, 0, skipped, 0);
        for (byte, (from, to)) in self.bytes.iter().zip(&self.spans) {
            match digit(*byte, bits) {
                _ if matches!(byte, b' ' | b'\r' | b'\n') => continue,
                Some(_) if left > 0 => left -= 1,
                Some(digit) => (value, count) = (value << bits | digit, count + bits),
                // A byte that no secret has: nothing is found across it.
                None => (value, count, left) = (0, 8, skipped),
            }
            if count >= 8 {
                count -= 8;
                reading.bytes.push(u8::try_from(value >> count & 0xFF).unwrap_or_default());
                // It has bits in two digits.
                reading.spans.push((first, *to));
            }
            first = *from;
        }
        reading
    }
}

/// Writes what the escape at the beginning stands for, and gives its length; 0 where there is none.
fn undo(text: &[u8], into: &mut Vec<u8>) -> usize {
    match text {
        [b'%', digits @ ..] => undo_number(digits, 2, into).map_or(0, |()| 3),
        [b'\\', b'u' | b'U', ..] => undo_unit(text, into),
        [b'\\', letter, ..] => {
            let known = SHORT_ESCAPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(letter));
            into.extend(known.map(|(_, byte)| *byte));
            if known.is_some() { 2 } else { 0 }
        }
        [b'&', rest @ ..] => undo_entity(rest, into),
        _ => 0,
    }
}

/// A byte in hexadecimal digits.
fn undo_number(text: &[u8], digits: usize, into: &mut Vec<u8>) -> Option<()> {
    into.push(u8::try_from(number(text.get(..digits)?, 16)?).ok()?);
    Some(())
}

/// `\u0041`, or two of them for a character beyond the first 65 536.
fn undo_unit(text: &[u8], into: &mut Vec<u8>) -> usize {
    let unit = |at: usize| match text.get(at..at + 6)? {
        [b'\\', b'u' | b'U', digits @ ..] => number(digits, 16),
        _ => None,
    };
    let (high, low) = (unit(0).unwrap_or_default(), unit(6).unwrap_or_default());
    if (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low) {
        return push(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), into).map_or(0, |()| 12);
    }
    unit(0).and_then(|unit| push(unit, into)).map_or(0, |()| 6)
}

/// What stands behind the `&`.
fn undo_entity(text: &[u8], into: &mut Vec<u8>) -> usize {
    // The longest is `#x10ffff`.
    let Some(length) = text.iter().take(10).position(|byte| *byte == b';') else { return 0 };
    let done = match text.get(..length).unwrap_or_default() {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16).and_then(|code| push(code, into)),
        [b'#', digits @ ..] => number(digits, 10).and_then(|code| push(code, into)),
        name => ENTITIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, byte)| into.push(*byte)),
    };
    done.map_or(0, |()| length + 2)
}

fn push(code: u32, into: &mut Vec<u8>) -> Option<()> {
    let character = char::from_u32(code)?;
    into.extend(character.encode_utf8(&mut [0; 4]).bytes());
    Some(())
}

/// Letters in lower case, and what forms and the two alphabets of Base64 write for each other as one.
const fn folded(byte: u8) -> u8 {
    match byte {
        b'+' | b'-' => b' ',
        b'_' => b'/',
        _ => byte.to_ascii_lowercase(),
    }
}

/// The value of a hexadecimal digit, or of one of Base64 in either alphabet.
fn digit(byte: u8, bits: u32) -> Option<u32> {
    if bits == 4 {
        return char::from(byte).to_digit(16);
    }
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const SECRET: &str = "Pa&ss\"wör'd <1>\\/%+\u{1f600}\n!";

    fn hiding(secrets: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        secrets.iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    fn each_byte(text: &str, write: impl Fn(u8) -> String) -> String {
        text.bytes().map(write).collect()
    }

    fn each_character(text: &str, write: impl Fn(char) -> String) -> String {
        text.chars().map(write).collect()
    }

    fn json(text: &str) -> String {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    }

    fn html(text: &str) -> String {
        each_character(text, |character| match character {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&#39;".to_owned(),
            other => other.to_string(),
        })
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let percent = each_byte(SECRET, |byte| format!("%{byte:02X}"));
        for echo in [
            SECRET.to_owned(),
            SECRET.to_ascii_uppercase(),
            json(SECRET),
            html(SECRET),
            percent.to_ascii_lowercase(),
            each_character(SECRET, |character| format!("&#{};", character as u32)),
            each_character(SECRET, |character| format!("&#x{:X};", character as u32)),
            each_byte(SECRET, |byte| format!("{byte:02X}")),
            SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
            json(&html(SECRET)),
            html(&percent).replace('%', "%25"),
            percent,
        ] {
            assert_eq!(hiding(&[SECRET]).hide(&format!("<{echo}>")), "<[redacted]>", "{echo}");
        }
        assert_eq!(hiding(&["a+key-of_mine/1"]).hide("A KEY+OF/MINE_1"), "[redacted]");
    }

    #[test]
    fn base64_is_hidden_alone_and_within_more() {
        // `printf s3cr3t-of-the-test | base64`, and of `id:…` and `user:…:x` with it.
        for (echo, shown) in [
            ("czNjcjN0LW9mLXRoZS10ZXN0", "[redacted]"),
            ("aWQ6czNjcjN0LW9mLXRoZS10ZXN0", "aWQ6[redacted]"),
            ("dXNlcjpzM2NyM3Qtb2YtdGhlLXRlc3Q6eA==", "dXNlcj[redacted]6eA=="),
            ("Basic-czNjcjN0LW9mLXRoZS10ZXN0", "Basic-[redacted]"),
            ("czNjcjN0LW9m\r\n LXRoZS10ZXN0", "[redacted]"),
            ("czNjcjN0LW9m\\nLXRoZS10ZXN0", "[redacted]"),
        ] {
            assert_eq!(hiding(&["s3cr3t-of-the-test"]).hide(echo), shown);
        }
        for echo in ["Pz8%2BPn5%2BfgE=", "Pz8+Pn5+fgE=", "Pz8&#43;Pn5&#x2B;fgE=", "Pz8-Pn5-fgE"] {
            assert!(!hiding(&["??>>~~~"]).hide(echo).contains("Pn5"), "{echo}");
        }
        // `id:%3F%3F%3E%3E~~`, as RFC 6749 has it in Basic credentials.
        let basic = "aWQ6JTNGJTNGJTNFJTNFfn4=";
        assert!(!hiding(&["??>>~~"]).hide(basic).contains("JTNGJTNFJTNF"));
        assert!(!hiding(&["sub??dir??"]).hide("c3ViPz9kaXI\\/Pw==").contains("Pz9k"));
        let shown = hiding(&["sesame"]).hide("c2VzYW1l c2VzYW1lcw== Y3Nlc2FtZQ==");
        assert_eq!(shown, "[redacted] [redacted]cw== Y[redacted]==");
    }

    #[test]
    fn what_stands_before_a_secret_does_not_uncover_it() {
        for before in ["\\", "%", "&", "&#", "\\u", "%2", "&amp", "%25", "\\\\"] {
            let shown = hiding(&["nab12345"]).hide(&format!("{before}nab12345"));
            assert!(!shown.contains("ab12345") && shown.ends_with(REDACTED), "{shown}");
        }
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_it() {
        let redactor = hiding(&["abcd", "xabcdx", "abcdefgh"]);
        assert_eq!(redactor.hide("xabcdx abcd abcdefgh abcdef"), "[redacted] [redacted] [redacted] [redacted]");
    }

    #[test]
    fn the_first_256_bytes_of_a_long_secret_are_hidden() {
        let secret = (0..999).map(|n| n.to_string()).collect::<String>();
        let redactor = hiding(&[&secret]);
        assert_eq!(redactor.hide(&secret[..300]), REDACTED);
        assert_eq!(redactor.hide(&secret[..255]), &secret[..255]);
    }

    #[test]
    fn what_is_shorter_than_a_secret_leaves_words_readable() {
        assert_eq!(hiding(&["t", " tok ", "toke"]).hide("the tok of a token"), "the tok of a [redacted]n");
        assert_eq!(Redactor::default().hide("a"), "a");
    }

    #[test]
    fn space_around_a_secret_may_be_gone() {
        assert_eq!(hiding(&[" a key\n"]).hide("bad a key!"), "bad [redacted]!");
        assert_eq!(hiding(&["\u{a0}copied\u{2003}"]).hide("<copied>"), "<[redacted]>");
        assert_eq!(hiding(&[" \n"]).hide("a \n"), "a \n");
    }

    #[test]
    fn a_secret_that_is_added_later_is_hidden_too() {
        let mut redactor = hiding(&["first"]);
        assert_eq!(redactor.hide("first second"), "[redacted] second");
        redactor.add("second");
        assert_eq!(redactor.hide("first second"), "[redacted] [redacted]");
    }

    #[test]
    fn what_is_made_of_the_secrets_is_let_go_and_made_again() {
        let mut redactor = hiding(&["first"]);
        assert_eq!(redactor.hide("first"), REDACTED);
        redactor.rest();
        assert!(redactor.patterns.get().is_none());
        assert_eq!(redactor.hide("first"), REDACTED);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", hiding(&["abcd"])), REDACTED);
    }

    #[test]
    fn the_work_grows_with_the_text_alone() {
        let many: Vec<String> = (0..1_000).map(|n| format!("secret-value-{n}")).collect();
        let many = hiding(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(many.hide(&"secret-value-".repeat(10_000)).len(), 130_000);
        let long = hiding(&[&("a".repeat(200_000) + "b")]);
        assert_eq!(long.hide(&"a".repeat(199_999)), REDACTED);
        assert!(!hiding(&[&("a".repeat(200) + "b")]).finds(&"a".repeat(200_000)));
        assert!(!many.finds(&"&#".repeat(100_000)) && !many.finds(&"\\".repeat(200_000)));
    }
}

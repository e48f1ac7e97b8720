//! Splits a filter text into words and signs, one at a time, each with its place.

use std::ops::Range;

/// What stands at one place of a filter text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A run of letters, digits and `_ . - + :`: an operator, a field, a number, a date.
    Word,
    Open,
    Close,
    Comma,
    /// The opening quote of a text; the text itself is read by `Scanner::quoted_text`.
    Quote,
    /// A run of anything else: `==`, `'`.
    Other,
    End,
}

/// Reads a text from left to right and never goes back, so the whole takes linear time.
pub(super) struct Scanner<'t> {
    text: &'t str,
    token: Token,
    span: Range<usize>,
}

/// Why a text in double quotes could not be read, and where.
pub(super) enum TextError {
    /// From the opening quote to the end.
    Unclosed(Range<usize>),
    /// The backslash and what follows it.
    Escape(Range<usize>),
    Nul(Range<usize>),
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut scanner = Self { text, token: Token::End, span: 0..0 };
        scanner.move_to(0);
        scanner
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn token(&self) -> Token {
        self.token
    }

    /// The bytes of the token; empty at the end.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The token as it is written; empty at the end.
    pub(super) fn part(&self) -> &'t str {
        self.text.get(self.span()).unwrap_or_default()
    }

    pub(super) fn advance(&mut self) {
        self.move_to(self.span.end);
    }

    /// Goes past `word` where it stands here.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let stands_here = self.token == Token::Word && self.part() == word;
        if stands_here {
            self.advance();
        }
        stands_here
    }

    /// Goes past the text in double quotes that starts here, and gives what it means.
    pub(super) fn quoted_text(&mut self) -> Result<String, TextError> {
        let open = self.span.start;
        let mut at = self.span.end;
        let mut meant = String::new();
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let Some(len) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0)) else {
                return Err(TextError::Unclosed(open..self.text.len()));
            };
            let (plain, special) = rest.split_at_checked(len).unwrap_or_default();
            meant.push_str(plain);
            at += len;
            let mut characters = special.chars();
            match (characters.next(), characters.next()) {
                (Some('"'), _) => break,
                (Some('\\'), Some(escaped @ ('"' | '\\'))) => meant.push(escaped),
                (Some('\\'), Some(other)) => return Err(TextError::Escape(at..at + 1 + other.len_utf8())),
                (Some('\\'), None) => return Err(TextError::Unclosed(open..self.text.len())),
                _ => return Err(TextError::Nul(at..at + 1)),
            }
            at += 2;
        }
        self.move_to(at + 1);
        Ok(meant)
    }

    fn move_to(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let here = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
        let start = self.text.len() - here.len();
        let (token, len) = match here.chars().next() {
            None => (Token::End, 0),
            Some('(') => (Token::Open, 1),
            Some(')') => (Token::Close, 1),
            Some(',') => (Token::Comma, 1),
            Some('"') => (Token::Quote, 1),
            Some(first) if is_word(first) => (Token::Word, run(here, is_word)),
            Some(_) => (Token::Other, run(here, is_other)),
        };
        self.token = token;
        self.span = start..start + len;
    }
}

/// Letters of any script, so that a mistyped field is shown as one word.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-' | '+' | ':')
}

fn is_other(character: char) -> bool {
    !is_word(character) && !character.is_ascii_whitespace() && !matches!(character, '(' | ')' | ',' | '"')
}

/// Bytes of the characters at the start that belong together.
fn run(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

//! Splits a filter text into words and signs, one at a time, each with its place.

use std::ops::Range;

use super::refusal::is_invisible;

/// What stands at one place of a filter text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
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
pub(crate) struct Scanner<'t> {
    pub(crate) text: &'t str,
    pub(crate) token: Token,
    start: usize,
    end: usize,
}

/// Why a text in double quotes could not be read, and where.
pub(crate) enum TextError {
    /// From the opening quote to the end.
    Unclosed(Range<usize>),
    /// The backslash and what follows it.
    Escape(Range<usize>),
    Nul(Range<usize>),
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut scanner = Self { text, token: Token::End, start: 0, end: 0 };
        scanner.advance();
        scanner
    }

    /// The bytes of the token; empty at the end.
    pub(crate) fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The token as it is written; empty at the end.
    pub(crate) fn part(&self) -> &'t str {
        self.text.get(self.span()).unwrap_or_default()
    }

    pub(crate) fn advance(&mut self) {
        let rest = self.text.get(self.end..).unwrap_or_default().trim_ascii_start();
        self.start = self.text.len() - rest.len();
        let (token, len) = match rest.chars().next() {
            None => (Token::End, 0),
            Some('(') => (Token::Open, 1),
            Some(')') => (Token::Close, 1),
            Some(',') => (Token::Comma, 1),
            Some('"') => (Token::Quote, 1),
            Some(first) => {
                let token = kind(first);
                (token, rest.find(|character| kind(character) != token).unwrap_or(rest.len()))
            }
        };
        self.token = token;
        self.end = self.start + len;
    }

    /// Goes past `word` where it stands here.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let stands_here = self.part() == word;
        if stands_here {
            self.advance();
        }
        stands_here
    }

    /// Goes past the text in double quotes that starts here, and gives what it means.
    pub(crate) fn quoted_text(&mut self) -> Result<String, TextError> {
        let mut at = self.end;
        let mut meant = String::new();
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let len = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0)).unwrap_or(rest.len());
            let (plain, special) = rest.split_at_checked(len).unwrap_or_default();
            meant.push_str(plain);
            at += len;
            let mut characters = special.chars();
            match (characters.next(), characters.next()) {
                (Some('"'), _) => break,
                (Some('\\'), Some(escaped @ ('"' | '\\'))) => meant.push(escaped),
                (Some('\\'), Some(other)) => return Err(TextError::Escape(at..at + 1 + other.len_utf8())),
                (Some('\0'), _) => return Err(TextError::Nul(at..at + 1)),
                _ => return Err(TextError::Unclosed(self.start..self.text.len())),
            }
            at += 2;
        }
        self.end = at + 1;
        self.advance();
        Ok(meant)
    }
}

/// What a run with this character in it is. Letters of all scripts make words, so that a mistyped field is shown whole;
/// quotes and dashes of typography do not.
fn kind(character: char) -> Token {
    match character {
        '0'..='9' | 'A'..='Z' | 'a'..='z' | '_' | '.' | '-' | '+' | ':' => Token::Word,
        '(' | ')' | ',' | '"' | ' ' | '\t'..='\r' => Token::End,
        '\0'..='\u{A0}' | '\u{2010}'..='\u{2027}' => Token::Other,
        _ if is_invisible(character) => Token::Other,
        _ => Token::Word,
    }
}

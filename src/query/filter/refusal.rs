//! Turns a bad stretch of a filter or sorter text into an error that shows it, with a caret below.

use std::ops::Range;

use crate::Invalid;
use crate::text::visible::is_unseen;

/// A text longer than so many bytes is shown as a window of so many characters, which fits the width of a terminal.
const WINDOW: usize = 72;
/// In a window: bytes before the bad part, enough to recognise the place.
const BYTES_BEFORE: usize = 30;
/// A longer word is cut where a sentence quotes it: the excerpt below shows it anyway.
const QUOTED_CHARS: usize = 24;

/// An `Invalid` in three lines: `field: sentence`, the text, carets under the bytes of `span`.
///
/// A caret stands for one character (not for a column: wide characters shift it in a terminal). The sentence comes in
/// parts, and the error in a box, because dozens of places make one: both keep them small.
pub(crate) fn refuse(field: &'static str, text: &str, span: Range<usize>, sentence: &[&str]) -> Box<Invalid> {
    let before = text.get(..span.start).unwrap_or_default();
    let mut from = if text.len() > WINDOW { span.start.saturating_sub(BYTES_BEFORE) } else { 0 };
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut message = [field, ": ", &sentence.concat(), "\n  "].concat();
    let mut carets = String::from("\n  ");
    if from > 0 {
        message.push('…');
        carets.push(' ');
    }
    for (count, (at, character)) in text.get(from..).unwrap_or_default().char_indices().enumerate() {
        if count == WINDOW {
            message.push('…');
            break;
        }
        message.push(visible(character));
        if from + at < span.end {
            carets.push(if from + at < span.start { ' ' } else { '^' });
        }
    }
    message.push_str(&carets);
    if span.is_empty() {
        message.push('^');
    }
    let start = utf16_len(before);
    let end = start + utf16_len(text.get(span).unwrap_or_default());
    Box::new(Invalid::new(field, message).at(start, end))
}

/// A part of the text as a sentence quotes it: in backticks, on one line, not too long; what shows nothing by its name.
pub(crate) fn quoted(part: &str) -> String {
    if part.is_empty() {
        return "the end of the text".to_owned();
    }
    if part.chars().all(is_invisible) {
        return "an invisible character".to_owned();
    }
    let mut quoted = String::from("`");
    for (count, character) in part.chars().enumerate() {
        if count == QUOTED_CHARS {
            quoted.push('…');
            break;
        }
        quoted.push(visible(character));
    }
    quoted.push('`');
    quoted
}

/// Whether a character is a space or a control character, has no width, or turns the direction: such would be missed in
/// an excerpt, or tear it from its caret.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200C}' | '\u{200D}') || is_unseen(character)
}

/// The length in JavaScript's units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn visible(character: char) -> char {
    if is_invisible(character) { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::{quoted, refuse};
    use crate::Position;

    #[test]
    fn short_text_is_shown_whole() {
        let error = refuse("filters", "a bad c", 2..5, &["no", "pe"]);
        assert_eq!(error.message, "filters: nope\n  a bad c\n    ^^^");
        assert_eq!(error.position, Some(Position { start: 2, end: 5 }));
    }

    #[test]
    fn position_counts_utf16_and_caret_counts_characters() {
        let error = refuse("filters", "😀é bad", 7..10, &["no"]);
        assert_eq!(error.message, "filters: no\n  😀é bad\n     ^^^");
        assert_eq!(error.position, Some(Position { start: 4, end: 7 }));
    }

    #[test]
    fn end_of_text_has_a_caret_too() {
        assert_eq!(refuse("filters", "ab", 2..2, &["no"]).message, "filters: no\n  ab\n    ^");
        assert_eq!(refuse("filters", "", 0..0, &["no"]).message, "filters: no\n  \n  ^");
    }

    #[test]
    fn seventy_two_characters_are_whole_and_one_more_is_cut() {
        let whole = "x".repeat(72);
        assert_eq!(refuse("f", &whole, 71..72, &["no"]).message, format!("f: no\n  {whole}\n  {}^", " ".repeat(71)));
        let cut = format!("f: no\n  …{}\n  {}^", "x".repeat(31), " ".repeat(31));
        assert_eq!(refuse("f", &"x".repeat(73), 72..73, &["no"]).message, cut);
    }

    #[test]
    fn long_text_is_a_window_around_the_bad_part() {
        let text = format!("{}{}{}", "a".repeat(100), "é".repeat(3), "b".repeat(1_000_000));
        let error = refuse("f", &text, 100..106, &["no"]);
        let window = format!("…{}ééé{}…", "a".repeat(30), "b".repeat(39));
        assert_eq!(error.message, format!("f: no\n  {window}\n  {}^^^", " ".repeat(31)));
        assert_eq!(error.position, Some(Position { start: 100, end: 103 }));
    }

    #[test]
    fn bad_part_longer_than_the_window_is_cut() {
        let error = refuse("f", &"x".repeat(1000), 0..1000, &["no"]);
        assert_eq!(error.message, format!("f: no\n  {}…\n  {}", "x".repeat(72), "^".repeat(72)));
        assert_eq!(error.position, Some(Position { start: 0, end: 1000 }));
    }

    #[test]
    fn line_breaks_do_not_tear_the_excerpt() {
        assert_eq!(refuse("f", "a\n\0\u{202E}b", 6..7, &["no"]).message, "f: no\n  a   b\n      ^");
    }

    #[test]
    fn quoted_parts_are_short_and_never_empty() {
        assert_eq!(quoted("abc"), "`abc`");
        assert_eq!(quoted(&"x".repeat(24)), format!("`{}`", "x".repeat(24)));
        assert_eq!(quoted(&"x".repeat(25)), format!("`{}…`", "x".repeat(24)));
        assert_eq!((&*quoted(""), &*quoted("\u{a0}")), ("the end of the text", "an invisible character"));
    }
}

//! Turns a bad stretch of a filter or sorter text into an error that shows it, with a caret below.

use std::ops::Range;

use crate::model::Invalid;

/// Longer texts are shown as a window, so that the message fits the width of a terminal.
const LINE_CHARS: usize = 76;
/// In a window: what stands before the bad part, enough to recognise the place.
const CHARS_BEFORE: usize = 30;
/// In a window: what is shown from the bad part on.
const CHARS_FROM: usize = 42;
/// A longer word is cut where a sentence quotes it: the excerpt below shows it anyway.
const QUOTED_CHARS: usize = 24;

/// An `Invalid` in three lines: `field: sentence`, the text, carets under the bytes of `span`.
///
/// A caret stands for one character (not for a column: wide characters shift it in a terminal).
pub(super) fn refuse(field: &'static str, text: &str, span: Range<usize>, sentence: &str) -> Invalid {
    let before = text.get(..span.start).unwrap_or_default();
    let bad = text.get(span).unwrap_or_default();
    let after = text.get(before.len() + bad.len()..).unwrap_or_default();

    let short = text.chars().nth(LINE_CHARS).is_none();
    let (room_before, room_from) = if short { (LINE_CHARS, LINE_CHARS) } else { (CHARS_BEFORE, CHARS_FROM) };
    let (lead, lead_cut) = last_chars(before, room_before);
    let (shown, bad_cut) = first_chars(bad, room_from);
    let (rest, rest_cut) = first_chars(after, room_from.saturating_sub(shown.chars().count()));

    let mut message = [field, ": ", sentence, "\n  "].concat();
    message.push_str(if lead_cut { "…" } else { "" });
    message.extend([lead, shown, rest].into_iter().flat_map(str::chars).map(visible));
    message.push_str(if bad_cut || rest_cut { "…" } else { "" });
    message.push_str("\n  ");
    message.push_str(&" ".repeat(lead.chars().count() + usize::from(lead_cut)));
    message.push_str(&"^".repeat(shown.chars().count().max(1)));

    let start = utf16_len(before);
    Invalid::new(field, message).at(start, start + utf16_len(bad))
}

/// A part of the text as a sentence quotes it: in backticks, on one line, not too long; the end of the text by its name.
pub(super) fn quoted(part: &str) -> String {
    if part.is_empty() {
        return "the end of the text".to_owned();
    }
    let (shown, cut) = first_chars(part, QUOTED_CHARS);
    let mut quoted = String::from("`");
    quoted.extend(shown.chars().map(visible));
    quoted.push_str(if cut { "…`" } else { "`" });
    quoted
}

fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Line breaks and other control characters would tear the excerpt from its caret.
fn visible(character: char) -> char {
    if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') { ' ' } else { character }
}

/// The first `count` characters, and whether that leaves some out.
fn first_chars(text: &str, count: usize) -> (&str, bool) {
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    (text.get(..end).unwrap_or_default(), end < text.len())
}

/// The last `count` characters, and whether that leaves some out.
fn last_chars(text: &str, count: usize) -> (&str, bool) {
    let start = text.char_indices().rev().take(count).last().map_or(text.len(), |(at, _)| at);
    (text.get(start..).unwrap_or_default(), start > 0)
}

#[cfg(test)]
mod tests {
    use super::refuse;
    use crate::model::Position;

    #[test]
    fn short_text_is_shown_whole() {
        let error = refuse("filters", "a bad c", 2..5, "no");
        assert_eq!(error.message, "filters: no\n  a bad c\n    ^^^");
        assert_eq!(error.position, Some(Position { start: 2, end: 5 }));
    }

    #[test]
    fn position_counts_utf16_and_caret_counts_characters() {
        let error = refuse("filters", "😀é bad", 7..10, "no");
        assert_eq!(error.message, "filters: no\n  😀é bad\n     ^^^");
        assert_eq!(error.position, Some(Position { start: 4, end: 7 }));
    }

    #[test]
    fn end_of_text_has_a_caret_too() {
        assert_eq!(refuse("filters", "ab", 2..2, "no").message, "filters: no\n  ab\n    ^");
        assert_eq!(refuse("filters", "", 0..0, "no").message, "filters: no\n  \n  ^");
    }

    #[test]
    fn seventy_six_characters_are_whole_and_one_more_is_cut() {
        let whole = "x".repeat(76);
        assert_eq!(refuse("f", &whole, 75..76, "no").message, format!("f: no\n  {whole}\n  {}^", " ".repeat(75)));
        let longer = "x".repeat(77);
        let cut = format!("f: no\n  …{}\n  {}^", "x".repeat(31), " ".repeat(31));
        assert_eq!(refuse("f", &longer, 76..77, "no").message, cut);
    }

    #[test]
    fn long_text_is_a_window_around_the_bad_part() {
        let text = format!("{}{}{}", "a".repeat(100), "é".repeat(3), "b".repeat(1_000_000));
        let error = refuse("f", &text, 100..106, "no");
        let window = format!("…{}ééé{}…", "a".repeat(30), "b".repeat(39));
        assert_eq!(error.message, format!("f: no\n  {window}\n  {}^^^", " ".repeat(31)));
        assert_eq!(error.position, Some(Position { start: 100, end: 103 }));
    }

    #[test]
    fn bad_part_longer_than_the_window_is_cut() {
        let error = refuse("f", &"x".repeat(1000), 0..1000, "no");
        assert_eq!(error.message, format!("f: no\n  {}…\n  {}", "x".repeat(42), "^".repeat(42)));
        assert_eq!(error.position, Some(Position { start: 0, end: 1000 }));
    }

    #[test]
    fn line_breaks_do_not_tear_the_excerpt() {
        assert_eq!(refuse("f", "a\n\0b", 3..4, "no").message, "f: no\n  a  b\n     ^");
    }
}

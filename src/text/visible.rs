//! Shows what a text holds that is not seen: a server could end a line of a log with it, or turn the direction of one.

/// First and last of each range of Cc, Cf (but the two joiners, which scripts and emoji are written with), Zl and Zp. Unicode 16.
const UNSEEN: [(char, char); 24] = [
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200b}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

/// Whether all of a text is seen.
pub fn is_visible(text: &str) -> bool {
    !text.chars().any(is_unseen)
}

/// The text with an escape in the place of each character that is not seen: `\n`, `\r`, `\t`, or `\u{202e}`.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            unseen if is_unseen(unseen) => escape(unseen, &mut shown),
            seen => shown.push(seen),
        }
    }
    shown
}

/// Whether a character is of Cc, Cf, Zl or Zp, and no joiner.
pub fn is_unseen(character: char) -> bool {
    !matches!(character, ' '..='~') && UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

fn escape(character: char, into: &mut String) {
    into.push_str("\\u{");
    let code = u32::from(character);
    let places = (0..6).rev().filter(|place| *place == 0 || code >> (4 * place) > 0);
    into.extend(places.filter_map(|place| char::from_digit(code >> (4 * place) & 15, 16)));
    into.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_an_escape() {
        assert_eq!(visible("a\nb\r\n\tc"), "a\\nb\\r\\n\\tc");
        assert_eq!(
            visible("\u{202e}gnp.exe\u{2028}\u{9b}31m\u{feff}\u{e0041}"),
            "\\u{202e}gnp.exe\\u{2028}\\u{9b}31m\\u{feff}\\u{e0041}"
        );
        assert_eq!(visible("\u{7f}\u{1b}[2J\0\u{10}"), "\\u{7f}\\u{1b}[2J\\u{0}\\u{10}");
    }

    #[test]
    fn what_is_seen_stays() {
        for text in ["", "Größe ≤ 3 µm", "日本", "نیم\u{200c}فاصله", "👩\u{200d}🔧", "\u{a0}\u{2003}", "\u{fffd}"]
        {
            assert!(is_visible(text));
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn ranges_are_in_order_and_apart() {
        assert!(UNSEEN.iter().all(|(first, last)| first <= last));
        assert!(UNSEEN.iter().zip(UNSEEN.iter().skip(1)).all(|((_, last), (next, _))| last < next));
    }
}

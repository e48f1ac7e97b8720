//! Finds a text in a text, in linear time (Knuth, Morris, Pratt): the search of `str` would add two KiB to the .wasm, and comes
//! with its search for a character, too.

/// Where the first `part` begins.
fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    // Most are looked for in something shorter: a token in a request id.
    if part.len() > text.len() {
        return None;
    }
    let mut borders = vec![0];
    let mut matched = 0;
    for byte in part.iter().skip(1) {
        matched = lengthen(part, &borders, matched, *byte);
        borders.push(matched);
    }
    matched = 0;
    for (at, byte) in text.iter().enumerate() {
        if matched == part.len() {
            return Some(at - matched);
        }
        matched = lengthen(part, &borders, matched, *byte);
    }
    (matched == part.len()).then(|| text.len() - matched)
}

/// How much of `part` stands before and with `byte`, where `matched` bytes of it stood before. `borders` says for each
/// beginning of `part` how long a beginning it ends with.
fn lengthen(part: &[u8], borders: &[usize], mut matched: usize, byte: u8) -> usize {
    while part.get(matched) != Some(&byte) {
        match matched.checked_sub(1).and_then(|last| borders.get(last)) {
            Some(shorter) => matched = *shorter,
            None => return 0,
        }
    }
    matched + 1
}

/// What stands before and behind the first `part`.
pub fn split_once<'t>(text: &'t str, part: &str) -> Option<(&'t str, &'t str)> {
    let at = position(text.as_bytes(), part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// What stands before the first of these characters of ASCII, and from it on.
pub fn split_before_any<'t>(text: &'t str, any: &[u8]) -> Option<(&'t str, &'t str)> {
    text.split_at_checked(text.bytes().position(|byte| any.contains(&byte))?)
}

/// Whether `part` stands anywhere.
pub fn contains(text: &str, part: &str) -> bool {
    position(text.as_bytes(), part.as_bytes()).is_some()
}

/// `by` in the place of every `part`, which is not empty.
pub fn replace(text: &str, part: &str, by: &str) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, behind)) = split_once(rest, part).filter(|_| !part.is_empty()) {
        done.push_str(before);
        done.push_str(by);
        rest = behind;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_the_standard_library_finds() {
        let words: Vec<String> = (0..1 << 9).map(|bits| format!("{bits:b}")).collect();
        for text in &words {
            for part in words.iter().take(64).chain([&String::new()]) {
                assert_eq!(split_once(text, part), text.split_once(part.as_str()), "{text} {part}");
                assert_eq!(contains(text, part), text.contains(part.as_str()), "{text} {part}");
            }
            for part in words.iter().take(64) {
                assert_eq!(replace(text, part, "01"), text.replace(part.as_str(), "01"), "{text} {part}");
            }
        }
        assert_eq!(replace("äöä-", "ä", "é"), "éöé-");
    }

    #[test]
    fn nothing_stands_before_everything_and_is_replaced_nowhere() {
        assert!(contains("a", "") && contains("", "") && !contains("", "a"));
        assert_eq!((split_once("ab", ""), replace("ab", "", "x")), (Some(("", "ab")), "ab".to_owned()));
    }

    #[test]
    fn it_takes_linear_time() {
        assert!(!contains(&"a".repeat(1_000_000), &("a".repeat(500_000) + "b")));
    }
}

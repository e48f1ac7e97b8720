//! Finds a text in a text, in linear time (Knuth, Morris, Pratt), and takes a text apart at a character: the search of `str`, and
//! its patterns, would add three KiB to the .wasm.

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

/// Bytes as a text, with U+FFFD in the place of what is no UTF-8: as `String::from_utf8_lossy`, in a fifth of its code.
pub fn of_bytes(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    while let Err(error) = str::from_utf8(bytes) {
        let (good, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
        text.push_str(str::from_utf8(good).unwrap_or_default());
        text.push('\u{fffd}');
        bytes = rest.get(error.error_len().unwrap_or(rest.len())..).unwrap_or_default();
    }
    text.push_str(str::from_utf8(bytes).unwrap_or_default());
    text
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

/// What stands before the first of this character of ASCII, and behind it.
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// What stands between each two of a character: a single part where there is none of it.
pub struct Parts<'t> {
    rest: Option<&'t str>,
    between: u8,
}

impl<'t> Iterator for Parts<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest.take()?;
        let Some((part, rest)) = cut(text, self.between) else { return Some(text) };
        self.rest = Some(rest);
        Some(part)
    }
}

/// The parts of a text between all of this character of ASCII.
pub fn parts(text: &str, between: u8) -> Parts<'_> {
    Parts { rest: Some(text), between }
}

/// The same, where there are exactly so many.
pub fn exactly<const N: usize>(text: &str, between: u8) -> Option<[&str; N]> {
    let mut found = [""; N];
    fill(&mut found, parts(text, between)).then_some(found)
}

fn fill<'t>(places: &mut [&'t str], mut parts: Parts<'t>) -> bool {
    for place in places {
        let Some(part) = parts.next() else { return false };
        *place = part;
    }
    parts.next().is_none()
}

/// Whether `part` stands anywhere.
pub fn contains(text: &str, part: &str) -> bool {
    position(text.as_bytes(), part.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_the_text_that_the_standard_library_makes_of_them() {
        for first in 0..=u8::MAX {
            for rest in [
                &b""[..],
                b"a",
                b"\x80",
                b"\x9f\x98",
                b"\x9f\x98\x80",
                b"\xa0\x80",
                b"\xed\xa0\x80b",
                b"\xf4\x90\x80\x80",
                b"\xc3",
            ] {
                let bytes = [b"x", &[first][..], rest, "é".as_bytes()].concat();
                assert_eq!(of_bytes(&bytes), String::from_utf8_lossy(&bytes), "{bytes:x?}");
                assert_eq!(of_bytes(&bytes[..2 + rest.len()]), String::from_utf8_lossy(&bytes[..2 + rest.len()]));
            }
        }
        assert_eq!(of_bytes(b""), "");
    }

    #[test]
    fn parts_are_those_of_the_standard_library() {
        for text in ["", ",", "a", "a,b", ",a,,ä,", "ö,😀"] {
            assert_eq!(parts(text, b',').collect::<Vec<_>>(), text.split(',').collect::<Vec<_>>(), "{text}");
            assert_eq!(cut(text, b','), text.split_once(','), "{text}");
        }
        assert_eq!(exactly("a:b:", b':'), Some(["a", "b", ""]));
        assert_eq!((exactly::<2>("a:b:", b':'), exactly::<4>("a:b:", b':')), (None, None));
    }

    #[test]
    fn it_finds_what_the_standard_library_finds() {
        let words: Vec<String> = (0..1 << 9).map(|bits| format!("{bits:b}")).collect();
        for text in &words {
            for part in words.iter().take(64).chain([&String::new()]) {
                assert_eq!(split_once(text, part), text.split_once(part.as_str()), "{text} {part}");
                assert_eq!(contains(text, part), text.contains(part.as_str()), "{text} {part}");
            }
        }
    }

    #[test]
    fn nothing_stands_before_everything() {
        assert!(contains("a", "") && contains("", "") && !contains("", "a"));
        assert_eq!(split_once("ab", ""), Some(("", "ab")));
    }

    #[test]
    fn it_takes_linear_time() {
        assert!(!contains(&"a".repeat(1_000_000), &("a".repeat(500_000) + "b")));
    }
}

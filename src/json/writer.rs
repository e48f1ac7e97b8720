//! Joins JSON texts to the text of an object or array.

/// Writes an object from names and values that are JSON text already.
#[derive(Default)]
pub struct ObjectWriter {
    text: String,
}

impl ObjectWriter {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member: `key` is its name in quotes, as [`Member::key`](crate::json::Member::key) and [`quote`] give it,
    /// `value` its value's text.
    pub fn member(&mut self, key: &str, value: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(key);
        self.text.push(':');
        self.text.push_str(value);
    }

    /// The object's text.
    pub fn finish(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "{}" } else { "}" });
        self.text
    }
}

/// The text of an array of values that are JSON text already.
pub fn write_array(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}

/// `text` as a JSON string, in quotes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_string(&mut quoted, text);
    quoted
}

/// Writes `text` as a JSON string, in quotes.
pub fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for part in text.split_inclusive(needs_escape) {
        let mut chars = part.chars();
        match chars.next_back().filter(|last| needs_escape(*last)) {
            Some(last) => {
                json.push_str(chars.as_str());
                escape(json, last);
            }
            None => json.push_str(part),
        }
    }
    json.push('"');
}

fn needs_escape(char: char) -> bool {
    matches!(char, '"' | '\\' | '\0'..='\x1f')
}

fn escape(json: &mut String, char: char) {
    let letter = match char {
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x08' => 'b',
        '\x0c' => 'f',
        '"' | '\\' => char,
        _ => {
            json.push_str("\\u00");
            for digit in [u32::from(char) >> 4, u32::from(char) & 15] {
                json.extend(char::from_digit(digit, 16));
            }
            return;
        }
    };
    json.push('\\');
    json.push(letter);
}

#[cfg(test)]
mod tests {
    use super::{ObjectWriter, quote, write_array};

    #[test]
    fn members_are_joined_as_they_come() {
        assert_eq!(ObjectWriter::new().finish(), "{}");
        let mut writer = ObjectWriter::new();
        writer.member(r#""a""#, "1.50");
        writer.member(&quote("b\"\n"), &write_array(&["{}".to_owned(), "[]".to_owned()]));
        assert_eq!(writer.finish(), r#"{"a":1.50,"b\"\n":[{},[]]}"#);
        assert_eq!(write_array(&[]), "[]");
    }

    #[test]
    fn quoted_text_is_json_for_any_character() {
        let text: String = (0..0x3000).filter_map(char::from_u32).chain(['\u{feff}', '\u{ffff}', '😀']).collect();
        assert_eq!(serde_json::from_str::<String>(&quote(&text)).ok(), Some(text));
    }
}

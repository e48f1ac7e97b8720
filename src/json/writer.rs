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
    serde_json::to_string(text).unwrap_or_default()
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

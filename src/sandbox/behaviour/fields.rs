//! Turns one JSON object of options into checked values, or into an error that names the field.

use serde_json::{Map, Value};

use crate::Invalid;
use crate::text::similar::nearest;

/// Whole numbers that a double holds exactly, the bound where there is no better one.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// An object of options, and where it stands in the options as a whole.
pub(crate) struct Fields<'v> {
    at: String,
    map: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    /// Reads the argument called `name`, whose fields are named by themselves.
    pub(crate) fn of(name: &str, value: &'v Value, known: &[&str]) -> Result<Self, Invalid> {
        Self::read(name, "", value, known)
    }

    /// Reads the object that stands at `at`, whose fields are named `at.field`.
    pub(crate) fn within(at: &str, value: &'v Value, known: &[&str]) -> Result<Self, Invalid> {
        Self::read(at, at, value, known)
    }

    fn read(name: &str, at: &str, value: &'v Value, known: &[&str]) -> Result<Self, Invalid> {
        let Value::Object(map) = value else {
            return Err(Invalid::new(name.to_owned(), format!("{name} must be an object, got {}", kind(value))));
        };
        let fields = Self { at: at.to_owned(), map };
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(fields.unknown(unknown, known)),
            None => Ok(fields),
        }
    }

    /// The name of a field as a user would write it: `behaviour.secrets`.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        self.map.get(name)
    }

    /// How many fields there are.
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'v str>, Invalid> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.refuse(name, "a string", other)),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.refuse(name, "a boolean", other)),
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Invalid> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_u64().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.refuse(name, &format!("a whole number, {least} to {most}"), value)),
        }
    }

    /// One of a few values, given with what each stands for.
    pub(crate) fn choice<T: Copy>(&self, name: &str, choices: &[(Value, T)]) -> Result<Option<T>, Invalid> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if let Some((_, meaning)) = choices.iter().find(|(choice, _)| choice == value) {
            return Ok(Some(*meaning));
        }
        let names: Vec<String> = choices.iter().map(|(choice, _)| choice.to_string()).collect();
        Err(self.refuse(name, &names.join(" or "), value))
    }

    /// An error of this field; a text is not repeated, it may be a secret.
    pub(crate) fn refuse(&self, name: &str, expected: &str, got: &Value) -> Invalid {
        let path = self.path(name);
        let got = match got {
            Value::Number(number) => number.to_string(),
            other => kind(other).to_owned(),
        };
        Invalid::new(path.clone(), format!("{path} must be {expected}, got {got}"))
    }

    /// An error of a field that must be there.
    pub(crate) fn missing(&self, name: &str, expected: &str) -> Invalid {
        let path = self.path(name);
        Invalid::new(path.clone(), format!("{path} must be {expected}, got nothing"))
    }

    fn unknown(&self, name: &str, known: &[&str]) -> Invalid {
        let hint = match nearest(name, known) {
            Some(known) => format!("did you mean {}?", self.path(known)),
            None => format!("known are {}", known.join(", ")),
        };
        let path = self.path(name);
        Invalid::new(path.clone(), format!("{path} is not an option: {hint}"))
    }
}

/// What a person calls a value.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message<T>(result: Result<T, Invalid>) -> String {
        result.err().map(|invalid| format!("{}: {}", invalid.field, invalid.message)).unwrap_or_default()
    }

    #[test]
    fn an_unknown_field_is_named_with_its_likely_meaning() {
        let hint = |name: &str| message(Fields::within("behaviour", &json!({ name: 1 }), &["secrets", "exposeTotal"]));
        assert_eq!(
            hint("secret"),
            "behaviour.secret: behaviour.secret is not an option: did you mean behaviour.secrets?"
        );
        assert!(hint("exposetotal").ends_with("did you mean behaviour.exposeTotal?"));
        assert!(hint("esxposeTotol").ends_with("did you mean behaviour.exposeTotal?"));
        assert!(hint("total").ends_with("known are secrets, exposeTotal"));
    }

    #[test]
    fn a_wrong_type_names_the_field_and_both_types_but_no_text() {
        let value = json!({ "a": "hush", "n": 1.5, "z": null });
        let fields = Fields::of("options", &value, &["a", "n", "z"]).unwrap();
        assert_eq!(message(fields.flag("a")), "a: a must be a boolean, got a string");
        assert_eq!(message(fields.whole("n", 0, 9)), "n: n must be a whole number, 0 to 9, got 1.5");
        assert_eq!(message(fields.text("z")), "z: z must be a string, got null");
        assert_eq!(
            message(fields.choice("a", &[(json!("b"), 1), (json!(400), 2)])),
            "a: a must be \"b\" or 400, got a string"
        );
        assert_eq!(message(Fields::of("options", &json!([]), &[])), "options: options must be an object, got an array");
    }

    #[test]
    fn a_whole_number_keeps_to_its_range() {
        let value = json!({ "least": 1, "most": 9, "below": 0, "above": 10, "negative": -1, "float": 3.0 });
        let fields = Fields::of("options", &value, &["least", "most", "below", "above", "negative", "float"]).unwrap();
        assert_eq!(fields.whole("least", 1, 9), Ok(Some(1)));
        assert_eq!(fields.whole("most", 1, 9), Ok(Some(9)));
        assert_eq!(fields.whole("absent", 1, 9), Ok(None));
        for name in ["below", "above", "negative", "float"] {
            assert!(fields.whole(name, 1, 9).is_err(), "{name}");
        }
    }
}

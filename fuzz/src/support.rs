//! What several properties ask of a text or a value.

use serde_json::{Map, Value};

/// Parts the texts of an input that holds several: a control character, so no JSON text has it inside.
const SEPARATOR: char = '\u{1e}';

/// The text before the separator and the one behind it.
pub fn halves(text: &str) -> (&str, &str) {
    text.split_once(SEPARATOR).unwrap_or((text, ""))
}

/// Whether a text can stand in one line of a log.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// Whether serde_json may refuse a JSON text that is one: Rust's strings hold no half of a surrogate pair, its numbers end
/// at `f64::MAX`, and its values nest less deep than an ignored one.
pub fn is_beyond_rust(text: &str, error: &serde_json::Error) -> bool {
    let reason = error.to_string();
    let has_surrogate = text.to_ascii_lowercase().contains(r"\ud");
    has_surrogate || reason.starts_with("number out of range") || reason.starts_with("recursion limit exceeded")
}

/// Whether two values say the same, whichever way their numbers were written. A number is a rounded one here, and serde_json
/// may round two ways to write it differently in the last place.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else { return left == right };
            (left - right).abs() <= left.abs().max(right.abs()) * 1e-15
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => same_members(left, right),
        _ => left == right,
    }
}

/// The same of two objects.
pub fn same_members(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    left.len() == right.len() && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
}

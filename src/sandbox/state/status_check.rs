//! Turns the body of a status-check update into the two numbers that the tenant keeps.

use serde_json::{Map, Value};

use crate::wire::QueuedCheckConfigDetails;

use super::dto;
use crate::sandbox::http::problem::{Problem, bad};

/// The tenant-wide singleton: minutes between two checks, days after which they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusCheck([u32; 2]);

impl Default for StatusCheck {
    /// The values of the API document's examples.
    fn default() -> Self {
        Self([30, 2])
    }
}

impl StatusCheck {
    /// Reads both members, which may be strings or numbers: the document's schema and examples disagree. That a number is
    /// whole, above 0 and within 32 bits is assumed; the server's limits are unknown.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        dto::check(&QueuedCheckConfigDetails::SHAPE, body)?;
        let body = dto::parse(body)?;
        let [minutes, days] = QueuedCheckConfigDetails::FIELDS;
        Ok(Self([whole(&body, minutes)?, whole(&body, days)?]))
    }

    /// The answer, its values as strings (the schema) or numbers (the examples).
    pub(crate) fn answer(self, numbers: bool) -> Value {
        let value = |number: u32| if numbers { Value::from(number) } else { Value::from(number.to_string()) };
        let members = QueuedCheckConfigDetails::FIELDS.into_iter().zip(self.0);
        Value::Object(members.map(|(name, number)| (name.to_owned(), value(number))).collect::<Map<_, _>>())
    }
}

fn whole(body: &Value, name: &str) -> Result<u32, Problem> {
    let digits = match body.get(name) {
        Some(Value::String(text)) => text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.clone()),
        Some(Value::Number(number)) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    };
    let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| bad(format!("/{name} must be a whole number above 0")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(minutes: Value, days: Value) -> Result<StatusCheck, Problem> {
        let [first, second] = QueuedCheckConfigDetails::FIELDS;
        StatusCheck::read(json!({ first: minutes, second: days }).to_string().as_bytes())
    }

    #[test]
    fn whole_numbers_above_0_are_taken_as_strings_or_numbers() {
        assert_eq!(read(json!("15"), json!(3)), Ok(StatusCheck([15, 3])));
        assert_eq!(read(json!("4294967295"), json!("1")), Ok(StatusCheck([u32::MAX, 1])));
        for wrong in [
            json!("0"),
            json!(0),
            json!(-1),
            json!("-1"),
            json!("+1"),
            json!(1.5),
            json!(""),
            json!(" 1"),
            json!("4294967296"),
            json!("1e3"),
            json!(null),
            json!([]),
        ] {
            assert!(read(wrong.clone(), json!("1")).is_err(), "{wrong}");
            assert!(read(json!("1"), wrong.clone()).is_err(), "{wrong}");
        }
        assert!(StatusCheck::read(br#"{"provisioningMaxStatusCheckDays":"1"}"#).is_err());
    }

    #[test]
    fn the_answer_has_strings_or_numbers() {
        let [minutes, days] = QueuedCheckConfigDetails::FIELDS;
        assert_eq!(StatusCheck::default().answer(false), json!({ minutes: "30", days: "2" }));
        assert_eq!(StatusCheck::default().answer(true), json!({ minutes: 30, days: 2 }));
    }
}

//! Turns the option `behaviour` into the answers to what nobody has published of the real server.

use serde_json::{Value, json};

use crate::Invalid;

use super::fields::Fields;

/// What nobody has published of the real server, each as it is to be here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Behaviour {
    pub(crate) secrets: Secrecy,
    pub(crate) duplicate_name: u16,
    pub(crate) past_end_is_400: bool,
    pub(crate) boolean_filters: bool,
    pub(crate) status_check_numbers: bool,
    pub(crate) expose_total: bool,
}

/// How secret attributes are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Ciphertext,
    Masked,
    Omitted,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            secrets: Secrecy::Ciphertext,
            duplicate_name: 400,
            past_end_is_400: false,
            boolean_filters: true,
            status_check_numbers: false,
            expose_total: true,
        }
    }
}

impl Behaviour {
    /// This behaviour but for what `value` says.
    pub(crate) fn changed(self, value: &Value) -> Result<Self, Invalid> {
        let known = ["secrets", "duplicateName", "pastEnd", "booleanFilters", "statusCheck", "exposeTotal"];
        let fields = Fields::within("behaviour", value, &known)?;
        let secrets = [
            (json!("ciphertext"), Secrecy::Ciphertext),
            (json!("masked"), Secrecy::Masked),
            (json!("omitted"), Secrecy::Omitted),
        ];
        let numbers = [(json!("strings"), false), (json!("numbers"), true)];
        Ok(Self {
            secrets: fields.choice("secrets", &secrets)?.unwrap_or(self.secrets),
            duplicate_name: fields
                .choice("duplicateName", &[(json!(400), 400), (json!(409), 409)])?
                .unwrap_or(self.duplicate_name),
            past_end_is_400: fields
                .choice("pastEnd", &[(json!("empty"), false), (json!(400), true)])?
                .unwrap_or(self.past_end_is_400),
            boolean_filters: fields.flag("booleanFilters")?.unwrap_or(self.boolean_filters),
            status_check_numbers: fields.choice("statusCheck", &numbers)?.unwrap_or(self.status_check_numbers),
            expose_total: fields.flag("exposeTotal")?.unwrap_or(self.expose_total),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_behaviour_can_be_had_both_ways() {
        let json = json!({ "secrets": "omitted", "duplicateName": 409, "pastEnd": 400,
            "booleanFilters": false, "statusCheck": "numbers", "exposeTotal": false });
        let other = Behaviour {
            secrets: Secrecy::Omitted,
            duplicate_name: 409,
            past_end_is_400: true,
            boolean_filters: false,
            status_check_numbers: true,
            expose_total: false,
        };
        assert_eq!(Behaviour::default().changed(&json), Ok(other));
        let json = json!({ "secrets": "ciphertext", "duplicateName": 400, "pastEnd": "empty",
            "booleanFilters": true, "statusCheck": "strings", "exposeTotal": true });
        assert_eq!(other.changed(&json), Ok(Behaviour::default()));
    }
}

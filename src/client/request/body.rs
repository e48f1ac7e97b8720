//! Turns what a caller gave, as `JSON.stringify` wrote it, into the body that is sent.

use crate::Invalid;
use crate::json::{Json, Kind, ObjectWriter, quote};
use crate::wire::integration::{READ_ONLY, SERVER_FIELDS, without_read_only};
use crate::wire::{QueuedCheckConfigDetails, Secret, ServiceDeskIntegrationInput};

/// Fields in which a null says the same as nothing. `cluster` is not among them: the API's document knows a null there.
const NULL_MEANS_ABSENT: [&str; 6] = [
    "ownerRef",
    "clusterRef",
    "managedSources",
    "provisioningConfig",
    "beforeProvisioningRule",
    "credentialProviderEnabled",
];

/// The body of create and replace: what the server owns is left out, as are nulls that say nothing; what this
/// version does not know is sent as it came.
///
/// # Errors
///
/// [`Invalid`] with a JSON Pointer where a required field is missing or a known one has the wrong type.
pub fn integration(json: &str) -> Result<Secret, Invalid> {
    ServiceDeskIntegrationInput::SHAPE.check_input(json)?;
    let members = Json::parse(json).ok().and_then(Json::as_object).unwrap_or_default();
    let mut writer = ObjectWriter::new();
    for member in members.members() {
        let name = member.name().unwrap_or_default();
        let says_nothing = member.value.kind() == Kind::Null && NULL_MEANS_ABSENT.contains(&name);
        if !says_nothing && !SERVER_FIELDS.contains(&name) {
            let is_config = name == READ_ONLY.0;
            let value = if is_config { without_read_only(member.value) } else { member.value.text().into() };
            writer.member(member.key(), &value);
        }
    }
    Ok(Secret::new(writer.finish()))
}

/// The body of the status check's update: whole numbers above 0, as the strings that the API wants.
///
/// # Errors
///
/// [`Invalid`] with a JSON Pointer where a value is missing or no such number.
pub fn status_check(json: &str) -> Result<Secret, Invalid> {
    QueuedCheckConfigDetails::SHAPE.check_input(json)?;
    let members = Json::parse(json).ok().and_then(Json::as_object).unwrap_or_default();
    let mut writer = ObjectWriter::new();
    for name in QueuedCheckConfigDetails::FIELDS {
        let digits = members.get(name).and_then(whole_number);
        let digits = digits.ok_or_else(|| {
            Invalid::new(
                ["/", name].concat(),
                ["/", name, " must be a whole number above 0, as a number or in a string"].concat(),
            )
        })?;
        writer.member(&quote(name), &quote(&digits));
    }
    Ok(Secret::new(writer.finish()))
}

fn whole_number(value: Json<'_>) -> Option<String> {
    let digits = value.as_str().map_or_else(|| value.text().to_owned(), |text| text.into_owned());
    let is_number =
        digits.parse::<u32>().is_ok_and(|number| number > 0) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn sends(given: &str, sent: &str) {
        assert_eq!(integration(given).map(|body| body.reveal().to_owned()), Ok(sent.to_owned()));
    }

    #[test]
    fn the_servers_fields_and_empty_nulls_are_left_out_and_the_rest_is_kept() {
        sends(
            r#"{"id":"1","name":"n","created":"c","modified":null,"description":"d","type":"t","attributes":{"a":1.0,"id":2},
            "ownerRef":null,"clusterRef":null,"cluster":null,"managedSources":null,"provisioningConfig":null,
            "beforeProvisioningRule":null,"credentialProviderEnabled":null,"new":null,"newer":[1,2]}"#,
            r#"{"name":"n","description":"d","type":"t","attributes":{"a":1.0,"id":2},"cluster":null,"new":null,"newer":[1,2]}"#,
        );
    }

    #[test]
    fn the_read_only_member_of_a_field_is_left_out() {
        sends(
            r#"{"name":"n","description":"d","type":"t","attributes":{"universalManager":1},
            "provisioningConfig":{"universalManager":true,"noProvisioningRequests":false,"new":1.0}}"#,
            r#"{"name":"n","description":"d","type":"t","attributes":{"universalManager":1},"provisioningConfig":{"noProvisioningRequests":false,"new":1.0}}"#,
        );
    }

    #[test]
    fn a_required_field_is_named_where_it_is_missing() {
        let field = |given: &str| integration(given).expect_err("a bad body").into_inner().field.into_owned();
        assert_eq!(field(r#"{"description":"d","type":"t","attributes":{}}"#), "/name");
        assert_eq!(field(r#"{"name":"n","type":"t","attributes":{}}"#), "/description");
        assert_eq!(field(r#"{"name":"n","description":null,"type":"t","attributes":{}}"#), "/description");
        assert_eq!(field(r#"{"name":"n","description":"d","attributes":{}}"#), "/type");
        assert_eq!(field(r#"{"name":"n","description":"d","type":"t"}"#), "/attributes");
        assert_eq!(field(r#"{"name":"n","description":"d","type":"t","attributes":null}"#), "/attributes");
        assert_eq!(field(r#"{"name":"n","description":"d","type":"t","attributes":[]}"#), "/attributes");
        assert_eq!(field("[]"), "");
        let reference = r#"{"name":"n","description":"d","type":"t","attributes":{},"ownerRef":{"id":7}}"#;
        assert_eq!(field(reference), "/ownerRef/id");
    }

    #[test]
    fn status_check_numbers_are_sent_as_strings() {
        let sent = |minutes: &str, days: &str| {
            let given = format!(
                r#"{{"provisioningMaxStatusCheckDays":{days},"provisioningStatusCheckIntervalMinutes":{minutes}}}"#
            );
            status_check(&given)
                .map(|body| body.reveal().to_owned())
                .map_err(|invalid| invalid.into_inner().field.into_owned())
        };
        let expected = r#"{"provisioningStatusCheckIntervalMinutes":"15","provisioningMaxStatusCheckDays":"2"}"#;
        assert_eq!(sent("15", "\"2\""), Ok(expected.to_owned()));
        for bad in ["0", "-1", "1.5", "1e3", "\"\"", "\" 5\"", "\"+5\"", "\"five\"", "4294967296", "null", "true"] {
            assert_eq!(sent(bad, "2"), Err("/provisioningStatusCheckIntervalMinutes".to_owned()), "{bad}");
            assert_eq!(sent("2", bad), Err("/provisioningMaxStatusCheckDays".to_owned()), "{bad}");
        }
    }
}

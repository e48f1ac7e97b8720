//! Turns what a caller gave, as `JSON.stringify` wrote it, into the body that is sent.

use std::borrow::Cow;

use crate::Invalid;
use crate::json::shape::Shape;
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

/// The body of create and replace: what the server owns is left out, as are nulls that say nothing.
///
/// # Errors
///
/// [`Invalid`] with a JSON Pointer where a required field is missing, a known one has the wrong type, or one that `record` does not
/// have is probably a known one misspelled.
pub fn integration(json: &str, record: &str) -> Result<Secret, Invalid> {
    written(&ServiceDeskIntegrationInput::SHAPE, json, record, &|name, value| {
        let says_nothing = value.kind() == Kind::Null && NULL_MEANS_ABSENT.contains(&name);
        Ok(match name {
            _ if says_nothing || SERVER_FIELDS.contains(&name) => None,
            _ if name == READ_ONLY.0 => Some(without_read_only(value)),
            _ => Some(value.text().into()),
        })
    })
}

/// The body of the status check's update: whole numbers above 0, as the strings that the API wants.
///
/// # Errors
///
/// [`Invalid`] with a JSON Pointer where a value is missing or no such number, or a name is probably a known one misspelled.
pub fn status_check(json: &str) -> Result<Secret, Invalid> {
    written(&QueuedCheckConfigDetails::SHAPE, json, "", &|name, value| {
        if !QueuedCheckConfigDetails::FIELDS.contains(&name) {
            return Ok(Some(value.text().into()));
        }
        let refused = || {
            let path = ["/", name].concat();
            let message = [&path, " must be a whole number above 0, as a number or in a string"].concat();
            Invalid::new(path, message)
        };
        Ok(Some(quote(&whole_number(value).ok_or_else(refused)?).into()))
    })
}

/// What is sent of a member; `None` where it is left out.
type Write = dyn for<'j> Fn(&str, Json<'j>) -> Result<Option<Cow<'j, str>>, Invalid>;

/// A body of this shape. What this version does not know is sent as it came.
fn written(shape: &Shape, json: &str, record: &str, write: &Write) -> Result<Secret, Invalid> {
    shape.check_input(json, record)?;
    let members = Json::parse(json).ok().and_then(Json::as_object).unwrap_or_default();
    let mut writer = ObjectWriter::new();
    for member in members.members() {
        if let Some(value) = write(member.name().unwrap_or_default(), member.value)? {
            writer.member(member.key(), &value);
        }
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

    const REQUIRED: &str = r#""name":"n","description":"d","type":"t","attributes":{}"#;

    #[track_caller]
    fn sends(given: &str, sent: &str) {
        assert_eq!(integration(given, "").map(|body| body.reveal().to_owned()), Ok(sent.to_owned()));
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
        let field = |given: &str| integration(given, "").expect_err("a bad body").into_inner().field.into_owned();
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
        let expected = r#"{"provisioningMaxStatusCheckDays":"2","provisioningStatusCheckIntervalMinutes":"15"}"#;
        assert_eq!(sent("15", "\"2\""), Ok(expected.to_owned()));
        for bad in ["0", "-1", "1.5", "1e3", "\"\"", "\" 5\"", "\"+5\"", "\"five\"", "4294967296", "null", "true"] {
            assert_eq!(sent(bad, "2"), Err("/provisioningStatusCheckIntervalMinutes".to_owned()), "{bad}");
            assert_eq!(sent("2", bad), Err("/provisioningMaxStatusCheckDays".to_owned()), "{bad}");
        }
    }

    #[test]
    fn a_likely_misspelling_is_refused_with_the_name_that_was_meant() {
        let field = |given: &str| integration(given, "").expect_err(given).into_inner();
        for (misspelled, meant) in [
            (r#""ownerref":{}"#, "ownerRef"),
            (r#""desciption":"x""#, "description"),
            (r#""manegedSources":[]"#, "managedSources"),
            (r#""clutserRef":{}"#, "clusterRef"),
        ] {
            let refused = field(&["{", REQUIRED, ",", misspelled, "}"].concat());
            assert_eq!(misspelled.split('"').nth(1), refused.field.strip_prefix("/"), "{misspelled}");
            assert!(refused.message.ends_with(&["did you mean ", meant, "?"].concat()), "{}", refused.message);
        }
        for (inner, path) in [
            (r#""clusterRef":{"ID":"a"}"#, "/clusterRef/ID"),
            (r#""provisioningConfig":{"managedSResourceRefs":[]}"#, "/provisioningConfig/managedSResourceRefs"),
            (
                r#""provisioningConfig":{"managedResourceRefs":[{"id":"a"},{"Type":"SOURCE"}]}"#,
                "/provisioningConfig/managedResourceRefs/1/Type",
            ),
        ] {
            assert_eq!(field(&["{", REQUIRED, ",", inner, "}"].concat()).field, path);
        }
        // A name that is missing may be the one that is misspelled.
        assert_eq!(field(r#"{"name":"n","descriptoin":"d","type":"t","attributes":{}}"#).field, "/descriptoin");
        let refused = status_check(
            r#"{"provisioningStatusCheckIntervalMinute":1,"provisioningStatusCheckIntervalMinutes":1,
            "provisioningMaxStatusCheckdays":2}"#,
        );
        assert_eq!(refused.expect_err("a misspelling").into_inner().field, "/provisioningMaxStatusCheckdays");
    }

    #[test]
    fn other_members_and_those_of_the_record_are_no_misspellings() {
        for more in [
            r#""tomorrow":1"#,
            r#""mode":"x""#,
            r#""cluster":"c","clusters":["c"]"#,
            r#""ownerRef":{"id":"a","ids":[1],"ref":2}"#,
            r#""__proto__":{"ID":1}"#,
        ] {
            let given = ["{", REQUIRED, ",", more, "}"].concat();
            assert!(integration(&given, "").is_ok_and(|body| body.reveal() == given), "{more}");
        }
        let free = r#"{"name":"n","description":"d","type":"t","attributes":{"ownerref":1,"Name":{"ID":2}}}"#;
        assert!(integration(free, "").is_ok());
        let given = ["{", REQUIRED, r#","ownerref":{"id":"a"},"clusterRef":{"ID":"b"}}"#].concat();
        assert!(integration(&given, &given).is_ok_and(|body| body.reveal() == given));
    }

    #[test]
    fn a_status_check_keeps_what_this_version_does_not_know() {
        let given = r#"{"provisioningStatusCheckIntervalMinutes":15,"tomorrow":{"a":1.0},"provisioningMaxStatusCheckDays":"2","nothing":null}"#;
        let sent = r#"{"provisioningStatusCheckIntervalMinutes":"15","tomorrow":{"a":1.0},"provisioningMaxStatusCheckDays":"2","nothing":null}"#;
        assert_eq!(status_check(given).map(|body| body.reveal().to_owned()), Ok(sent.to_owned()));
    }
}

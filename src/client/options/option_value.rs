//! Options as JavaScript gave them: untyped, and read with a clear word for every mistake.

use crate::Invalid;
use crate::clock::{Duration, TimeLimit};
use crate::text::decimal::whole;
use crate::text::similar::nearest;

/// A value whose type nobody has checked. It may hold a credential: it has no `Debug`.
#[derive(Clone)]
pub enum OptionValue {
    /// `undefined`: the default.
    Nothing,
    /// `null`: refused wherever it stands, as it is not the default.
    Null,
    /// A boolean.
    Flag(bool),
    /// A number, NaN and the infinities included.
    Number(f64),
    /// A well-formed string.
    Text(String),
    /// A URL.
    Url(String),
    /// The text of a filter.
    Filter(String),
    /// The text of a filter, a part of which is unchecked.
    RawFilter(String),
    /// Something that can be called.
    Function,
    /// An array.
    List(Vec<OptionValue>),
    /// A plain object.
    Object(Vec<(String, OptionValue)>),
    /// Anything else, with a name for it.
    Other(String),
}

impl OptionValue {
    /// What a person calls its kind.
    pub fn kind(&self) -> &str {
        match self {
            Self::Nothing => "nothing",
            Self::Null => "null",
            Self::Flag(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Url(_) => "an object",
            Self::Filter(_) | Self::RawFilter(_) => "a filter",
            Self::Function => "a function",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
            Self::Other(kind) => kind,
        }
    }
}

/// The members of an options object, each of which has a known name.
pub struct Fields<'g>(&'g [(String, OptionValue)]);

impl<'g> Fields<'g> {
    /// Opens the object `given`, which stands in the option `name`; `undefined` counts as empty.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is no object, or has a member whose name is not in `known`: a typo must not pass.
    pub fn of(name: &'static str, given: &'g OptionValue, known: &[&'static str]) -> Result<Self, Invalid> {
        let members: &[_] = match given {
            OptionValue::Nothing => &[],
            OptionValue::Object(members) => members,
            other => return Err(wrong(name, "an object", other)),
        };
        match members.iter().find(|(member, _)| !known.contains(&member.as_str())) {
            Some((unknown, _)) => Err(unknown_name(name, unknown, known)),
            None => Ok(Self(members)),
        }
    }

    /// The member, `Nothing` where it is absent.
    pub fn get(&self, name: &str) -> &'g OptionValue {
        self.0.iter().find(|(member, _)| member == name).map_or(&OptionValue::Nothing, |(_, given)| given)
    }

    /// Whether the member is there.
    pub fn has(&self, name: &str) -> bool {
        !matches!(self.get(name), OptionValue::Nothing)
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn text(&self, name: &'static str) -> Result<Option<&'g str>, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(None),
            OptionValue::Text(text) | OptionValue::Url(text) => Ok(Some(text)),
            other => Err(wrong(name, "a string", other)),
        }
    }

    /// A number of any size.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn number(&self, name: &'static str) -> Result<Option<f64>, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(None),
            OptionValue::Number(number) => Ok(Some(*number)),
            other => Err(wrong(name, "a number", other)),
        }
    }

    /// A whole number from 1 to `most`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn count(&self, name: &'static str, most: f64) -> Result<Option<u32>, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(None),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
            OptionValue::Number(count) if (1.0..=most).contains(count) && count.fract() == 0.0 => {
                Ok(Some(*count as u32))
            }
            other => Err(wrong(name, &["a whole number from 1 to ", &whole(most)].concat(), other)),
        }
    }

    /// A number of milliseconds, 0 or more.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn delay(&self, name: &'static str) -> Result<Option<Duration>, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(None),
            OptionValue::Number(ms) if ms.is_finite() && *ms >= 0.0 => Ok(Some(Duration(*ms))),
            other => Err(wrong(name, "a number of milliseconds, 0 or more", other)),
        }
    }

    /// A boolean; absent means false.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn flag(&self, name: &'static str) -> Result<bool, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(false),
            OptionValue::Flag(flag) => Ok(*flag),
            other => Err(wrong(name, "a boolean", other)),
        }
    }

    /// Checks that nothing or a function stands there; the function itself stays with the caller.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there.
    pub fn function(&self, name: &'static str) -> Result<(), Invalid> {
        match self.get(name) {
            OptionValue::Nothing | OptionValue::Function => Ok(()),
            other => Err(wrong(name, "a function", other)),
        }
    }

    /// A time limit: milliseconds above 0, or `"none"`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where something else stands there: null, 0, NaN and infinity do not lift a limit.
    pub fn time_limit(&self, name: &'static str) -> Result<Option<TimeLimit>, Invalid> {
        match self.get(name) {
            OptionValue::Nothing => Ok(None),
            OptionValue::Number(ms) if ms.is_finite() && *ms > 0.0 => Ok(Some(TimeLimit::Ms(*ms))),
            OptionValue::Text(text) if text == "none" => Ok(Some(TimeLimit::None)),
            other => Err(wrong(name, "a number of milliseconds above 0, or \"none\"", other)),
        }
    }
}

/// An option of the wrong type. Numbers are shown where they are whole: they are no secrets, and what is wrong about them
/// is their size.
pub fn wrong(name: &'static str, expected: &str, given: &OptionValue) -> Invalid {
    let got = match given {
        OptionValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e9 => whole(*number),
        OptionValue::Number(number) if number.is_nan() => "NaN".to_owned(),
        other => other.kind().to_owned(),
    };
    Invalid::new(name, [name, " must be ", expected, ", got ", &got].concat())
}

fn unknown_name(parent: &'static str, unknown: &str, known: &[&'static str]) -> Invalid {
    let place = if parent.is_empty() { String::new() } else { [" in ", parent].concat() };
    let hint = match nearest(unknown, known) {
        Some(known) => ["did you mean `", known, "`?"].concat(),
        None => ["known are ", &known.join(", ")].concat(),
    };
    let shown: String = unknown.chars().filter(|character| !character.is_control()).take(40).collect();
    Invalid::new(unknown.to_owned(), ["`", &shown, "` is no option", &place, ": ", &hint].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: Vec<(&str, OptionValue)>) -> OptionValue {
        OptionValue::Object(members.into_iter().map(|(name, given)| (name.to_owned(), given)).collect())
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_likely_one() {
        let open = |name: &str| {
            let given = object(vec![(name, OptionValue::Flag(true))]);
            Fields::of("", &given, &["tenant", "timeoutMs", "attemptTimeoutMs"])
                .map(|_| ())
                .map_err(|invalid| invalid.into_inner().message)
        };
        assert_eq!(open("tenant"), Ok(()));
        assert_eq!(open("Tenant"), Err("`Tenant` is no option: did you mean `tenant`?".into()));
        assert_eq!(open("timeoutMS"), Err("`timeoutMS` is no option: did you mean `timeoutMs`?".into()));
        assert_eq!(open("tennant"), Err("`tennant` is no option: did you mean `tenant`?".into()));
        assert_eq!(open("x"), Err("`x` is no option: known are tenant, timeoutMs, attemptTimeoutMs".into()));
    }

    #[test]
    fn null_and_zero_do_not_lift_a_time_limit() {
        let read = |given: OptionValue| {
            let given = object(vec![("timeoutMs", given)]);
            Fields::of("", &given, &["timeoutMs"])
                .and_then(|fields| fields.time_limit("timeoutMs"))
                .map_err(|invalid| invalid.into_inner().message)
        };
        let expected = "timeoutMs must be a number of milliseconds above 0, or \"none\", got ";
        assert_eq!(read(OptionValue::Nothing), Ok(None));
        assert_eq!(read(OptionValue::Number(0.5)), Ok(Some(TimeLimit::Ms(0.5))));
        assert_eq!(read(OptionValue::Text("none".into())), Ok(Some(TimeLimit::None)));
        for (given, got) in [
            (OptionValue::Null, "null"),
            (OptionValue::Number(0.0), "0"),
            (OptionValue::Number(-5.0), "-5"),
            (OptionValue::Number(f64::NAN), "NaN"),
            (OptionValue::Number(f64::INFINITY), "a number"),
            (OptionValue::Text("5".into()), "a string"),
        ] {
            assert_eq!(read(given), Err(format!("{expected}{got}")));
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        let refused = |given: OptionValue| {
            Fields::of("auth", &given, &[]).map(|_| ()).map_err(|invalid| invalid.into_inner().message)
        };
        assert_eq!(refused(OptionValue::Nothing), Ok(()));
        assert_eq!(refused(OptionValue::Null), Err("auth must be an object, got null".into()));
        assert_eq!(refused(OptionValue::List(Vec::new())), Err("auth must be an object, got an array".into()));
    }
}

//! What a create made, where no answer told: looked up by the name, which is unique, and compared with what was sent.

use crate::clock::{Duration, Now};
use crate::http::dates::rfc3339;
use crate::http::message::Response;
use crate::http::retry_after;
use crate::json::{Json, Kind};
use crate::wire::Secret;
use crate::wire::secrets::Secrets;

/// What the look-up says about the create.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// No integration has the name.
    Nothing,
    /// It made this one.
    Made {
        /// The JSON text of the integration.
        text: String,
        /// Its id; empty where the server gives none.
        id: String,
    },
    /// The name is taken by what this create may have made, or somebody else.
    Unclear,
}

/// How far the caller's clock may be off where the server's own cannot be read, and nothing else tells what became of a create.
pub const SKEW: Duration = Duration(5.0 * 60_000.0);

/// How far it may be off where the server refused the create: then what is somebody else's is the likelier find.
pub const SMALL_SKEW: Duration = Duration(1_000.0);

/// The steps in which a browser's clock may go when it guards its user's privacy.
const CLOCK_STEP_MS: f64 = 100.0;

/// Judges the look-up's answer, the JSON text of a list of integrations.
///
/// An integration counts as made by the create if it is the only one of that name, says the same in every member that was
/// sent, and was not `created` before the first attempt. Members of an object that were not sent do not count, as the
/// server adds its own; neither do secrets, which come back masked, and a null beside nothing.
pub fn find(list: &str, name: &str, sent: &Secret, not_before_ms: f64) -> Found {
    let (Ok(list), Ok(sent)) = (Json::parse(list), Json::parse(sent.reveal())) else { return Found::Unclear };
    let mut named = list.items().filter(|item| text(*item, "name").is_some_and(|found| found == name));
    let Some(item) = named.next() else {
        // Other names: the server counts names that differ in case as one, or does not filter and has more pages.
        return if list.items().next().is_some() { Found::Unclear } else { Found::Nothing };
    };
    let is_new = || text(item, "created").and_then(|text| latest_ms(&text)).is_some_and(|at| at >= not_before_ms);
    if named.next().is_some() || !says(item, sent, &secrets_of(&[item, sent])) || !is_new() {
        return Found::Unclear;
    }
    Found::Made { text: item.text().to_owned(), id: text(item, "id").unwrap_or_default() }
}

/// The earliest moment at which the server can have created it, by the server's clock: what its Date header says, less the
/// time since the first attempt. Where it cannot be read (in a page, mostly), the caller's clock must do, less `skew`.
pub fn not_before_ms(look_up: &Response, first_attempt: Now, now: Now, skew: Duration) -> f64 {
    match look_up.headers.get("date").and_then(retry_after::date) {
        Some(date_ms) => date_ms - (now.moment - first_attempt.moment).0,
        None => first_attempt.epoch_ms - skew.0,
    }
}

/// The last moment that `created` may mean: without a fraction it was cut to whole seconds. Clocks are no finer than
/// [`CLOCK_STEP_MS`].
fn latest_ms(created: &str) -> Option<f64> {
    let cut_ms = if created.as_bytes().contains(&b'.') { 0.0 } else { 1000.0 };
    rfc3339(created).map(|at| at + cut_ms + CLOCK_STEP_MS)
}

/// The id of an integration, from its JSON text.
pub fn id_of(integration: &str) -> Option<String> {
    text(Json::parse(integration).ok()?, "id")
}

fn text(item: Json<'_>, name: &str) -> Option<String> {
    Some(item.as_object()?.get(name)?.as_str()?.into_owned())
}

fn secrets_of(integrations: &[Json<'_>]) -> Secrets {
    let mut secrets = Secrets::default();
    integrations.iter().for_each(|integration| secrets.list_of(*integration));
    secrets
}

/// Whether `found` says all that `sent` does.
fn says(found: Json<'_>, sent: Json<'_>, secrets: &Secrets) -> bool {
    match (found.kind(), sent.kind()) {
        (Kind::Object, Kind::Object) => {
            let (found, sent) = (found.as_object().unwrap_or_default(), sent.as_object().unwrap_or_default());
            sent.members().into_iter().all(|member| {
                secrets.is_secret_bytes(member.name_bytes())
                    || match found.get_like(member) {
                        Some(value) => says(value, member.value, secrets),
                        None => member.value.kind() == Kind::Null,
                    }
            })
        }
        (Kind::Array, Kind::Array) => {
            found.items().count() == sent.items().count()
                && found.items().zip(sent.items()).all(|(found, sent)| says(found, sent, secrets))
        }
        _ => found == sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::http::message::Headers;

    const SENT: &str = r#"{"name":"n","type":"t","attributes":{"url":"u","password":"clear","pin":"1","encrypted":"pin","list":[{"a":1}]},"clusterRef":null}"#;
    const CREATED: f64 = 1_705_517_125_994.0;

    fn item(more: &str) -> String {
        format!(
            r#"{{"id":"i","created":"2024-01-17T18:45:25.994Z","type":"t","attributes":{{"added":1,"encrypted":"pin","url":"u","password":"***","pin":"*","list":[{{"a":1.0,"b":2}}]}},"name":"n"{more}}}"#
        )
    }

    fn found(items: &[String], not_before_ms: f64) -> Found {
        find(&format!("[{}]", items.join(",")), "n", &Secret::new(SENT), not_before_ms)
    }

    #[test]
    fn one_that_says_what_was_sent_and_is_new_was_made() {
        let made = Found::Made { text: item(""), id: "i".into() };
        assert_eq!(found(&[item("")], CREATED), made);
        let other = item("").replace(r#""name":"n""#, r#""name":"N""#);
        assert_eq!(found(&[other.clone(), item("")], CREATED), made);
        assert_eq!(found(&[other], CREATED), Found::Unclear);
        let whole_seconds = item("").replace("25.994Z", "25Z");
        assert!(matches!(found(&[whole_seconds], CREATED), Found::Made { .. }));
        assert_eq!(found(&[], CREATED), Found::Nothing);
    }

    #[test]
    fn what_may_be_somebody_elses_is_unclear() {
        assert_eq!(found(&[item("")], CREATED + 101.0), Found::Unclear);
        assert_eq!(found(&[item("").replace(r#""name":"n""#, r#""name":"N""#)], CREATED), Found::Unclear);
        assert_eq!(found(&[item(""), item("")], CREATED), Found::Unclear);
        for (from, to) in [
            (r#""type":"t""#, r#""type":"T""#),
            (r#""type":"t","#, ""),
            (r#""url":"u""#, r#""url":"v""#),
            (r#""a":1.0"#, r#""a":2"#),
            (r#"{"a":1.0,"b":2}"#, ""),
            (r#"[{"a":1.0,"b":2}]"#, r#"[{"a":1},{"a":1}]"#),
            (r#"[{"a":1.0,"b":2}]"#, "null"),
            ("2024-01-17T18:45:25.994Z", "yesterday"),
            (r#""created":"2024-01-17T18:45:25.994Z","#, ""),
        ] {
            assert_eq!(found(&[item("").replace(from, to)], CREATED), Found::Unclear, "{from} {to}");
        }
        assert_eq!(found(&[item(r#","clusterRef":{"id":"c"}"#)], CREATED), Found::Unclear);
        assert_eq!(find("{", "n", &Secret::new(SENT), 0.0), Found::Unclear);
    }

    #[test]
    fn the_servers_clock_goes_before_the_callers() {
        let at = |ms: f64, epoch_ms: f64| Now { moment: Instant::at(ms), epoch_ms };
        let answer = |headers: Headers| Response { status: 200, headers, ..Response::default() };
        let dated = answer(Headers::from_iter([("date", "Wed, 17 Jan 2024 18:45:30 GMT")]));
        let (first, now) = (at(1000.0, 9e12), at(6000.0, 9e12 + 5000.0));
        assert_eq!(not_before_ms(&dated, first, now, SKEW), 1_705_517_125_000.0);
        assert_eq!(not_before_ms(&answer(Headers::default()), first, now, SKEW), 9e12 - 300_000.0);
    }
}

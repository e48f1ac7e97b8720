//! Writes what `client/carry.js` reads: effects, events, errors and pages as JSON.

use isc_service_desk::Position;
use isc_service_desk::client::Notice;
use isc_service_desk::client::error::{Error, ErrorKind, Thrown};
use isc_service_desk::client::response::api_error::ErrorMessageDto;
use isc_service_desk::client::response::report::Attempt;
use isc_service_desk::client::session::{Page, Report, TaskId, TaskNotice};
use isc_service_desk::http::Headers;
use isc_service_desk::json::shape::Odd;
use isc_service_desk::json::{quote, write_array, write_string};
use isc_service_desk::query::ListQuery;
use isc_service_desk::text::decimal::{decimal, thousandths};

/// An object that is written; members that are absent are left out.
#[derive(Default)]
pub struct Object(String);

impl Object {
    /// JSON.
    pub fn json(&mut self, name: &str, json: Option<String>) -> &mut Self {
        if let Some(json) = json {
            self.name(name);
            self.0.push_str(&json);
        }
        self
    }

    fn name(&mut self, name: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    /// A string.
    pub fn text(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.name(name);
            write_string(&mut self.0, text);
        }
        self
    }

    /// A number.
    pub fn number(&mut self, name: &str, number: Option<f64>) -> &mut Self {
        self.json(name, number.map(thousandths))
    }

    /// A whole number.
    pub fn whole(&mut self, name: &str, number: Option<u64>) -> &mut Self {
        self.json(name, number.map(decimal))
    }

    /// `true`, or nothing.
    pub fn flag(&mut self, name: &str, flag: bool) -> &mut Self {
        self.json(name, flag.then(|| "true".to_owned()))
    }

    /// Its text.
    pub fn finish(&mut self) -> String {
        let mut json = self.finish_or_nothing();
        if json.is_empty() {
            json.push_str("{}");
        }
        json
    }

    /// Its text, empty where it has no members.
    pub fn finish_or_nothing(&mut self) -> String {
        if !self.0.is_empty() {
            self.0.push('}');
        }
        std::mem::take(&mut self.0)
    }
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    write_array(&items.iter().map(write).collect::<Vec<_>>())
}

/// The numbers of tasks.
pub fn tasks(tasks: &[TaskId]) -> Option<String> {
    (!tasks.is_empty()).then(|| list(tasks, |task| decimal(task.0 as u64)))
}

/// The `ClientEvent`s of the public surface.
pub fn events(notices: &[TaskNotice]) -> Option<String> {
    (!notices.is_empty()).then(|| list(notices, event))
}

fn event(TaskNotice { operation, notice }: &TaskNotice) -> String {
    let mut event = Object::default();
    let about = |event: &mut Object, kind| {
        event.text("type", Some(kind)).text("operation", *operation);
    };
    match notice {
        Notice::Request { attempt, method, url } => {
            about(&mut event, "request");
            event
                .whole("attempt", Some((*attempt).into()))
                .text("method", Some(method.as_str()))
                .text("url", Some(url));
        }
        Notice::Response { attempt, status, duration, request_id } => {
            about(&mut event, "response");
            event.whole("attempt", Some((*attempt).into())).whole("status", Some((*status).into()));
            event.number("durationMs", Some(duration.0)).text("requestId", request_id.as_deref());
        }
        Notice::Wait { reason, length } => {
            about(&mut event, "wait");
            event.text("reason", Some(reason.as_str())).number("waitMs", Some(length.0));
        }
        Notice::Reconciled { id } => {
            about(&mut event, "reconciled");
            event.text("id", Some(id));
        }
        Notice::HiddenSecrets { paths } => {
            about(&mut event, "hidden-secrets");
            event.json("paths", Some(list(paths, |path| quote(path.as_str()))));
        }
        Notice::Deprecated { url } => {
            about(&mut event, "deprecated");
            event.text("url", Some(url));
        }
        Notice::Token { reason, duration } => {
            about(&mut event, "token");
            event.text("reason", Some(reason.as_str())).number("durationMs", Some(duration.0));
        }
    }
    event.finish()
}

/// The `ResponseInfo` of the public surface, its header fields as pairs.
pub fn report(report: &Report) -> String {
    let Report { response, attempts } = report;
    let mut info = Object::default();
    info.whole("status", Some(response.status.into())).text("requestId", response.request_id.as_deref());
    info.json("deprecated", Some(if response.deprecated { "true" } else { "false" }.to_owned()));
    info.json("attempts", Some(list(attempts, attempt))).json("headers", Some(headers(&response.headers)));
    info.finish()
}

/// Header fields as pairs: `__proto__` may be the name of one.
fn headers(headers: &Headers) -> String {
    let pair = |(name, value): (&str, &str)| write_array(&[quote(name), quote(value)]);
    write_array(&headers.iter().map(pair).collect::<Vec<_>>())
}

fn attempt(attempt: &Attempt) -> String {
    let mut members = Object::default();
    members.number("startedAtMs", Some(attempt.started_at_ms)).number("durationMs", Some(attempt.duration_ms));
    members.whole("status", attempt.status.map(u64::from)).text("requestId", attempt.request_id.as_deref());
    members.text("retryReason", attempt.retry_reason).number("waitedMs", attempt.waited_ms);
    members.finish()
}

/// An error: its code and message, its other members as `fields`, and what was thrown behind it.
pub fn error(error: &Error) -> String {
    let aborted = error.kind == ErrorKind::Aborted;
    let mut written = Object::default();
    written
        .text("code", Some(if aborted { "aborted" } else { error.kind.code() }))
        .text("message", Some(&error.message));
    written.json("fields", Some(fields(error)));
    if let ErrorKind::Api(failure) = &error.kind {
        written.json("headers", Some(headers(&failure.headers)));
    }
    match (&error.kind, error.thrown) {
        (ErrorKind::UnknownOutcome { cause, .. } | ErrorKind::SecretsAtRisk { cause: Some(cause), .. }, _) => {
            written.json("cause", Some(self::error(cause)))
        }
        (_, Some(Thrown::Own(place))) => written.whole("thrown", Some(place as u64)),
        (_, Some(Thrown::OfTokenRequest(place))) => written.whole("thrownToTokenRequest", Some(place as u64)),
        _ => &mut written,
    };
    written.finish()
}

/// What an error has besides its code and message.
fn fields(error: &Error) -> String {
    let mut members = Object::default();
    members.text("operation", error.operation.map(|operation| operation.route().id));
    members.text("requestId", error.request_id.as_deref()).text("url", error.url.as_deref());
    members.json("attempts", Some(list(&error.attempts, attempt)));
    match &error.kind {
        ErrorKind::Invalid { field, position } => {
            members.text("field", Some(field)).json("position", position.map(range));
        }
        ErrorKind::Api(failure) => {
            members.whole("status", Some(failure.status.into())).text("detailCode", failure.detail_code.as_deref());
            members.text("trackingId", failure.tracking_id.as_deref());
            members.json("messages", Some(list(&failure.messages, message)));
            members.json("causes", Some(list(&failure.causes, message)));
            members.number("retryAfterMs", failure.retry_after_ms);
        }
        ErrorKind::Redirected { status, location } => {
            members.whole("status", Some((*status).into())).text("location", location.as_deref());
        }
        ErrorKind::Token(failure) => {
            members.whole("status", failure.status.map(u64::from));
            members.text("oauthError", failure.oauth_error.as_deref());
            members.text("oauthDescription", failure.oauth_description.as_deref());
        }
        ErrorKind::Timeout(limit) => {
            members.text("limit", Some(limit.as_str()));
        }
        ErrorKind::BadResponse { status, path } => {
            members.whole("status", Some((*status).into())).text("path", path.as_deref());
        }
        ErrorKind::UnknownOutcome { name, .. } => {
            members.text("integrationName", Some(name));
        }
        ErrorKind::SecretsAtRisk { paths, .. } => {
            members.json("atRisk", Some(list(paths, |path| quote(path))));
        }
        ErrorKind::Network
        | ErrorKind::PageDrift
        | ErrorKind::EditConflict
        | ErrorKind::Aborted
        | ErrorKind::Internal => {}
    }
    members.finish()
}

fn range(Position { start, end }: Position) -> String {
    Object::default().whole("start", Some(start as u64)).whole("end", Some(end as u64)).finish()
}

fn message(message: &ErrorMessageDto) -> String {
    let mut members = Object::default();
    members.text("locale", message.locale.as_deref()).text("localeOrigin", message.locale_origin.as_deref());
    members.text("text", message.text.as_deref()).finish()
}

/// The `Page` of the public surface without its items, and the places of those that are kept.
pub fn page(page: &Page) -> (String, Option<String>) {
    let mut written = Object::default();
    written.whole("offset", Some(page.query.offset().into())).whole("limit", Some(page.query.limit().into()));
    written.whole("total", page.total);
    written.json("invalid", page.query.keeps_odd().then(|| list(&page.odd, odd)));
    written.json("next", page.next.as_ref().map(query));
    (written.finish(), page.keep.as_deref().map(|keep| list(keep, |place| decimal(*place as u64))))
}

/// An `InvalidRecord` of the public surface without its value.
fn odd(Odd { index, path, message, .. }: &Odd) -> String {
    let mut members = Object::default();
    members.whole("index", Some(*index as u64)).text("path", Some(path)).text("message", Some(message));
    members.finish()
}

/// A `ListQuery` of the public surface, which survives a URL or a queue: its filter is a text. It is `true` where only the caller has
/// it: a raw one is none that can be read again.
fn query(query: &ListQuery) -> String {
    let mut members = Object::default();
    members.whole("offset", Some(query.offset().into())).whole("limit", Some(query.limit().into()));
    members.text("sorters", query.sorter().map(|sorter| sorter.as_str()));
    match query.filter() {
        Some(filter) if filter.is_raw() => members.flag("filters", true),
        filter => members.text("filters", filter.map(|filter| filter.text()).as_deref()),
    };
    members.text("invalid", query.keeps_odd().then_some("keep"));
    members.flag("count", query.count()).finish()
}

#[cfg(test)]
mod tests {
    use isc_service_desk::client::call::event::WaitReason;
    use isc_service_desk::client::session::token::TokenReason;
    use isc_service_desk::clock::Duration;
    use isc_service_desk::http::Method;

    use super::*;

    #[test]
    fn absent_members_are_left_out() {
        let mut object = Object::default();
        assert_eq!((object.finish_or_nothing(), object.finish()), (String::new(), "{}".to_owned()));
        object.text("a", Some("\"\n")).text("b", None).number("c", Some(1.5)).whole("d", Some(7)).flag("e", false);
        assert_eq!(object.flag("f", true).finish(), r#"{"a":"\"\n","c":1.500,"d":7,"f":true}"#);
    }

    #[test]
    fn events_are_those_of_the_surface() {
        let about = |notice| TaskNotice { operation: Some("get"), notice };
        let notices = [
            about(Notice::Request { attempt: 1, method: Method::Get, url: "u".into() }),
            about(Notice::Response { attempt: 1, status: 200, duration: Duration(2.25), request_id: None }),
            about(Notice::Wait { reason: WaitReason::Retry, length: Duration(0.0) }),
            TaskNotice {
                operation: None,
                notice: Notice::Token { reason: TokenReason::Missing, duration: Duration(1.0) },
            },
        ];
        let expected = [
            r#"{"type":"request","operation":"get","attempt":1,"method":"GET","url":"u"}"#,
            r#"{"type":"response","operation":"get","attempt":1,"status":200,"durationMs":2.250}"#,
            r#"{"type":"wait","operation":"get","reason":"retry","waitMs":0.000}"#,
            r#"{"type":"token","reason":"missing","durationMs":1.000}"#,
        ];
        assert_eq!(events(&notices), Some(format!("[{}]", expected.join(","))));
        assert_eq!((events(&[]), tasks(&[])), (None, None));
    }

    #[test]
    fn an_error_has_its_cause_within() {
        let cause = Error::new(ErrorKind::Network, "lost");
        let mut outer = Error::new(ErrorKind::UnknownOutcome { name: "n".into(), cause }, "open");
        outer.thrown = Some(Thrown::Own(3));
        let fields = r#"{"attempts":[],"integrationName":"n"}"#;
        let inner = r#"{"code":"network","message":"lost","fields":{"attempts":[]}}"#;
        let expected = format!(r#"{{"code":"unknown-outcome","message":"open","fields":{fields},"cause":{inner}}}"#);
        assert_eq!(error(&outer), expected);
        let mut token = Error::new(ErrorKind::Network, "lost");
        token.thrown = Some(Thrown::OfTokenRequest(0));
        assert!(error(&token).ends_with(r#""thrownToTokenRequest":0}"#));
        assert!(error(&Error::new(ErrorKind::Aborted, "")).starts_with(r#"{"code":"aborted""#));
    }
}

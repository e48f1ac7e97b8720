//! Turns the answer of a refused call into what a person can act on, whatever shape its body has.

use serde::Serialize;
use tsify::Tsify;

use crate::clock::Now;
use crate::http::message::{Headers, Response};
use crate::http::retry_after;
use crate::json::{Json, Kind, Object};
use crate::text::of_bytes;
use crate::text::visible::visible;
use crate::wire::Redactor;

/// Where a server that sends no known member may still say what happened, the most telling first.
const MESSAGE_MEMBERS: [&str; 5] = ["error", "message", "detailMessage", "errorMessage", "formatted_msg"];

/// A server's text is shown so far: gateways send pages of it.
const MAX_TEXT_CHARS: usize = 300;

/// One text of an error, in one language. API schema: `ErrorMessageDto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ErrorMessageDto {
    /// The text's language: a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub locale: Option<String>,
    /// Whether the server's default or the request chose the language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "\"DEFAULT\" | \"REQUEST\" | (string & {}) | null")]
    pub locale_origin: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What the server said when it refused. API schema: `ErrorResponseDto`, and what else is seen in its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApiFailure {
    /// The status.
    pub status: u16,
    /// A code within the status, such as `400.1 Bad Request Content`.
    pub detail_code: Option<String>,
    /// What support asks for, besides the request id.
    pub tracking_id: Option<String>,
    /// What happened.
    pub messages: Vec<ErrorMessageDto>,
    /// Why.
    pub causes: Vec<ErrorMessageDto>,
    /// The headers of the answer.
    pub headers: Headers,
    /// What Retry-After asked for, in milliseconds.
    pub retry_after_ms: Option<f64>,
}

impl ApiFailure {
    /// Reads an answer that is no success, and finds the one sentence in it that says most: as it stands there, since what
    /// is cut or changed is no longer found where secrets are taken out.
    pub fn read(response: &Response, now: Now) -> (Self, Option<String>) {
        let wait = response.headers.get("retry-after").and_then(|value| retry_after::parse(value, now.epoch_ms));
        let mut failure = Self {
            status: response.status,
            headers: response.headers.clone(),
            retry_after_ms: wait.map(|wait| wait.0),
            ..Self::default()
        };
        let text = of_bytes(&response.body);
        let body = Json::parse(&text).ok();
        let said = match body.and_then(Json::as_object) {
            Some(body) => failure.read_members(&body),
            None => body.and_then(Json::as_str).map_or_else(|| plain(&text), |text| plain(&text)),
        };
        (failure, said)
    }

    /// Takes the secrets out of what a body said, and shows what is not seen: only there are its escapes undone.
    pub fn redact(&mut self, redactor: &Redactor) {
        let hide = |text: &mut Option<String>| *text = text.as_ref().map(|text| visible(&redactor.hide(text)));
        hide(&mut self.detail_code);
        hide(&mut self.tracking_id);
        for message in self.messages.iter_mut().chain(&mut self.causes) {
            [&mut message.locale, &mut message.locale_origin, &mut message.text].into_iter().for_each(hide);
        }
    }

    fn read_members(&mut self, body: &Object<'_>) -> Option<String> {
        self.detail_code = text(body, "detailCode");
        self.tracking_id = text(body, "trackingId");
        self.messages = messages(body, "messages");
        self.causes = messages(body, "causes");
        let listed = self.messages.iter().chain(&self.causes).find_map(|message| message.text.clone());
        let named = || MESSAGE_MEMBERS.into_iter().find_map(|name| text(body, name));
        let said = listed.or_else(named).or_else(|| self.detail_code.clone())?;
        match text(body, "error_description") {
            Some(description) => Some([said.as_str(), ": ", &description].concat()),
            None => Some(said),
        }
    }
}

/// A member's text where it has one.
pub(crate) fn text(body: &Object<'_>, name: &str) -> Option<String> {
    bare(&body.get(name)?.as_str()?)
}

/// A text without what shows nothing around it; `None` where that is all.
fn bare(text: &str) -> Option<String> {
    let text = text.trim_matches(|character: char| character.is_whitespace() || character.is_control());
    (!text.is_empty()).then(|| text.to_owned())
}

fn messages(body: &Object<'_>, name: &str) -> Vec<ErrorMessageDto> {
    let items = body.get(name).and_then(Json::as_array).unwrap_or_default();
    items.into_iter().filter_map(message).collect()
}

/// A message's members; a bare string is a message too.
fn message(item: Json<'_>) -> Option<ErrorMessageDto> {
    if item.kind() == Kind::String {
        return Some(ErrorMessageDto { text: Some(bare(&item.as_str()?)?), ..ErrorMessageDto::default() });
    }
    let members = item.as_object()?;
    Some(ErrorMessageDto {
        locale: text(&members, "locale"),
        locale_origin: text(&members, "localeOrigin"),
        text: text(&members, "text"),
    })
}

/// A text that is no JSON object; a page of HTML says nothing that helps.
fn plain(text: &str) -> Option<String> {
    let text = bare(text)?;
    Some(if text.starts_with("<") {
        "the answer is a page of HTML or XML, as gateways send it".to_owned()
    } else {
        text
    })
}

/// A text as a message shows it: bounded, and without what would break a line of a log or speak to a terminal.
///
/// The last step: of a secret that is cut in two, the rest can no longer be found and hidden.
pub(crate) fn one_line(text: &str) -> String {
    visible(text).chars().take(MAX_TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::options::settings::CallSettings;
    use crate::client::{Call, Effect, Event};
    use crate::clock::Instant;
    use crate::http::{Method, Request};
    use crate::wire::Secret;

    fn read(body: &str) -> (ApiFailure, Option<String>) {
        let headers = Headers::from_iter([("retry-after", "7")]);
        let response = Response { status: 400, headers, body: body.as_bytes().to_vec(), cut: false };
        ApiFailure::read(&response, Now { moment: Instant::at(0.0), epoch_ms: 0.0 })
    }

    #[track_caller]
    fn says(body: &str, said: &str) {
        assert_eq!(read(body).1.as_deref().map(one_line).as_deref(), Some(said));
    }

    #[test]
    fn the_documented_body_is_read_whole() {
        let (failure, said) = read(
            r#"{"detailCode":"400.1 Bad Request Content","trackingId":"e7ea","messages":[{"locale":"en-US","localeOrigin":"DEFAULT","text":"Bad."}],
            "causes":[{"locale":null,"text":"Worse."}]}"#,
        );
        assert_eq!(said.as_deref(), Some("Bad."));
        assert_eq!(failure.detail_code.as_deref(), Some("400.1 Bad Request Content"));
        assert_eq!(failure.tracking_id.as_deref(), Some("e7ea"));
        assert_eq!(failure.messages[0].locale.as_deref(), Some("en-US"));
        assert_eq!(failure.messages[0].locale_origin.as_deref(), Some("DEFAULT"));
        assert_eq!(failure.causes[0].text.as_deref(), Some("Worse."));
        assert_eq!(failure.retry_after_ms, Some(7000.0));
    }

    #[test]
    fn every_other_shape_says_what_it_can() {
        says(r#"{"error":"JWT validation failed: JWT is expired"}"#, "JWT validation failed: JWT is expired");
        says(r#"{"error":"invalid_client","error_description":"Unknown"}"#, "invalid_client: Unknown");
        says(r#"{"message":" Rate Limit Exceeded "}"#, "Rate Limit Exceeded");
        says(r#"{"detailMessage":"Application template was not found."}"#, "Application template was not found.");
        says(r#"{"formatted_msg":"f"}"#, "f");
        says(r#"{"errorMessage":"e"}"#, "e");
        says(r#"{"messages":["bare"]}"#, "bare");
        says(r#"{"messages":[],"causes":[{"text":"why"}]}"#, "why");
        says(r#"{"detailCode":"404 Not found"}"#, "404 Not found");
        says("  upstream\nconnect error  ", "upstream\\nconnect error");
        says(r#""quoted""#, "quoted");
        says("<html><body>502</body></html>", "the answer is a page of HTML or XML, as gateways send it");
    }

    #[test]
    fn a_body_that_says_nothing_breaks_nothing() {
        for body in [
            "",
            " ",
            "\0\0  ",
            r#"{"messages":["  ","\u0000"]}"#,
            r#"{"message":"\u0000\n"}"#,
            r#""\u0000""#,
            "{}",
            r#"{"messages":{"text":1},"causes":[1,null,{}],"error":{},"message":"  ","trackingId":5}"#,
        ] {
            assert_eq!(read(body).1, None, "{body}");
        }
        assert!(read(&"[".repeat(100_000)).1.is_some_and(|said| one_line(&said).chars().count() == MAX_TEXT_CHARS));
    }

    #[test]
    fn a_secret_at_the_end_of_the_line_is_hidden_before_it_is_cut() {
        let secret = "s3cret-".repeat(4);
        let escaped = secret.replacen('s', "\\u0073", 1);
        for before in MAX_TEXT_CHARS - secret.len()..MAX_TEXT_CHARS {
            let (text, now) = ("x".repeat(before), Now { moment: Instant::at(0.0), epoch_ms: 0.0 });
            let request = Request {
                method: Method::Get,
                url: String::new(),
                headers: Headers::default(),
                body: None,
                max_body_bytes: 1024,
                all_fields: false,
            };
            let mut call = Call::for_token(request, &CallSettings::default());
            call.hiding(&Secret::new(secret.as_str()));
            call.step(Event::Started, now, 0.0);
            let body = format!("\"{text}{escaped}\"").into_bytes();
            let response = Response { status: 400, headers: Headers::default(), body, cut: false };
            let Effect::Finished(outcome) = call.step(Event::Response(response), now, 0.0).effect else { panic!() };
            let message = outcome.result.unwrap_err().message;
            assert!(!message.contains("s3c"), "{message}");
        }
    }
}

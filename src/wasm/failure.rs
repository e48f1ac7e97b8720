//! Turns failures into instances of the package's error classes.

use std::cell::RefCell;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::report::{self, Members, Plain};
use crate::client::Error;
use crate::client::error::ErrorKind;
use crate::client::response::api_error::ErrorMessageDto;
use crate::{Invalid, Position};

thread_local! {
    /// `makeError` of the package: makes the error of the class that belongs to a code. It is handed in, not imported, so
    /// that the module stands on no file beside it.
    static FACTORY: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Tells the core how errors are made; each entry does so when it has started the core.
#[wasm_bindgen(js_name = setErrorFactory)]
pub fn set_error_factory(factory: Function) {
    FACTORY.set(Some(factory));
}

/// The error of the class that belongs to `code`; of `fields`, those that are defined become its properties.
fn make_error(code: &str, message: &str, fields: JsValue, cause: &JsValue) -> JsValue {
    let made = FACTORY.with_borrow(|factory| {
        let arguments = Array::of4(&code.into(), &message.into(), &fields, cause);
        factory.as_ref()?.apply(&JsValue::UNDEFINED, &arguments).ok()
    });
    made.unwrap_or_else(|| js_sys::Error::new(message).into())
}

/// The JavaScript error for `error`; `thrown` is what the platform threw, see [`Error::thrown`].
pub fn to_js(error: &Error, thrown: &[JsValue]) -> JsValue {
    let fields = fields(error).into_js();
    if let ErrorKind::Api(failure) = &error.kind {
        report::set(&fields, "headers", &report::headers(&failure.headers));
    }
    let cause = match &error.kind {
        ErrorKind::UnknownOutcome { cause, .. } => to_js(cause, thrown),
        _ => error.thrown.and_then(|place| thrown.get(place)).cloned().unwrap_or(JsValue::UNDEFINED),
    };
    make_error(error.kind.code(), &error.message, fields, &cause)
}

/// The `ValidationError` for `invalid`.
pub fn invalid_to_js(invalid: Invalid) -> JsValue {
    to_js(&Box::<Error>::from(invalid), &[])
}

/// What an error has besides its code and message.
fn fields(error: &Error) -> Members<'_> {
    let mut members = Members::default();
    members.text("operation", error.operation.map(|operation| operation.route().id));
    members.text("requestId", error.request_id.as_deref());
    members.attempts(&error.attempts);
    match &error.kind {
        ErrorKind::Invalid { field, position } => {
            members.text("field", Some(field));
            members.add("position", position.map(range));
        }
        ErrorKind::Api(failure) => {
            members.number("status", Some(f64::from(failure.status)));
            members.text("detailCode", failure.detail_code.as_deref());
            members.text("trackingId", failure.tracking_id.as_deref());
            members.add("messages", Some(messages(&failure.messages)));
            members.add("causes", Some(messages(&failure.causes)));
            members.number("retryAfterMs", failure.retry_after_ms);
        }
        ErrorKind::Redirected { status, location } => {
            members.number("status", Some(f64::from(*status)));
            members.text("location", location.as_deref());
        }
        ErrorKind::Token(failure) => {
            members.number("status", failure.status.map(f64::from));
            members.text("oauthError", failure.oauth_error.as_deref());
            members.text("oauthDescription", failure.oauth_description.as_deref());
        }
        ErrorKind::Timeout(limit) => members.text("limit", Some(limit.as_str())),
        ErrorKind::BadResponse { status, path } => {
            members.number("status", Some(f64::from(*status)));
            members.text("path", path.as_deref());
        }
        ErrorKind::UnknownOutcome { name, .. } => members.text("integrationName", Some(name)),
        ErrorKind::Network
        | ErrorKind::PageDrift
        | ErrorKind::EditConflict
        | ErrorKind::Aborted
        | ErrorKind::Internal => {}
    }
    members
}

#[expect(clippy::cast_precision_loss, reason = "no text is so long")]
fn range(Position { start, end }: Position) -> Plain<'static> {
    let mut members = Members::default();
    members.number("start", Some(start as f64));
    members.number("end", Some(end as f64));
    Plain::Object(members)
}

fn messages(messages: &[ErrorMessageDto]) -> Plain<'_> {
    Plain::List(messages.iter().map(message).collect())
}

fn message(message: &ErrorMessageDto) -> Plain<'_> {
    let mut members = Members::default();
    members.text("locale", message.locale.as_deref());
    members.text("localeOrigin", message.locale_origin.as_deref());
    members.text("text", message.text.as_deref());
    Plain::Object(members)
}

//! Turns failures into instances of the package's error classes.

use std::cell::RefCell;

use js_sys::{Array, Function};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::report;
use crate::engine::Error;
use crate::engine::api_error::ErrorMessageDto;
use crate::engine::error::ErrorKind;
use crate::engine::report::Attempt;
use crate::model::Invalid;

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

/// What an error has besides its code and message: the union over all classes.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'e> {
    operation: Option<&'static str>,
    request_id: Option<&'e str>,
    attempts: &'e [Attempt],
    field: Option<&'e str>,
    position: Option<Range>,
    status: Option<u16>,
    detail_code: Option<&'e str>,
    tracking_id: Option<&'e str>,
    messages: Option<&'e [ErrorMessageDto]>,
    causes: Option<&'e [ErrorMessageDto]>,
    retry_after_ms: Option<f64>,
    location: Option<&'e str>,
    oauth_error: Option<&'e str>,
    oauth_description: Option<&'e str>,
    limit: Option<&'static str>,
    path: Option<&'e str>,
    integration_name: Option<&'e str>,
}

#[derive(Serialize)]
struct Range {
    start: usize,
    end: usize,
}

/// The JavaScript error for `error`; `thrown` is what the platform threw, see [`Error::thrown`].
pub fn to_js(error: &Error, thrown: &[JsValue]) -> JsValue {
    let fields = report::to_js(&fields(error));
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

fn fields(error: &Error) -> Fields<'_> {
    let common = Fields {
        operation: error.operation.map(|operation| operation.route().id),
        request_id: error.request_id.as_deref(),
        attempts: &error.attempts,
        ..Fields::default()
    };
    match &error.kind {
        ErrorKind::Invalid { field, position } => Fields {
            field: Some(field),
            position: position.map(|position| Range { start: position.start, end: position.end }),
            ..common
        },
        ErrorKind::Api(failure) => Fields {
            status: Some(failure.status),
            detail_code: failure.detail_code.as_deref(),
            tracking_id: failure.tracking_id.as_deref(),
            messages: Some(&failure.messages),
            causes: Some(&failure.causes),
            retry_after_ms: failure.retry_after_ms,
            ..common
        },
        ErrorKind::Redirected { status, location } => {
            Fields { status: Some(*status), location: location.as_deref(), ..common }
        }
        ErrorKind::Token(failure) => Fields {
            status: failure.status,
            oauth_error: failure.oauth_error.as_deref(),
            oauth_description: failure.oauth_description.as_deref(),
            ..common
        },
        ErrorKind::Timeout(limit) => Fields { limit: Some(limit.as_str()), ..common },
        ErrorKind::BadResponse { status, path } => Fields { status: Some(*status), path: path.as_deref(), ..common },
        ErrorKind::UnknownOutcome { name, .. } => Fields { integration_name: Some(name), ..common },
        ErrorKind::Network
        | ErrorKind::PageDrift
        | ErrorKind::EditConflict
        | ErrorKind::Aborted
        | ErrorKind::Internal => common,
    }
}

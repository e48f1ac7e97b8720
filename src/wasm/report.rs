//! Turns small results into plain JavaScript objects.

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::client::response::report::{Attempt, ResponseInfo};
use crate::http::Headers;

/// A small result on its way to JavaScript. One type for all of them: a derived serializer for each would be a copy of its code.
pub enum Plain<'p> {
    /// A string.
    Text(&'p str),
    /// A number.
    Number(f64),
    /// A boolean.
    Flag(bool),
    /// An array.
    List(Vec<Plain<'p>>),
    /// An object.
    Object(Members<'p>),
}

/// The members of an object, without those that are absent.
#[derive(Default)]
pub struct Members<'p>(Vec<(&'static str, Plain<'p>)>);

impl<'p> Members<'p> {
    /// A member, if there is such a value.
    pub fn add(&mut self, name: &'static str, value: Option<Plain<'p>>) {
        self.0.extend(value.map(|value| (name, value)));
    }

    /// A string, if there is one.
    pub fn text(&mut self, name: &'static str, text: Option<&'p str>) {
        self.add(name, text.map(Plain::Text));
    }

    /// A number, if there is one.
    pub fn number(&mut self, name: &'static str, number: Option<f64>) {
        self.add(name, number.map(Plain::Number));
    }

    /// The history of a call.
    pub fn attempts(&mut self, attempts: &'p [Attempt]) {
        self.add("attempts", Some(Plain::List(attempts.iter().map(attempt).collect())));
    }

    /// All of them as a plain object.
    pub fn into_js(self) -> JsValue {
        let serializer = Serializer::new().serialize_maps_as_objects(true);
        Plain::Object(self).serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
    }
}

impl Serialize for Plain<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(Members(members)) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

fn attempt(attempt: &Attempt) -> Plain<'_> {
    let mut members = Members::default();
    members.number("startedAtMs", Some(attempt.started_at_ms));
    members.number("durationMs", Some(attempt.duration_ms));
    members.number("status", attempt.status.map(f64::from));
    members.text("requestId", attempt.request_id.as_deref());
    members.text("retryReason", attempt.retry_reason);
    members.number("waitedMs", attempt.waited_ms);
    Plain::Object(members)
}

/// The `ResponseInfo` of the public surface.
pub fn response_info(response: &ResponseInfo, attempts: &[Attempt]) -> JsValue {
    let mut members = Members::default();
    members.number("status", Some(f64::from(response.status)));
    members.text("requestId", response.request_id.as_deref());
    members.add("deprecated", Some(Plain::Flag(response.deprecated)));
    members.attempts(attempts);
    let info = members.into_js();
    set(&info, "headers", &headers(&response.headers));
    info
}

/// Header fields as an object; `fromEntries` makes `__proto__` an own key like any other.
pub fn headers(headers: &Headers) -> JsValue {
    let entries: Array = headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
    Object::from_entries(&entries).unwrap_or_default().into()
}

/// Sets an own property of an object made here.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Setting a property of a fresh plain object cannot fail.
    let _set = Reflect::set(object, &name.into(), value);
}

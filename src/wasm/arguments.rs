//! Reads what JavaScript gave: options as untyped values, bodies as the text that `JSON.stringify` writes.

use js_sys::{Function, JSON, JsString, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::abort::Signal;
use super::look;
use crate::Invalid;
use crate::client::options::given::Given;
use crate::json::pointer::Pointer;
use crate::text::contains;

/// The longest input of a call, in UTF-16 code units. No integration comes near, and what is longer may not fit into the memory
/// of WebAssembly, which would end the program.
const MAX_INPUT_CHARS: u32 = 8 * 1024 * 1024;

const TOO_LARGE: &str = "more than 8 388 608 characters";

/// Deep enough for every option; what lies below is of no known kind anyway.
const MAX_DEPTH: usize = 3;

/// A property, `undefined` where there is none or it cannot be read.
///
/// What has no properties is not asked for one: each exception that reaches Rust leaves the value that was not returned in
/// wasm-bindgen's table for ever, four bytes of memory that no call gives back.
pub fn property(object: &JsValue, name: &str) -> JsValue {
    inherited(object, &name.into())
}

/// The same of options.
pub fn option(options: &JsValue, name: &str) -> JsValue {
    member(options, &name.into())
}

/// What stands in an object itself or comes from its class, but not what a page may have given every object.
fn member(object: &JsValue, key: &JsValue) -> JsValue {
    if !object.is_object() || look::root(object).is_some_and(|root| !own(&root, key).is_undefined()) {
        return own(object, key);
    }
    inherited(object, key)
}

fn inherited(object: &JsValue, key: &JsValue) -> JsValue {
    if !object.is_object() && !object.is_function() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, key).unwrap_or(JsValue::UNDEFINED)
}

fn own(object: &JsValue, key: &JsValue) -> JsValue {
    let is_own = object.is_object()
        && Reflect::get_own_property_descriptor::<JsValue>(object.unchecked_ref(), key)
            .is_ok_and(|own| !own.is_undefined());
    if is_own { inherited(object, key) } else { JsValue::UNDEFINED }
}

/// An option that is a function.
pub fn function(options: &JsValue, name: &str) -> Option<Function> {
    option(options, name).dyn_into().ok()
}

/// The `signal` of a call's options.
pub fn signal(options: &JsValue) -> Option<Signal> {
    let signal = option(options, "signal");
    (!signal.is_undefined()).then(|| signal.unchecked_into())
}

/// Any value, its members to a small depth.
pub fn given(value: &JsValue) -> Given {
    given_at(value, 0, &mut { MAX_INPUT_CHARS })
}

/// `left` is how many characters and items it may still have, names included.
fn given_at(value: &JsValue, depth: usize, left: &mut u32) -> Given {
    if value.is_undefined() {
        Given::Nothing
    } else if let Some(text) = value.dyn_ref::<JsString>() {
        if spend(text.length(), left) { text_or_broken(text) } else { Given::Other(TOO_LARGE) }
    } else if value.is_null() {
        Given::Null
    } else if let Some(flag) = value.as_bool() {
        Given::Flag(flag)
    } else if let Some(number) = value.as_f64() {
        Given::Number(number)
    } else if value.is_function() {
        Given::Function
    } else if value.is_object() {
        object(value, depth, left)
    } else {
        Given::Other("a symbol or a bigint")
    }
}

/// Of an array.
pub fn length(array: &JsValue) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the length of an array is such a number"
    )]
    property(array, "length").as_f64().map(|length| length as u32)
}

/// Takes so much of what is left.
fn spend(length: u32, left: &mut u32) -> bool {
    let rest = left.checked_sub(length);
    *left = rest.unwrap_or_default();
    rest.is_some()
}

/// Half of a surrogate pair reaches Rust as U+FFFD: another text than the caller's. The check itself asks JavaScript for
/// every character, so it is made only where that one stands.
fn text_or_broken(text: &JsString) -> Given {
    let read = String::from(text);
    // Its first byte begins few others.
    if read.as_bytes().contains(&0xEF) && contains(&read, "\u{fffd}") && !text.is_valid_utf16() {
        return Given::Other("a string with half of a surrogate pair");
    }
    Given::Text(read)
}

fn object(value: &JsValue, depth: usize, left: &mut u32) -> Given {
    if depth == MAX_DEPTH {
        return Given::Other("a nested object");
    }
    if look::is_array(value) {
        let Some(length) = length(value) else { return Given::Other("an object that cannot be read") };
        if !spend(length, left) {
            return Given::Other(TOO_LARGE);
        }
        let Ok(items) = look::array_from(value) else { return Given::Other("an object that cannot be read") };
        return Given::List(items.iter().map(|item| given_at(&item, depth + 1, left)).collect());
    }
    if let Some(instance) = instance(value) {
        return instance;
    }
    let Ok(names) = look::keys(value) else { return Given::Other("an object that cannot be read") };
    let mut members = Vec::new();
    for name in names.iter() {
        // One more, as also an empty name takes room.
        if !spend(name.unchecked_ref::<JsString>().length().saturating_add(1), left) {
            return Given::Other(TOO_LARGE);
        }
        let value = Reflect::get(value, &name).unwrap_or(JsValue::NULL);
        members.push((name.as_string().unwrap_or_default(), given_at(&value, depth + 1, left)));
    }
    Given::Object(members)
}

/// What is known by the members that its class gives it, of any realm.
fn instance(value: &JsValue) -> Option<Given> {
    let named = |name: &str| member(value, &name.into());
    if named("aborted").as_bool().is_some() && named("addEventListener").is_function() {
        return Some(Given::Other("an AbortSignal"));
    }
    if let Some(filter) = filter(&member(value, &Symbol::for_("isc-service-desk.Filter"))) {
        return Some(filter);
    }
    // An URL.
    if let Some(href) = named("href").as_string() {
        return Some(Given::Text(href));
    }
    // A Map or Headers has its members elsewhere: they would be left out in silence.
    member(value, &Symbol::iterator()).is_function().then_some(Given::Other("an iterable"))
}

/// A `Filter` of any copy of the package, by its brand.
fn filter(brand: &JsValue) -> Option<Given> {
    if !brand.is_object() {
        return None;
    }
    let (text, is_raw) = (Reflect::get_u32(brand, 0).ok()?, Reflect::get_u32(brand, 1).ok()?);
    let text = text.as_string()?;
    Some(if is_raw.is_truthy() { Given::RawFilter(text) } else { Given::Text(text) })
}

/// An argument that must be a string.
///
/// # Errors
///
/// [`Invalid`] with the argument's name.
pub fn text(name: &'static str, value: &JsValue) -> Result<String, Invalid> {
    let given = match given(value) {
        Given::Text(_) if value.is_object() => Given::Other("an object"),
        given => given,
    };
    match given {
        Given::Text(text) => Ok(text),
        other => Err(Invalid::new(name, [name, " must be a string, got ", other.kind()].concat())),
    }
}

/// The JSON of an argument, as the platform writes it: `toJSON` is honoured, what JSON cannot hold is refused.
///
/// # Errors
///
/// [`Invalid`] with the JSON Pointer of what cannot be written: a cycle, a BigInt, a `toJSON` that throws.
pub fn json(value: &JsValue) -> Result<String, Invalid> {
    match JSON::stringify(value) {
        Ok(text) if !text.is_string() => {
            Err(Invalid::new("", ["the body must be an object, got ", given(value).kind()].concat()))
        }
        Ok(text) if text.length() > MAX_INPUT_CHARS => {
            Err(Invalid::new("", "JSON must be at most 8 388 608 characters"))
        }
        Ok(text) => Ok(text.into()),
        Err(_) => {
            let path = unwritable(value);
            let place = if path.is_empty() { "the body" } else { path.as_str() };
            let message = [place, " cannot be written as JSON: a cycle, a BigInt, or a toJSON() that throws"].concat();
            Err(Invalid::new(path, message))
        }
    }
}

/// The JSON of a patch's operations.
///
/// # Errors
///
/// As [`json`]; the field is `operations` where there are none at all.
pub fn operations(value: &JsValue) -> Result<String, Invalid> {
    json(value).map_err(|invalid| match &*invalid.field {
        "" if value.is_object() => Invalid::new("operations", invalid.into_inner().message),
        "" => {
            Invalid::new("operations", ["operations must be an array or a patch, got ", given(value).kind()].concat())
        }
        _ => invalid,
    })
}

/// Follows the members that cannot be written until one comes again or has none: that one is meant.
fn unwritable(value: &JsValue) -> String {
    let mut path = Pointer::root();
    let mut above = vec![value.clone()];
    // Each level is written anew, so a deep value is not followed to its end.
    while let Some(current) = above.last().filter(|current| current.is_object() && above.len() < 100) {
        let names = look::keys(current).unwrap_or_default();
        let Some((name, member)) = names.iter().find_map(|name| {
            let member = Reflect::get(current, &name).ok()?;
            JSON::stringify(&member).is_err().then_some((name, member))
        }) else {
            break;
        };
        path = path.child(&name.as_string().unwrap_or_default());
        if above.iter().any(|seen| Object::is(seen, &member)) {
            break;
        }
        above.push(member);
    }
    path.as_str().to_owned()
}

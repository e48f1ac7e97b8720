//! What a caller may see of a value that was thrown: itself, unless it would show a secret.

use js_sys::{Error as JsErrorObject, Map, Reflect, Set, Symbol};
use wasm_bindgen::prelude::*;

use super::arguments::property;
use super::look;
use super::report::set;

/// Takes secrets out of a text.
type Hide<'h> = &'h dyn Fn(&str) -> String;

/// Functions of these names decide what a value shows.
const PRINTERS: [&str; 3] = ["toJSON", "toString", "valueOf"];

/// How many values are looked at, and how deep; what has more to it is not shown.
const MAX_VALUES: u32 = 200;
const MAX_DEPTH: u32 = 8;

/// How many causes of causes a copy keeps.
const MAX_COPIED: u32 = 3;

/// The value itself, where no representation of it can show a secret; else an error with its words, without the secret.
///
/// Errors, functions, arrays, maps, sets and plain objects are looked through. Anything else, such as a Request with its headers, may print what
/// cannot be seen from outside, and is not handed on.
pub fn shown(thrown: &JsValue, hide: Hide<'_>) -> JsValue {
    let mut left = MAX_VALUES;
    if is_clean(thrown, hide, MAX_DEPTH, &mut left) { thrown.clone() } else { copy(thrown, hide, MAX_COPIED) }
}

fn is_clean(value: &JsValue, hide: Hide<'_>, depth: u32, left: &mut u32) -> bool {
    if let Some(text) = value.as_string() {
        return hide(&text) == text;
    }
    if !value.is_object() && !value.is_function() {
        return true;
    }
    if depth == 0 {
        return false;
    }
    if value.is_instance_of::<Map>() || value.is_instance_of::<Set>() {
        // What it prints are its entries.
        return look::array_from(value).is_ok_and(|entries| is_clean(&entries, hide, depth - 1, left));
    }
    is_transparent(value) && members_are_clean(value, hide, depth, left).unwrap_or(false)
}

/// Whether what it holds are its properties, and nothing else.
fn is_transparent(value: &JsValue) -> bool {
    if look::is_array(value) || value.is_function() || is_error(value) {
        return true;
    }
    match Reflect::get_prototype_of(value) {
        Ok(prototype) => prototype.is_null() || is_root(&prototype),
        Err(_) => false,
    }
}

fn members_are_clean(value: &JsValue, hide: Hide<'_>, depth: u32, left: &mut u32) -> Result<bool, JsValue> {
    let inspect = Reflect::get(value, &Symbol::for_("nodejs.util.inspect.custom"))?;
    if inspect.is_function() || property(value, "toJSON").is_function() {
        return Ok(false);
    }
    // An error's stack is no own property everywhere.
    let inherited = ["message", "name", "stack"].map(JsValue::from);
    let own = Reflect::own_keys(value)?;
    for key in own.iter().chain(inherited) {
        *left = left.saturating_sub(1);
        let member = Reflect::get(value, &key)?;
        // So does one under a symbol.
        let key_is_clean = match key.as_string() {
            Some(key) => hide(&key) == key && !(PRINTERS.contains(&key.as_str()) && member.is_function()),
            None => !member.is_function(),
        };
        let is_own_maker = value.is_function() && key.as_string().is_some_and(|key| key == "prototype");
        if *left == 0 || !key_is_clean || !is_own_maker && !is_clean(&member, hide, depth - 1, left) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_error(value: &JsValue) -> bool {
    value.is_instance_of::<JsErrorObject>()
}

/// The end of every chain of prototypes, of whatever realm.
fn is_root(prototype: &JsValue) -> bool {
    Reflect::get_prototype_of(prototype).is_ok_and(|next| next.is_null())
        && property(prototype, "hasOwnProperty").is_function()
}

fn copy(value: &JsValue, hide: Hide<'_>, depth: u32) -> JsValue {
    let text = |name| property(value, name).as_string().map(|text| hide(&text));
    let words = text("message").or_else(|| value.as_string().map(|text| hide(&text))).unwrap_or_default();
    let error: JsValue = JsErrorObject::new(&words).into();
    for name in ["name", "code", "stack"] {
        if let Some(text) = text(name) {
            set(&error, name, &text.into());
        }
    }
    let cause = property(value, "cause");
    if depth > 0 && !cause.is_undefined() {
        set(&error, "cause", &copy(&cause, hide, depth - 1));
    }
    error
}

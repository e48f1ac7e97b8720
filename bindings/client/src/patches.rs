//! The operations of a patch, and differences, on their way to JavaScript, which holds them.

use wasm_bindgen::prelude::*;

use crate::border::say;
use crate::client::refuse;
use crate::read::{arguments, body, given};
use isc_service_desk::Invalid;
use isc_service_desk::client::options::option_value::{Fields, OptionValue};
use isc_service_desk::client::options::settings::secret_names;
use isc_service_desk::client::session::{Body, text};
use isc_service_desk::json::Json;
use isc_service_desk::patch::{self, Replace};

/// `PatchBuilder.replace()` and `raw()`: says one operation as JSON.
#[wasm_bindgen(js_name = replaceOperation)]
pub fn replace_operation(command: &str) {
    let items = arguments(command);
    let operation = || {
        let path = text("path", &given(items.first()))?;
        let make = if matches!(given(items.get(2)), OptionValue::Flag(true)) { Replace::raw } else { Replace::new };
        make(&path, value(items.get(1))?.json().map_err(|invalid| at("value", invalid))?)
    };
    say_json(operation().map(|operation| operation.to_json()));
}

/// `diff()`
#[wasm_bindgen]
pub fn diff(command: &str) {
    let items = arguments(command);
    let side = |name: &'static str, json| {
        let body = body(json, None);
        body.json().map(str::to_owned).map_err(|invalid| at(name, invalid))
    };
    let found = || {
        let options = given(items.get(2));
        let options = Fields::of("options", &options, &["secretNames"])?;
        let secrets = secret_names(options.get("secretNames"))?;
        patch::diff_with(&secrets, &side("before", items.first())?, &side("after", items.get(1))?)
    };
    say_json(found().map(|found| found.to_json()));
}

fn say_json(json: Result<String, Invalid>) {
    match json {
        Ok(json) => say("{}", Some(&json)),
        Err(invalid) => refuse(invalid),
    }
}

fn value(json: Option<&Json<'_>>) -> Result<Body, Invalid> {
    match body(json, None) {
        Body::Missing(OptionValue::Nothing) => Err(Invalid::new("value", "value must be given")),
        body => Ok(body),
    }
}

/// The refusal of a part of the argument `name`.
fn at(name: &str, invalid: Invalid) -> Invalid {
    Invalid::new([name, &invalid.field].concat(), invalid.into_inner().message)
}

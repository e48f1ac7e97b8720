//! The client as JavaScript's entry file sees it: one method for each operation.

use std::rc::Rc;

use js_sys::{Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::abort::AbortWatch;
use super::tokens::Tokens;
use super::{arguments, drive, failure, report};
use crate::engine::plan::Plan;
use crate::engine::settings::CallSettings;
use crate::engine::{Call, Endpoint, ErrorKind, Headers, Settings};
use crate::model::Invalid;

/// A client: what `ServiceDeskClient` of the entry file stands on.
#[wasm_bindgen]
pub struct Core(Rc<Inner>);

struct Inner {
    endpoint: Endpoint,
    defaults: CallSettings,
    tokens: Rc<Tokens>,
    fetch: Option<Function>,
}

/// Builds the request of one operation.
type Planner<'p> = &'p dyn Fn(&Endpoint, &Headers) -> Result<Plan, Invalid>;

#[wasm_bindgen]
impl Core {
    /// Checks the options of `new ServiceDeskClient()`.
    ///
    /// # Errors
    ///
    /// A `ValidationError` that names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Core, JsValue> {
        let settings = Settings::read(&arguments::given(options), is_page()).map_err(failure::invalid_to_js)?;
        let fetch = arguments::function(options, "fetch");
        let function = arguments::function(&arguments::property(options, "auth"), "token");
        let Settings { endpoint, auth, defaults } = settings;
        let tokens = Rc::new(Tokens::new(auth, function, fetch.clone(), defaults.clone()));
        Ok(Self(Rc::new(Inner { endpoint, defaults, tokens, fetch })))
    }

    /// The base URL, without a slash at its end.
    #[wasm_bindgen(getter, js_name = baseUrl)]
    pub fn base_url(&self) -> String {
        self.0.endpoint.base.as_str().to_owned()
    }

    /// The layout of the paths.
    #[wasm_bindgen(getter, js_name = apiVersion)]
    pub fn api_version(&self) -> String {
        self.0.endpoint.version.as_str().to_owned()
    }

    /// `integrations.get()`
    #[wasm_bindgen(js_name = get)]
    pub fn get(&self, id: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| endpoint.get(&arguments::text("id", id)?, headers))
    }

    /// `integrations.create()`
    #[wasm_bindgen(js_name = create)]
    pub fn create(&self, input: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| endpoint.create(&arguments::json(input)?, headers))
    }

    /// `integrations.replace()`
    #[wasm_bindgen(js_name = replace)]
    pub fn replace(&self, id: &JsValue, input: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| {
            endpoint.replace(&arguments::text("id", id)?, &arguments::json(input)?, headers)
        })
    }

    /// `integrations.delete()`
    #[wasm_bindgen(js_name = delete)]
    pub fn delete(&self, id: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| endpoint.delete(&arguments::text("id", id)?, headers))
    }

    /// `types.list()`
    #[wasm_bindgen(js_name = listTypes)]
    pub fn list_types(&self, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| Ok(endpoint.list_types(headers)))
    }

    /// `templates.get()`
    #[wasm_bindgen(js_name = getTemplate)]
    pub fn get_template(&self, name: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| endpoint.get_template(&arguments::text("scriptName", name)?, headers))
    }

    /// `statusCheck.get()`
    #[wasm_bindgen(js_name = getStatusCheck)]
    pub fn get_status_check(&self, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| Ok(endpoint.get_status_check(headers)))
    }

    /// `statusCheck.update()`
    #[wasm_bindgen(js_name = updateStatusCheck)]
    pub fn update_status_check(&self, details: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| endpoint.update_status_check(&arguments::json(details)?, headers))
    }
}

impl Core {
    fn call(&self, options: &JsValue, plan: Planner<'_>) -> Promise {
        match self.prepare(options, plan) {
            Ok(call) => {
                let (inner, options) = (Rc::clone(&self.0), options.clone());
                future_to_promise(async move { inner.run(call, &options).await })
            }
            Err(invalid) => Promise::reject(&failure::invalid_to_js(invalid)),
        }
    }

    /// Everything that can be wrong with a call is found here, before its promise is waited for.
    fn prepare(&self, options: &JsValue, plan: Planner<'_>) -> Result<Call, Invalid> {
        let settings = self.0.defaults.read(&arguments::given(options))?;
        let Plan { operation, request } = plan(&self.0.endpoint, &settings.headers)?;
        Ok(Call::new(operation, request, &settings))
    }
}

impl Inner {
    async fn run(&self, call: Call, options: &JsValue) -> Result<JsValue, JsValue> {
        let abort = AbortWatch::on(arguments::signal(options));
        let driven = drive::drive(call, Some(&self.tokens), self.fetch.as_ref(), &abort).await;
        let outcome = driven.outcome;
        if let (Some(listener), Some(response)) = (arguments::function(options, "onResponse"), &outcome.response) {
            // What a listener throws must not fail a call that the server has answered.
            let _thrown = listener.call1(&JsValue::UNDEFINED, &report::response_info(response, &outcome.attempts));
        }
        match outcome.result {
            Ok(Some(text)) => JSON::parse(&text),
            Ok(None) => Ok(JsValue::UNDEFINED),
            Err(error) if error.kind == ErrorKind::Aborted => Err(abort.reason()),
            Err(error) => Err(failure::to_js(&error, &driven.cause)),
        }
    }
}

/// A page, whose visitors can read all that it holds.
fn is_page() -> bool {
    let global = js_sys::global();
    ["window", "document"].into_iter().all(|name| !arguments::property(&global, name).is_undefined())
}

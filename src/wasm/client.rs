//! The client as JavaScript's entry file sees it: one method for each operation.

use std::rc::Rc;

use js_sys::{Array, Function, JSON, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::abort::AbortWatch;
use super::tokens::Tokens;
use super::{arguments, drive, failure, report};
use crate::engine::plan::Plan;
use crate::engine::settings::CallSettings;
use crate::engine::{Call, Endpoint, Error, ErrorKind, Headers, Settings, listing};
use crate::model::Invalid;
use crate::query::ListQuery;

/// A client: what `ServiceDeskClient` of the entry file stands on.
#[wasm_bindgen]
pub struct Core(Rc<Inner>);

struct Inner {
    endpoint: Endpoint,
    defaults: CallSettings,
    tokens: Rc<Tokens>,
    fetch: Option<Function>,
}

/// What becomes of the text of a good answer.
enum Returns {
    /// It is the value.
    Value,
    /// It holds the items of a page, asked for with this query.
    Page { given: JsValue, checked: ListQuery },
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

    /// `integrations.list()`
    #[wasm_bindgen(js_name = list)]
    pub fn list(&self, query: &JsValue, options: &JsValue) -> Promise {
        let checked = match listing::read_query(&arguments::given(query)) {
            Ok(checked) => checked,
            Err(invalid) => return Promise::reject(&failure::invalid_to_js(invalid)),
        };
        let call = self.prepare(options, &|endpoint, headers| endpoint.list(&checked, headers));
        self.start(call, options, Returns::Page { given: query.clone(), checked: checked.clone() })
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

    /// `integrations.patch()`
    #[wasm_bindgen(js_name = patch)]
    pub fn patch(&self, id: &JsValue, operations: &JsValue, options: &JsValue) -> Promise {
        self.call(options, &|endpoint, headers| {
            endpoint.patch(&arguments::text("id", id)?, &arguments::json(operations)?, headers)
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
        self.start(self.prepare(options, plan), options, Returns::Value)
    }

    /// Everything that can be wrong with a call is found here, before anything is sent.
    fn prepare(&self, options: &JsValue, plan: Planner<'_>) -> Result<Call, Invalid> {
        let settings = self.0.defaults.read(&arguments::given(options))?;
        let Plan { operation, request } = plan(&self.0.endpoint, &settings.headers)?;
        Ok(Call::new(operation, request, &settings))
    }

    fn start(&self, call: Result<Call, Invalid>, options: &JsValue, returns: Returns) -> Promise {
        match call {
            Ok(call) => {
                let (inner, options) = (Rc::clone(&self.0), options.clone());
                future_to_promise(async move { inner.run(call, &options, &returns).await })
            }
            Err(invalid) => Promise::reject(&failure::invalid_to_js(invalid)),
        }
    }
}

impl Inner {
    async fn run(&self, call: Call, options: &JsValue, returns: &Returns) -> Result<JsValue, JsValue> {
        if let Returns::Page { checked, given } = returns
            && checked.matches_nothing()
        {
            return Ok(page(&Array::new(), Some(0).filter(|_| checked.count()), checked, given));
        }
        let abort = AbortWatch::on(arguments::signal(options));
        let driven = drive::drive(call, Some(&self.tokens), self.fetch.as_ref(), &abort).await;
        let outcome = driven.outcome;
        if let (Some(listener), Some(response)) = (arguments::function(options, "onResponse"), &outcome.response) {
            // What a listener throws must not fail a call that the server has answered.
            let _thrown = listener.call1(&JsValue::UNDEFINED, &report::response_info(response, &outcome.attempts));
        }
        match outcome.result {
            Ok(Some(text)) => {
                let value = JSON::parse(&text).map_err(|thrown| unparsable(&thrown))?;
                let Returns::Page { checked, given } = returns else { return Ok(value) };
                let total = outcome.response.as_ref().and_then(listing::total);
                Ok(page(value.unchecked_ref(), total, checked, given))
            }
            Ok(None) => Ok(JsValue::UNDEFINED),
            Err(error) if error.kind == ErrorKind::Aborted => Err(abort.reason()),
            Err(error) => Err(failure::to_js(&error, &driven.cause)),
        }
    }
}

/// The engine took for JSON what the platform does not.
fn unparsable(thrown: &JsValue) -> JsValue {
    failure::to_js(&Error::new(ErrorKind::Internal, "the platform cannot parse an answer that was checked"), thrown)
}

/// A `Page` of the public surface; the query of the next is the caller's own with another offset.
fn page(items: &Array, total: Option<u64>, checked: &ListQuery, given: &JsValue) -> JsValue {
    let page = Object::new().into();
    report::set(&page, "items", items);
    report::set(&page, "offset", &checked.offset().into());
    report::set(&page, "limit", &checked.limit().into());
    if let Some(total) = total {
        #[expect(clippy::cast_precision_loss, reason = "no list is longer than 2^53")]
        report::set(&page, "total", &(total as f64).into());
    }
    if let Some(next) = checked.next(items.length() as usize, total) {
        let query = Object::assign(&Object::new(), given.unchecked_ref()).into();
        report::set(&query, "offset", &next.offset().into());
        report::set(&page, "next", &query);
    }
    page
}

/// A page, whose visitors can read all that it holds.
fn is_page() -> bool {
    let global = js_sys::global();
    ["window", "document"].into_iter().all(|name| !arguments::property(&global, name).is_undefined())
}

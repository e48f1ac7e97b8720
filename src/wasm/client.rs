//! The client as JavaScript's entry file sees it: one method for each operation.

use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::abort::{AbortWatch, Cancel};
use super::caller::Caller;
use super::gate::Member;
use super::observe::Observer;
use super::pages::Page;
use super::promise::promise;
use super::sender::{Planner, Sender};
use super::tokens::Tokens;
use super::transport::Fetch;
use super::updating::Updating;
use super::walk::WalkCore;
use super::{arguments, failure, runtime};
use crate::Invalid;
use crate::client::call::creations::Creations;
use crate::client::options::listing;
use crate::client::response::report;
use crate::client::{Call, Settings};
use crate::query::ListQuery;

/// A client: what `ServiceDeskClient` of the entry file stands on.
#[wasm_bindgen]
pub struct Core(Rc<Sender>);

#[wasm_bindgen]
impl Core {
    /// Checks the options of `new ServiceDeskClient()`.
    ///
    /// # Errors
    ///
    /// A `ValidationError` that names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Core, JsValue> {
        let settings =
            Settings::read(&arguments::given(options), runtime::is_page()).map_err(failure::invalid_to_js)?;
        let fetch = Fetch::new(arguments::function(options, "fetch"));
        let function = arguments::function(&arguments::option(options, "auth"), "token");
        let Settings { endpoint, auth, defaults, rate } = settings;
        let member = rate.map(|limit| Member::join(&endpoint, &auth, function.as_ref(), limit));
        let observer = Observer::new(arguments::function(options, "onEvent"));
        let tokens = Rc::new(Tokens::new(auth, function, fetch.clone(), defaults.clone(), observer.clone()));
        let creations = Creations::default();
        Ok(Self(Rc::new(Sender { endpoint, defaults, tokens, fetch, member, observer, creations })))
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
        let filters = arguments::option(query, "filters");
        let prepared = listing::read_query(&arguments::given(query)).and_then(|query| {
            let going = self.prepare(options, &|endpoint, headers| endpoint.list(&query, headers))?;
            Ok((query, going))
        });
        match prepared {
            Ok((query, going)) => promise(going.run(Some((query, filters)))),
            Err(invalid) => Promise::reject(&failure::invalid_to_js(invalid)),
        }
    }

    /// One loop over `integrations.iterate()`
    ///
    /// # Errors
    ///
    /// A `ValidationError` for the query or the options.
    #[wasm_bindgen(js_name = walk)]
    pub fn walk(&self, query: &JsValue, options: &JsValue) -> Result<WalkCore, JsValue> {
        WalkCore::new(&self.0, query, options)
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
            endpoint.patch(&arguments::text("id", id)?, &arguments::operations(operations)?, headers)
        })
    }

    /// `integrations.update()`
    #[wasm_bindgen(js_name = update)]
    pub fn update(&self, id: &JsValue, change: &JsValue, options: &JsValue) -> Promise {
        match Updating::new(&self.0, id, change, options) {
            Ok(updating) => promise(updating.run()),
            Err(invalid) => Promise::reject(&failure::invalid_to_js(invalid)),
        }
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
            Ok(going) => promise(going.run(None)),
            Err(invalid) => Promise::reject(&failure::invalid_to_js(invalid)),
        }
    }

    fn prepare(&self, options: &JsValue, plan: Planner<'_>) -> Result<Going, Invalid> {
        let caller = Caller::read(&self.0.defaults, options)?;
        let call = self.0.prepare(&caller.settings, plan)?;
        Ok(Going { sender: Rc::clone(&self.0), abort: caller.watch(Cancel::default()), caller, call })
    }
}

/// A call that can go, heard from the moment at which it was made.
struct Going {
    sender: Rc<Sender>,
    caller: Caller,
    abort: AbortWatch,
    call: Box<Call>,
}

impl Going {
    /// What the operation returns; of a list, the page that `query` asked for, with the caller's own filters. One for all
    /// operations, as each would have a copy of its code.
    async fn run(self, page: Option<(ListQuery, JsValue)>) -> Result<JsValue, JsValue> {
        if let Some((query, filters)) = page.as_ref().filter(|(query, _)| query.matches_nothing()) {
            let total = query.count().then_some(0);
            return Ok(Page { items: &Array::new(), query, total, next: None }.to_js(filters));
        }
        let ended = self.sender.send(self.call, &self.abort).await;
        self.caller.tell(ended.response.as_ref(), &ended.attempts);
        let value = ended.result.map_err(|refusal| refusal.thrown)?;
        let Some((query, filters)) = &page else { return Ok(value) };
        let items: Array = value.unchecked_into();
        let total = ended.response.as_ref().and_then(report::total);
        let next = query.next(items.length() as usize, total);
        Ok(Page { items: &items, query, total, next }.to_js(filters))
    }
}

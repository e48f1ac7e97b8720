//! Gets the token of a call: the given one, the caller's function's, or one that client credentials buy for all.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::abort::AbortWatch;
use super::{clock, drive, report};
use crate::engine::error::{ErrorKind, TokenFailure};
use crate::engine::header;
use crate::engine::settings::{Auth, CallSettings};
use crate::engine::token::{ClientCredentials, Token, TokenCache};
use crate::engine::{Call, Error};
use crate::model::Secret;

/// A failure and what was thrown behind it.
#[derive(Clone)]
pub struct Failed {
    /// The failure.
    pub error: Box<Error>,
    /// What the platform or the caller's function threw; `undefined` where nothing was.
    pub cause: JsValue,
}

type Bought = Result<Secret, Failed>;

/// Where the tokens of one client come from.
pub struct Tokens {
    auth: Auth,
    function: Option<Function>,
    fetch: Option<Function>,
    defaults: CallSettings,
    cache: RefCell<TokenCache>,
    /// The one request for a token that is on its way.
    flight: RefCell<Option<Flight>>,
}

#[derive(Clone)]
struct Flight {
    landed: Promise,
    bought: Rc<RefCell<Option<Bought>>>,
}

impl Tokens {
    /// `function` is the caller's, where `auth` says that there is one.
    pub fn new(auth: Auth, function: Option<Function>, fetch: Option<Function>, defaults: CallSettings) -> Self {
        Self { auth, function, fetch, defaults, cache: RefCell::default(), flight: RefCell::default() }
    }

    /// A token that can be sent now.
    ///
    /// # Errors
    ///
    /// A token error where the function threw or gave no token, or the token endpoint did not.
    pub async fn get(self: &Rc<Self>, signal: JsValue) -> Bought {
        match &self.auth {
            Auth::Token(token) => Ok(token.clone()),
            Auth::Function => self.ask(signal).await,
            Auth::Client(credentials) => self.buy(credentials).await,
        }
    }

    /// The call, which will not show the client secret.
    pub fn hiding(&self, call: Call) -> Call {
        match &self.auth {
            Auth::Client(credentials) => call.hiding(&credentials.client_secret),
            Auth::Token(_) | Auth::Function => call,
        }
    }

    async fn ask(&self, signal: JsValue) -> Bought {
        let request = js_sys::Object::new().into();
        report::set(&request, "forceRefresh", &JsValue::FALSE);
        report::set(&request, "signal", &signal);
        let Some(function) = &self.function else {
            return Err(no_token("there is no token function", JsValue::UNDEFINED));
        };
        let answer = match function.call1(&JsValue::UNDEFINED, &request) {
            Ok(answer) => JsFuture::from(Promise::resolve(&answer)).await,
            Err(thrown) => Err(thrown),
        };
        let token = answer.map_err(|thrown| no_token("the token function failed", thrown))?;
        match token.as_string() {
            Some(token) if token.is_empty() => {
                Err(no_token("the token function gave an empty string", JsValue::UNDEFINED))
            }
            Some(token) if header::is_value(&token) => Ok(Secret::new(token)),
            Some(_) => Err(no_token("the token function gave a text that no header can carry", JsValue::UNDEFINED)),
            None => Err(no_token("the token function must give a string", JsValue::UNDEFINED)),
        }
    }

    async fn buy(self: &Rc<Self>, credentials: &ClientCredentials) -> Bought {
        if let Some(token) = self.cache.borrow().fresh(clock::now().moment) {
            return Ok(token.clone());
        }
        let flight = self.join(credentials);
        // It never rejects: what it brought lies beside it.
        let _landed = JsFuture::from(flight.landed).await;
        let bought = flight.bought.borrow().clone();
        bought.unwrap_or_else(|| Err(no_token("the token request ended without a result", JsValue::UNDEFINED)))
    }

    /// The request that is on its way, or a new one. It belongs to no call: whoever started it may be aborted.
    fn join(self: &Rc<Self>, credentials: &ClientCredentials) -> Flight {
        if let Some(flight) = &*self.flight.borrow() {
            return flight.clone();
        }
        let bought = Rc::<RefCell<Option<Bought>>>::default();
        let call = self.hiding(Call::for_token(credentials.token_request(), &self.defaults));
        let (tokens, result) = (Rc::clone(self), Rc::clone(&bought));
        let landed = future_to_promise(async move {
            let outcome = tokens.request(call).await;
            *tokens.flight.borrow_mut() = None;
            *result.borrow_mut() = Some(outcome);
            Ok(JsValue::UNDEFINED)
        });
        let flight = Flight { landed, bought };
        *self.flight.borrow_mut() = Some(flight.clone());
        flight
    }

    async fn request(self: &Rc<Self>, call: Call) -> Bought {
        let asked = clock::now().moment;
        let driven = drive::drive(call, None, self.fetch.as_ref(), &AbortWatch::on(None)).await;
        let text = driven.outcome.result.map_err(|error| Failed { error, cause: driven.cause })?;
        let token = Token::read(text.unwrap_or_default().as_bytes(), asked)
            .map_err(|reason| no_token(&format!("the token endpoint gave no token: {reason}"), JsValue::UNDEFINED))?;
        let secret = token.secret.clone();
        self.cache.borrow_mut().keep(token);
        Ok(secret)
    }
}

fn no_token(message: &str, cause: JsValue) -> Failed {
    Failed { error: Error::new(ErrorKind::Token(TokenFailure::default()), message), cause }
}

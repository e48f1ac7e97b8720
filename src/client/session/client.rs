//! What the session keeps of each client, and the limiters that clients share.

use super::limiter::{Limiter, RateLimit};
use super::machine::Session;
use super::token::{Generation, TokenCache};
use super::{ClientId, TaskId};
use crate::Invalid;
use crate::client::call::created_ids::CreatedIds;
use crate::client::call::memory::BodyBudget;
use crate::client::options::settings::{Auth, CallSettings, Settings};
use crate::client::request::plan::Plan;
use crate::client::{ApiVersion, Call, Endpoint};
use crate::clock::Instant;
use crate::http::message::Headers;
use crate::wire::Secret;

/// What the outside says of a new client.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// Whether the platform may send a request a second time of its own accord.
    pub resends: bool,
    /// Whether the client has an observer.
    pub is_observed: bool,
    /// Whether the runtime keeps the requests which it answers apart, in one memory: what one of them began ends with it.
    pub is_apart: bool,
    /// Which token function it has: the same number for the same function.
    pub token_function: usize,
}

/// A client.
pub struct Client {
    /// Where the API lives.
    pub endpoint: Endpoint,
    /// What every call starts from.
    pub defaults: CallSettings,
    /// How calls are authorized.
    pub auth: Auth,
    /// The tokens that client credentials buy.
    pub cache: TokenCache,
    /// How often a shared token function was asked for another token than the one it gave.
    pub forced: Generation,
    /// The one token request that is on its way.
    pub token_request: Option<TaskId>,
    /// Its place among the limiters, and its limit there.
    pub rate: Option<(usize, RateLimit)>,
    surroundings: Surroundings,
    created_ids: CreatedIds,
}

/// A limiter, and the credential whose requests the gateway counts together.
pub struct SharedLimiter {
    key: Key,
    /// The limiter.
    pub limiter: Limiter,
    clients: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Key {
    origin: String,
    version: ApiVersion,
    holder: Holder,
}

#[derive(Debug, Clone, PartialEq)]
enum Holder {
    Credential(Secret),
    Function(usize),
}

impl Client {
    /// Builds a call, with all that is the client's.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the argument.
    pub fn prepare(&self, plan: Plan, settings: &CallSettings) -> Box<Call> {
        let mut call = Box::new(Call::new(plan, settings));
        match &self.auth {
            Auth::Client(credentials) => call.renewable().hiding(&credentials.client_secret),
            Auth::Function { .. } => call.renewable(),
            Auth::Token(_) => &mut call,
        };
        call.among(&self.created_ids);
        if self.surroundings.resends {
            call.resent();
        }
        if self.surroundings.is_observed {
            call.observed();
        }
        call
    }

    /// Whether anything is to be noticed.
    pub fn is_observed(&self) -> bool {
        self.surroundings.is_observed
    }
}

impl Session {
    /// Adds a client.
    pub fn open(&mut self, settings: Settings, surroundings: Surroundings, now: Instant) -> ClientId {
        let Settings { endpoint, auth, defaults, rate } = settings;
        self.is_apart = surroundings.is_apart;
        let holder = match &auth {
            Auth::Client(credentials) => Holder::Credential(credentials.client_id.clone()),
            Auth::Function { .. } => Holder::Function(surroundings.token_function),
            Auth::Token(token) => Holder::Credential(token.clone()),
        };
        let key = Key { origin: endpoint.base.origin().to_owned(), version: endpoint.version, holder };
        let rate = rate.map(|limit| (self.join(key, limit, now), limit));
        let client = Client {
            endpoint,
            defaults,
            auth,
            cache: TokenCache::default(),
            forced: Generation::default(),
            token_request: None,
            rate,
            surroundings,
            created_ids: CreatedIds::default(),
        };
        ClientId(self.clients.insert(client))
    }

    /// Forgets a client.
    pub fn close(&mut self, client: ClientId) {
        let Some(Client { rate: Some((place, limit)), .. }) = self.clients.remove(client.0) else { return };
        if let Some(shared) = self.limiters.get_mut(place) {
            shared.clients -= 1;
            shared.limiter.part(limit);
        }
        self.wake_first(place);
    }

    /// Where a client's API lives.
    pub fn endpoint(&self, client: ClientId) -> Option<&Endpoint> {
        self.clients.get(client.0).map(|client| &client.endpoint)
    }

    /// The limiter of those that call the same API with the same credential.
    fn join(&mut self, key: Key, limit: RateLimit, now: Instant) -> usize {
        let is_over = |shared: &SharedLimiter| shared.clients == 0 && shared.limiter.is_idle(now);
        let over: Vec<usize> =
            self.limiters.iter().filter(|(_, shared)| is_over(shared)).map(|(place, _)| place).collect();
        for place in over {
            self.limiters.remove(place);
        }
        let known = self.limiters.iter().find(|(_, shared)| shared.key == key).map(|(place, _)| place);
        let place = known.unwrap_or_else(|| {
            self.limiters.insert(SharedLimiter { key, limiter: Limiter::new(self.is_apart), clients: 0 })
        });
        if let Some(shared) = self.limiters.get_mut(place) {
            shared.clients += 1;
            shared.limiter.join(limit);
        }
        place
    }

    /// A call's settings, read over those of its client, and a plan made with them.
    pub(super) fn planned(
        &self,
        client: ClientId,
        settings: &CallSettings,
        plan: &dyn Fn(&Endpoint, &Headers) -> Result<Plan, Invalid>,
    ) -> Result<Box<Call>, Invalid> {
        let client = self.clients.get(client.0).ok_or_else(|| Invalid::new("", "the client is closed"))?;
        let mut call = client.prepare(plan(&client.endpoint, &settings.headers)?, settings);
        call.reserving(self.budget.get_or_init(BodyBudget::default))?;
        Ok(call)
    }
}

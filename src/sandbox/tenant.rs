//! A tenant in memory: its state, and the way from a request to a reply.

use crate::Invalid;
use crate::http::Headers;
use crate::wire::Secret;
use crate::wire::secrets::Secrets;

use super::behaviour::clock;
use super::behaviour::faults::{self, Fault, Then};
use super::behaviour::journal::Journal;
use super::behaviour::options::{Options, parse_json};
use super::behaviour::rate::Windows;
use super::behaviour::record;
use super::gateway::{self, Answer, Read};
use super::http::cors;
use super::http::form::Params;
use super::http::message::{Admission, Delivery, Incoming, Instant, Record, Reply};
use super::http::oauth;
use super::http::problem::Problem;
use super::http::route::{self, Route};
use super::http::visitor::Visitors;
use super::operations;
use super::state::ids::Seed;
use super::state::secret_mask::SecretMask;
use super::state::snapshot::State;
use super::state::tokens::Tokens;

/// Longer bodies are refused with 413. Assumed: above what any client may send, whose own cap is 32 MiB.
pub const MAX_BODY_BYTES: usize = 33 * 1_024 * 1_024;

/// A tenant in memory.
///
/// **It never looks at a clock: with each request it is told what time it is, in milliseconds since the epoch, or as a
/// [`Instant`] with randomness.**
pub struct Tenant {
    pub(crate) options: Options,
    pub(crate) secret_mask: SecretMask,
    pub(crate) state: State,
    /// How many integrations were made.
    pub(crate) made: u64,
    served: u64,
    pub(crate) tokens: Tokens,
    pub(crate) windows: Windows,
    faults: Vec<Fault>,
    journal: Journal,
}

impl Tenant {
    /// A tenant that behaves and starts as `options` say, at the time `now_ms`.
    ///
    /// # Errors
    ///
    /// Two of the given integrations have the same id or name; the field is a JSON Pointer.
    pub fn new(options: Options, now_ms: u64) -> Result<Self, Invalid> {
        let secret_mask = SecretMask { seed: Seed::of(&options.tenant), secrecy: options.behaviour.secrets };
        let state = State::new(&options, secret_mask, now_ms)?;
        let (tokens, windows, journal) = (Tokens::default(), Windows::default(), Journal::default());
        Ok(Self { options, secret_mask, state, made: 0, served: 0, tokens, windows, faults: Vec::new(), journal })
    }

    /// The origin that its requests go to. No name below `invalid` exists, so a client that was not given the sandbox's
    /// fetch reaches nobody.
    pub fn base_url(&self) -> String {
        format!("https://{}.api.isc.invalid", self.options.tenant)
    }

    /// The client that the token endpoint knows.
    pub fn client_id(&self) -> &str {
        &self.options.credentials.client_id
    }

    /// Its secret.
    pub fn client_secret(&self) -> &Secret {
        &self.options.credentials.client_secret
    }

    /// How long an answer is to be held back, in milliseconds.
    pub fn latency_ms(&self) -> u32 {
        self.options.latency_ms
    }

    /// A fresh access token, as the token endpoint would give.
    pub fn token(&mut self, at: impl Into<Instant>) -> String {
        let Options { tenant, credentials, token_ttl_s, .. } = &self.options;
        self.tokens.mint(self.secret_mask.seed, tenant, &credentials.client_id, *token_ttl_s, at.into()).access_token
    }

    /// Adds a fault, given as JSON. The first that hits a request is taken, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// A field is unknown, of a wrong type or out of range, or `then` does not say exactly one thing.
    pub fn fault(&mut self, json: &str) -> Result<(), Invalid> {
        self.faults.push(Fault::read(&parse_json(json, "fault")?)?);
        Ok(())
    }

    /// The whole state as JSON: `integrations`, `types`, `templates` by script name, `statusCheck`.
    ///
    /// Secret attributes stand in it in clear: it is the caller's own state. Tokens, faults and the rate limit's memory are
    /// no part of it.
    pub fn snapshot(&self) -> String {
        self.state.snapshot()
    }

    /// Puts a state in the place of the present one; tokens and faults stay.
    ///
    /// # Errors
    ///
    /// It is not what [`Tenant::snapshot`] writes; the field is a JSON Pointer. The tenant is then as it was.
    pub fn restore(&mut self, json: &str, now_ms: u64) -> Result<(), Invalid> {
        self.state = State::restore(json, self.secret_mask, now_ms)?;
        Ok(())
    }

    /// What arrived and was answered, oldest first, as a JSON array of [`Record`](super::Record)s: the last ones, so many as
    /// there is room for.
    pub fn requests(&self) -> String {
        self.journal.json()
    }

    /// Keeps nothing of what arrives from here on.
    pub fn keep_no_requests(&mut self) {
        self.journal = Journal::closed();
    }

    /// Looks at the head of a request that came over the network, whose body is still to be read.
    ///
    /// First who asks: what is refused for that uses up no fault, and is not recorded. Then faults: where one hits, the body is
    /// awaited, so that [`Tenant::handle`] lets it happen. Only then what the tenant itself refuses for the head alone, with
    /// the answer that [`Tenant::handle`] has for it with any body.
    pub fn admit(&mut self, head: &Incoming, visitors: &Visitors, at: impl Into<Instant>) -> Admission {
        let at = at.into();
        if let Some(problem) = visitors.refusal(&head.target, &head.headers) {
            return Admission::Answered(Box::new(self.refuse(head, &problem, at.now_ms)));
        }
        let read = route::read(&head.target);
        let (path, _) = route::split(&head.target);
        let is_hit = faults::any_hits(&self.faults, &head.method, path, gateway::is_token(&read));
        if !is_hit && gateway::is_decided_by_head(self, head, &read, at.now_ms) {
            return Admission::Answered(Box::new(self.handle(head, at)));
        }
        Admission::Awaited { most: gateway::most_bytes(&read) }
    }

    fn refuse(&mut self, head: &Incoming, problem: &Problem, now_ms: u64) -> Reply {
        self.served += 1;
        let Answer { status, headers, body } = Answer::problem(problem, &self.tracking_id());
        let record = Record { status, ..record::line(head, None, &self.options.credentials, Secrets::default()) };
        Reply { status, headers: self.headers(head, headers, now_ms), body, delivery: Delivery::Whole, record }
    }

    /// Answers a request that has arrived whole.
    pub fn handle(&mut self, incoming: &Incoming, at: impl Into<Instant>) -> Reply {
        let reply = self.reply(incoming, at.into());
        self.journal.keep(&reply.record);
        reply
    }

    fn reply(&mut self, incoming: &Incoming, at: Instant) -> Reply {
        self.served += 1;
        let read = route::read(&incoming.target);
        let is_token = gateway::is_token(&read);
        let form = if is_token { oauth::read(incoming) } else { Ok(Params::new()) };
        let mut record = self.record(incoming, &read, &form);
        let (path, _) = route::split(&incoming.target);
        let then = faults::take(&mut self.faults, &incoming.method, path, is_token);
        let (answer, delivery) = self.answer_under(then, incoming, read, form, at);
        if delivery == Delivery::Dropped {
            return Reply { status: 0, headers: Headers::default(), body: Vec::new(), delivery, record };
        }
        record.status = answer.status;
        let headers = self.headers(incoming, answer.headers, at.now_ms);
        Reply { status: answer.status, headers, body: answer.body, delivery, record }
    }

    fn record(&self, incoming: &Incoming, read: &Read, form: &Result<Params, Problem>) -> Record {
        let none = Params::new();
        let parameters = match read {
            Ok((Route::Token, query)) => Some([form.as_ref().unwrap_or(&none), query]),
            _ => None,
        };
        record::line(incoming, parameters, &self.options.credentials, operations::secrets_about(self, read))
    }

    fn answer_under(
        &mut self,
        then: Option<Then>,
        incoming: &Incoming,
        read: Read,
        form: Result<Params, Problem>,
        at: Instant,
    ) -> (Answer, Delivery) {
        let delivery = match then {
            Some(Then::Answer { status, headers, body }) => {
                return (self.fault_answer(status, headers, body), Delivery::Whole);
            }
            Some(Then::Drop { acted: false }) => return (Answer::empty(0), Delivery::Dropped),
            Some(Then::Drop { acted: true }) => Delivery::Dropped,
            Some(Then::Truncate { bytes }) => Delivery::Truncated { bytes },
            Some(Then::Stall { ms }) => Delivery::Stalled { ms },
            None => Delivery::Whole,
        };
        let answer = gateway::act(self, incoming, read, form, at);
        let answer = answer.unwrap_or_else(|problem| Answer::problem(&problem, &self.tracking_id()));
        (answer, delivery)
    }

    /// The answer that a fault asks for; without a body of its own it is the documented one of an error.
    fn fault_answer(&self, status: u16, headers: Vec<(String, String)>, body: Option<String>) -> Answer {
        let mut answer = match body {
            None if status >= 400 => Answer::problem(&Problem::Fault(status), &self.tracking_id()),
            None => Answer::empty(status),
            Some(body) => Answer { status, ..Answer::json(body) },
        };
        for (name, value) in headers {
            answer.headers.set(&name, &value);
        }
        answer
    }

    /// The fields of every answer, under those of the operation. Source: the headers of a real answer that SailPoint's
    /// documentation prints.
    fn headers(&self, incoming: &Incoming, own: Headers, now_ms: u64) -> Headers {
        let mut headers: Headers = [
            ("date", clock::http_date(now_ms)),
            ("slpt-request-id", self.secret_mask.seed.hex("request", self.served)),
            ("cache-control", "no-cache, no-store, must-revalidate".to_owned()),
        ]
        .into_iter()
        .collect();
        cors::allow(&incoming.headers, self.options.behaviour.expose_total, &mut headers);
        for (name, value) in own.iter() {
            headers.set(name, value);
        }
        headers
    }

    fn tracking_id(&self) -> String {
        self.secret_mask.seed.hex("tracking", self.served)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const V1: &str = "/service-desk-integrations/v1";

    struct World {
        tenant: Tenant,
        authorization: String,
    }

    impl World {
        /// A tenant that keeps no more than so many bytes.
        fn of(most_bytes: usize) -> Self {
            let mut tenant = Tenant::new(Options::parse("{\"integrations\":[]}").unwrap(), 0).unwrap();
            tenant.state.store.most_bytes = most_bytes;
            let authorization = format!("Bearer {}", tenant.token(0));
            Self { tenant, authorization }
        }

        fn send(&mut self, method: &str, target: &str, content_type: &str, body: &Value) -> (u16, Value) {
            let headers = [("authorization", self.authorization.as_str()), ("content-type", content_type)];
            let (method, target) = (method.to_owned(), target.to_owned());
            let body = body.to_string().into_bytes();
            let reply =
                self.tenant.handle(&Incoming { method, target, headers: headers.into_iter().collect(), body }, 0);
            (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
        }

        fn write(&mut self, method: &str, target: &str, name: &str, length: usize) -> (u16, Value) {
            let attributes = json!({ "a": "x".repeat(length) });
            let body = json!({ "name": name, "description": "", "type": "Generic SDIM", "attributes": attributes });
            self.send(method, target, "application/json", &body)
        }
    }

    #[test]
    fn a_full_tenant_refuses_what_grows_and_answers_all_else() {
        let mut world = World::of(10_000);
        let (status, made) = world.write("POST", V1, "one", 8_000);
        let one = format!("{V1}/{}", made["id"].as_str().unwrap());
        assert_eq!((status, world.write("PUT", &one, "one", 8_100).0), (200, 200));
        for (method, target, name, length) in [("POST", V1, "two", 1_500), ("PUT", one.as_str(), "one", 10_000)] {
            let (status, body) = world.write(method, target, name, length);
            assert_eq!((status, body["detailCode"].as_str()), (413, Some("413 Payload Too Large")));
            assert!(body["messages"][0]["text"].as_str().unwrap().starts_with("The sandbox is full"));
        }
        let patch = json!([{ "op": "replace", "path": "/attributes/a", "value": "x".repeat(10_000) }]);
        assert_eq!(world.send("PATCH", &one, "application/json-patch+json", &patch).0, 413);
        assert_eq!(
            world.send("GET", &one, "", &Value::Null),
            (200, world.send("GET", V1, "", &Value::Null).1[0].clone())
        );
        assert_eq!(world.write("PUT", &one, "one", 7_000).0, 200);
        assert_eq!(world.send("DELETE", &one, "", &Value::Null).0, 204);
        assert_eq!(world.write("POST", V1, "two", 8_000).0, 200);
    }

    #[test]
    fn names_that_are_listed_as_secret_again_and_again_take_no_more_room() {
        let mut world = World::of(20_000);
        let attributes = json!({ "encrypted": (0..100).map(|number| format!("name{number}")).collect::<Vec<_>>() });
        let body = json!({ "name": "one", "description": "", "type": "Generic SDIM", "attributes": attributes });
        let (_, made) = world.send("POST", V1, "application/json", &body);
        let one = format!("{V1}/{}", made["id"].as_str().unwrap());
        for _ in 0..20 {
            assert_eq!(world.send("PUT", &one, "application/json", &body).0, 200);
        }
    }

    #[test]
    fn the_most_integrations_that_are_made_by_number_have_room() {
        let tenant = Tenant::new(Options::parse("{\"integrations\":1000}").unwrap(), 0).unwrap();
        assert!(100 * tenant.state.store.bytes() < tenant.state.store.most_bytes);
    }
}

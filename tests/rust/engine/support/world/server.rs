//! A tenant with state that fails in every way there is: before it acts, after it, or without a word.

use std::collections::VecDeque;

use isc_service_desk::http::{Method, Request};
use isc_service_desk::text::percent;
use serde_json::{Map, Value, json};

use crate::engine::support::dates;
use crate::engine::support::machine::Happening;
use crate::engine::support::random::Random;

/// What the server keeps of an integration.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub body: Value,
    /// By the server's clock.
    pub created_ms: f64,
    /// Which call made it; `None` where none of them did.
    pub by: Option<usize>,
    /// How often it was changed.
    pub changes: u32,
}

#[derive(Debug, Clone)]
pub struct Server {
    pub items: Vec<Item>,
    /// How often in a hundred it fails.
    pub trouble: u8,
    /// How many failures are still to come at most.
    pub faults_left: usize,
    /// By how much its clock is before the caller's.
    pub skew_ms: f64,
    /// Whether callers can read its Date header.
    pub has_dates: bool,
    /// Whether it writes `created` in whole seconds.
    pub cuts_created: bool,
    /// Tokens that it takes.
    pub tokens: Vec<String>,
    pub tokens_made: u32,
    /// In seconds.
    pub token_life: f64,
    pub creates_done: Vec<usize>,
    pub made: u32,
    /// Whether it takes no pointer into a field.
    pub refuses_deep_pointers: bool,
    /// Whether it answers nothing at all.
    pub is_silent: bool,
    /// What the next requests are answered with, before anything else decides.
    pub script: VecDeque<Happening>,
}

/// What becomes of a request that reaches the server.
#[derive(Debug, Clone)]
enum Fault {
    Status {
        status: u16,
        acts: bool,
        asked: Option<Asked>,
    },
    /// The connection dies before the answer's end.
    Dies {
        acts: bool,
    },
    /// Nobody ever answers.
    Silent {
        acts: bool,
    },
    /// A good status with a body that is none.
    Unreadable,
}

#[derive(Debug, Clone)]
enum Asked {
    Seconds(u32),
    Date(u32),
    Nonsense,
}

const STATUSES: [u16; 16] = [408, 425, 429, 500, 501, 502, 503, 504, 505, 400, 403, 404, 409, 302, 0, 599];

impl Default for Server {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            trouble: 0,
            faults_left: usize::MAX,
            skew_ms: 0.0,
            has_dates: true,
            cuts_created: false,
            tokens: Vec::new(),
            tokens_made: 0,
            token_life: 3600.0,
            creates_done: Vec::new(),
            made: 0,
            refuses_deep_pointers: false,
            is_silent: false,
            script: VecDeque::new(),
        }
    }
}

impl Server {
    /// What the sender is told, `None` where it is told nothing. `epoch_ms` is what the caller's calendar shows.
    pub fn answer(
        &mut self,
        request: &Request,
        caller: usize,
        epoch_ms: f64,
        random: &mut Random,
    ) -> Option<Happening> {
        if self.is_silent {
            return None;
        }
        if let Some(answer) = self.script.pop_front() {
            return Some(answer);
        }
        let server_ms = epoch_ms + self.skew_ms;
        let fault = self.fails(random).then(|| draw_fault(random));
        let answer = match fault {
            None => self.act(request, caller, server_ms),
            // Whoever says that nothing is there is right.
            Some(Fault::Status { status: 404, .. }) if request.method == Method::Delete => {
                self.act(request, caller, server_ms)
            }
            Some(Fault::Unreadable) => {
                self.act(request, caller, server_ms);
                Happening::answer(200, random.pick(&["", "<html>", "[{", "{\"name\":1}", "7"]))
            }
            Some(Fault::Dies { acts }) => {
                if acts {
                    self.act(request, caller, server_ms);
                }
                return Some(Happening::lost(random.pick(&[None, Some("ECONNRESET"), Some("UND_ERR_SOCKET")])));
            }
            Some(Fault::Silent { acts }) => {
                if acts {
                    self.act(request, caller, server_ms);
                }
                return None;
            }
            Some(Fault::Status { status, acts, asked }) => {
                if acts {
                    self.act(request, caller, server_ms);
                }
                ask(Happening::answer(status, r#"{"messages":[{"text":"no"}]}"#), asked, epoch_ms)
            }
        };
        Some(if self.has_dates { answer.with("date", &dates::http_date(server_ms)) } else { answer })
    }

    fn fails(&mut self, random: &mut Random) -> bool {
        let fails = self.faults_left > 0 && random.chance(self.trouble);
        self.faults_left -= usize::from(fails);
        fails
    }

    /// Does what it is asked to.
    fn act(&mut self, request: &Request, caller: usize, server_ms: f64) -> Happening {
        if request.url.ends_with("/oauth/token") {
            return self.issue();
        }
        let bearer = request.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if !bearer.is_some_and(|token| self.tokens.iter().any(|known| known == token)) {
            return Happening::answer(401, r#"{"error":"JWT validation failed"}"#);
        }
        let id = request.url.rsplit('/').next().unwrap_or_default().to_owned();
        match request.method {
            Method::Post => self.create(request, caller, server_ms),
            Method::Get if request.url.contains("filters=") => {
                let asked = percent::decode(&request.url);
                let is_named = |item: &&Item| asked.ends_with(&format!("name eq \"{}\"", item.name));
                let list = self.items.iter().filter(is_named).map(|item| self.dto(item)).collect();
                Happening::answer(200, &Value::Array(list).to_string())
            }
            Method::Get if request.url.contains('?') => self.page(&request.url),
            Method::Get if request.url.ends_with("/types") => Happening::answer(200, "[]"),
            _ if request.url.ends_with("/status-check-configuration") => {
                let minutes = "provisioningStatusCheckIntervalMinutes";
                let body = json!({ minutes: "30", "provisioningMaxStatusCheckDays": "90" });
                Happening::answer(200, &body.to_string())
            }
            Method::Delete => {
                let before = self.items.len();
                self.items.retain(|item| item.id != id);
                if self.items.len() < before { Happening::answer(204, "") } else { not_found() }
            }
            _ => self.one(request, &id),
        }
    }

    /// A page of all that there is.
    fn page(&self, url: &str) -> Happening {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let value = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let number = |name: &str, usual: usize| value(name).map_or(usual, |text| text.parse().unwrap());
        let (offset, limit) = (number("offset", 0), number("limit", 250));
        let list: Vec<Value> = self.items.iter().skip(offset).take(limit).map(|item| self.dto(item)).collect();
        let answer = Happening::answer(200, &Value::Array(list).to_string());
        let is_counted = value("count") == Some("true");
        if is_counted { answer.with("x-total-count", &self.items.len().to_string()) } else { answer }
    }

    /// Reads or writes the integration with this id; one that is not there is an empty one.
    fn one(&mut self, request: &Request, id: &str) -> Happening {
        const EMPTY: &str = r#"{"id":"i","name":"n","type":"t","attributes":{}}"#;
        let Some(place) = self.items.iter().position(|item| item.id == id) else {
            return Happening::answer(200, EMPTY);
        };
        let body = request.body.as_ref().map(|body| serde_json::from_str::<Value>(body.reveal()).unwrap());
        let item = &mut self.items[place];
        match (request.method, body) {
            (Method::Put, Some(body)) => item.body = body,
            (Method::Patch, Some(operations)) => {
                let all_done = operations.as_array().unwrap().iter().all(|operation| {
                    let path = operation["path"].as_str().unwrap();
                    let is_deep = path.matches('/').count() > 1;
                    !(is_deep && self.refuses_deep_pointers) && set(&mut item.body, path, &operation["value"])
                });
                if !all_done {
                    return Happening::answer(400, r#"{"messages":[{"text":"no such path"}]}"#);
                }
            }
            _ => return Happening::answer(200, &self.dto(&self.items[place]).to_string()),
        }
        item.changes += 1;
        Happening::answer(200, &self.dto(&self.items[place]).to_string())
    }

    /// A new token, which it takes from now on.
    pub fn new_token(&mut self) -> String {
        self.tokens_made += 1;
        let token = format!("TOKEN-{}-IN-USE", self.tokens_made);
        self.tokens.push(token.clone());
        token
    }

    fn issue(&mut self) -> Happening {
        let token = self.new_token();
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.token_life });
        Happening::answer(200, &body.to_string())
    }

    fn create(&mut self, request: &Request, caller: usize, server_ms: f64) -> Happening {
        let body: Value = serde_json::from_str(request.body.as_ref().unwrap().reveal()).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        if self.items.iter().any(|item| item.name == name) {
            return Happening::answer(400, r#"{"messages":[{"text":"the name is taken"}]}"#);
        }
        self.creates_done.push(caller);
        let item = self.put(&name, body, server_ms, Some(caller));
        let dto = self.dto(&item).to_string();
        Happening::answer(201, &dto)
    }

    /// Puts an integration there.
    pub fn put(&mut self, name: &str, body: Value, created_ms: f64, by: Option<usize>) -> Item {
        self.made += 1;
        let item = Item { id: format!("id-{}", self.made), name: name.to_owned(), body, created_ms, by, changes: 0 };
        self.items.push(item.clone());
        item
    }

    /// As it is shown: with members of the server's own, and without secrets.
    fn dto(&self, item: &Item) -> Value {
        let mut dto = Map::new();
        dto.insert("id".to_owned(), json!(item.id));
        dto.insert("created".to_owned(), json!(dates::rfc3339(item.created_ms, self.cuts_created)));
        if item.changes > 0 {
            dto.insert("modified".to_owned(), json!(dates::rfc3339(f64::from(item.changes), false)));
        }
        for (name, value) in item.body.as_object().unwrap() {
            dto.insert(name.clone(), if name == "attributes" { shown(value) } else { value.clone() });
        }
        Value::Object(dto)
    }
}

fn shown(attributes: &Value) -> Value {
    let mut shown = attributes.as_object().unwrap().clone();
    for (name, value) in &mut shown {
        match value {
            _ if name == "password" || name == "pin" => *value = json!("********"),
            // The same number, written in another way.
            Value::Number(number) => *value = json!(number.as_f64()),
            _ => {}
        }
    }
    shown.insert("added_by_the_server".to_owned(), json!(true));
    Value::Object(shown)
}

/// Whether the place that a pointer names is there, and could be set.
fn set(body: &mut Value, path: &str, value: &Value) -> bool {
    let Some((parent, name)) = path.rsplit_once('/') else { return false };
    let Some(Value::Object(members)) = body.pointer_mut(parent) else { return false };
    members.insert(name.to_owned(), value.clone());
    true
}

fn not_found() -> Happening {
    Happening::answer(404, r#"{"detailCode":"404 Not found"}"#)
}

fn draw_fault(random: &mut Random) -> Fault {
    match random.below(8) {
        0 => Fault::Unreadable,
        1 => Fault::Dies { acts: random.chance(50) },
        2 => Fault::Silent { acts: random.chance(50) },
        _ => {
            let status = random.pick(&STATUSES);
            let seconds = random.pick(&[0, 1, 2, 5, 30, 61]);
            let asked = match random.below(6) {
                0 => Some(Asked::Seconds(seconds)),
                1 => Some(Asked::Date(seconds)),
                2 => Some(Asked::Nonsense),
                _ => None,
            };
            let turns_away = status == 503 && matches!(asked, Some(Asked::Seconds(_) | Asked::Date(_)));
            // What a server says of these is true: it has not acted.
            let may_act = matches!(status, 408 | 500..) && !turns_away;
            Fault::Status { status, acts: may_act && random.chance(50), asked }
        }
    }
}

fn ask(answer: Happening, asked: Option<Asked>, epoch_ms: f64) -> Happening {
    match asked {
        None => answer,
        Some(Asked::Nonsense) => answer.with("retry-after", "2099-01-01"),
        Some(Asked::Seconds(seconds)) => answer.asking(seconds),
        // The wait depends on when it is read: whoever tells it to a call fills it in.
        Some(Asked::Date(seconds)) => {
            answer.with("retry-after", &dates::http_date(epoch_ms + f64::from(seconds) * 1000.0))
        }
    }
}

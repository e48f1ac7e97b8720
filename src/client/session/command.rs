//! What a client can be asked for, and how its arguments are checked before anything is sent.

use super::carrier::Carrier;
use super::machine::{Kind, Session};
use super::updating::Updating;
use super::{ClientId, TaskId, WalkId};
use crate::Invalid;
use crate::client::Endpoint;
use crate::client::options::listing;
use crate::client::options::option_value::OptionValue;
use crate::client::options::settings::CallSettings;
use crate::client::request::operation::Operation;
use crate::client::request::plan::Plan;
use crate::clock::Now;
use crate::http::message::Headers;
use crate::query::{ListQuery, check_url_length};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An operation of the API.
    Call(Operation),
    /// Several of them: read, change, read, write.
    Update,
}

/// A command of the caller, nothing of which is checked.
pub struct Command<'c> {
    /// What is asked for.
    pub action: Action,
    /// An id, the name of a script, or the query of a list.
    pub argument: &'c OptionValue,
    /// What is sent.
    pub body: Body,
    /// The options of the call.
    pub options: &'c OptionValue,
    /// Whether the caller has a function that is told of the last response, wherever its options have it from.
    pub reports: bool,
}

/// A body as the platform writes it.
pub enum Body {
    /// This JSON.
    Json(String),
    /// It is longer than [`MAX_INPUT_CHARS`](Self::MAX_INPUT_CHARS).
    TooLong,
    /// It cannot be written.
    Unwritable {
        /// JSON Pointer to what cannot.
        path: String,
        /// What that is; empty where it was not found.
        why: String,
    },
    /// There is none: this was given.
    Missing(OptionValue),
}

impl Body {
    /// The longest input of a call, in UTF-16 code units. No integration comes near, and what is longer may not fit into the
    /// memory of WebAssembly, which would end the program.
    pub const MAX_INPUT_CHARS: u32 = 8 * 1024 * 1024;

    /// Its JSON.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the JSON Pointer of what cannot be written.
    pub fn json(&self) -> Result<&str, Invalid> {
        match self {
            Self::Json(json) => Ok(json),
            Self::TooLong => Err(Invalid::new("", "JSON must be at most 8 388 608 characters")),
            Self::Missing(given) => Err(Invalid::new("", ["the body must be an object, got ", given.kind()].concat())),
            Self::Unwritable { path, why } => {
                let place = if path.is_empty() { "the body" } else { path.as_str() };
                let colon = if why.is_empty() { "" } else { ": " };
                Err(Invalid::new(path.clone(), [place, " cannot be written as JSON", colon, why].concat()))
            }
        }
    }

    /// The JSON of a patch's operations.
    fn operations(&self) -> Result<&str, Invalid> {
        self.json().map_err(|invalid| match self {
            Self::Missing(given) => {
                Invalid::new("operations", ["operations must be an array or a patch, got ", given.kind()].concat())
            }
            Self::TooLong => Invalid::new("operations", invalid.into_inner().message),
            Self::Unwritable { path, .. } if path.is_empty() => {
                Invalid::new("operations", invalid.into_inner().message)
            }
            _ => invalid,
        })
    }
}

impl Session {
    /// Begins a call or an update.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the argument or the option: nothing is sent then.
    pub fn start(&mut self, client: ClientId, command: &Command<'_>, now: Now) -> Result<TaskId, Invalid> {
        let Command { action, argument, body, options, reports } = command;
        let settings = self.settings(client, options, *reports, *action == Action::Update)?;
        let kind = match action {
            Action::Call(operation) => {
                let query = if *operation == Operation::List { Some(listing::read_query(argument)?) } else { None };
                let plan = |endpoint: &Endpoint, headers: &Headers| {
                    planned(*operation, argument, body, query.as_ref(), endpoint, headers)
                };
                let call = self.planned(client, &settings, &plan)?;
                Kind::Call(Carrier::new(call, settings.reports), query)
            }
            Action::Update => {
                let id = text("id", argument)?;
                if let Body::Missing(OptionValue::Function) = body {
                    let mut updating = Updating::new(id, settings, now);
                    updating.check(self, client)?;
                    Kind::Update(Box::new(updating))
                } else {
                    return Err(Invalid::new("change", "change must be a function"));
                }
            }
        };
        Ok(self.begin(client, kind))
    }

    /// Begins a walk over all pages of a list.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names a part of the query, or an option.
    pub fn open_walk(
        &mut self,
        client: ClientId,
        query: &OptionValue,
        options: &OptionValue,
        reports: bool,
    ) -> Result<WalkId, Invalid> {
        let query = listing::read_walk(query)?;
        let settings = self.settings(client, options, reports, false)?;
        let longest = query.longest_page();
        let endpoint = self.endpoint(client);
        let url = endpoint.map(|endpoint| endpoint.url(Operation::List, "", &longest.to_query_string()));
        check_url_length(url.map_or(0, |url| url.len()), longest.filter())?;
        Ok(self.add_walk(client, settings, query))
    }

    /// The settings of a call, read over those of its client.
    fn settings(
        &self,
        client: ClientId,
        options: &OptionValue,
        reports: bool,
        is_update: bool,
    ) -> Result<CallSettings, Invalid> {
        let mut settings = match self.clients.get(client.0) {
            Some(client) => client.defaults.read(options, is_update)?,
            None => CallSettings::default(),
        };
        settings.reports |= reports;
        Ok(settings)
    }
}

fn planned(
    operation: Operation,
    argument: &OptionValue,
    body: &Body,
    query: Option<&ListQuery>,
    endpoint: &Endpoint,
    headers: &Headers,
) -> Result<Plan, Invalid> {
    let id = || text("id", argument);
    match operation {
        Operation::List => endpoint.list(query.unwrap_or(&ListQuery::default()), headers),
        Operation::Create => endpoint.create(body.json()?, headers),
        Operation::Get => endpoint.get(&id()?, headers),
        Operation::Replace => endpoint.replace(&id()?, body.json()?, "", headers),
        Operation::Patch => endpoint.patch(&id()?, body.operations()?, headers),
        Operation::Delete => endpoint.delete(&id()?, headers),
        Operation::ListTypes => Ok(endpoint.list_types(headers)),
        Operation::GetTemplate => endpoint.get_template(&text("scriptName", argument)?, headers),
        Operation::GetStatusCheck => Ok(endpoint.get_status_check(headers)),
        Operation::UpdateStatusCheck => endpoint.update_status_check(body.json()?, headers),
    }
}

/// An argument that must be a string.
///
/// # Errors
///
/// [`Invalid`] with the argument's name.
pub fn text(name: &'static str, given: &OptionValue) -> Result<String, Invalid> {
    match given {
        OptionValue::Text(text) => Ok(text.clone()),
        other => Err(Invalid::new(name, [name, " must be a string, got ", other.kind()].concat())),
    }
}

//! Carries an update through: its reads, the caller's change, its write, all within one limit.

use super::ClientId;
use super::carrier::{Carried, Carrier};
use super::effect::{Effect, Ending, Report, Settled, Turn};
use super::machine::{Input, Scope, Session};
use super::update::{Update, UpdateStep};
use crate::Invalid;
use crate::client::error::Limit;
use crate::client::options::settings::CallSettings;
use crate::client::request::plan::Plan;
use crate::client::response::decode::Answer;
use crate::client::response::report::{Attempt, ResponseInfo};
use crate::client::{Call, Endpoint, Error, ErrorKind};
use crate::clock::{Instant, Now};
use crate::http::message::Headers;

/// An update on its way.
pub(super) struct Updating {
    id: String,
    /// That of all its calls.
    url: String,
    settings: CallSettings,
    deadline: Option<Instant>,
    update: Update,
    step: UpdateStep,
    /// The call of the step, where it has begun.
    carrier: Option<Carrier>,
    is_asked: bool,
    attempts: Vec<Attempt>,
    /// The last response of all its calls.
    response: Option<ResponseInfo>,
}

impl Updating {
    pub(super) fn new(id: String, settings: CallSettings, now: Now) -> Self {
        let deadline = settings.timeout.after(now);
        let update = Update::new(settings.hidden_secrets, settings.secrets.clone());
        let step = UpdateStep::Read;
        Self {
            id,
            url: String::new(),
            settings,
            deadline,
            update,
            step,
            carrier: None,
            is_asked: false,
            attempts: Vec::new(),
            response: None,
        }
    }

    /// Whether its first call can be made; with its URL.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the argument.
    pub(super) fn check(&mut self, session: &Session, client: ClientId) -> Result<(), Invalid> {
        let call = session.planned(client, &self.settings, &|endpoint, headers| self.plan(endpoint, headers))?;
        self.url = call.url();
        Ok(())
    }

    fn plan(&self, endpoint: &Endpoint, headers: &Headers) -> Result<Plan, Invalid> {
        match &self.step {
            UpdateStep::Patch(body) => endpoint.update(&self.id, body, headers),
            // Its names were checked when the caller had changed it.
            UpdateStep::Replace(body) => endpoint.replace(&self.id, body, body, headers),
            _ => endpoint.get(&self.id, headers),
        }
    }

    pub(super) fn carrier(&self) -> Option<&Carrier> {
        self.carrier.as_ref()
    }

    pub(super) fn carrier_mut(&mut self) -> Option<&mut Carrier> {
        self.carrier.as_mut()
    }

    pub(super) fn into_call(self) -> Option<Box<Call>> {
        self.carrier.map(|carrier| carrier.call)
    }

    fn settled(&mut self, ending: Ending) -> Effect {
        let response = self.response.take().filter(|_| self.settings.reports);
        let attempts = std::mem::take(&mut self.attempts);
        Effect::Settle(Settled::of(response.map(|response| Report { response, attempts }), ending))
    }

    fn failed(&mut self, error: Box<Error>) -> Effect {
        self.settled(Ending::Failed(error))
    }

    /// Tells an error that is of no single call what went before it.
    fn explain(&mut self, error: &mut Error) {
        error.attempts = self.attempts.to_vec();
        error.url = Some(std::mem::take(&mut self.url));
    }

    /// What the caller made of the integration; where it has not answered yet, nothing.
    fn changed(&mut self, scope: Scope, input: Option<Input>) -> Result<(), Ending> {
        match input {
            Some(Input::Change { before, after }) => {
                self.step =
                    self.update.handle_changed(before, after).map_err(|invalid| Ending::Failed(invalid.into()))?;
                Ok(())
            }
            Some(Input::ChangeFailure(ending)) => Err(ending),
            Some(Input::Abort) => Err(Ending::Failed(Error::new(ErrorKind::Aborted, "aborted"))),
            Some(Input::Timeout) if scope.is_past(self.deadline) => {
                let message = "the function that changes the integration was not done within timeoutMs";
                let mut error = Error::new(ErrorKind::Timeout(Limit::Call), message);
                self.explain(&mut error);
                Err(Ending::Failed(error))
            }
            _ => Ok(()),
        }
    }
}

impl Session {
    pub(super) fn advance_update(
        &mut self,
        scope: Scope,
        updating: &mut Updating,
        mut input: Option<Input>,
        turn: &mut Turn,
    ) -> Effect {
        loop {
            match &mut updating.step {
                UpdateStep::Change(_) if updating.is_asked => {
                    if input.is_none() {
                        return Effect::Pending;
                    }
                    if let Err(ending) = updating.changed(scope, input.take()) {
                        return updating.settled(ending);
                    }
                    updating.is_asked = matches!(updating.step, UpdateStep::Change(_));
                    continue;
                }
                UpdateStep::Change(json) => {
                    updating.is_asked = true;
                    return Effect::AskChange { json: std::mem::take(json), until: updating.deadline };
                }
                UpdateStep::Done(json) => {
                    let json = std::mem::take(json);
                    return updating.settled(Ending::Json(json));
                }
                UpdateStep::Fail(error) => {
                    let mut error = std::mem::replace(error, Error::new(ErrorKind::EditConflict, ""));
                    updating.explain(&mut error);
                    return updating.failed(error);
                }
                UpdateStep::Read | UpdateStep::Patch(_) | UpdateStep::Replace(_) => {}
            }
            if let Some(effect) = self.carry_step(scope, updating, input.take(), turn) {
                return effect;
            }
        }
    }

    /// Carries the call of a step; gives nothing where the next step follows.
    fn carry_step(
        &mut self,
        scope: Scope,
        updating: &mut Updating,
        input: Option<Input>,
        turn: &mut Turn,
    ) -> Option<Effect> {
        let mut carrier = match updating.carrier.take() {
            Some(carrier) => carrier,
            None => {
                match self
                    .planned(scope.client, &updating.settings, &|endpoint, headers| updating.plan(endpoint, headers))
                {
                    Ok(mut call) => {
                        call.within(updating.deadline, std::mem::take(&mut updating.attempts));
                        Carrier::new(call, updating.settings.reports)
                    }
                    Err(invalid) => return Some(updating.failed(invalid.into())),
                }
            }
        };
        let outcome = match self.carry(scope, &mut carrier, input, turn) {
            Carried::Waits(effect) => {
                updating.carrier = Some(carrier);
                return Some(effect);
            }
            Carried::Ended(outcome) => *outcome,
        };
        updating.attempts = outcome.attempts;
        updating.response = outcome.response.or(updating.response.take());
        let next = match (outcome.result, &updating.step) {
            (Ok(Answer { json: Some(json), .. }), UpdateStep::Read) => Ok(updating.update.handle_read(json)),
            (Ok(answer), _) => return Some(updating.settled(answer.json.map_or(Ending::Nothing, Ending::Json))),
            (Err(error), UpdateStep::Patch(_) | UpdateStep::Replace(_)) => updating.update.handle_refused(error),
            (Err(error), _) => Err(error),
        };
        match next {
            Ok(step) => {
                updating.step = step;
                None
            }
            Err(error) => {
                updating.carrier = Some(carrier);
                Some(updating.failed(error))
            }
        }
    }
}

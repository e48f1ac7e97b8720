//! What holds of every job of a world, read off what the session says of its task.

use isc_service_desk::client::call::event::WaitReason;
use isc_service_desk::client::session::{Effect, Ending, TokenAnswer};
use isc_service_desk::client::{ErrorKind, Notice};
use isc_service_desk::http::{Method, Request};
use serde_json::Value;

use crate::engine::support::laws::{Fate, fate, is_retried};
use crate::engine::support::machine::{Ask, Happening, ms};
use crate::engine::support::world::job::{Began, Job, Role, Stage};
use crate::engine::support::world::{Access, FIXED_TOKEN, Hold, Sent, Told, World};

impl World {
    /// In an apart world nothing is woken but what belongs to the same request of the runtime.
    pub(super) fn check_wake(&self, by: Option<usize>, woken: usize) {
        if !self.is_apart {
            return;
        }
        let began =
            |one: usize, other: usize| matches!(self.jobs[other].role, Role::TokenRequest { by, .. } if by == one);
        let walk = |job: usize| match self.jobs[job].role {
            Role::Step(walk) | Role::Page(walk) => Some(walk),
            _ => None,
        };
        let is_own = by.is_some_and(|by| {
            by == woken || began(by, woken) || began(woken, by) || walk(by).is_some() && walk(by) == walk(woken)
        });
        self.require(is_own, "a task is woken by another request's");
    }

    /// When a call, an update or a token request must have ended.
    pub fn deadline(&self, job: usize) -> Option<f64> {
        let Job { role, setup, begun_at, client, .. } = &self.jobs[job];
        match role {
            Role::Step(_) => None,
            // A function that never answers is not waited for without end.
            Role::TokenRequest { .. } if self.clients[*client].access != Access::Bought => {
                setup.attempt_timeout.or(setup.timeout).map(|limit| begun_at + limit)
            }
            _ => setup.timeout.map(|limit| begun_at + limit),
        }
    }

    fn is_over(&self, job: usize) -> bool {
        self.deadline(job).is_some_and(|deadline| self.now >= deadline)
    }

    pub(super) fn check_turn(&mut self, job: usize, told: &Told, notices: &[Notice], effect: &Effect) {
        let before = self.jobs[job].stage;
        if let Told::Aborted = told {
            self.require(matches!(effect, Effect::Settle(_)), "an abort does not end it at once");
            self.jobs[job].aborted_in = Some(before);
        }
        let was_renewed = self.jobs[job].is_renewed;
        self.heard(job, before, told);
        let is_refused_now = self.jobs[job].is_renewed && !was_renewed;
        if notices.iter().any(|notice| matches!(notice, Notice::Request { attempt: 1, .. })) {
            // Of an update, the next call.
            self.jobs[job].is_open = false;
        }
        let stage = self.stage_of(job, before, notices, effect);
        if before == Stage::Answer && !matches!(effect, Effect::Pending) {
            self.answered(job);
        }
        if stage != before && stage == Stage::Permit {
            self.jobs[job].queued_tick = self.tick;
        }
        if before != Stage::Permit && matches!(stage, Stage::Permit | Stage::Answer) {
            let is_direct = matches!(before, Stage::Token | Stage::TokenFunction { .. });
            self.jobs[job].token = Began { tick: self.tick, at: self.now, is_direct };
        }
        self.jobs[job].stage = stage;
        self.check_until(job, effect);
        match effect {
            Effect::Fetch { request, until } => self.check_fetch(job, before, request, until.map(ms)),
            Effect::AskToken { is_forced, is_shared, .. } => {
                self.require(*is_shared == self.jobs[job].is_token_request(), "a shared token is asked for by no call");
                let of_function = self.clients[self.jobs[job].client].access;
                self.require(matches!(of_function, Access::Function { .. }), "there is no token function");
                let is_refused = is_refused_now && of_function == Access::Function { is_shared: false };
                self.require(
                    *is_forced == (*is_shared || is_refused),
                    "another token is asked for where one was refused",
                );
            }
            _ => {}
        }
    }

    fn stage_of(&self, job: usize, before: Stage, notices: &[Notice], effect: &Effect) -> Stage {
        let is_queued =
            notices.iter().any(|notice| matches!(notice, Notice::Wait { reason: WaitReason::RateLimit, .. }));
        match effect {
            Effect::Pending => {
                self.require(before.is_work(), "there is nothing to go on with");
                before
            }
            Effect::Fetch { .. } => Stage::Answer,
            Effect::AskToken { is_forced, .. } => Stage::TokenFunction { is_forced: *is_forced },
            Effect::AskChange { .. } => Stage::Change,
            Effect::Wait { .. } if matches!(self.jobs[job].role, Role::Step(_)) => Stage::Page,
            Effect::Wait { token_request: Some(_), .. } => Stage::Token,
            Effect::Wait { .. } if before == Stage::Permit || is_queued => Stage::Permit,
            Effect::Wait { .. } => Stage::Pause,
            Effect::Settle(_) => Stage::Ended,
        }
    }

    /// What it was told.
    fn heard(&mut self, job: usize, before: Stage, told: &Told) {
        match told {
            Told::Network(happening) => self.network(job, happening),
            Told::TimeIsOver if before == Stage::Answer => {
                self.jobs[job].attempts += 1;
                self.jobs[job].is_open |= self.jobs[job].is_post;
            }
            Told::Token(TokenAnswer::Text(text)) => self.jobs[job].own_tokens.push(text.reveal().to_owned()),
            _ => {}
        }
    }

    fn network(&mut self, job: usize, happening: &Happening) {
        self.jobs[job].attempts += 1;
        let open = self.jobs[job].is_post && matches!(fate(happening), Fate::Open | Fate::Good);
        self.jobs[job].is_open |= open;
        let Happening::Answer { status, body, asked, .. } = happening else { return };
        // After a good status it asks for nothing.
        let asked = asked.filter(|_| !(200..300).contains(status));
        if is_retried(*status) {
            let until = asked.map_or(f64::NEG_INFINITY, |asked| self.now + asked);
            self.jobs[job].not_before = self.jobs[job].not_before.max(until);
        }
        let client = self.jobs[job].client;
        if self.jobs[job].is_token_request() {
            return self.bought(job, *status, body);
        }
        if matches!(self.jobs[job].setup.ask, Ask::Update(_)) && matches!(*status, 200..=299 | 400 | 403) {
            // The next call of the update may renew its token again.
            self.jobs[job].is_renewed = false;
        }
        if let Some(asked) = asked.filter(|_| *status == 429 && self.clients[client].rate.is_some()) {
            let (from, until, group) = (self.sent.len(), self.now + asked, self.clients[client].access);
            self.holds.push(Hold { from, until, group });
        }
        let is_renewable = self.clients[client].access != Access::Fixed;
        if *status == 401 && is_renewable && !std::mem::replace(&mut self.jobs[job].is_renewed, true) {
            let refused = self.jobs[job].carried.clone().unwrap();
            let tick = self.tick;
            self.clients[client].refused.entry(refused).or_insert(tick);
        }
    }

    fn bought(&mut self, job: usize, status: u16, body: &str) {
        let token = serde_json::from_str::<Value>(body).ok().filter(|_| status == 200);
        let Some(token) = token.and_then(|token| Some(token["access_token"].as_str()?.to_owned())) else { return };
        let sent_at = self.jobs[job].token.at;
        let life = self.server.token_life * 1000.0;
        let client = &mut self.clients[self.jobs[job].client];
        client.tokens.push(token.clone());
        client.lives.insert(token, (sent_at + life, life));
    }

    /// No wait goes on beyond the end of a call.
    fn check_until(&self, job: usize, effect: &Effect) {
        let until = match effect {
            Effect::Wait { until, .. } | Effect::Fetch { until, .. } => *until,
            Effect::AskToken { until, .. } | Effect::AskChange { until, .. } => *until,
            Effect::Pending | Effect::Settle(_) => return,
        };
        let stage = self.jobs[job].stage;
        if stage == Stage::Pause {
            self.require(until.is_some(), "a pause has its own end");
            self.require(!until.is_some_and(|until| ms(until) < self.now), "a pause ends before it begins");
        }
        if matches!(stage, Stage::Permit | Stage::Token) {
            let is_to_come = until.is_none_or(|until| ms(until) > self.now);
            self.require(is_to_come, "what waits for a moment that has come is polled without end");
        }
        let Some(deadline) = self.deadline(job) else { return };
        self.require(until.is_some_and(|until| ms(until) <= deadline), "a wait has no end with its call");
        let is_before = until.is_some_and(|until| ms(until) < deadline);
        self.require(stage != Stage::Pause || is_before, "no pause goes on up to the deadline");
    }

    fn check_fetch(&mut self, job: usize, before: Stage, request: &Request, until: Option<f64>) {
        let setup = &self.jobs[job].setup;
        let nearer = [setup.attempt_timeout.map(|limit| self.now + limit), self.deadline(job)].into_iter().flatten();
        self.require(until == nearer.reduce(f64::min), "an attempt ends with the nearer of both limits");
        self.require(!self.is_over(job), "a request is sent when the call's time is up");
        self.require(self.now >= self.jobs[job].not_before, "a request is sent before a Retry-After is over");
        let is_post = request.method == Method::Post && matches!(setup.ask, Ask::Create(_));
        self.require(!(is_post && self.jobs[job].is_open), "a create that may have happened is sent again");
        self.jobs[job].is_post = is_post;
        if self.jobs[job].is_token_request() {
            return;
        }
        self.check_token(job, request);
        let client = self.jobs[job].client;
        let group = self.clients[client].rate.map(|_| self.clients[client].access);
        if let Some(group) = group {
            self.check_turns(job, before, group);
            self.check_room(group);
        }
        let until = until.unwrap_or(f64::INFINITY);
        self.sent.push(Sent { at: self.now, job, group, until });
    }

    /// First come, first served.
    fn check_turns(&self, job: usize, before: Stage, group: Access) {
        if self.is_apart {
            return;
        }
        let queued = if before == Stage::Permit { self.jobs[job].queued_tick } else { self.tick };
        let waits = |other: &Job| {
            let client = &self.clients[other.client];
            other.stage == Stage::Permit && client.rate.is_some() && client.access == group
        };
        let is_passed = self.jobs.iter().any(|other| waits(other) && other.queued_tick < queued);
        self.require(!is_passed, "a request goes before its turn");
    }

    /// No more are on their way than every client of the group allows.
    fn check_room(&self, group: Access) {
        let of_group = self.clients.iter().filter(|client| client.access == group);
        let most = of_group.filter_map(|client| client.rate?.concurrency).min();
        let on_their_way = self.sent.iter().filter(|sent| sent.group == Some(group) && sent.until > self.now).count();
        self.require(most.is_none_or(|most| on_their_way < most as usize), "too many are on their way");
    }

    /// The last request of a job has ended.
    fn answered(&mut self, job: usize) {
        let now = self.now;
        if let Some(sent) = self.sent.iter_mut().rev().find(|sent| sent.job == job) {
            sent.until = sent.until.min(now);
        }
    }

    fn check_token(&mut self, job: usize, request: &Request) {
        let token = request.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = token else { return self.require(false, "a request has no token") };
        let Job { client, token: began, own_tokens, .. } = &self.jobs[job];
        let client = &self.clients[*client];
        let is_its_own = match client.access {
            Access::Fixed => token == FIXED_TOKEN,
            Access::Bought => client.tokens.iter().any(|known| known == token),
            Access::Function { is_shared: false } => own_tokens.last().is_some_and(|own| own == token),
            Access::Function { is_shared: true } => {
                let of_request = |other: &&Job| other.is_token_request() && self.clients[other.client].id == client.id;
                let mut shared = self.jobs.iter().filter(of_request).flat_map(|other| &other.own_tokens);
                own_tokens.iter().chain(shared.by_ref()).any(|known| known == token)
            }
        };
        self.require(is_its_own, "a request carries a token that its call was not given");
        if client.access == Access::Bought {
            let is_refused = client.refused.get(token).is_some_and(|tick| began.tick >= *tick);
            self.require(!is_refused, "a refused token is given out again");
            let lives =
                client.lives.get(token).is_none_or(|(ends, life)| began.at < ends - (life * 0.05).min(30_000.0));
            self.require(began.is_direct || lives, "a token is given out that a request may outlive");
        }
        self.jobs[job].carried = Some(token.to_owned());
    }

    pub(super) fn check_settled(&self, job: usize, before: Stage, is_aborted: bool) {
        let Job { role, ending, attempts, setup, .. } = &self.jobs[job];
        let ended_at = self.now;
        let in_time = self.deadline(job).is_none_or(|deadline| ended_at <= deadline + self.lateness);
        self.require(in_time, "it ends after its deadline");
        let Some(Ending::Failed(error)) = ending else { return };
        self.require(error.kind != ErrorKind::Internal, "what cannot happen has happened");
        let may_be_aborted = is_aborted || matches!(role, Role::Page(_));
        self.require(error.kind != ErrorKind::Aborted || may_be_aborted, "it is aborted by no caller");
        let is_call = matches!(role, Role::Page(_)) || *role == Role::Command && !matches!(setup.ask, Ask::Update(_));
        // One that was cancelled looks at no answer.
        let is_unlooked = error.kind.code() == "invalid-argument" || error.kind == ErrorKind::Aborted;
        let is_known = is_unlooked || error.attempts.len() == *attempts;
        self.require(!is_call || is_known, "the history has one entry for each request");
        let is_timeout = matches!(error.kind, ErrorKind::Timeout(_));
        let is_late = before == Stage::Answer || self.is_over(job) || *attempts > 0;
        self.require(!is_timeout || is_late, "a timeout comes of time");
    }

    /// What holds when nothing more happens.
    #[track_caller]
    pub(super) fn check_end(&self) {
        for (number, job) in self.jobs.iter().enumerate() {
            let is_over = job.ended_at.is_some() || job.task.is_none() || job.is_abandoned;
            self.require(is_over, &format!("#{number} starves"));
        }
        let abandoned = self.jobs.iter().filter(|job| job.is_abandoned && job.task.is_some()).count();
        self.require(self.session.tasks() == abandoned, "a task is left");
        self.require(self.session.in_queues() <= abandoned, "a place in a queue is left");
        self.require(self.session.on_their_way() <= abandoned, "a permit is left");
        self.check_limits();
        self.check_requests();
    }

    fn check_limits(&self) {
        for client in &self.clients {
            let Some(limit) = client.rate else { continue };
            let counted: Vec<f64> =
                self.sent.iter().filter(|sent| sent.group == Some(client.access)).map(|sent| sent.at).collect();
            for (first, beyond) in counted.iter().zip(counted.iter().skip(limit.requests as usize)) {
                self.require(beyond - first >= limit.per.0, &format!("{limit:?} is broken at {beyond}"));
            }
        }
        for Hold { from, until, group } in &self.holds {
            let is_held = |sent: &&Sent| sent.group == Some(*group) && sent.at < *until;
            self.require(
                !self.sent.iter().skip(*from).any(|sent| is_held(&sent)),
                &format!("a hold until {until} is broken"),
            );
        }
    }

    /// One token request at a time for each client, and none that no call waits for.
    fn check_requests(&self) {
        for client in 0..self.clients.len() {
            let of_client = |job: &&Job| job.client == client && job.is_token_request();
            let requests: Vec<&Job> = self.jobs.iter().filter(of_client).collect();
            for pair in requests.windows(2).filter(|_| !self.is_apart) {
                let is_over = pair[0].ended_at.is_some_and(|ended_at| ended_at <= pair[1].begun_at);
                self.require(is_over, "two token requests at once");
            }
        }
        for (number, request) in self.jobs.iter().enumerate() {
            let Role::TokenRequest { by, in_background: false } = request.role else { continue };
            let waited = self.jobs.iter().flat_map(|job| &job.requests).filter(|(request, _)| *request == number);
            let last = waited.map(|(_, until)| *until).fold(f64::NEG_INFINITY, f64::max);
            let is_over = self.jobs[by].is_abandoned || request.ended_at.is_some_and(|ended_at| ended_at <= last);
            self.require(is_over, &format!("the token request #{number} goes on for no call"));
        }
    }
}

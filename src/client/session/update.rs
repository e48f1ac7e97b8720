//! Compare and set over an API without ETags: reads, lets the caller change, reads again, writes the smallest change.

use crate::Invalid;
use crate::client::error::{Error, ErrorKind};
use crate::json::pointer::Pointer;
use crate::json::{Json, Object};
use crate::patch::{Diff, Narrow, Patch, diff_with};
use crate::wire::ServiceDeskIntegrationDto;
use crate::wire::secrets::Secrets;

/// How often the integration may move between the two reads before the update gives up. Chosen by us.
const MAX_RESTARTS: u32 = 3;

/// What an update does next. Texts are JSON.
#[derive(Debug, PartialEq)]
pub enum UpdateStep {
    /// Get the integration, and tell [`Update::handle_read`].
    Read,
    /// Let the caller change this, and tell [`Update::handle_changed`].
    Change(String),
    /// Send this patch, and tell [`Update::handle_refused`] where the server refuses it.
    Patch(String),
    /// Send this as a whole, and tell as before.
    Replace(String),
    /// Nothing is to be written: this is how the integration stands.
    Done(String),
    /// Nothing can be written.
    Fail(Box<Error>),
}

/// What to do where a write could erase secrets that the server hides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HiddenSecrets {
    /// Nothing is written.
    #[default]
    Refuse,
    /// What was read of them is sent back.
    SendBack,
    /// The server hides none.
    None,
}

impl HiddenSecrets {
    const ALL: [(&'static str, Self); 3] =
        [("refuse", Self::Refuse), ("send-back", Self::SendBack), ("none", Self::None)];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, one)| one)
    }
}

/// One update on its way.
///
/// **Begin with [`UpdateStep::Read`], carry out each step, and tell what came of it, until one is written or there is none to
/// write.** Between the second read and the write another writer can still slip in: the API has nothing that could prevent
/// it. A patch then overwrites only the fields that it names.
#[derive(Default)]
pub struct Update {
    hidden_secrets: HiddenSecrets,
    secrets: Secrets,
    /// The integration as the caller saw it.
    seen: Option<String>,
    /// What says the caller's change, the next first. No `Debug`: it may hold secrets.
    writes: Vec<Write>,
    restarts: u32,
}

/// One way to say the change.
struct Write {
    body: String,
    is_put: bool,
    /// The changes for which it writes more than what changed, and could erase a secret.
    at_risk: Vec<Pointer>,
    /// Whether the server may lack what it replaces, or refuse a value.
    is_tentative: bool,
}

impl Write {
    fn patch(patch: &Patch, at_risk: Vec<Pointer>, is_tentative: bool) -> Self {
        Self { body: patch.to_json(), is_put: false, at_risk, is_tentative }
    }
}

impl Update {
    /// One that has not begun.
    pub fn new(hidden_secrets: HiddenSecrets, secrets: Secrets) -> Self {
        Self { hidden_secrets, secrets, ..Self::default() }
    }

    /// The integration was read.
    pub fn handle_read(&mut self, text: String) -> UpdateStep {
        let Some(seen) = &self.seen else { return self.offer(text) };
        if !has_moved(seen, &text) {
            return self.write(None);
        }
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            let message = "others kept changing the integration between reading and writing it: nothing was written";
            return UpdateStep::Fail(Error::new(ErrorKind::EditConflict, message));
        }
        self.offer(text)
    }

    fn offer(&mut self, text: String) -> UpdateStep {
        self.seen = Some(text.clone());
        self.writes.clear();
        UpdateStep::Change(text)
    }

    /// The caller has changed its copy, which was `before`, to this. Both are as the platform writes them: an integer beyond
    /// 2^53 would else seem changed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is no integration.
    pub fn handle_changed(&mut self, before: String, after: String) -> Result<UpdateStep, Invalid> {
        let diff = diff_with(&self.secrets, &before, &after)?;
        ServiceDeskIntegrationDto::WITHOUT_ID.check_input(&after, &before)?;
        if diff.changes.is_empty() {
            return Ok(UpdateStep::Done(before));
        }
        self.writes = writes(&diff, after);
        // What cannot be written needs no second look.
        Ok(match self.refusal(None) {
            Some(error) => UpdateStep::Fail(error),
            None => UpdateStep::Read,
        })
    }

    /// The first way to say the change that is left; `refused` is why the last one failed.
    fn write(&mut self, refused: Option<Box<Error>>) -> UpdateStep {
        if let Some(error) = self.refusal(refused) {
            return UpdateStep::Fail(error);
        }
        match self.writes.first_mut() {
            None => UpdateStep::Read,
            Some(Write { body, is_put: false, .. }) => UpdateStep::Patch(std::mem::take(body)),
            Some(Write { body, .. }) => UpdateStep::Replace(std::mem::take(body)),
        }
    }

    /// Why the next write is not to be sent.
    fn refusal(&self, refused: Option<Box<Error>>) -> Option<Box<Error>> {
        let at_risk = &self.writes.first()?.at_risk;
        (self.hidden_secrets == HiddenSecrets::Refuse && !at_risk.is_empty()).then(|| secrets_at_risk(at_risk, refused))
    }

    /// The server has refused the write with `error`. Its document does not say what it takes besides the replacement of a
    /// value that is there: so a wider write is tried where a 400 or a 403 may be about that.
    ///
    /// # Errors
    ///
    /// The refusal, where it stands.
    pub fn handle_refused(&mut self, error: Box<Error>) -> Result<UpdateStep, Box<Error>> {
        let status = if let ErrorKind::Api(failure) = &error.kind { failure.status } else { 0 };
        if !matches!(status, 400 | 403) {
            return Err(error);
        }
        let is_tentative = !self.writes.is_empty() && self.writes.remove(0).is_tentative;
        // A 403 for what the document allows is about the caller, not about how the change is said.
        let stands = status == 403 && !is_tentative && self.refusal(None).is_some();
        if self.writes.is_empty() || stands { Err(error) } else { Ok(self.write(Some(error))) }
    }
}

/// The ways to say a change: each part at its own place alone; as the API's document has it; in whole fields.
fn writes(diff: &Diff, after: String) -> Vec<Write> {
    let mut writes = Vec::new();
    if let Some(Narrow { patch, is_tentative }) = &diff.narrow {
        writes.push(Write::patch(patch, Vec::new(), *is_tentative));
    }
    if diff.needs_replace {
        writes.push(Write { body: after, is_put: true, at_risk: diff.at_risk.clone(), is_tentative: false });
        return writes;
    }
    if diff.narrow.as_ref().is_none_or(|narrow| narrow.patch != diff.patch) {
        writes.push(Write::patch(&diff.patch, diff.at_risk.clone(), false));
    }
    if diff.patch.goes_deep()
        && let Ok(whole) = diff.patch.with_whole_fields(&after)
    {
        let attributes =
            diff.changes.iter().map(|change| &change.path).filter(|path| path.as_str().starts_with("/attributes/"));
        writes.push(Write::patch(&whole, attributes.cloned().collect(), false));
    }
    writes
}

fn secrets_at_risk(paths: &[Pointer], refused: Option<Box<Error>>) -> Box<Error> {
    let message = [
        "nothing was written: ",
        paths.first().map_or("", Pointer::as_str),
        if paths.len() > 1 { " and others" } else { "" },
        " can only be written with what is around it, which could erase secrets that the server hides. Give those in the same \
         change and say hiddenSecrets: \"none\", or \"send-back\" where the server takes back what it shows of them",
        if refused.is_some() { "; at its own place: " } else { "" },
        refused.as_ref().map_or("", |refused| &refused.message),
    ]
    .concat();
    let request_id = refused.as_ref().and_then(|refused| refused.request_id.clone());
    let paths = paths.iter().map(|path| path.as_str().to_owned()).collect();
    let mut error = Error::new(ErrorKind::SecretsAtRisk { paths, cause: refused }, message);
    error.request_id = request_id;
    error
}

/// Whether two reads saw different integrations: by `modified`, which the server moves with every write; where either
/// read has none, by the content.
fn has_moved(before: &str, after: &str) -> bool {
    let (Ok(before), Ok(after)) = (Json::parse(before), Json::parse(after)) else { return true };
    match (modified(before), modified(after)) {
        (Some(before), Some(after)) => before != after,
        _ => before != after,
    }
}

fn modified(integration: Json<'_>) -> Option<String> {
    integration
        .as_object()
        .as_ref()
        .and_then(|members: &Object<'_>| Some(members.get("modified")?.as_str()?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::response::api_error::ApiFailure;

    fn text(modified: &str, url: &str) -> String {
        format!(
            r#"{{"id":"i","name":"n","description":"d","type":"t","attributes":{{"url":"{url}","n":1}}{modified}}}"#
        )
    }

    const AT_1: &str = r#","modified":"1""#;
    const AT_2: &str = r#","modified":"2""#;

    /// An update whose caller has seen `modified` and asked for another url.
    fn asked(modified: &str) -> Update {
        let mut update = Update::default();
        assert_eq!(update.handle_read(text(modified, "a")), UpdateStep::Change(text(modified, "a")));
        assert_eq!(update.handle_changed(text(modified, "a"), text(modified, "b")), Ok(UpdateStep::Read));
        update
    }

    #[test]
    fn an_integration_that_was_written_anew_needs_no_id() {
        let mut update = Update::default();
        update.handle_read(text(AT_1, "a"));
        let anew = r#"{"name":"n","description":"d","type":"t","attributes":{"url":"b","n":1}}"#;
        assert_eq!(update.handle_changed(text(AT_1, "a"), anew.to_owned()), Ok(UpdateStep::Read));
        assert_eq!(update.handle_read(text(AT_1, "a")), url_patch());
    }

    fn url_patch() -> UpdateStep {
        UpdateStep::Patch(r#"[{"op":"replace","path":"/attributes/url","value":"b"}]"#.into())
    }

    fn refused(status: u16) -> Box<Error> {
        Error::new(ErrorKind::Api(Box::new(ApiFailure { status, ..ApiFailure::default() })), "refused")
    }

    /// The first write of an update that turns one integration into the other.
    fn write_of(hidden_secrets: HiddenSecrets, before: &str, after: &str) -> (Update, UpdateStep) {
        let mut update = Update::new(hidden_secrets, Secrets::default());
        update.handle_read(before.to_owned());
        let step = match update.handle_changed(before.to_owned(), after.to_owned()).unwrap() {
            UpdateStep::Read => update.handle_read(before.to_owned()),
            step => step,
        };
        (update, step)
    }

    #[track_caller]
    fn at_risk(step: UpdateStep) -> (Vec<String>, Option<Box<Error>>) {
        match step {
            UpdateStep::Fail(error) => match error.kind {
                ErrorKind::SecretsAtRisk { paths, cause } => (paths, cause),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_integration_that_stood_still_gets_the_smallest_patch() {
        assert_eq!(asked(AT_1).handle_read(text(AT_1, "a")), url_patch());
    }

    #[test]
    fn nothing_is_written_where_nothing_changed() {
        let mut update = Update::default();
        update.handle_read(text(AT_1, "a"));
        assert_eq!(update.handle_changed(text(AT_1, "a"), text(AT_1, "a")), Ok(UpdateStep::Done(text(AT_1, "a"))));
    }

    #[test]
    fn one_that_moved_is_offered_again_three_times_and_then_it_is_a_conflict() {
        let mut update = asked(AT_1);
        let mut previous = "1".to_owned();
        for round in 2..=4 {
            let moved = text(&format!(r#","modified":"{round}""#), "c");
            assert_eq!(update.handle_read(moved.clone()), UpdateStep::Change(moved.clone()), "after {previous}");
            assert_eq!(update.handle_changed(moved.clone(), moved.replace("\"c\"", "\"b\"")), Ok(UpdateStep::Read));
            previous = round.to_string();
        }
        let UpdateStep::Fail(error) = update.handle_read(text(r#","modified":"5""#, "c")) else { panic!("a conflict") };
        assert_eq!(error.kind.code(), "edit-conflict");
    }

    #[test]
    fn without_modified_the_content_tells() {
        for none in ["", r#","modified":null"#] {
            assert_eq!(asked(none).handle_read(text(none, "a")), url_patch());
            assert!(matches!(asked(none).handle_read(text(none, "other")), UpdateStep::Change(_)));
        }
        assert_eq!(asked(AT_1).handle_read(text(AT_1, "other")), url_patch());
        assert!(matches!(asked(AT_1).handle_read(text(AT_2, "a")), UpdateStep::Change(_)));
    }

    #[test]
    fn what_the_answer_lacks_is_tried_at_its_own_place_and_then_put_where_nothing_is_hidden() {
        let before = text(AT_1, "a");
        let after = before.replace(r#""id":"i","#, r#""id":"i","ownerRef":{"id":"o"},"#);
        let patch = UpdateStep::Patch(r#"[{"op":"replace","path":"/ownerRef","value":{"id":"o"}}]"#.into());
        for status in [400, 403] {
            let (mut update, step) = write_of(HiddenSecrets::Refuse, &before, &after);
            assert_eq!(step, patch);
            let (paths, cause) = at_risk(update.handle_refused(refused(status)).unwrap());
            assert_eq!((paths, cause), (vec!["/ownerRef".to_owned()], Some(refused(status))));
            for allowed in [HiddenSecrets::SendBack, HiddenSecrets::None] {
                let (mut update, step) = write_of(allowed, &before, &after);
                assert_eq!(step, patch);
                assert_eq!(update.handle_refused(refused(status)), Ok(UpdateStep::Replace(after.clone())));
                assert_eq!(update.handle_refused(refused(status)), Err(refused(status)));
            }
        }
        let (mut update, _) = write_of(HiddenSecrets::Refuse, &before, &after);
        assert_eq!(update.handle_refused(refused(409)), Err(refused(409)));
    }

    #[test]
    fn what_only_a_wider_write_says_is_refused_before_the_second_read() {
        let before = text(AT_1, "a");
        let after = before.replace(r#","n":1"#, "");
        let mut update = Update::default();
        update.handle_read(before.clone());
        let step = update.handle_changed(before.clone(), after.clone()).unwrap();
        assert_eq!(at_risk(step), (vec!["/attributes/n".to_owned()], None));
        let whole = r#"[{"op":"replace","path":"/attributes","value":{"url":"a"}}]"#;
        assert_eq!(write_of(HiddenSecrets::None, &before, &after).1, UpdateStep::Patch(whole.into()));
    }

    #[test]
    fn a_refused_deep_pointer_is_tried_once_more_as_a_whole_field_where_nothing_is_hidden() {
        let (before, after) = (text(AT_1, "a"), text(AT_1, "b"));
        for status in [400, 403] {
            let (mut update, step) = write_of(HiddenSecrets::None, &before, &after);
            assert_eq!(step, url_patch());
            let whole = r#"[{"op":"replace","path":"/attributes","value":{"url":"b","n":1}}]"#;
            assert_eq!(update.handle_refused(refused(status)), Ok(UpdateStep::Patch(whole.into())));
            assert_eq!(update.handle_refused(refused(status)), Err(refused(status)));
        }
        let (mut update, _) = write_of(HiddenSecrets::Refuse, &before, &after);
        assert_eq!(at_risk(update.handle_refused(refused(400)).unwrap()).0, ["/attributes/url"]);
        for status in [403, 404] {
            let (mut update, _) = write_of(HiddenSecrets::Refuse, &before, &after);
            assert_eq!(update.handle_refused(refused(status)), Err(refused(status)));
        }
    }

    #[test]
    fn a_refused_patch_of_whole_fields_stays_refused() {
        let before = text(AT_1, "a");
        let (mut update, _) = write_of(HiddenSecrets::None, &before, &before.replace(r#""n","d"#, r#""m","d"#));
        assert_eq!(update.handle_refused(refused(400)), Err(refused(400)));
    }

    #[test]
    fn what_can_be_no_integration_is_refused() {
        let field = |after: &str| {
            let mut update = Update::default();
            update.handle_read(text(AT_1, "a"));
            update.handle_changed(text(AT_1, "a"), after.into()).map(|_| ()).unwrap_err().into_inner().field
        };
        assert_eq!(field("[]"), "after");
        assert_eq!(field(&text(AT_1, "a").replace(r#""name":"n""#, r#""name":7"#)), "/name");
        assert_eq!(field(&text(AT_1, "a").replace(r#""name":"n","#, "")), "/name");
    }
}

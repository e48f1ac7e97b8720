//! Compare and set over an API without ETags: reads, lets the caller change, reads again, writes the smallest change.

use crate::Invalid;
use crate::client::error::{Error, ErrorKind};
use crate::json::{Json, Object};
use crate::patch::{Diff, Patch, diff};

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
    /// Send this as a whole.
    Replace(String),
    /// Nothing is to be written: this is how the integration stands.
    Done(String),
    /// Others kept changing it.
    Conflict(Box<Error>),
}

/// One update on its way.
///
/// **Begin with [`UpdateStep::Read`], carry out each step, and tell what came of it, until one is written or there is none to
/// write.** Between the second read and the write another writer can still slip in: the API has nothing that could prevent
/// it. A patch then overwrites only the fields that it names.
#[derive(Default)]
pub struct Update {
    /// The integration as the caller saw it.
    seen: Option<String>,
    /// What the caller made of it.
    wanted: Option<Wanted>,
    restarts: u32,
}

/// No `Debug`: it may hold secrets.
struct Wanted {
    after: String,
    diff: Diff,
    widened: bool,
}

impl Update {
    /// The integration was read.
    pub fn handle_read(&mut self, text: String) -> UpdateStep {
        let Some(seen) = &self.seen else { return self.offer(text) };
        if !has_moved(seen, &text) {
            return self.write();
        }
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            let message = "others kept changing the integration between reading and writing it: nothing was written";
            return UpdateStep::Conflict(Error::new(ErrorKind::EditConflict, message));
        }
        self.offer(text)
    }

    fn offer(&mut self, text: String) -> UpdateStep {
        self.seen = Some(text.clone());
        self.wanted = None;
        UpdateStep::Change(text)
    }

    /// The caller has changed its copy, which was `before`, to this. Both are as the platform writes them: an integer beyond
    /// 2^53 would else seem changed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is no integration.
    pub fn handle_changed(&mut self, before: String, after: String) -> Result<UpdateStep, Invalid> {
        let diff = diff(&before, &after)?;
        if diff.changes.is_empty() {
            return Ok(UpdateStep::Done(before));
        }
        self.wanted = Some(Wanted { after, diff, widened: false });
        Ok(UpdateStep::Read)
    }

    fn write(&self) -> UpdateStep {
        match &self.wanted {
            None => UpdateStep::Read,
            Some(wanted) if wanted.diff.needs_replace => UpdateStep::Replace(wanted.after.clone()),
            Some(wanted) => UpdateStep::Patch(wanted.diff.patch.to_json()),
        }
    }

    /// The server refused the patch with this status. Whether it takes pointers into a field is not documented: where
    /// the patch had one, whole fields are tried once. `None` means that the refusal stands.
    pub fn handle_refused(&mut self, status: u16) -> Option<UpdateStep> {
        let wanted = self.wanted.as_mut()?;
        let may_be_the_pointer = matches!(status, 400 | 403) && wanted.diff.patch.goes_deep() && !wanted.widened;
        if !may_be_the_pointer {
            return None;
        }
        wanted.widened = true;
        let whole: Patch = wanted.diff.patch.with_whole_fields(&wanted.after).ok()?;
        Some(UpdateStep::Patch(whole.to_json()))
    }
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

    fn url_patch() -> UpdateStep {
        UpdateStep::Patch(r#"[{"op":"replace","path":"/attributes/url","value":"b"}]"#.into())
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
        let UpdateStep::Conflict(error) = update.handle_read(text(r#","modified":"5""#, "c")) else {
            panic!("a conflict")
        };
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
    fn what_a_patch_cannot_say_is_put() {
        let mut update = Update::default();
        update.handle_read(text(AT_1, "a"));
        let with_owner = text(AT_1, "a").replace(r#""id":"i","#, r#""id":"i","ownerRef":{"id":"o"},"#);
        assert_eq!(update.handle_changed(text(AT_1, "a"), with_owner.clone()), Ok(UpdateStep::Read));
        assert_eq!(update.handle_read(text(AT_1, "a")), UpdateStep::Replace(with_owner));
    }

    #[test]
    fn a_refused_deep_pointer_is_tried_once_more_as_a_whole_field() {
        for status in [400, 403] {
            let mut update = asked(AT_1);
            update.handle_read(text(AT_1, "a"));
            let whole = r#"[{"op":"replace","path":"/attributes","value":{"url":"b","n":1}}]"#;
            assert_eq!(update.handle_refused(status), Some(UpdateStep::Patch(whole.into())));
            assert_eq!(update.handle_refused(status), None);
        }
        let mut update = asked(AT_1);
        update.handle_read(text(AT_1, "a"));
        assert_eq!(update.handle_refused(404), None);
    }

    #[test]
    fn a_refused_patch_of_whole_fields_stays_refused() {
        let mut update = Update::default();
        update.handle_read(text(AT_1, "a"));
        assert_eq!(
            update.handle_changed(text(AT_1, "a"), text(AT_1, "a").replace(r#""n","d"#, r#""m","d"#)),
            Ok(UpdateStep::Read)
        );
        update.handle_read(text(AT_1, "a"));
        assert_eq!(update.handle_refused(400), None);
    }

    #[test]
    fn what_is_no_integration_is_refused() {
        let mut update = Update::default();
        update.handle_read(text(AT_1, "a"));
        assert_eq!(update.handle_changed(text(AT_1, "a"), "[]".into()).map(|_| ()).unwrap_err().field, "after");
    }
}

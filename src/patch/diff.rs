//! Turns two integrations into the smallest patch between them, and a line for each change.

use super::plan::{Plan, Step};
use super::rules::Shape;
use super::{Patch, rules};
use crate::Invalid;
use crate::json::pointer::Pointer;
use crate::json::{Json, Kind, Member, Object, ObjectWriter, quote, write_array};
use crate::wire::integration::READ_ONLY;
use crate::wire::secrets::{REDACTED, Secrets, is_stand_in};

/// What turns one integration into another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The `replace` operations that say it; none where [`Diff::needs_replace`], since the PUT says all.
    pub patch: Patch,
    /// Whether `replace` operations cannot say it, so that a PUT is needed.
    pub needs_replace: bool,
    /// One for each changed value, in a fixed order; empty exactly where nothing has to be sent.
    pub changes: Vec<Change>,
    /// The changes for which `patch`, or the PUT, writes an object as a whole that may hold secrets which were not read.
    pub at_risk: Vec<Pointer>,
    /// What erases nothing: each change at its own place alone. None where no such patch says it.
    pub narrow: Option<Narrow>,
}

/// A patch that names nothing but what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrow {
    /// Its operations, some of which may be none that the API's document allows.
    pub patch: Patch,
    /// Whether the server may lack what an operation replaces, or refuse its value.
    pub is_tentative: bool,
}

/// One changed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stands.
    pub path: Pointer,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The old value as JSON text, with secrets hidden; none where it was added.
    pub before: Option<String>,
    /// The new value as JSON text, with secrets hidden; none where it was removed.
    pub after: Option<String>,
    /// Whether something in `before` or `after` is hidden.
    pub secret: bool,
}

/// What happened to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another one.
    Changed,
}

/// Compares two integrations, each a JSON text.
///
/// - Fields that the server owns (`id`, `created`, `modified`) do not count. At the top level null and absent are the
///   same: servers of one API version write null where another leaves the field out, and a PUT leaves nulls out.
///   Deeper they differ.
/// - `changes` go deep into `attributes` and `provisioningConfig`; other objects, and arrays everywhere, are one value.
///   So is what stands under a secret name. They are independent of how the patch is grouped. The order is that of the
///   API's fields, then the others; inside an object that of `after`, then what was removed.
/// - `patch` goes as deep as it can. Where a member comes or goes, where its name cannot be spelled in a path, or where its new
///   value is one that no patch may carry (null, a fraction, an array with booleans), the smallest object around it is
///   replaced as a whole; a secret that `before` lacks is replaced at its own place, since servers leave secrets out.
/// - `needs_replace` is set where a top-level field appears, disappears or takes a value that no patch may carry, and where a
///   field changes that this version does not know. A field that is null before the change exists: it can be replaced.
/// - `provisioningConfig.universalManager` is read-only: it does not count, and is never written.
///
/// # Errors
/// The field is `before` or `after` for text that is not a JSON object, or nested deeper than
/// [`MAX_DEPTH`](crate::json::MAX_DEPTH).
pub fn diff(before: &str, after: &str) -> Result<Diff, Invalid> {
    diff_with(&Secrets::default(), before, after)
}

/// The same with a rule of the caller's for what is secret.
///
/// # Errors
/// As [`diff`].
pub fn diff_with(secrets: &Secrets, before: &str, after: &str) -> Result<Diff, Invalid> {
    let (before, after) = (integration("before", before)?, integration("after", after)?);
    let listed = names_listed(secrets, before.get("attributes"), after.get("attributes"));
    let (mut found, mut plans) = (Found::default(), Vec::new());
    for (name, shape) in rules::FIELDS {
        let holds_secrets = name == "attributes";
        let secrets = if holds_secrets { &listed } else { secrets };
        let mut walk = Walk { secrets, shape, holds_secrets, found: &mut found };
        plans.push(walk.field(name, before.get(name), after.get(name)));
    }
    for pair in pairs(&before, &after) {
        if !rules::is_known(pair.name()) {
            let mut walk = Walk { secrets, shape: Shape::Reference, holds_secrets: false, found: &mut found };
            plans.push(walk.field(pair.name(), pair.before, pair.after));
            found.is_unspellable |= pair.member.name().is_none();
        }
    }
    let needs_replace = plans.iter().any(|plan| matches!(plan, Plan::Unsayable));
    let steps = plans.into_iter().filter(|_| !needs_replace).flat_map(Plan::into_steps);
    let patch = Patch { operations: steps.map(Step::into_replace).collect() };
    Ok(found.into_diff(patch, needs_replace))
}

pub(super) fn integration<'a>(argument: &'static str, text: &'a str) -> Result<Object<'a>, Invalid> {
    let refused = |message: &str| Invalid::new(argument, [argument, " ", message].concat());
    let value = Json::parse(text).map_err(|error| refused(&error.text()))?;
    let got = value.kind().noun();
    value.as_object().ok_or_else(|| refused(&["must be an integration, got ", got].concat()))
}

/// The rule with the names that either side lists, where anything in the attributes can have changed.
fn names_listed(secrets: &Secrets, before: Option<Json<'_>>, after: Option<Json<'_>>) -> Secrets {
    let mut secrets = secrets.clone();
    if before.map(Json::text) != after.map(Json::text) {
        before.into_iter().chain(after).for_each(|attributes| secrets.list(attributes));
    }
    secrets
}

/// What a walk has found besides its plan.
#[derive(Default)]
struct Found<'a> {
    changes: Vec<Change>,
    at_risk: Vec<Pointer>,
    narrow: Vec<Step<'a>>,
    is_tentative: bool,
    /// Whether something is not to be said at its own place.
    is_unspellable: bool,
}

impl Found<'_> {
    fn into_diff(self, patch: Patch, needs_replace: bool) -> Diff {
        let Self { changes, at_risk, narrow, is_tentative, is_unspellable } = self;
        let narrow = (!is_unspellable).then(|| Narrow {
            patch: Patch { operations: narrow.into_iter().map(Step::into_replace).collect() },
            is_tentative,
        });
        Diff { patch, needs_replace, changes, at_risk, narrow }
    }
}

/// Walks two values side by side, notes what changed and plans how to say it.
struct Walk<'w, 'a> {
    secrets: &'w Secrets,
    /// Of the field.
    shape: Shape,
    /// Whether the server may hide something in it.
    holds_secrets: bool,
    found: &'w mut Found<'a>,
}

impl<'a> Walk<'_, 'a> {
    /// A top-level field, for which null and absent are the same, but only null can be replaced.
    fn field(&mut self, name: &str, before: Option<Json<'a>>, after: Option<Json<'a>>) -> Plan<'a> {
        if before.map(Json::text) == after.map(Json::text) {
            return Plan::Same;
        }
        let path = Pointer::root().child(name);
        let set = |value: &Json<'_>| value.kind() != Kind::Null;
        let is_null = before.is_some_and(|before| !set(&before));
        let after = after.filter(set);
        let plan = match (self.value(&path, name.as_bytes(), before.filter(set), after), after) {
            (Plan::Unsayable, Some(after)) if is_null => Plan::whole(&path, after),
            (plan, _) => plan,
        };
        if !self.holds_secrets {
            self.say_field(&path, after, &plan);
        }
        plan
    }

    /// How a field without secrets is said where nothing may be erased.
    fn say_field(&mut self, path: &Pointer, after: Option<Json<'a>>, plan: &Plan<'a>) {
        match (plan, after) {
            (Plan::Same, _) => {}
            (Plan::Steps(steps), _) => self.found.narrow.extend(steps.iter().cloned()),
            (Plan::Unsayable, Some(after)) => {
                self.found.at_risk.push(path.clone());
                self.found.narrow.push(Step::new(path, after));
                self.found.is_tentative = true;
            }
            (Plan::Unsayable, None) => self.cannot_say(path),
        }
    }

    /// What only a whole object around it says.
    fn cannot_say(&mut self, path: &Pointer) {
        self.found.at_risk.push(path.clone());
        self.found.is_unspellable = true;
    }

    /// A value with a name. What changed under a secret name is one change, wherever below it happened.
    fn value(&mut self, path: &Pointer, name: &[u8], before: Option<Json<'a>>, after: Option<Json<'a>>) -> Plan<'a> {
        if !self.secrets.is_secret_bytes(name) {
            return self.compare(path, before, after, false);
        }
        let known = self.found.changes.len();
        let plan = self.compare(path, before, after, true);
        self.found.changes.truncate(known);
        if !matches!(plan, Plan::Same) {
            let hidden = |_| quote(REDACTED);
            self.found.changes.push(Change::new(path, before.map(hidden), after.map(hidden), true));
        }
        plan
    }

    fn compare(
        &mut self,
        path: &Pointer,
        before: Option<Json<'a>>,
        after: Option<Json<'a>>,
        is_secret: bool,
    ) -> Plan<'a> {
        let plan = match (before, after) {
            (None, None) => return Plan::Same,
            (Some(old), Some(new)) => {
                let members = if self.shape == Shape::Tree { old.as_object().zip(new.as_object()) } else { None };
                match members {
                    Some((old, members)) => return self.object(path, &old, new, &members),
                    None if old == new => return Plan::Same,
                    None => Plan::whole(path, new),
                }
            }
            (None, Some(new)) if is_secret && self.holds_secrets => Plan::whole(path, new),
            _ => Plan::Unsayable,
        };
        self.note(path, before, after);
        if self.holds_secrets {
            self.say_attribute(path, before, after, is_secret, &plan);
        }
        plan
    }

    /// How an attribute is said where nothing may be erased.
    fn say_attribute(
        &mut self,
        path: &Pointer,
        before: Option<Json<'a>>,
        after: Option<Json<'a>>,
        is_secret: bool,
        plan: &Plan<'a>,
    ) {
        let Some(after) = after else { return self.cannot_say(path) };
        // The items that did not change may have members that are not shown.
        let erases_items =
            before.is_some_and(|before| before.items().any(|item| matches!(item.kind(), Kind::Object | Kind::Array)));
        let mut stand_ins = Vec::new();
        self.secrets.stand_ins(after, path, &mut stand_ins);
        let is_stand_in = is_secret && after.as_str().is_some_and(|text| is_stand_in(&text));
        if erases_items && after.kind() == Kind::Array || is_stand_in || !stand_ins.is_empty() {
            return self.cannot_say(path);
        }
        if matches!(plan, Plan::Unsayable) {
            self.found.at_risk.push(path.clone());
        }
        self.found.is_tentative |= before.is_none() || matches!(plan, Plan::Unsayable);
        self.found.narrow.push(Step::new(path, after));
    }

    fn object(&mut self, path: &Pointer, before: &Object<'a>, after: Json<'a>, members: &Object<'a>) -> Plan<'a> {
        let is_read_only = |name: &str| path.as_str().get(1..) == Some(READ_ONLY.0) && name == READ_ONLY.1;
        let plans = pairs(before, members).into_iter().filter(|pair| !is_read_only(pair.name())).map(|pair| {
            let below = path.child(pair.name());
            match self.value(&below, pair.member.name_bytes(), pair.before, pair.after) {
                Plan::Steps(_) if pair.member.name().is_none() => {
                    self.cannot_say(&below);
                    Plan::Unsayable
                }
                plan => plan,
            }
        });
        Plan::of_object(path, after, plans.collect())
    }

    fn note(&mut self, path: &Pointer, before: Option<Json<'_>>, after: Option<Json<'_>>) {
        let mut secret = false;
        let mut shown = |value: Json<'_>| match self.secrets.hide(value) {
            Some(hidden) => {
                secret = true;
                hidden
            }
            None => value.text().to_owned(),
        };
        let (before, after) = (before.map(&mut shown), after.map(&mut shown));
        self.found.changes.push(Change::new(path, before, after, secret));
    }
}

/// A name, and what stands there on both sides.
struct Pair<'m, 'a> {
    member: &'m Member<'a>,
    before: Option<Json<'a>>,
    after: Option<Json<'a>>,
}

impl Pair<'_, '_> {
    /// The name; as it is escaped in JSON where nothing else can spell it.
    fn name(&self) -> &str {
        self.member.name().unwrap_or(self.member.key())
    }
}

/// The names of two objects but for those whose values are the same text: those of `after` in their order, then those that
/// only `before` has.
fn pairs<'m, 'a>(before: &'m Object<'a>, after: &'m Object<'a>) -> Vec<Pair<'m, 'a>> {
    let mut pairs = Vec::new();
    for member in after.members() {
        let old = before.get_like(member);
        if old.map(Json::text) != Some(member.value.text()) {
            pairs.push(Pair { member, before: old, after: Some(member.value) });
        }
    }
    for member in before.members() {
        if after.get_like(member).is_none() {
            pairs.push(Pair { member, before: Some(member.value), after: None });
        }
    }
    pairs
}

impl Change {
    fn new(path: &Pointer, before: Option<String>, after: Option<String>, secret: bool) -> Self {
        let kind = match (&before, &after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        Self { path: path.clone(), kind, before, after, secret }
    }

    fn to_json(&self) -> String {
        let mut writer = ObjectWriter::new();
        writer.member(r#""path""#, &quote(self.path.as_str()));
        writer.member(r#""kind""#, self.kind.quoted());
        for (key, value) in [(r#""before""#, &self.before), (r#""after""#, &self.after)] {
            if let Some(value) = value {
                writer.member(key, value);
            }
        }
        writer.member(r#""secret""#, if self.secret { "true" } else { "false" });
        writer.finish()
    }
}

impl ChangeKind {
    fn quoted(self) -> &'static str {
        match self {
            ChangeKind::Added => r#""added""#,
            ChangeKind::Removed => r#""removed""#,
            ChangeKind::Changed => r#""changed""#,
        }
    }
}

impl Diff {
    /// `{"patch": […], "needsReplace": …, "changes": […], "atRisk": […]}`: `IntegrationDiff` in JavaScript. A change without one of its
    /// two values lacks that member.
    pub fn to_json(&self) -> String {
        let mut writer = ObjectWriter::new();
        writer.member(r#""patch""#, &self.patch.to_json());
        writer.member(r#""needsReplace""#, if self.needs_replace { "true" } else { "false" });
        writer.member(r#""changes""#, &write_array(&self.changes.iter().map(Change::to_json).collect::<Vec<_>>()));
        let at_risk: Vec<_> = self.at_risk.iter().map(|path| quote(path.as_str())).collect();
        writer.member(r#""atRisk""#, &write_array(&at_risk));
        writer.finish()
    }
}

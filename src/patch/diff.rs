//! Turns two integrations into the smallest patch between them, and a line for each change.

use super::plan::{Plan, Step};
use super::rules::Shape;
use super::{Patch, rules};
use crate::Invalid;
use crate::json::pointer::Pointer;
use crate::json::{Json, Kind, Member, Object, ObjectWriter, quote, write_array};
use crate::wire::secrets::{REDACTED, Secrets};

/// What turns one integration into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The replace operations of the fewest bytes; none where [`Diff::needs_replace`], since the PUT says all.
    pub patch: Patch,
    /// Whether `replace` operations cannot say it, so that a PUT is needed.
    pub needs_replace: bool,
    /// One for each changed value, in a fixed order; empty exactly where nothing has to be sent.
    pub changes: Vec<Change>,
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
/// - `patch` has the fewest bytes as text. Where a member comes or goes, where its name cannot be spelled in a path, or
///   where its new value is one that no patch may carry (null, a fraction, an array with booleans), the smallest object
///   around it is replaced as a whole, as is `provisioningConfig` for its read-only `universalManager`.
/// - `needs_replace` is set where a top-level field appears, disappears or takes a value that no patch may carry, and where a
///   field changes that this version does not know. A field that is null before the change exists: it can be replaced.
///
/// # Errors
/// The field is `before` or `after` for text that is not a JSON object, or nested deeper than
/// [`MAX_DEPTH`](crate::json::MAX_DEPTH).
pub fn diff(before: &str, after: &str) -> Result<Diff, Invalid> {
    let (before, after) = (integration("before", before)?, integration("after", after)?);
    let (plain, listed) = (Secrets::default(), names_listed(before.get("attributes"), after.get("attributes")));
    let (mut changes, mut plans) = (Vec::new(), Vec::new());
    for (name, shape) in rules::FIELDS {
        let secrets = if name == "attributes" { &listed } else { &plain };
        let mut walk = Walk { secrets, deep: shape == Shape::Tree, changes: &mut changes };
        plans.push(walk.field(name, before.get(name), after.get(name)));
    }
    let mut walk = Walk { secrets: &plain, deep: false, changes: &mut changes };
    for pair in pairs(&before, &after) {
        if !rules::is_known(pair.name()) {
            plans.push(walk.field(pair.name(), pair.before, pair.after));
        }
    }
    let needs_replace = plans.iter().any(|plan| matches!(plan, Plan::Unsayable));
    let steps = plans.into_iter().filter(|_| !needs_replace).flat_map(Plan::into_steps);
    Ok(Diff { patch: Patch { operations: steps.map(Step::into_replace).collect() }, needs_replace, changes })
}

pub(super) fn integration<'a>(argument: &'static str, text: &'a str) -> Result<Object<'a>, Invalid> {
    let refused = |message: &str| Invalid::new(argument, [argument, " ", message].concat());
    let value = Json::parse(text).map_err(|error| refused(&error.text()))?;
    let got = value.kind().noun();
    value.as_object().ok_or_else(|| refused(&["must be an integration, got ", got].concat()))
}

/// The names that either side lists, where anything in the attributes can have changed.
fn names_listed(before: Option<Json<'_>>, after: Option<Json<'_>>) -> Secrets {
    let mut secrets = Secrets::default();
    if before.map(Json::text) != after.map(Json::text) {
        before.into_iter().chain(after).for_each(|attributes| secrets.list(attributes));
    }
    secrets
}

/// Walks two values side by side, notes what changed and plans how to say it.
struct Walk<'w> {
    secrets: &'w Secrets,
    /// Whether to look into objects.
    deep: bool,
    changes: &'w mut Vec<Change>,
}

impl Walk<'_> {
    /// A top-level field, for which null and absent are the same, but only null can be replaced.
    fn field<'a>(&mut self, name: &str, before: Option<Json<'a>>, after: Option<Json<'a>>) -> Plan<'a> {
        if before.map(Json::text) == after.map(Json::text) {
            return Plan::Same;
        }
        let path = Pointer::root().child(name);
        let set = |value: &Json<'_>| value.kind() != Kind::Null;
        let is_null = before.is_some_and(|before| !set(&before));
        let after = after.filter(set);
        let plan = self.value(&path, name.as_bytes(), before.filter(set), after);
        match (plan, after) {
            (Plan::Unsayable, Some(after)) if is_null => Plan::whole(&path, after),
            (plan, _) => plan,
        }
    }

    /// A value with a name. What changed under a secret name is one change, wherever below it happened.
    fn value<'a>(
        &mut self,
        path: &Pointer,
        name: &[u8],
        before: Option<Json<'a>>,
        after: Option<Json<'a>>,
    ) -> Plan<'a> {
        if !self.secrets.is_secret_bytes(name) {
            return self.compare(path, before, after);
        }
        let plan =
            Walk { secrets: self.secrets, deep: self.deep, changes: &mut Vec::new() }.compare(path, before, after);
        if !matches!(plan, Plan::Same) {
            let hidden = |_| quote(REDACTED);
            self.changes.push(Change::new(path, before.map(hidden), after.map(hidden), true));
        }
        plan
    }

    fn compare<'a>(&mut self, path: &Pointer, before: Option<Json<'a>>, after: Option<Json<'a>>) -> Plan<'a> {
        let plan = match (before, after) {
            (None, None) => return Plan::Same,
            (Some(old), Some(new)) => {
                let members = if self.deep { old.as_object().zip(new.as_object()) } else { None };
                match members {
                    Some((old, members)) => return self.object(path, &old, new, &members),
                    None if old == new => return Plan::Same,
                    None => Plan::whole(path, new),
                }
            }
            _ => Plan::Unsayable,
        };
        self.note(path, before, after);
        plan
    }

    fn object<'a>(&mut self, path: &Pointer, before: &Object<'a>, after: Json<'a>, members: &Object<'a>) -> Plan<'a> {
        let plans = pairs(before, members).into_iter().map(|pair| {
            let name = pair.member.name_bytes();
            match self.value(&path.child(pair.name()), name, pair.before, pair.after) {
                Plan::Steps(_) if pair.member.name().is_none() => Plan::Unsayable,
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
        self.changes.push(Change::new(path, before, after, secret));
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
    /// `{"patch": […], "needsReplace": …, "changes": […]}`: `IntegrationDiff` in JavaScript. A change without one of its
    /// two values lacks that member.
    pub fn to_json(&self) -> String {
        let mut writer = ObjectWriter::new();
        writer.member(r#""patch""#, &self.patch.to_json());
        writer.member(r#""needsReplace""#, if self.needs_replace { "true" } else { "false" });
        writer.member(r#""changes""#, &write_array(&self.changes.iter().map(Change::to_json).collect::<Vec<_>>()));
        writer.finish()
    }
}

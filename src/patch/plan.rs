//! Picks, of all ways to say one change in `replace` operations, the one of the fewest bytes.

use super::{Replace, rules};
use crate::json::pointer::Pointer;
use crate::json::{Json, quote};

/// What an operation's text takes beside its path and its value.
const FRAME_BYTES: usize = r#"{"op":"replace","path":,"value":}"#.len();

/// How to turn one value into another.
pub(super) enum Plan<'a> {
    /// Both say the same.
    Same,
    /// By these steps, of which there is one at least.
    Steps(Vec<Step<'a>>),
    /// Not by replacing this value or something in it; an object around it may do.
    Unsayable,
}

/// An operation that a patch may have.
pub(super) struct Step<'a> {
    path: Pointer,
    value: Json<'a>,
}

impl<'a> Plan<'a> {
    /// Replaces the value at `path` as a whole, where a patch may.
    pub(super) fn whole(path: &Pointer, value: Json<'a>) -> Self {
        if rules::check_path(path).is_ok() && rules::check_value(path, value).is_ok() {
            Plan::Steps(vec![Step { path: path.clone(), value }])
        } else {
            Plan::Unsayable
        }
    }

    /// Turns an object at `path` into `after`, given the plans of all its members. Fewest bytes of the patch's text win;
    /// where the deep operations take no more than the whole object, they stay.
    pub(super) fn of_object(path: &Pointer, after: Json<'a>, members: Vec<Plan<'a>>) -> Self {
        let mut steps = Vec::new();
        for member in members {
            match member {
                Plan::Same => {}
                Plan::Steps(more) => steps.extend(more),
                Plan::Unsayable => return Self::whole(path, after),
            }
        }
        if steps.is_empty() {
            return Plan::Same;
        }
        match Self::whole(path, after) {
            Plan::Steps(whole) if bytes(&whole) < bytes(&steps) => Plan::Steps(whole),
            _ => Plan::Steps(steps),
        }
    }

    pub(super) fn into_steps(self) -> Vec<Step<'a>> {
        match self {
            Plan::Steps(steps) => steps,
            Plan::Same | Plan::Unsayable => Vec::new(),
        }
    }
}

impl Step<'_> {
    pub(super) fn into_replace(self) -> Replace {
        Replace { path: self.path, value: self.value.text().to_owned() }
    }
}

/// The text of these steps in a patch, with the commas between them.
fn bytes(steps: &[Step<'_>]) -> usize {
    let each = steps.iter().map(|step| FRAME_BYTES + quote(step.path.as_str()).len() + step.value.text().len());
    each.sum::<usize>() + steps.len().saturating_sub(1)
}

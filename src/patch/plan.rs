//! Says a change in `replace` operations, each as deep as it can be: what an operation does not name, it cannot erase.

use std::borrow::Cow;

use super::{Replace, rules};
use crate::json::Json;
use crate::json::pointer::Pointer;

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
#[derive(Clone)]
pub(super) struct Step<'a> {
    path: Pointer,
    value: Cow<'a, str>,
}

impl<'a> Plan<'a> {
    /// Replaces the value at `path` as a whole, where a patch may.
    pub(super) fn whole(path: &Pointer, value: Json<'a>) -> Self {
        if rules::check_path(path).is_ok() && rules::check_value(path, value).is_ok() {
            Plan::Steps(vec![Step::new(path, value)])
        } else {
            Plan::Unsayable
        }
    }

    /// Turns an object at `path` into `after`, given the plans of all its members.
    pub(super) fn of_object(path: &Pointer, after: Json<'a>, members: Vec<Plan<'a>>) -> Self {
        let mut steps = Vec::new();
        for member in members {
            match member {
                Plan::Same => {}
                Plan::Steps(more) => steps.extend(more),
                Plan::Unsayable => return Self::whole(path, after),
            }
        }
        if steps.is_empty() { Plan::Same } else { Plan::Steps(steps) }
    }

    pub(super) fn into_steps(self) -> Vec<Step<'a>> {
        match self {
            Plan::Steps(steps) => steps,
            Plan::Same | Plan::Unsayable => Vec::new(),
        }
    }
}

impl<'a> Step<'a> {
    /// Whether a patch may have it is not asked.
    pub(super) fn new(path: &Pointer, value: Json<'a>) -> Self {
        Self { path: path.clone(), value: rules::writable(path, value) }
    }

    pub(super) fn into_replace(self) -> Replace {
        Replace { path: self.path, value: self.value.into_owned() }
    }
}

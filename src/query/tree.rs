//! The tree that a filter's text is read into and written from.

use super::field::{Field, Operator};
use super::filter::Filter;
use crate::model::Invalid;

/// Invariant: `All` and `Any` have two operands or more, none of their own kind; no operand of any kind is `Constant`;
/// `Not` holds neither `Not` nor `Constant`. So what is printed reads back as the same tree, and a tree is at most three
/// times as deep as its parentheses.
#[derive(PartialEq)]
pub(super) enum Kind {
    Test(Test),
    /// `subject in ()`, which is false, or its negation.
    Constant {
        subject: Subject,
        value: bool,
    },
    /// Unchecked text as it was given, and what it says where it can be read.
    Raw {
        text: String,
        meaning: Result<Filter, Box<Invalid>>,
    },
    Not(Filter),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

#[derive(PartialEq)]
pub(super) struct Test {
    pub(super) subject: Subject,
    pub(super) operator: Operator,
    pub(super) values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    Known(Field),
    Other(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Text, as it is meant: without quotes and escapes.
    Text(String),
    /// A number, boolean or date, as it is written.
    Bare(String),
}

impl Subject {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(field) => field.as_str(),
            Self::Other(path) => path,
        }
    }
}

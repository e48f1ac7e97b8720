//! The tree that a filter's text is read into and written from.

use super::expression::Filter;
use super::field::{Field, Operator};
use crate::Invalid;

/// Invariant: `All` and `Any` have two operands or more, none of their own kind; no operand of any kind is `Constant`;
/// `Not` holds neither `Not` nor `Constant`. So what is printed reads back as the same tree, and a tree is at most three
/// times as deep as its parentheses.
#[derive(PartialEq)]
pub(crate) enum Kind {
    Test(Test),
    /// `field in ()`, which is false, or its negation.
    Constant {
        field: Field,
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
pub(crate) struct Test {
    pub(crate) field: Field,
    pub(crate) operator: Operator,
    /// As they are meant: without quotes and escapes.
    pub(crate) values: Vec<String>,
}

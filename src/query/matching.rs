//! Decides whether an integration passes a filter, comparing text as the API does.

use std::cmp::Ordering;

use super::field::{Field, Operator};
use super::filter::{Filter, Kind, Subject, Test, Value};
use crate::model::Invalid;

/// The four fields of an integration that a filter can ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The server's id.
    pub id: Option<&'a str>,
    /// The name.
    pub name: &'a str,
    /// The type.
    pub kind: &'a str,
    /// `cluster`, else the id of `clusterRef`.
    pub cluster: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn get(&self, field: Field) -> Option<&'a str> {
        match field {
            Field::Id => self.id,
            Field::Name => Some(self.name),
            Field::Type => Some(self.kind),
            Field::Cluster => self.cluster,
        }
    }
}

/// Every operand is asked, also where the first one decides: so an unreadable raw part fails for every row.
pub(super) fn matches(filter: &Filter, row: &Row<'_>) -> Result<bool, Invalid> {
    match filter.kind() {
        Kind::Test(test) => Ok(passes(test, row)),
        Kind::Constant { value, .. } => Ok(*value),
        Kind::Raw { meaning, .. } => matches(meaning.as_ref().map_err(Clone::clone)?, row),
        Kind::Not(operand) => Ok(!matches(operand, row)?),
        Kind::All(operands) => operands.iter().try_fold(true, |all, operand| Ok(matches(operand, row)? && all)),
        Kind::Any(operands) => operands.iter().try_fold(false, |any, operand| Ok(matches(operand, row)? || any)),
    }
}

/// Equality as the API has it: without regard to case.
pub(super) fn same_text(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    lower_case(left).eq(lower_case(right))
}

/// Lexicographic, without regard to case.
pub(super) fn compare_text(left: &str, right: &str) -> Ordering {
    lower_case(left).cmp(lower_case(right))
}

/// Character by character: unlike in `str::to_lowercase`, a letter does not depend on its neighbours.
pub(super) fn lower_case(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

fn passes(test: &Test, row: &Row<'_>) -> bool {
    let Subject::Known(field) = test.subject else { return false };
    let held = row.get(field);
    match (test.operator, held) {
        (Operator::Pr, _) => held.is_some(),
        (Operator::IsNull, _) => held.is_none(),
        (Operator::Ne, None) => true,
        (_, None) => false,
        (Operator::Ne, Some(held)) => !test.values.iter().any(|value| compares(Operator::Eq, held, value)),
        (operator, Some(held)) => test.values.iter().any(|value| compares(operator, held, value)),
    }
}

fn compares(operator: Operator, held: &str, value: &Value) -> bool {
    let Value::Text(value) = value else { return false };
    match operator {
        Operator::Gt => compare_text(held, value).is_gt(),
        Operator::Ge => compare_text(held, value).is_ge(),
        Operator::Lt => compare_text(held, value).is_lt(),
        Operator::Le => compare_text(held, value).is_le(),
        Operator::Co => lower_case(held).collect::<String>().contains(&*lower_case(value).collect::<String>()),
        Operator::Sw => lower_case(held).collect::<String>().starts_with(&*lower_case(value).collect::<String>()),
        _ => same_text(held, value),
    }
}

//! Decides whether an integration passes a filter, comparing text as the API does.

use super::casing::{compare_text, lower_text};
use super::field::{Field, Operator};
use super::filter::Filter;
use super::tree::{Kind, Subject, Test, Value};
use crate::model::Invalid;
use crate::model::text::contains;

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
pub(super) fn matches<'f>(filter: &'f Filter, row: &Row<'_>) -> Result<bool, &'f Invalid> {
    let (conjunction, operands) = match filter.kind() {
        Kind::Test(test) => return Ok(passes(test, row)),
        Kind::Constant { value, .. } => return Ok(*value),
        Kind::Raw { meaning, .. } => return matches(meaning.as_ref().map_err(|error| &**error)?, row),
        Kind::Not(operand) => return Ok(!matches(operand, row)?),
        Kind::All(operands) => (true, operands),
        Kind::Any(operands) => (false, operands),
    };
    let mut decided = false;
    for operand in operands {
        decided |= matches(operand, row)? != conjunction;
    }
    Ok(decided != conjunction)
}

fn passes(test: &Test, row: &Row<'_>) -> bool {
    let Subject::Known(field) = test.subject else { return false };
    let held = row.get(field);
    match (test.operator, held) {
        (Operator::Pr, _) => held.is_some(),
        (Operator::IsNull | Operator::Ne, None) => true,
        (_, None) => false,
        (operator, Some(held)) => test.values.iter().any(|value| compares(operator, held, value)),
    }
}

fn compares(operator: Operator, held: &str, value: &Value) -> bool {
    let Value::Text(value) = value else { return false };
    let order = compare_text(held, value);
    match operator {
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co => contains(&lower_text(held), &lower_text(value)),
        Operator::Sw => lower_text(held).starts_with(&lower_text(value)),
        _ => order.is_eq(),
    }
}

//! Decides whether an integration passes a filter, comparing text as the API does.

use super::expression::Filter;
use super::field::Field;
use super::tree::{Kind, Test};
use crate::Invalid;

/// Writes a text in lower case. It is given, as a page has the tables for it, which are 12 KiB.
pub type Lower<'l> = &'l dyn Fn(&str) -> String;

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
pub(crate) fn matches<'f>(filter: &'f Filter, row: &Row<'_>, lower: Lower<'_>) -> Result<bool, &'f Invalid> {
    let (conjunction, operands) = match filter.kind() {
        Kind::Test(test) => return Ok(passes(test, row, lower)),
        Kind::Constant { value, .. } => return Ok(*value),
        Kind::Raw { meaning, .. } => return matches(meaning.as_ref().map_err(|error| &**error)?, row, lower),
        Kind::Not(operand) => return Ok(!matches(operand, row, lower)?),
        Kind::All(operands) => (true, operands),
        Kind::Any(operands) => (false, operands),
    };
    let mut decided = false;
    for operand in operands {
        decided |= matches(operand, row, lower)? != conjunction;
    }
    Ok(decided != conjunction)
}

fn passes(test: &Test, row: &Row<'_>, lower: Lower<'_>) -> bool {
    let held = row.get(test.field).map(lower);
    held.is_some_and(|held| test.values.iter().any(|value| lower(value) == held))
}

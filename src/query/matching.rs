//! Decides whether an integration passes a filter, comparing text as the API does.

use super::casing::{compare_text, lower_text};
use super::field::{Field, Operator};
use super::filter::Filter;
use super::tree::{Kind, Subject, Test, Value};
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

/// Whether `part` stands somewhere in `text`, in linear time (Knuth, Morris, Pratt): `str::contains` would add 1.5 KiB to
/// the .wasm for an operator that only raw filters have.
fn contains(text: &[char], part: &[char]) -> bool {
    let mut borders = vec![0];
    let mut matched = 0;
    for character in part.iter().skip(1) {
        matched = lengthen(part, &borders, matched, *character);
        borders.push(matched);
    }
    matched = 0;
    for character in text {
        if matched == part.len() {
            break;
        }
        matched = lengthen(part, &borders, matched, *character);
    }
    matched == part.len()
}

/// How much of `part` stands before and with `character`, where `matched` characters of it stood before. `borders` says
/// for each beginning of `part` how long a beginning it ends with.
fn lengthen(part: &[char], borders: &[usize], mut matched: usize, character: char) -> usize {
    while part.get(matched) != Some(&character) {
        match matched.checked_sub(1).and_then(|last| borders.get(last)) {
            Some(shorter) => matched = *shorter,
            None => return 0,
        }
    }
    matched + 1
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn contains_is_what_str_contains() {
        let words: Vec<String> = (0..1 << 9).map(|bits| format!("{bits:b}")).collect();
        let characters = |word: &String| word.chars().collect::<Vec<char>>();
        for text in &words {
            for part in words.iter().take(64).chain([&String::new()]) {
                assert_eq!(contains(&characters(text), &characters(part)), text.contains(part), "{text} {part}");
            }
        }
        assert!(contains(&[], &[]) && !contains(&[], &['a']));
    }

    #[test]
    fn contains_takes_linear_time() {
        let text = vec!['a'; 1_000_000];
        let mut part = vec!['a'; 500_000];
        part.push('b');
        assert!(!contains(&text, &part));
    }
}

//! Writes a filter as text with the fewest parentheses, and measures that text without writing it.

use super::expression::Filter;
use super::field::{Field, Operator};
use super::tree::{Kind, Test};

/// The text of the whole filter.
pub(crate) fn text(filter: &Filter) -> String {
    let mut text = String::with_capacity(filter.text_len());
    write(filter, &mut text);
    text
}

/// Bytes of the text, and how deep its parentheses nest; the operands were measured when they were made.
pub(crate) fn measure(kind: &Kind) -> (usize, u8) {
    match kind {
        Kind::Test(test) => (test_len(test), 0),
        Kind::Constant { field, value } => (constant_parts(*field, *value).map(str::len).iter().sum(), 0),
        Kind::Raw { text, .. } => (text.len(), 0),
        Kind::Not(operand) => measure_joined(kind, "not ".len(), 0, std::slice::from_ref(operand)),
        Kind::All(operands) => measure_joined(kind, 0, " and ".len(), operands),
        Kind::Any(operands) => measure_joined(kind, 0, " or ".len(), operands),
    }
}

/// A value in quotes.
pub(crate) fn value(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(special) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')) {
        let (plain, tail) = rest.split_at_checked(special).unwrap_or_default();
        out.push_str(plain);
        out.push('\\');
        out.push_str(tail.get(..1).unwrap_or_default());
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}

fn write(filter: &Filter, out: &mut String) {
    match filter.kind() {
        Kind::Test(test) => write_test(test, out),
        Kind::Constant { field, value } => out.extend(constant_parts(*field, *value)),
        Kind::Raw { text, .. } => out.push_str(text),
        Kind::Not(operand) => {
            out.push_str("not ");
            write_operand(filter.kind(), operand, out);
        }
        Kind::All(operands) => write_joined(filter.kind(), " and ", operands, out),
        Kind::Any(operands) => write_joined(filter.kind(), " or ", operands, out),
    }
}

fn write_joined(parent: &Kind, word: &str, operands: &[Filter], out: &mut String) {
    for (place, operand) in operands.iter().enumerate() {
        out.push_str(if place > 0 { word } else { "" });
        write_operand(parent, operand, out);
    }
}

fn write_operand(parent: &Kind, operand: &Filter, out: &mut String) {
    if !needs_parentheses(parent, operand.kind()) {
        return write(operand, out);
    }
    out.push('(');
    write(operand, out);
    out.push(')');
}

/// `not` binds stronger than `and`, `and` stronger than `or`; how raw text binds is not known.
fn needs_parentheses(parent: &Kind, operand: &Kind) -> bool {
    match operand {
        Kind::Raw { .. } => true,
        Kind::Any(_) => matches!(parent, Kind::All(_) | Kind::Not(_)),
        Kind::All(_) => matches!(parent, Kind::Not(_)),
        _ => false,
    }
}

fn write_test(test: &Test, out: &mut String) {
    let (open, close) = around(test.operator);
    out.extend([test.field.as_str(), " ", test.operator.as_str(), open]);
    for (place, each) in test.values.iter().enumerate() {
        out.push_str(if place > 0 { "," } else { "" });
        value(each, out);
    }
    out.push_str(close);
}

/// What stands around the values.
const fn around(operator: Operator) -> (&'static str, &'static str) {
    match operator {
        Operator::Eq => (" ", ""),
        Operator::In => (" (", ")"),
    }
}

fn constant_parts(field: Field, value: bool) -> [&'static str; 3] {
    [if value { "not " } else { "" }, field.as_str(), " in ()"]
}

fn test_len(test: &Test) -> usize {
    let (open, close) = around(test.operator);
    let words = test.field.as_str().len() + " ".len() + test.operator.as_str().len() + open.len() + close.len();
    let commas = test.values.len().saturating_sub(1);
    words + commas + test.values.iter().map(|value| value_len(value)).sum::<usize>()
}

fn value_len(text: &str) -> usize {
    let escapes = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    text.len() + escapes + "\"\"".len()
}

fn measure_joined(parent: &Kind, before: usize, between: usize, operands: &[Filter]) -> (usize, u8) {
    let mut len = before + between * operands.len().saturating_sub(1);
    let mut depth = 0;
    for operand in operands {
        let wrapped = needs_parentheses(parent, operand.kind());
        len = len.saturating_add(operand.text_len() + if wrapped { "()".len() } else { 0 });
        depth = operand.depth().saturating_add(u8::from(wrapped)).max(depth);
    }
    (len, depth)
}

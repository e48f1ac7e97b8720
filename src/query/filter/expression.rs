//! Turns tests of fields into one filter expression: built, joined and folded, never changed.

use std::fmt;
use std::rc::Rc;

use super::field::{Field, Operator};
use super::matching::{self, Lower, Row};
use super::parse;
use super::print;
use super::tree::{Kind, Test};
use crate::Invalid;
use crate::text::percent;

/// How deep the parentheses of an expression may nest: far beyond what a person writes, and little enough that parsing,
/// printing, matching and dropping, which follow the nesting, never come near the end of a stack.
pub const MAX_DEPTH: u8 = 64;
/// The longest expression, in bytes: eight times what a URL can hold. It bounds what joining a filter with itself again and
/// again can grow to.
pub const MAX_TEXT_LEN: usize = 64 * 1024;
/// The most operands of one `and` or `or`: a URL of 8 000 characters holds fewer, and joining in a loop copies them.
pub const MAX_OPERANDS: usize = 1024;

pub(crate) const TOO_DEEP: &str = "parentheses must nest at most 64 deep";
pub(crate) const TOO_LONG: &str = "the expression must be at most 65536 bytes long; a URL holds about 190 ids";
pub(crate) const TOO_MANY: &str = "one `and` or `or` must have at most 1024 operands; `in` takes many values";
const UNBALANCED: &str = "a raw filter must have its quotes and parentheses balanced to be joined";
const NUL: &str = "a value must not hold NUL";

/// An expression in the API's filter grammar. Immutable; a clone is cheap.
///
/// # Syntax
///
/// A test is `field eq value` with id, name, type or cluster, or `field in (value,…)` with all of these but name. Tests are
/// joined with `and` and `or` and negated with `not`; `not` binds strongest, `or` weakest, parentheses group. A value is text
/// in double quotes, where `\"` and `\\` are the only escapes. Operators are lower case.
///
/// Other operators of the API's grammar, which the list operation does not take, are refused by name. Whether it takes `and`,
/// `or` and `not` is not documented.
///
/// # What is folded
///
/// An `in` with an empty list is false. The API does not document it, so it is not sent: joining folds it away, and
/// [`constant`](Self::constant) tells when a whole filter came out false or (`not` of it) true.
///
/// ```
/// use isc_service_desk::query::{Field, Filter};
/// let snow = Filter::is_in(Field::Type, &["ServiceNow SDIM", "Generic SDIM"])?;
/// let filter = snow.and(&Filter::eq(Field::Name, "Acme \"IT\"")?.not()?)?;
/// assert_eq!(filter.to_string(), r#"type in ("ServiceNow SDIM","Generic SDIM") and not name eq "Acme \"IT\"""#);
/// assert_eq!(Filter::parse(&filter.to_string())?, filter);
/// # Ok::<(), isc_service_desk::Invalid>(())
/// ```
#[derive(Clone)]
pub struct Filter(Rc<Node>);

struct Node {
    kind: Kind,
    /// Bytes of the printed text.
    len: usize,
    /// How deep its parentheses nest when printed.
    depth: u8,
    /// Whether the text that it came from, or would be printed as, uses `and`, `or` or `not`.
    compound: bool,
}

impl Filter {
    /// Tests that `field` equals `value`, which may hold any character but NUL: quotes and backslashes are escaped, other
    /// control characters stay as they are (nothing but a quote or a backslash means anything inside quotes).
    ///
    /// # Errors
    ///
    /// - `value` holds NUL: whatever reads a string up to NUL would compare another, shorter value
    /// - it is longer than [`MAX_TEXT_LEN`]
    pub fn eq(field: Field, value: &str) -> Result<Self, Invalid> {
        Self::of(field, Operator::Eq, vec![value.to_owned()])
    }

    /// Tests that `field` equals one of `values`, each as for [`eq`](Self::eq). Without any value this is false.
    ///
    /// # Errors
    ///
    /// - `field` is the name: the API compares it with `eq` only
    /// - a value holds NUL
    /// - all together are longer than [`MAX_TEXT_LEN`]
    pub fn is_in<S: AsRef<str>>(field: Field, values: &[S]) -> Result<Self, Invalid> {
        if !field.takes_in() {
            return Err(invalid("`name` takes eq only, not `in`"));
        }
        let values = values.iter().map(|value| value.as_ref().to_owned()).collect();
        Self::of(field, Operator::In, values)
    }

    /// Reads an expression and checks that the list operation takes its fields and operators.
    ///
    /// Space, tab and line breaks may stand between the parts. Text compares with text: a bare number is refused, since
    /// all four fields are text.
    ///
    /// # Errors
    ///
    /// The field is `filters`; the position is the offending part's in UTF-16 units; the message has three lines (what
    /// would be right, the text, a caret):
    ///
    /// - the text is not in the grammar, or holds NUL
    /// - a field or operator that the list operation does not take
    /// - parentheses deeper than [`MAX_DEPTH`], more operands than [`MAX_OPERANDS`], a text longer than [`MAX_TEXT_LEN`]
    pub fn parse(expression: &str) -> Result<Self, Invalid> {
        parse::expression(expression).map_err(|error| *error)
    }

    /// Takes text as it is, for what the API learns tomorrow: it is sent verbatim, in parentheses where it is joined.
    ///
    /// # Errors
    ///
    /// - the text is blank
    /// - it is longer than [`MAX_TEXT_LEN`]
    pub fn raw(expression: &str) -> Result<Self, Invalid> {
        if expression.trim_ascii().is_empty() {
            return Err(invalid("a raw filter must not be blank"));
        }
        let meaning = parse::expression(expression);
        Self::checked(Kind::Raw { text: expression.to_owned(), meaning }).map_err(invalid)
    }

    /// Both must hold.
    ///
    /// # Errors
    ///
    /// - the result has more operands than [`MAX_OPERANDS`], parentheses deeper than [`MAX_DEPTH`], or a text longer than
    ///   [`MAX_TEXT_LEN`]
    /// - a raw filter whose quotes or parentheses are not balanced: parentheses around it would not hold it together
    pub fn and(&self, other: &Self) -> Result<Self, Invalid> {
        Self::join(true, vec![self.clone(), other.clone()]).map_err(invalid)
    }

    /// One of them must hold.
    ///
    /// # Errors
    ///
    /// As [`and`](Self::and).
    pub fn or(&self, other: &Self) -> Result<Self, Invalid> {
        Self::join(false, vec![self.clone(), other.clone()]).map_err(invalid)
    }

    /// Must not hold; of a negation, what it negates.
    ///
    /// # Errors
    ///
    /// As [`and`](Self::and).
    pub fn not(&self) -> Result<Self, Invalid> {
        self.negated().map_err(invalid)
    }

    /// The answer where it is the same for every integration: false means an empty page without a request, true no filter
    /// at all. Raw text is never folded.
    pub fn constant(&self) -> Option<bool> {
        match self.kind() {
            Kind::Constant { value, .. } => Some(*value),
            _ => None,
        }
    }

    /// Whether `and`, `or` or `not` is used: in the text that was parsed, also where it folded away. Raw text that cannot
    /// be read counts as compound.
    pub fn is_compound(&self) -> bool {
        self.0.compound
    }

    /// Whether a part of it is unchecked text, so that its own text would not pass [`parse`](Self::parse).
    pub fn is_raw(&self) -> bool {
        match self.kind() {
            Kind::Raw { .. } => true,
            Kind::Not(inner) => inner.is_raw(),
            Kind::All(operands) | Kind::Any(operands) => operands.iter().any(Self::is_raw),
            Kind::Test(_) | Kind::Constant { .. } => false,
        }
    }

    /// The same test, made here. Text is compared in the lower case of Unicode, as the API compares without regard to case. A
    /// value that is missing equals nothing.
    ///
    /// # Errors
    ///
    /// A raw part cannot be judged here: [`parse`](Self::parse) would refuse it. That does not depend on the row: one filter fails for all or for none.
    /// The position is within the raw text. Filters without a raw part never fail.
    pub fn matches(&self, row: &Row<'_>) -> Result<bool, Invalid> {
        self.matches_in(row, &str::to_lowercase)
    }

    /// The same, with another writer of lower case.
    ///
    /// # Errors
    ///
    /// As [`matches`](Self::matches).
    pub fn matches_in(&self, row: &Row<'_>, lower: Lower<'_>) -> Result<bool, Invalid> {
        matching::matches(self, row, lower).map_err(Clone::clone)
    }

    /// How many of the values of the longest `in`, alone or in the outermost `and`, are left where the text becomes shorter by
    /// `excess` percent-encoded characters, and how many there are; nothing where none is left.
    pub(crate) fn values_that_fit(&self, excess: usize) -> Option<(usize, usize)> {
        let operands = match self.kind() {
            Kind::All(operands) => operands,
            _ => std::slice::from_ref(self),
        };
        let tests = operands.iter().filter_map(|operand| match operand.kind() {
            Kind::Test(test) => Some(&test.values),
            _ => None,
        });
        let values = tests.max_by_key(|values| values.len())?;
        let (mut freed, mut fitting) = (0, values.len());
        while freed < excess {
            fitting = fitting.checked_sub(1).filter(|fitting| *fitting > 0)?;
            let mut text = ",".to_owned();
            print::value(values.get(fitting)?, &mut text);
            freed += percent::encode(&text).len();
        }
        Some((fitting, values.len()))
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Bytes of the printed text.
    pub(crate) fn text_len(&self) -> usize {
        self.0.len
    }

    /// A test; with an empty `in`, the constant that it is.
    pub(crate) fn test(test: Test) -> Result<Self, &'static str> {
        if test.operator == Operator::In && test.values.is_empty() {
            return Self::checked(Kind::Constant { field: test.field, value: false });
        }
        Self::checked(Kind::Test(test))
    }

    /// `and` (or `or`) of some filters: operands of the same kind are taken in, constants folded. Of none: true (or false).
    pub(crate) fn join(conjunction: bool, joined: Vec<Self>) -> Result<Self, &'static str> {
        let mut operands = Vec::with_capacity(joined.len());
        let mut neutral = None;
        for operand in &joined {
            match (operand.kind(), conjunction) {
                (Kind::Constant { value, .. }, _) if *value != conjunction => return Ok(operand.clone()),
                (Kind::Constant { .. }, _) => neutral = Some(operand.clone()),
                (Kind::All(inner), true) | (Kind::Any(inner), false) => operands.extend_from_slice(inner),
                _ => operands.push(operand.clone()),
            }
        }
        if operands.len() > 1 {
            return Self::checked(if conjunction { Kind::All(operands) } else { Kind::Any(operands) });
        }
        let nothing = || Self::part(Kind::Constant { field: Field::Id, value: conjunction });
        Ok(operands.pop().or(neutral).unwrap_or_else(nothing))
    }

    pub(crate) fn negated(&self) -> Result<Self, &'static str> {
        match self.kind() {
            Kind::Not(inner) => Ok(inner.clone()),
            Kind::Constant { field, value } => Self::checked(Kind::Constant { field: *field, value: !value }),
            _ => Self::checked(Kind::Not(self.clone())),
        }
    }

    /// Says that a text used `and`, `or` or `not`, also where the tree that came of it does not.
    pub(crate) fn mark_compound(&mut self) {
        // Invariant: a tree that has just been read is held nowhere else.
        if let Some(node) = Rc::get_mut(&mut self.0) {
            node.compound = true;
        }
    }

    /// A part of a filter that has passed the checks.
    pub(crate) fn part(kind: Kind) -> Self {
        let (len, depth) = print::measure(&kind);
        let compound = match &kind {
            Kind::Test(_) => false,
            Kind::Constant { value, .. } => *value,
            Kind::Raw { meaning, .. } => meaning.as_ref().map_or(true, Self::is_compound),
            Kind::Not(_) | Kind::All(_) | Kind::Any(_) => true,
        };
        Self(Rc::new(Node { kind, len, depth, compound }))
    }

    pub(crate) fn depth(&self) -> u8 {
        self.0.depth
    }

    fn checked(kind: Kind) -> Result<Self, &'static str> {
        let operands = match &kind {
            Kind::Not(operand) => std::slice::from_ref(operand),
            Kind::All(operands) | Kind::Any(operands) => operands,
            _ => &[],
        };
        if operands.len() > MAX_OPERANDS {
            return Err(TOO_MANY);
        }
        if !operands.iter().all(Self::is_closed) {
            return Err(UNBALANCED);
        }
        let filter = Self::part(kind);
        if filter.depth() > MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        if filter.text_len() > MAX_TEXT_LEN { Err(TOO_LONG) } else { Ok(filter) }
    }

    fn of(field: Field, operator: Operator, texts: Vec<String>) -> Result<Self, Invalid> {
        if texts.iter().any(|text| text.as_bytes().contains(&0)) {
            return Err(invalid(NUL));
        }
        Self::test(Test { field, operator, values: texts }).map_err(invalid)
    }

    /// The text that is sent, with the fewest parentheses; a constant reads `field in ()` or `not field in ()`.
    pub fn text(&self) -> String {
        print::text(self)
    }

    /// Whether parentheses around it hold it together.
    fn is_closed(&self) -> bool {
        match self.kind() {
            Kind::Raw { text, .. } => is_balanced(text),
            _ => true,
        }
    }
}

/// The tree decides, not how it was written.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.kind() == other.kind()
    }
}

/// [`Filter::text`]
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter(")?;
        f.write_str(&print::text(self))?;
        f.write_str(")")
    }
}

pub(crate) fn invalid(sentence: &'static str) -> Invalid {
    Invalid::new("filters", ["filters: ", sentence].concat())
}

/// Whether every parenthesis and quote closes, and none closes what was never open.
fn is_balanced(text: &str) -> bool {
    let (mut open, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'(' if !quoted => open += 1,
            b')' if !quoted && open == 0 => return false,
            b')' if !quoted => open -= 1,
            _ => {}
        }
    }
    open == 0 && !quoted
}

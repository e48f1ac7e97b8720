//! Reads a filter text into its tree, and says what is wrong with it where it is.

use std::ops::Range;

use super::field::{Field, Operator, similar_field};
use super::filter::{Filter, MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_LEN, invalid};
use super::filter::{TOO_DEEP, TOO_LONG, TOO_MANY};
use super::refusal::{quoted, refuse, utf16_len};
use super::scan::{Scanner, TextError, Token};
use super::tree::{Subject, Test, Value};
use crate::model::Invalid;

/// Boxed, so that the happy path hands on no more than a filter.
type Read<T> = Result<T, Box<Invalid>>;

/// An expression in the grammar, with the first thing in it that is good grammar but no use.
pub(super) struct Parsed {
    pub(super) filter: Filter,
    /// The list operation does not take it.
    pub(super) unsupported: Option<Box<Invalid>>,
    /// Rows cannot be judged by it.
    pub(super) unreadable: Option<Box<Invalid>>,
}

/// Reads the whole of `text`: the documented grammar, whatever the fields.
pub(super) fn expression(text: &str) -> Read<Parsed> {
    if text.len() > MAX_TEXT_LEN {
        return Err(Box::new(invalid(TOO_LONG).at(0, utf16_len(text))));
    }
    let mut parser = Parser { scanner: Scanner::new(text), compound: false, unsupported: None, unreadable: None };
    if parser.scanner.token == Token::End {
        return Err(parser.wrong(&["expected an expression such as `name eq \"x\"`"]));
    }
    let mut filter = parser.joined(false, 0)?;
    match parser.scanner.token {
        Token::End => {}
        Token::Close => return Err(parser.wrong(&["this `)` closes nothing"])),
        _ => return Err(parser.wrong_junction("expected `and` or `or`, got ")),
    }
    if parser.compound {
        filter.mark_compound();
    }
    Ok(Parsed { filter, unsupported: parser.unsupported, unreadable: parser.unreadable })
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    compound: bool,
    unsupported: Option<Box<Invalid>>,
    unreadable: Option<Box<Invalid>>,
}

impl Parser<'_> {
    /// `conjunction or conjunction …`, and of conjunctions `negation and negation …`; `depth` parentheses are open.
    fn joined(&mut self, conjunction: bool, depth: u8) -> Read<Filter> {
        let mut operands = Vec::new();
        loop {
            operands.push(if conjunction { self.negation(depth)? } else { self.joined(true, depth)? });
            if !self.scanner.eat_word(if conjunction { "and" } else { "or" }) {
                break;
            }
            if operands.len() == MAX_OPERANDS {
                return Err(self.wrong(&[TOO_MANY]));
            }
            self.compound = true;
        }
        self.checked(Filter::join(conjunction, operands))
    }

    /// `not … primary`
    fn negation(&mut self, depth: u8) -> Read<Filter> {
        let mut negated = false;
        while self.scanner.eat_word("not") {
            self.compound = true;
            negated = !negated;
        }
        let filter = self.primary(depth)?;
        if negated { self.checked(filter.negated()) } else { Ok(filter) }
    }

    /// `( disjunction )`, `pr field`, `field isnull`, `field operator value`
    fn primary(&mut self, depth: u8) -> Read<Filter> {
        if self.scanner.token == Token::Open {
            return self.group(depth);
        }
        let start = self.scanner.span();
        let prefixed = self.scanner.eat_word("pr");
        let subject = self.subject()?;
        let mut values = Vec::new();
        let operator = if prefixed {
            self.check_operator(&subject, Operator::Pr, start);
            Operator::Pr
        } else {
            self.operator(&subject)?
        };
        if operator.takes_list() {
            self.list(&subject, operator, &mut values)?;
        } else if operator.takes_value() {
            values.push(self.value(&subject)?);
        }
        self.checked(Filter::test(Test { subject, operator, values }))
    }

    fn group(&mut self, depth: u8) -> Read<Filter> {
        let open = self.scanner.span();
        if depth == MAX_DEPTH {
            return Err(self.wrong(&[TOO_DEEP]));
        }
        self.scanner.advance();
        let filter = self.joined(false, depth + 1)?;
        match self.scanner.token {
            Token::Close => self.scanner.advance(),
            Token::End => return Err(self.wrong_at(open, &[UNCLOSED])),
            _ => return Err(self.wrong_junction("expected `and`, `or` or `)`, got ")),
        }
        Ok(filter)
    }

    fn subject(&mut self) -> Read<Subject> {
        let (word, span) = (self.scanner.part(), self.scanner.span());
        let lower = word.to_ascii_lowercase();
        if lower != word && matches!(&*lower, "not" | "pr") {
            return Err(self.wrong_case(&lower));
        }
        let reserved = matches!(&*lower, "and" | "or" | "not") || Operator::named(&lower).is_some();
        if reserved || self.scanner.token != Token::Word || !is_path(word) && similar_field(word).is_none() {
            return Err(self.wrong_here("expected a field, got "));
        }
        self.scanner.advance();
        if let Some(field) = Field::named(word) {
            return Ok(Subject::Known(field));
        }
        let (before, field, after) = match similar_field(word) {
            Some(field) => (": did you mean `", field.as_str(), "`?"),
            None => (": it takes id, name, type and cluster", "", ""),
        };
        let sentence = ["the API does not filter by ", &quoted(word), before, field, after];
        if !is_path(word) {
            return Err(self.wrong_at(span, &sentence));
        }
        self.note(span, true, &sentence);
        Ok(Subject::Other(word.to_owned()))
    }

    fn operator(&mut self, subject: &Subject) -> Read<Operator> {
        let word = self.scanner.part();
        let lower = word.to_ascii_lowercase();
        match Operator::named(&lower) {
            Some(_) if lower != word => Err(self.wrong_case(&lower)),
            Some(Operator::Pr) => Err(self.wrong(&["`pr` stands before its field"])),
            Some(operator) => {
                self.check_operator(subject, operator, self.scanner.span());
                self.scanner.advance();
                Ok(operator)
            }
            None => Err(self.wrong_here(match subject {
                Subject::Known(Field::Name) => "expected eq, got ",
                Subject::Known(_) => "expected eq or in, got ",
                Subject::Other(_) => "expected an operator, got ",
            })),
        }
    }

    /// `( value , … )`, which may be empty.
    fn list(&mut self, subject: &Subject, operator: Operator, values: &mut Vec<Value>) -> Read<()> {
        let open = self.scanner.span();
        if self.scanner.token != Token::Open {
            let sentence = if operator == Operator::In {
                "expected `(` after `in`, got "
            } else {
                "expected `(` after `ca`, got "
            };
            return Err(self.wrong_here(sentence));
        }
        self.scanner.advance();
        while self.scanner.token != Token::Close || !values.is_empty() {
            values.push(self.value(subject)?);
            match self.scanner.token {
                Token::Comma => self.scanner.advance(),
                Token::Close => break,
                Token::End => return Err(self.wrong_at(open, &[UNCLOSED])),
                _ => return Err(self.wrong_here("expected `,` or `)`, got ")),
            }
        }
        self.scanner.advance();
        Ok(())
    }

    fn value(&mut self, subject: &Subject) -> Read<Value> {
        match self.scanner.token {
            Token::Quote => {
                let text = self.scanner.quoted_text();
                Ok(Value::Text(text.map_err(|error| self.wrong_text(error))?))
            }
            Token::Word => self.bare_value(subject),
            Token::Other => Err(self.wrong_here("text must stand in double quotes, got ")),
            _ => Err(self.wrong_here("expected a value, got ")),
        }
    }

    /// A boolean, or what starts as a number or date does.
    fn bare_value(&mut self, subject: &Subject) -> Read<Value> {
        let (word, span) = (self.scanner.part(), self.scanner.span());
        let in_quotes = quoted(&["\"", word, "\""].concat());
        let digit = word.strip_prefix('-').unwrap_or(word).bytes().next().is_some_and(|first| first.is_ascii_digit());
        if !digit && !matches!(word, "true" | "false") {
            return Err(self.wrong(&["text must stand in double quotes: ", &in_quotes]));
        }
        self.scanner.advance();
        self.note(span, true, &[&quoted(subject.as_str()), " compares with text: write ", &in_quotes]);
        Ok(Value::Bare(word.to_owned()))
    }

    /// Notes what the list operation does not take, and what asks for a collection, which no field is.
    fn check_operator(&mut self, subject: &Subject, operator: Operator, span: Range<usize>) {
        let Subject::Known(field) = subject else { return };
        if operator != Operator::Eq && !(operator == Operator::In && field.takes_in()) {
            let takes = if field.takes_in() { "` takes eq and in, not `" } else { "` takes eq only, not `" };
            self.note(span, operator == Operator::Ca, &["`", field.as_str(), takes, operator.as_str(), "`"]);
        }
    }

    /// Keeps the first of each, since the grammar comes first: a text that breaks it further on is told that.
    fn note(&mut self, span: Range<usize>, unreadable: bool, sentence: &[&str]) {
        if self.unsupported.is_none() {
            self.unsupported = Some(self.wrong_at(span.clone(), sentence));
        }
        if unreadable && self.unreadable.is_none() {
            self.unreadable = Some(self.wrong_at(span, sentence));
        }
    }

    /// A limit that only the tree shows is the whole text's fault.
    fn checked(&self, filter: Result<Filter, &'static str>) -> Read<Filter> {
        filter.map_err(|sentence| Box::new(invalid(sentence).at(0, utf16_len(self.scanner.text))))
    }

    fn wrong_at(&self, span: Range<usize>, sentence: &[&str]) -> Box<Invalid> {
        refuse("filters", self.scanner.text, span, sentence)
    }

    fn wrong(&self, sentence: &[&str]) -> Box<Invalid> {
        self.wrong_at(self.scanner.span(), sentence)
    }

    /// The sentence is completed with what stands here.
    fn wrong_here(&self, sentence: &str) -> Box<Invalid> {
        self.wrong(&[sentence, &quoted(self.scanner.part())])
    }

    fn wrong_case(&self, operator: &str) -> Box<Invalid> {
        self.wrong(&["operators are lower case: `", operator, "`"])
    }

    /// An expression is complete, and what follows does not continue it.
    fn wrong_junction(&self, sentence: &str) -> Box<Invalid> {
        let lower = self.scanner.part().to_ascii_lowercase();
        match &*lower {
            "and" | "or" => self.wrong_case(&lower),
            _ => self.wrong_here(sentence),
        }
    }

    fn wrong_text(&self, error: TextError) -> Box<Invalid> {
        match error {
            TextError::Unclosed(span) => self.wrong_at(span, &["expected a closing `\"`"]),
            TextError::Escape(span) => {
                self.wrong_at(span, &["a backslash escapes only `\"` and `\\`: write `\\\\` for one"])
            }
            TextError::Nul(span) => self.wrong_at(span, &["a value must not hold NUL"]),
        }
    }
}

const UNCLOSED: &str = "expected a closing `)`";

/// Names joined with dots, each of ASCII letters, digits, `_` and `-`, none starting with a digit or `-`.
fn is_path(word: &str) -> bool {
    let mut first = true;
    for byte in word.bytes() {
        let letter = byte.is_ascii_alphabetic() || byte == b'_';
        if !letter && (first || !(byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))) {
            return false;
        }
        first = byte == b'.';
    }
    !first
}

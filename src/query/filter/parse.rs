//! Reads a filter text into its tree, and says what is wrong with it where it is.

use std::ops::Range;

use super::expression::{Filter, MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_LEN, invalid};
use super::expression::{TOO_DEEP, TOO_LONG, TOO_MANY};
use super::field::{Field, Operator, is_other_operator, similar_field};
use super::refusal::{quoted, refuse, utf16_len};
use super::scan::{Scanner, TextError, Token};
use super::tree::Test;
use crate::Invalid;

/// Boxed, so that the happy path hands on no more than a filter.
type Read<T> = Result<T, Box<Invalid>>;

/// Reads the whole of `text`: what the list operation takes, with `and`, `or`, `not` and parentheses.
pub(crate) fn expression(text: &str) -> Read<Filter> {
    if text.len() > MAX_TEXT_LEN {
        return Err(Box::new(invalid(TOO_LONG).at(0, utf16_len(text))));
    }
    let mut parser = Parser { scanner: Scanner::new(text), compound: false };
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
    Ok(filter)
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    compound: bool,
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

    /// `( disjunction )`, `field eq value`, `field in ( value , … )`
    fn primary(&mut self, depth: u8) -> Read<Filter> {
        if self.scanner.token == Token::Open {
            return self.group(depth);
        }
        let field = self.field()?;
        let operator = self.operator(field)?;
        let values = match operator {
            Operator::Eq => vec![self.value(field)?],
            Operator::In => self.list(field)?,
        };
        self.checked(Filter::test(Test { field, operator, values }))
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

    fn field(&mut self) -> Read<Field> {
        let word = self.scanner.part();
        if let Some(field) = Field::named(word) {
            self.scanner.advance();
            return Ok(field);
        }
        let lower = word.to_ascii_lowercase();
        if is_other_operator(&lower) {
            return Err(self.wrong(&["the API takes eq and in, not `", &lower, "`"]));
        }
        if lower == "not" {
            return Err(self.wrong_case(&lower));
        }
        let similar = similar_field(word);
        let reserved = matches!(&*lower, "and" | "or") || Operator::named(&lower).is_some();
        if reserved || self.scanner.token != Token::Word || !is_path(word) && similar.is_none() {
            return Err(self.wrong_here("expected a field, got "));
        }
        let (before, field, after) = match similar {
            Some(field) => (": did you mean `", field.as_str(), "`?"),
            None => (": it takes id, name, type and cluster", "", ""),
        };
        Err(self.wrong(&["the API does not filter by ", &quoted(word), before, field, after]))
    }

    fn operator(&mut self, field: Field) -> Read<Operator> {
        let word = self.scanner.part();
        let lower = word.to_ascii_lowercase();
        let operator = Operator::named(&lower);
        if operator.is_some() && lower != word {
            return Err(self.wrong_case(&lower));
        }
        match operator.filter(|operator| *operator == Operator::Eq || field.takes_in()) {
            Some(operator) => {
                self.scanner.advance();
                Ok(operator)
            }
            None if operator.is_some() || is_other_operator(&lower) => {
                let takes = if field.takes_in() { "` takes eq and in, not `" } else { "` takes eq only, not `" };
                Err(self.wrong(&["`", field.as_str(), takes, &lower, "`"]))
            }
            None => {
                Err(self.wrong_here(if field.takes_in() { "expected eq or in, got " } else { "expected eq, got " }))
            }
        }
    }

    /// `( value , … )`, which may be empty.
    fn list(&mut self, field: Field) -> Read<Vec<String>> {
        let mut values = Vec::new();
        let open = self.scanner.span();
        if self.scanner.token != Token::Open {
            return Err(self.wrong_here("expected `(` after `in`, got "));
        }
        self.scanner.advance();
        while self.scanner.token != Token::Close || !values.is_empty() {
            values.push(self.value(field)?);
            match self.scanner.token {
                Token::Comma => self.scanner.advance(),
                Token::Close => break,
                Token::End => return Err(self.wrong_at(open, &[UNCLOSED])),
                _ => return Err(self.wrong_here("expected `,` or `)`, got ")),
            }
        }
        self.scanner.advance();
        Ok(values)
    }

    fn value(&mut self, field: Field) -> Read<String> {
        match self.scanner.token {
            Token::Quote => {
                let text = self.scanner.quoted_text();
                text.map_err(|error| self.wrong_text(error))
            }
            Token::Word => Err(self.wrong_bare(field)),
            Token::Other => Err(self.wrong_here("text must stand in double quotes, got ")),
            _ => Err(self.wrong_here("expected a value, got ")),
        }
    }

    /// A value without quotes: a boolean, or what starts as a number or date does, is one in the grammar of other fields.
    fn wrong_bare(&self, field: Field) -> Box<Invalid> {
        let word = self.scanner.part();
        let in_quotes = quoted(&["\"", word, "\""].concat());
        let digit = word.strip_prefix('-').unwrap_or(word).bytes().next().is_some_and(|first| first.is_ascii_digit());
        if digit || matches!(word, "true" | "false") {
            return self.wrong(&[&quoted(field.as_str()), " compares with text: write ", &in_quotes]);
        }
        self.wrong(&["text must stand in double quotes: ", &in_quotes])
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

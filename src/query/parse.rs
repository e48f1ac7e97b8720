//! Reads a filter text into its tree, and says what is wrong with it where it is.

use std::ops::Range;

use super::field::{Field, Operator, similar_field};
use super::filter::{Filter, MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_LEN, Subject, Test, Value, too_long};
use super::refusal::{quoted, refuse};
use super::scan::{Scanner, TextError, Token};
use crate::model::Invalid;

/// An expression in the grammar, with the first thing in it that is good grammar but no use.
pub(super) struct Parsed {
    pub(super) filter: Filter,
    /// The list operation does not take it.
    pub(super) unsupported: Option<Invalid>,
    /// Rows cannot be judged by it.
    pub(super) unreadable: Option<Invalid>,
}

/// Reads the whole of `text`: the documented grammar, whatever the fields.
pub(super) fn expression(text: &str) -> Result<Parsed, Invalid> {
    if text.len() > MAX_TEXT_LEN {
        return Err(too_long());
    }
    let scanner = Scanner::new(text);
    let mut parser = Parser { scanner, compound: false, unsupported: None, unreadable: None };
    let filter = parser.disjunction(0)?;
    match parser.scanner.token() {
        Token::End => {}
        Token::Close => return Err(parser.wrong("this `)` closes nothing")),
        _ => return Err(parser.wrong_junction("`and` or `or`")),
    }
    let filter = filter.marked_compound(parser.compound);
    Ok(Parsed { filter, unsupported: parser.unsupported, unreadable: parser.unreadable })
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    compound: bool,
    unsupported: Option<Invalid>,
    unreadable: Option<Invalid>,
}

impl Parser<'_> {
    /// `conjunction or conjunction …`; `depth` parentheses are open around it.
    fn disjunction(&mut self, depth: u8) -> Result<Filter, Invalid> {
        self.joined("or", depth, Self::conjunction)
    }

    /// `negation and negation …`
    fn conjunction(&mut self, depth: u8) -> Result<Filter, Invalid> {
        self.joined("and", depth, Self::negation)
    }

    fn joined(
        &mut self,
        word: &str,
        depth: u8,
        operand: fn(&mut Self, u8) -> Result<Filter, Invalid>,
    ) -> Result<Filter, Invalid> {
        let first = operand(self, depth)?;
        let mut others = Vec::new();
        while self.scanner.eat_word(word) {
            if others.len() + 1 == MAX_OPERANDS {
                return Err(self.wrong("one `and` or `or` must have at most 1024 operands; `in` takes many values"));
            }
            others.push(operand(self, depth)?);
        }
        self.compound |= !others.is_empty();
        self.checked(Filter::join(word == "and", first, others))
    }

    /// `not … primary`
    fn negation(&mut self, depth: u8) -> Result<Filter, Invalid> {
        let mut negated = false;
        while self.scanner.eat_word("not") {
            self.compound = true;
            negated = !negated;
        }
        let filter = self.primary(depth)?;
        if negated { self.checked(filter.not()) } else { Ok(filter) }
    }

    /// `( disjunction )`, `pr field`, `field isnull`, `field operator value`
    fn primary(&mut self, depth: u8) -> Result<Filter, Invalid> {
        let start = self.scanner.span();
        if self.scanner.token() == Token::Open {
            return self.group(depth);
        }
        if self.scanner.eat_word("pr") {
            let subject = self.subject()?;
            self.check_operator(&subject, Operator::Pr, start);
            return self.checked(Filter::test(Test { subject, operator: Operator::Pr, values: Vec::new() }));
        }
        let subject = self.subject()?;
        let operator = self.operator(&subject)?;
        let values = match operator {
            _ if operator.takes_list() => self.list(&subject, operator)?,
            _ if operator.takes_value() => vec![self.value(&subject)?],
            _ => Vec::new(),
        };
        self.checked(Filter::test(Test { subject, operator, values }))
    }

    fn group(&mut self, depth: u8) -> Result<Filter, Invalid> {
        let open = self.scanner.span();
        if depth == MAX_DEPTH {
            return Err(self.wrong("parentheses must nest at most 64 deep"));
        }
        self.scanner.advance();
        let filter = self.disjunction(depth + 1)?;
        match self.scanner.token() {
            Token::Close => self.scanner.advance(),
            Token::End => return Err(self.wrong_at(open, "expected a closing `)`")),
            _ => return Err(self.wrong_junction("`and`, `or` or `)`")),
        }
        Ok(filter)
    }

    fn subject(&mut self) -> Result<Subject, Invalid> {
        let word = self.scanner.part();
        let lower = word.to_ascii_lowercase();
        if matches!(&*lower, "not" | "pr") && lower != word {
            return Err(self.wrong_case(&lower));
        }
        if self.scanner.token() != Token::Word || !is_path(word) || is_reserved(&lower) {
            return Err(self.wrong_here("expected a field, got "));
        }
        let (text, span) = (self.scanner.text(), self.scanner.span());
        self.scanner.advance();
        if let Some(field) = Field::named(word) {
            return Ok(Subject::Known(field));
        }
        let wrong = || refuse("filters", text, span.clone(), &unknown_field(word));
        self.unsupported.get_or_insert_with(wrong);
        self.unreadable.get_or_insert_with(wrong);
        Ok(Subject::Other(word.into()))
    }

    fn operator(&mut self, subject: &Subject) -> Result<Operator, Invalid> {
        let word = self.scanner.part();
        let lower = word.to_ascii_lowercase();
        match (Operator::named(word), Operator::named(&lower)) {
            (Some(Operator::Pr), _) => {
                Err(self.wrong(&["`pr` stands before its field: `pr ", subject.as_str(), "`"].concat()))
            }
            (Some(operator), _) => {
                self.check_operator(subject, operator, self.scanner.span());
                self.scanner.advance();
                Ok(operator)
            }
            (None, Some(_)) => Err(self.wrong_case(&lower)),
            (None, None) => Err(self.wrong_here(&expected_operator(subject))),
        }
    }

    /// `( value , … )`, which may be empty.
    fn list(&mut self, subject: &Subject, operator: Operator) -> Result<Vec<Value>, Invalid> {
        let open = self.scanner.span();
        if self.scanner.token() != Token::Open {
            return Err(self.wrong_here(&["expected `(` after `", operator.as_str(), "`, got "].concat()));
        }
        self.scanner.advance();
        let mut values = Vec::new();
        while self.scanner.token() != Token::Close || !values.is_empty() {
            values.push(self.value(subject)?);
            match self.scanner.token() {
                Token::Comma => self.scanner.advance(),
                Token::Close => break,
                Token::End => return Err(self.wrong_at(open, "expected a closing `)`")),
                _ => return Err(self.wrong_here("expected `,` or `)`, got ")),
            }
        }
        self.scanner.advance();
        Ok(values)
    }

    fn value(&mut self, subject: &Subject) -> Result<Value, Invalid> {
        match self.scanner.token() {
            Token::Quote => self.quoted_text(),
            Token::Word => self.bare_value(subject),
            Token::Other => Err(self.wrong_here("text must stand in double quotes, got ")),
            _ => Err(self.wrong_here("expected a value, got ")),
        }
    }

    fn quoted_text(&mut self) -> Result<Value, Invalid> {
        let text = self.scanner.quoted_text().map_err(|error| match error {
            TextError::Unclosed(span) => self.wrong_at(span, "expected a closing `\"`"),
            TextError::Escape(span) => {
                self.wrong_at(span, "a backslash escapes only `\"` and `\\`: write `\\\\` for one")
            }
            TextError::Nul(span) => self.wrong_at(span, "a value must not hold NUL"),
        })?;
        Ok(Value::Text(text.into()))
    }

    fn bare_value(&mut self, subject: &Subject) -> Result<Value, Invalid> {
        let (word, text, span) = (self.scanner.part(), self.scanner.text(), self.scanner.span());
        let in_quotes = || quoted(&["\"", word, "\""].concat());
        if !is_bare(word) {
            return Err(self.wrong(&["text must stand in double quotes: ", &in_quotes()].concat()));
        }
        self.scanner.advance();
        let wrong = || {
            let sentence = ["`", subject.as_str(), "` compares with text: write ", &in_quotes()].concat();
            refuse("filters", text, span.clone(), &sentence)
        };
        self.unsupported.get_or_insert_with(wrong);
        self.unreadable.get_or_insert_with(wrong);
        Ok(Value::Bare(word.into()))
    }

    /// Keeps what the list operation does not take, and what asks for a collection, which no field is.
    fn check_operator(&mut self, subject: &Subject, operator: Operator, span: Range<usize>) {
        let Subject::Known(field) = subject else { return };
        let text = self.scanner.text();
        let supported = operator == Operator::Eq || operator == Operator::In && field.takes_in();
        let wrong = || {
            let sentence = ["`", field.as_str(), "` takes ", operators_of(*field), ", not `", operator.as_str(), "`"];
            refuse("filters", text, span.clone(), &sentence.concat())
        };
        if !supported {
            self.unsupported.get_or_insert_with(wrong);
        }
        if operator == Operator::Ca {
            self.unreadable.get_or_insert_with(wrong);
        }
    }

    /// A limit that only the tree shows is the whole text's fault.
    fn checked(&self, filter: Result<Filter, Invalid>) -> Result<Filter, Invalid> {
        filter.map_err(|error| error.at(0, self.scanner.text().encode_utf16().count()))
    }

    fn wrong(&self, sentence: &str) -> Invalid {
        self.wrong_at(self.scanner.span(), sentence)
    }

    fn wrong_at(&self, span: Range<usize>, sentence: &str) -> Invalid {
        if self.scanner.text().trim().is_empty() {
            return refuse("filters", self.scanner.text(), span, "expected an expression such as `name eq \"x\"`");
        }
        refuse("filters", self.scanner.text(), span, sentence)
    }

    /// The sentence is completed with what stands here.
    fn wrong_here(&self, sentence: &str) -> Invalid {
        self.wrong(&[sentence, &quoted(self.scanner.part())].concat())
    }

    fn wrong_case(&self, operator: &str) -> Invalid {
        self.wrong(&["operators are lower case: `", operator, "`"].concat())
    }

    /// An expression is complete, and what follows does not continue it.
    fn wrong_junction(&self, expected: &str) -> Invalid {
        let lower = self.scanner.part().to_ascii_lowercase();
        match &*lower {
            "and" | "or" => self.wrong_case(&lower),
            _ => self.wrong_here(&["expected ", expected, ", got "].concat()),
        }
    }
}

fn unknown_field(name: &str) -> String {
    let wrong = ["the API does not filter by ", &quoted(name)].concat();
    match similar_field(name) {
        Some(field) => [&wrong, ": did you mean `", field.as_str(), "`?"].concat(),
        None => [&wrong, ": it takes id, name, type and cluster"].concat(),
    }
}

fn expected_operator(subject: &Subject) -> String {
    match subject {
        Subject::Known(field) => ["expected ", operators_of(*field), " after `", field.as_str(), "`, got "].concat(),
        Subject::Other(path) => ["expected an operator after ", &quoted(path), ", got "].concat(),
    }
}

fn operators_of(field: Field) -> &'static str {
    if field.takes_in() { "eq and in" } else { "eq only" }
}

fn is_reserved(word: &str) -> bool {
    matches!(word, "and" | "or" | "not") || Operator::named(word).is_some()
}

/// Names joined with dots, each of ASCII letters, digits, `_` and `-`, none starting with a digit or `-`.
fn is_path(word: &str) -> bool {
    word.split('.').all(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    })
}

/// A boolean, or what starts as a number or date does.
fn is_bare(word: &str) -> bool {
    matches!(word, "true" | "false") || word.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit())
}

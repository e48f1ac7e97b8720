//! A filter text: what is read prints as a text that reads the same, and decides as logic has it.

use isc_service_desk::Invalid;
use isc_service_desk::query::{Filter, MAX_DEPTH, Row};

use crate::support::is_one_line;

/// A refusal shows an excerpt, so its length does not follow the text's.
const MAX_MESSAGE_CHARS: usize = 400;

/// Values that the kept texts compare with, in other letters too, and fields without a value.
const ROWS: [Row<'static>; 4] = [
    Row { id: Some("1"), name: "Acme \"IT\"", kind: "ServiceNow SDIM", cluster: Some("c") },
    Row { id: Some("2c"), name: "\\", kind: "generic sdim", cluster: None },
    Row { id: None, name: "", kind: "", cluster: Some("É") },
    Row { id: Some("a"), name: "b", kind: "x", cluster: Some("") },
];

/// What must hold for every text.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let parsed = Filter::parse(&text);
    match &parsed {
        Ok(filter) => {
            prints_what_it_reads(filter);
            decides_by_logic(filter);
        }
        Err(error) => is_shown_in_place(error, &text),
    }
    raw_is_sent_as_it_is(&text, parsed.ok());
}

fn prints_what_it_reads(filter: &Filter) {
    let printed = filter.to_string();
    assert_eq!(Filter::parse(&printed).as_ref(), Ok(filter), "printed text reads as another filter");
    // The innermost parentheses may be those of a list, which is no level.
    assert!(nesting(&printed) <= usize::from(MAX_DEPTH) + 1, "nested too deep: {printed}");
}

/// How many parentheses are open at most, outside of quotes.
fn nesting(printed: &str) -> usize {
    let (mut open, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in printed.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'(' if !quoted => open += 1,
            b')' if !quoted => open -= 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// A filter that was parsed always answers, and `not`, `and` and `or` mean what they say.
fn decides_by_logic(filter: &Filter) {
    let negated = filter.not();
    for row in &ROWS {
        let decides = |filter: &Filter| filter.matches(row).ok();
        let answer = decides(filter);
        assert!(answer.is_some(), "a parsed filter must answer: {filter}");
        assert!(filter.constant().is_none_or(|constant| answer == Some(constant)), "not constant: {filter}");
        let Ok(negated) = &negated else { continue };
        assert_eq!(decides(negated), answer.map(|answer| !answer), "its negation agrees with it: {filter}");
        // Joining can pass a limit; then there is nothing to ask.
        let [both, either] = [filter.and(negated), filter.or(negated)];
        assert!(both.is_ok_and(|both| decides(&both) == Some(false)) || is_large(filter), "a and not a: {filter}");
        assert!(either.is_ok_and(|either| decides(&either) == Some(true)) || is_large(filter), "a or not a: {filter}");
    }
    assert!(negated.is_err() || negated.and_then(|negated| negated.not()).as_ref() == Ok(filter), "not not: {filter}");
}

/// Near a limit: as deep as a filter may be, or with many operands.
fn is_large(filter: &Filter) -> bool {
    let printed = filter.to_string();
    nesting(&printed) >= usize::from(MAX_DEPTH) || printed.len() > 10_000
}

/// The refusal names a part of the text, in a few short lines that hold no control character of it.
fn is_shown_in_place(error: &Invalid, text: &str) {
    assert_eq!(error.field, "filters");
    let units = text.encode_utf16().count();
    assert!(
        error.position.is_some_and(|position| position.start <= position.end && position.end <= units),
        "{:?} is outside of the text",
        error.position
    );
    assert!(error.message.chars().count() <= MAX_MESSAGE_CHARS, "too long: {}", error.message);
    assert!(error.message.lines().count() <= 3 && error.message.split('\n').all(is_one_line), "{:?}", error.message);
}

/// Raw text goes out untouched, and where it can be read it decides as the parsed one.
fn raw_is_sent_as_it_is(text: &str, parsed: Option<Filter>) {
    let Ok(raw) = Filter::raw(text) else {
        assert!(text.trim_ascii().is_empty(), "refused as raw: {text}");
        return;
    };
    assert_eq!(raw.to_string(), text);
    let answers = ROWS.map(|row| raw.matches(&row));
    assert!(answers.iter().all(Result::is_ok) || answers.iter().all(Result::is_err), "the row decides whether: {text}");
    if let Some(parsed) = parsed {
        assert_eq!(answers, ROWS.map(|row| parsed.matches(&row)), "raw decides otherwise: {text}");
    }
}

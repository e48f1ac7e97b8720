//! Holds the whole grammar against itself: what is printed is read back as the same tree, with the fewest parentheses.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::expression::Filter;
use super::field::{Field, Operator};
use super::parse;
use super::tree::Test;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..Config::default() }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>().prop_map(|text| text.replace('\0', "")), "[ \"\\\\()a,]{0,8}"]
}

fn leaf() -> impl Strategy<Value = Filter> {
    let field = prop::sample::select(Field::ALL.to_vec());
    (field, value(), prop::option::of(prop::collection::vec(value(), 0..4))).prop_map(|(field, value, list)| {
        let list = list.filter(|_| field.takes_in());
        let operator = if list.is_some() { Operator::In } else { Operator::Eq };
        Filter::test(Test { field, operator, values: list.unwrap_or_else(|| vec![value]) }).unwrap()
    })
}

fn tree() -> impl Strategy<Value = Filter> {
    leaf().prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            inner.clone().prop_map(|operand| operand.not().unwrap()),
            (any::<bool>(), inner.clone(), prop::collection::vec(inner, 1..5)).prop_map(
                |(conjunction, first, others)| Filter::join(conjunction, [vec![first], others].concat()).unwrap()
            ),
        ]
    })
}

/// The text without one pair of parentheses, for each pair that is not inside quotes.
fn without_a_pair(text: &str) -> Vec<String> {
    let (mut open, mut pairs, mut quoted, mut escaped) = (Vec::new(), Vec::new(), false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'(' if !quoted => open.push(at),
            b')' if !quoted => pairs.push((open.pop().unwrap(), at)),
            _ => {}
        }
    }
    pairs.iter().map(|(open, close)| [&text[..*open], &text[open + 1..*close], &text[close + 1..]].concat()).collect()
}

proptest! {
    #![proptest_config(config(2048))]

    #[test]
    fn printed_tree_is_read_back(tree in tree()) {
        let text = tree.to_string();
        let parsed = parse::expression(&text).unwrap();
        prop_assert_eq!(&parsed, &tree);
        prop_assert_eq!(parsed.is_compound(), tree.is_compound());
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn no_pair_of_parentheses_is_spare(tree in tree()) {
        for shorter in without_a_pair(&tree.to_string()) {
            prop_assert!(parse::expression(&shorter).ok().is_none_or(|parsed| parsed != tree), "{}", shorter);
        }
    }

    #[test]
    fn text_is_measured_before_it_is_written(tree in tree()) {
        prop_assert_eq!(tree.text_len(), tree.to_string().len());
    }

    #[test]
    fn redundant_parentheses_and_spaces_do_not_matter(tree in tree(), spaces in "[ \t\r\n]{1,3}") {
        let text = format!("{spaces}(({spaces}{tree}{spaces}){spaces}){spaces}");
        prop_assert_eq!(parse::expression(&text).unwrap(), tree);
    }

    #[test]
    fn double_negation_is_the_same_tree(tree in tree()) {
        prop_assert_eq!(&parse::expression(&format!("not not ({tree})")).unwrap(), &tree);
        prop_assert_eq!(tree.not().unwrap().not().unwrap(), tree);
    }
}

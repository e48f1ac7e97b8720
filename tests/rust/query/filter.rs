//! Filters as their users meet them: whatever is typed is read or refused in three lines, and a filter decides as an
//! evaluator does that knows nothing of its parser.

use isc_service_desk::Invalid;
use isc_service_desk::query::{Field, Filter, MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_LEN, Row};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..Config::default() }
}

/// An expression of which the evaluator below needs no parser.
#[derive(Debug, Clone)]
enum Tree {
    Test { field: Field, operator: &'static str, values: Vec<String> },
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Tree {
    /// Every operand stands in parentheses.
    fn text(&self) -> String {
        let wrapped = |trees: &[Self], word: &str| {
            trees.iter().map(|tree| format!("({})", tree.text())).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Not(tree) => format!("not ({})", tree.text()),
            Self::And(trees) => wrapped(trees, " and "),
            Self::Or(trees) => wrapped(trees, " or "),
            Self::Test { field, operator, values } => {
                let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
                let list = quoted.join(", ");
                let value = if *operator == "in" { format!("({list})") } else { list };
                format!("{} {operator} {value}", field.as_str())
            }
        }
    }

    fn build(&self) -> Filter {
        let joined = |trees: &[Self], join: fn(&Filter, &Filter) -> Result<Filter, Invalid>| {
            let mut filters = trees.iter().map(Self::build);
            let first = filters.next().unwrap();
            filters.fold(first, |left, right| join(&left, &right).unwrap())
        };
        match self {
            Self::Test { field, operator: "eq", values } => Filter::eq(*field, &values[0]).unwrap(),
            Self::Test { field, values, .. } => Filter::is_in(*field, values).unwrap(),
            Self::Not(tree) => tree.build().not().unwrap(),
            Self::And(trees) => joined(trees, Filter::and),
            Self::Or(trees) => joined(trees, Filter::or),
        }
    }

    fn decide(&self, row: &Row<'_>) -> bool {
        match self {
            Self::Not(tree) => !tree.decide(row),
            Self::And(trees) => trees.iter().all(|tree| tree.decide(row)),
            Self::Or(trees) => trees.iter().any(|tree| tree.decide(row)),
            Self::Test { field, values, .. } => {
                let held = match field {
                    Field::Id => row.id,
                    Field::Name => Some(row.name),
                    Field::Type => Some(row.kind),
                    Field::Cluster => row.cluster,
                };
                held.is_some_and(|held| values.iter().any(|value| lower(held) == lower(value)))
            }
        }
    }
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Few enough that rows and filters often meet, hard enough that case and escapes count.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "A", "ab", "aB", "b\"", "B\"", "\\", "É", "é", "K", "\u{212A}", "ß", "😀"])
        .prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = (Option<String>, String, String, Option<String>)> {
    (prop::option::of(word()), word(), word(), prop::option::of(word()))
}

fn supported_test() -> impl Strategy<Value = Tree> {
    let field = prop::sample::select(Field::ALL.to_vec());
    (field, any::<bool>(), prop::collection::vec(word(), 0..4), word()).prop_map(|(field, list, values, value)| {
        if list && field.takes_in() {
            Tree::Test { field, operator: "in", values }
        } else {
            Tree::Test { field, operator: "eq", values: vec![value] }
        }
    })
}

fn tree(leaf: impl Strategy<Value = Tree> + 'static) -> impl Strategy<Value = Tree> {
    leaf.prop_recursive(5, 30, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 2..5).prop_map(Tree::And),
            prop::collection::vec(inner, 2..5).prop_map(Tree::Or),
        ]
    })
}

/// Pieces that make texts which are nearly filters.
fn nearly_a_filter() -> impl Strategy<Value = String> {
    let pieces = vec![
        "id", "name", "type", "nmae", "eq", "EQ", "in", "and", "or", "not", "pr", "isnull", "ca", "(", ")", ",", "\"",
        "\"a\"", "\"\\", "\\\"", "\0", "\n", "😀", "é", "7", "-1", "true", "=", "'", " ", " ", " ", ".", "“",
        "\u{2028}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

#[track_caller]
fn assert_three_lines(text: &str, error: &Invalid) {
    assert_eq!(error.field, "filters");
    let position = error.position.unwrap_or_else(|| panic!("no position for {text:?}: {error}"));
    let len = text.encode_utf16().count();
    assert!(position.start <= position.end && position.end <= len, "{position:?} in {text:?}");
    let lines: Vec<&str> = error.message.split('\n').collect();
    assert_eq!(lines.len(), 3, "{}", error.message);
    assert!(lines[0].starts_with("filters: ") && lines[0].chars().count() < 160, "{}", lines[0]);
    assert!(lines[2].trim_start().chars().all(|caret| caret == '^') && lines[2].contains('^'), "{}", lines[2]);
    assert!(lines[2].chars().count() <= lines[1].chars().count() + 1, "{}", error.message);
    assert!(lines[1].chars().count() <= 80, "{}", lines[1]);
}

proptest! {
    #![proptest_config(config(2048))]

    #[test]
    fn built_and_parsed_filters_decide_as_the_evaluator_does(tree in tree(supported_test()), rows in prop::collection::vec(row(), 6)) {
        let parsed = Filter::parse(&tree.text()).unwrap();
        let built = tree.build();
        prop_assert_eq!(&parsed, &built);
        prop_assert_eq!(Filter::parse(&built.to_string()).unwrap(), built);
        for (id, name, kind, cluster) in &rows {
            let row = Row { id: id.as_deref(), name, kind, cluster: cluster.as_deref() };
            let expected = tree.decide(&row);
            prop_assert_eq!(parsed.matches(&row), Ok(expected));
            prop_assert!(parsed.constant().is_none_or(|constant| constant == expected));
        }
    }

    #[test]
    fn raw_text_that_can_be_read_decides_as_the_evaluator_does(tree in tree(supported_test()), rows in prop::collection::vec(row(), 6)) {
        let raw = Filter::raw(&tree.text()).unwrap();
        prop_assert_eq!(raw.to_string(), tree.text());
        for (id, name, kind, cluster) in &rows {
            let row = Row { id: id.as_deref(), name, kind, cluster: cluster.as_deref() };
            prop_assert_eq!(raw.matches(&row), Ok(tree.decide(&row)));
            prop_assert_eq!(raw.not().unwrap().matches(&row), Ok(!tree.decide(&row)));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_in_three_lines(text in prop_oneof![nearly_a_filter(), any::<String>()]) {
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) => assert_three_lines(&text, &error),
        }
        if let Ok(raw) = Filter::raw(&text) {
            prop_assert_eq!(raw.to_string(), text);
        }
    }

    #[test]
    fn any_value_is_one_value(value in any::<String>()) {
        let value = value.replace('\0', "");
        for filter in [Filter::eq(Field::Name, &value).unwrap(), Filter::is_in(Field::Id, &["x", &value]).unwrap()] {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
            let row = Row { id: Some(&value), name: &value, kind: "", cluster: None };
            prop_assert_eq!(filter.matches(&row), Ok(true));
        }
    }
}

#[track_caller]
fn same(left: &str, right: &str) {
    assert_eq!(Filter::parse(left).unwrap(), Filter::parse(right).unwrap());
}

#[track_caller]
fn differ(left: &str, right: &str) {
    assert_ne!(Filter::parse(left).unwrap(), Filter::parse(right).unwrap());
}

#[test]
fn documented_equivalences_hold() {
    same(
        r#"not id eq "1" or name eq "2" and type eq "3""#,
        r#"(not (id eq "1")) or ((name eq "2") and (type eq "3"))"#,
    );
    same(
        r#"not (id eq "1" or name eq "2") and type eq "3""#,
        r#"(not ((id eq "1") or (name eq "2"))) and (type eq "3")"#,
    );
    differ(r#"not id eq "1" or name eq "2" and type eq "3""#, r#"not (id eq "1" or name eq "2") and type eq "3""#);
    differ(r#"id eq "1" or name eq "2" and type eq "3""#, r#"(id eq "1" or name eq "2") and type eq "3""#);
}

#[test]
fn fewest_parentheses_are_printed() {
    for (text, printed) in [
        (r#"((id eq "1"))"#, r#"id eq "1""#),
        (r#"(id eq "1" and id eq "2") and id eq "3""#, r#"id eq "1" and id eq "2" and id eq "3""#),
        (r#"(id eq "1" and id eq "2") or id eq "3""#, r#"id eq "1" and id eq "2" or id eq "3""#),
        (r#"(id eq "1" or id eq "2") and id eq "3""#, r#"(id eq "1" or id eq "2") and id eq "3""#),
        (r#"not (not (id eq "1"))"#, r#"id eq "1""#),
        (r#"not(not(not(id in("1" ,"2"))))"#, r#"not id in ("1","2")"#),
        ("name\teq\n\"a \\\" \\\\ b\"", r#"name eq "a \" \\ b""#),
    ] {
        assert_eq!(Filter::parse(text).unwrap().to_string(), printed);
    }
}

#[test]
fn empty_in_is_false_and_folds_away() {
    let never = Filter::is_in::<&str>(Field::Type, &[]).unwrap();
    let always = never.not().unwrap();
    let name = Filter::eq(Field::Name, "n").unwrap();
    assert_eq!((never.constant(), always.constant(), name.constant()), (Some(false), Some(true), None));
    assert_eq!((never.to_string().as_str(), always.to_string().as_str()), ("type in ()", "not type in ()"));
    assert_eq!(Filter::parse("type in ( )").unwrap(), never);
    assert_eq!(Filter::parse("not (not not type in ())").unwrap(), always);
    assert_eq!(name.and(&never).unwrap().constant(), Some(false));
    assert_eq!(never.or(&name).unwrap(), name);
    assert_eq!(name.or(&always).unwrap().constant(), Some(true));
    assert_eq!(always.and(&name).unwrap(), name);
    assert_eq!(always.and(&always).unwrap().constant(), Some(true));
    assert_eq!(never.or(&never).unwrap().constant(), Some(false));
    assert_eq!(Filter::raw("type in ()").unwrap().constant(), None);
}

#[test]
fn compound_is_what_the_text_used() {
    for (text, compound) in [
        (r#"id eq "a""#, false),
        (r#"((id in ("a","b")))"#, false),
        ("id in ()", false),
        (r#"name eq "a and not b or c""#, false),
        (r#"not id eq "a""#, true),
        (r#"not not id eq "a""#, true),
        (r#"id eq "a" and id in ()"#, true),
        (r#"id in () or id eq "a""#, true),
    ] {
        assert_eq!(Filter::parse(text).unwrap().is_compound(), compound, "{text}");
        assert_eq!(Filter::raw(text).unwrap().is_compound(), compound, "{text}");
    }
    assert!(Filter::raw("?").unwrap().is_compound());
}

#[test]
fn raw_text_stands_in_parentheses_where_it_is_joined() {
    let raw = Filter::raw(" a xx b ").unwrap();
    let name = Filter::eq(Field::Name, "n").unwrap();
    assert_eq!(raw.to_string(), " a xx b ");
    assert_eq!(raw.and(&name).unwrap().to_string(), r#"( a xx b ) and name eq "n""#);
    assert_eq!(name.or(&raw).unwrap().to_string(), r#"name eq "n" or ( a xx b )"#);
    assert_eq!(raw.not().unwrap().to_string(), "not ( a xx b )");
    assert_eq!(raw.not().unwrap().not().unwrap(), raw);
}

#[test]
fn unbalanced_raw_text_is_not_joined() {
    let name = Filter::eq(Field::Name, "n").unwrap();
    for text in ["a) or (b", "(a", "a)", "\"a", "\"a\\\""] {
        let raw = Filter::raw(text).unwrap();
        let message = "filters: a raw filter must have its quotes and parentheses balanced to be joined";
        assert_eq!(raw.and(&name).unwrap_err().message, message);
        assert_eq!(name.or(&raw).unwrap_err().message, message);
        assert_eq!(raw.not().unwrap_err().message, message);
    }
    for text in ["(a)", "\")(\"", "\"\\\")\"", "(\"a\")()"] {
        assert!(Filter::raw(text).unwrap().not().is_ok(), "{text}");
    }
}

#[test]
fn unreadable_raw_text_fails_for_every_row() {
    let deciding = Filter::eq(Field::Name, "n").unwrap();
    for text in
        ["owner.name eq \"x\"", "id eq 7", "type co \"x\"", "pr name", "created gt 2018", "?", "id eq \"a\" and"]
    {
        let raw = Filter::raw(text).unwrap();
        for name in ["n", "m"] {
            let row = Row { id: None, name, kind: "", cluster: None };
            assert!(raw.matches(&row).is_err(), "{text}");
            assert!(deciding.and(&raw).unwrap().matches(&row).is_err(), "{text}");
            assert!(deciding.or(&raw).unwrap().matches(&row).is_err(), "{text}");
        }
    }
}

#[test]
fn missing_value_equals_nothing() {
    let row = Row { id: None, name: "", kind: "", cluster: None };
    for (text, matched) in [
        ("cluster eq \"\"", false),
        ("not cluster eq \"\"", true),
        ("cluster in (\"\",\"null\")", false),
        ("name eq \"\"", true),
    ] {
        assert_eq!(Filter::raw(text).unwrap().matches(&row), Ok(matched), "{text}");
    }
}

#[test]
fn name_in_is_refused_and_so_is_nul() {
    assert_eq!(Filter::is_in(Field::Name, &["a"]).unwrap_err().message, "filters: `name` takes eq only, not `in`");
    assert_eq!(Filter::eq(Field::Name, "a\0").unwrap_err().message, "filters: a value must not hold NUL");
    assert!(Filter::is_in(Field::Id, &["a", "\0"]).is_err());
    assert_eq!(Filter::raw(" \t").unwrap_err().message, "filters: a raw filter must not be blank");
}

#[test]
fn parentheses_nest_to_the_limit_and_no_further() {
    let nested = |depth: usize| format!("{}id eq \"a\"{}", "(".repeat(depth), ")".repeat(depth));
    let limit = usize::from(MAX_DEPTH);
    assert!(Filter::parse(&nested(limit)).is_ok());
    let error = Filter::parse(&nested(limit + 1)).unwrap_err();
    assert!(error.message.starts_with("filters: parentheses must nest at most 64 deep\n"), "{error}");
    assert_eq!(error.position.map(|position| (position.start, position.end)), Some((limit, limit + 1)));
}

#[test]
fn built_nesting_ends_at_the_same_limit() {
    let (a, b) = (Filter::eq(Field::Id, "a").unwrap(), Filter::eq(Field::Id, "b").unwrap());
    let mut filter = a.clone();
    let mut steps = 0;
    let error = loop {
        let next = filter.or(&a).and_then(|filter| filter.and(&b)).and_then(|filter| filter.not());
        match next {
            Ok(next) => filter = next,
            Err(error) => break error,
        }
        steps += 1;
        assert!(steps < 1_000);
    };
    assert_eq!(error.message, "filters: parentheses must nest at most 64 deep");
    assert!(steps >= usize::from(MAX_DEPTH) / 2);
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
}

#[test]
fn joining_in_a_loop_stays_flat_until_it_is_refused() {
    let one = Filter::eq(Field::Id, "a").unwrap();
    let mut filter = one.clone();
    let mut operands = 1;
    while let Ok(longer) = filter.and(&one) {
        filter = longer;
        operands += 1;
        assert!(operands < 100_000);
    }
    assert_eq!(operands, MAX_OPERANDS);
    let text = filter.to_string();
    assert_eq!(Filter::parse(&text), Ok(filter.clone()));
    let error = Filter::parse(&format!("{text} and id eq \"a\"")).unwrap_err();
    assert!(error.message.contains("at most 1024 operands"), "{error}");
    assert_eq!(error.position.map(|position| position.start), Some(text.len() + " and ".len()));
    let split_in_groups = format!("({text}) and ({text})");
    assert_eq!(Filter::parse(&split_in_groups).unwrap_err().position.unwrap().end, split_in_groups.len());
    assert!(filter.and(&one).unwrap_err().message.contains("at most 1024 operands"));
}

#[test]
fn negating_in_a_loop_stays_flat() {
    let one = Filter::eq(Field::Id, "a").unwrap();
    let filter = (0..10_001).fold(one.clone(), |filter, _| filter.not().unwrap());
    assert_eq!(filter, one.not().unwrap());
    let text = format!("{}id eq \"a\"", "not ".repeat(10_001));
    assert_eq!(Filter::parse(&text), Ok(filter));
}

#[test]
fn joining_a_filter_with_itself_stays_small() {
    let mut filter = Filter::eq(Field::Id, &"a".repeat(1_000)).unwrap();
    let mut rounds = 0;
    while let Ok(longer) = filter.not().and_then(|not| not.or(&filter)).and_then(|or| or.and(&filter)) {
        filter = longer;
        rounds += 1;
        assert!(rounds < 100);
    }
    assert!(filter.to_string().len() <= MAX_TEXT_LEN);
}

#[test]
fn the_longest_text_is_read_and_one_byte_more_is_not() {
    let text = format!("name eq \"{}\"", "a".repeat(MAX_TEXT_LEN - 10));
    assert_eq!(text.len(), MAX_TEXT_LEN);
    let filter = Filter::parse(&text).unwrap();
    assert_eq!(filter.to_string(), text);
    let longer = format!("{text} ");
    assert_eq!(
        Filter::parse(&longer).unwrap_err().message,
        "filters: the expression must be at most 65536 bytes long; a URL holds about 190 ids"
    );
    assert!(Filter::eq(Field::Name, &"a".repeat(MAX_TEXT_LEN - 9)).is_err());
    assert!(Filter::eq(Field::Name, &"\\".repeat(MAX_TEXT_LEN / 2 + 1)).is_err());
    assert!(filter.not().is_err());
}

/// Each would take minutes where any step were quadratic, and overflow the stack where any were recursive without bound.
#[test]
fn hostile_texts_are_refused_in_linear_time() {
    const LEN: usize = 60_000;
    for text in [
        "(".repeat(LEN),
        ")".repeat(LEN),
        "not ".repeat(LEN / 4),
        "not(".repeat(LEN / 4),
        "\"".repeat(LEN),
        "\\".repeat(LEN),
        "a".repeat(LEN),
        "=".repeat(LEN),
        " ".repeat(LEN),
        "\0".repeat(LEN),
        "😀".repeat(LEN / 4),
        "é".repeat(LEN / 2),
        format!("name eq \"{}", "a".repeat(LEN)),
        format!("name eq \"{}", "\\\"".repeat(LEN / 2)),
        format!("name eq {}", "9".repeat(LEN)),
        format!("id in ({}", "\"\",".repeat(LEN / 3)),
        format!("id in ({})", "7,".repeat(LEN / 2)),
        format!("id in ({}x)", "foo eq 7 or ".repeat(LEN / 12)),
        "foo eq 7 or ".repeat(LEN / 12),
        "id eq\"\"or(".repeat(LEN / 10),
        format!("{}id", "(".repeat(64)) + &"a".repeat(LEN),
    ] {
        let error = Filter::parse(&text).unwrap_err();
        assert_three_lines(&text, &error);
        assert!(Filter::raw(&text).is_ok() || text.trim().is_empty());
    }
}

#[test]
fn ids_up_to_the_longest_text_are_built_printed_and_read() {
    let ids: Vec<String> = (0..1_871).map(|id| format!("{id:032x}")).collect();
    let filter = Filter::is_in(Field::Id, &ids).unwrap();
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
    let more: Vec<String> = ids.into_iter().chain(["x".repeat(100)]).collect();
    let error = Filter::is_in(Field::Id, &more).unwrap_err();
    assert_eq!(error.message, "filters: the expression must be at most 65536 bytes long; a URL holds about 190 ids");
}

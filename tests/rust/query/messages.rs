//! What a wrong filter is told: the sentence, the excerpt with its caret, and the position in UTF-16 units.

use isc_service_desk::Position;
use isc_service_desk::query::Filter;

/// `carets` is the third line as it stands below `text`.
#[track_caller]
fn refused(text: &str, carets: &str, sentence: &str, start: usize, end: usize) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!(error.message, format!("filters: {sentence}\n  {text}\n  {carets}"));
    assert_eq!((&*error.field, error.position), ("filters", Some(Position { start, end })));
}

#[test]
fn nothing_is_not_an_expression() {
    let sentence = "expected an expression such as `name eq \"x\"`";
    refused("", "^", sentence, 0, 0);
    refused("  ", "  ^", sentence, 2, 2);
}

#[test]
fn unknown_field_is_named_with_what_it_was_meant_to_be() {
    let mean = |field| format!("the API does not filter by `nmae`: did you mean `{field}`?");
    refused(r#"nmae eq "x""#, "^^^^", &mean("name"), 0, 4);
    refused(
        r#"name eq "😀" and nmae eq "x""#, // an astral character is two units of the position
        "                ^^^^",
        &mean("name"),
        17,
        21,
    );
    refused(r#"Cluster eq "x""#, "^^^^^^^", "the API does not filter by `Cluster`: did you mean `cluster`?", 0, 7);
    refused(r#"naмe eq "x""#, "^^^^", "the API does not filter by `naмe`: did you mean `name`?", 0, 4);
}

#[test]
fn other_field_is_told_the_four() {
    let wrong = |field| format!("the API does not filter by `{field}`: it takes id, name, type and cluster");
    refused(r#"owner.name eq "x""#, "^^^^^^^^^^", &wrong("owner.name"), 0, 10);
    refused("created gt 2018-12-18T23:05:55Z", "^^^^^^^", &wrong("created"), 0, 7);
}

#[test]
fn operator_that_the_field_does_not_take() {
    refused(r#"name in ("x")"#, "     ^^", "`name` takes eq only, not `in`", 5, 7);
    refused(r#"type co "x""#, "     ^^", "`type` takes eq and in, not `co`", 5, 7);
    refused(r#"id ca ("x")"#, "   ^^", "`id` takes eq and in, not `ca`", 3, 5);
    refused("cluster isnull", "        ^^^^^^", "`cluster` takes eq and in, not `isnull`", 8, 14);
    refused("name PR", "     ^^", "`name` takes eq only, not `pr`", 5, 7);
    refused("id in () or pr name", "            ^^", "the API takes eq and in, not `pr`", 12, 14);
    refused("Pr name", "^^", "the API takes eq and in, not `pr`", 0, 2);
}

#[test]
fn the_first_mistake_is_told() {
    refused(r#"nmae eq "x" and ("#, "^^^^", "the API does not filter by `nmae`: did you mean `name`?", 0, 4);
}

#[test]
fn operators_are_lower_case() {
    let lower = |operator| format!("operators are lower case: `{operator}`");
    refused(r#"name EQ "x""#, "     ^^", &lower("eq"), 5, 7);
    refused(r#"id In ("x")"#, "   ^^", &lower("in"), 3, 5);
    refused(r#"id eq "a" AND id eq "b""#, "          ^^^", &lower("and"), 10, 13);
    refused(r#"(id eq "a" Or id eq "b")"#, "           ^^", &lower("or"), 11, 13);
    refused(r#"NOT id eq "a""#, "^^^", &lower("not"), 0, 3);
}

#[test]
fn field_is_followed_by_an_operator() {
    refused("name", "    ^", "expected eq, got the end of the text", 4, 4);
    refused(r#"name == "x""#, "     ^^", "expected eq, got `==`", 5, 7);
    refused(r#"type like "x""#, "     ^^^^", "expected eq or in, got `like`", 5, 9);
    refused("name ServiceNow", "     ^^^^^^^^^^", "expected eq, got `ServiceNow`", 5, 15);
}

#[test]
fn invisible_characters_are_named() {
    let error = Filter::parse("name\u{a0}eq \"x\"").unwrap_err();
    let expected = "filters: expected eq, got an invisible character\n  name eq \"x\"\n      ^";
    assert_eq!(error.message, expected);
    let error = Filter::parse("\u{feff}name eq \"x\"").unwrap_err();
    assert_eq!(error.message, "filters: expected a field, got an invisible character\n   name eq \"x\"\n  ^");
}

#[test]
fn field_stands_first() {
    refused(r#"eq "x""#, "^^", "expected a field, got `eq`", 0, 2);
    refused(r#"and id eq "a""#, "^^^", "expected a field, got `and`", 0, 3);
    refused(r#"!id eq "a""#, "^", "expected a field, got `!`", 0, 1);
    refused(r#""name" eq "x""#, "^", "expected a field, got `\"`", 0, 1);
    refused(r#"id eq "a" and"#, "             ^", "expected a field, got the end of the text", 13, 13);
    refused("()", " ^", "expected a field, got `)`", 1, 2);
    refused(r#"name eq "😀" and 😀"#, "                ^", "expected a field, got `😀`", 17, 19);
}

#[test]
fn text_stands_in_double_quotes() {
    refused("name eq Acme", "        ^^^^", "text must stand in double quotes: `\"Acme\"`", 8, 12);
    refused("id eq null", "      ^^^^", "text must stand in double quotes: `\"null\"`", 6, 10);
    refused("name eq 'Acme'", "        ^", "text must stand in double quotes, got `'`", 8, 9);
    refused("name eq “Acme”", "        ^", "text must stand in double quotes, got `“`", 8, 9);
    refused("id eq 7", "      ^", "`id` compares with text: write `\"7\"`", 6, 7);
    refused("type in (true)", "         ^^^^", "`type` compares with text: write `\"true\"`", 9, 13);
    refused(
        "cluster eq 2018-12-18",
        "           ^^^^^^^^^^",
        "`cluster` compares with text: write `\"2018-12-18\"`",
        11,
        21,
    );
    refused("name eq", "       ^", "expected a value, got the end of the text", 7, 7);
    refused(r#"id eq ("a")"#, "      ^", "expected a value, got `(`", 6, 7);
}

#[test]
fn quotes_close_and_escape_two_characters_only() {
    let escape = "a backslash escapes only `\"` and `\\`: write `\\\\` for one";
    refused(r#"name eq "Acme"#, "        ^^^^^", "expected a closing `\"`", 8, 13);
    refused(r#"name eq "😀\""#, "        ^^^^", "expected a closing `\"`", 8, 13);
    refused(r#"name eq "a\"#, "        ^^^", "expected a closing `\"`", 8, 11);
    refused(r#"name eq "C:\temp""#, "           ^^", escape, 11, 13);
    refused(r#"name eq "é\😀""#, "          ^^", escape, 10, 13);
    refused(r#"name eq "a""b""#, "           ^", "expected `and` or `or`, got `\"`", 11, 12);
    let error = Filter::parse("name eq \"a\0b\"").unwrap_err();
    assert_eq!(error.message, "filters: a value must not hold NUL\n  name eq \"a b\"\n            ^");
}

#[test]
fn lists_open_separate_and_close() {
    refused(r#"id in "a""#, "      ^", "expected `(` after `in`, got `\"`", 6, 7);
    refused(r#"id in ("a""#, "      ^", "expected a closing `)`", 6, 7);
    refused(r#"id in ("a",)"#, "           ^", "expected a value, got `)`", 11, 12);
    refused("id in (", "       ^", "expected a value, got the end of the text", 7, 7);
    refused("id in (,)", "       ^", "expected a value, got `,`", 7, 8);
    refused(r#"id in ("a" "b")"#, "           ^", "expected `,` or `)`, got `\"`", 11, 12);
}

#[test]
fn expressions_are_joined_and_closed() {
    refused(r#"(id eq "a""#, "^", "expected a closing `)`", 0, 1);
    refused(r#"id eq "a")"#, "         ^", "this `)` closes nothing", 9, 10);
    refused(r#"(id eq "a" id eq "b")"#, "           ^^", "expected `and`, `or` or `)`, got `id`", 11, 13);
    refused(r#"id eq "a" && id eq "b""#, "          ^^", "expected `and` or `or`, got `&&`", 10, 12);
    refused(r#"id eq "a", id eq "b""#, "         ^", "expected `and` or `or`, got `,`", 9, 10);
}

#[test]
fn long_text_is_shown_around_the_place() {
    let list = r#""ServiceNowSDIM","Generic SDIM","😀""#;
    let text = format!(r#"type in ({list}) and nmae eq "Acme ServiceNow production" and cluster eq "2c91""#);
    let error = Filter::parse(&text).unwrap_err();
    let excerpt = r#"  …M","Generic SDIM","😀") and nmae eq "Acme ServiceNow production" and clus…"#;
    let carets = "                              ^^^^";
    let sentence = "filters: the API does not filter by `nmae`: did you mean `name`?";
    assert_eq!(error.message, format!("{sentence}\n{excerpt}\n{carets}"));
    assert_eq!(error.position, Some(Position { start: 51, end: 55 }));
}

#[test]
fn long_words_are_cut_in_the_sentence() {
    let word = "x".repeat(100);
    let error = Filter::parse(&format!("{word} eq \"a\"")).unwrap_err();
    let start = format!("filters: the API does not filter by `{}…`: it takes id", "x".repeat(24));
    assert!(error.message.starts_with(&start), "{error}");
}

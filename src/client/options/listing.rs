//! Reads the query of a list from what JavaScript gave, and says what page its answer is.

use super::option_value::{Fields, OptionValue, wrong};
use crate::Invalid;
use crate::query::{Filter, IterateQuery, ListQuery, Sorter};

const QUERY: [&str; 6] = ["offset", "limit", "sorters", "filters", "count", "invalid"];
const WALK: [&str; 10] =
    ["offset", "pageSize", "limit", "sorters", "filters", "count", "invalid", "max", "prefetch", "strict"];

/// Reads a `ListQuery` of the public surface.
///
/// # Errors
///
/// [`Invalid`] with the name of the part that is wrong: an unknown one, a number out of range, another sorter than `name`,
/// a filter that the API does not take.
pub fn read_query(given: &OptionValue) -> Result<ListQuery, Invalid> {
    let fields = Fields::of("query", given, &QUERY)?;
    let mut query = ListQuery::default();
    query.set_sorters(&sorters(&fields)?);
    query.set_count(fields.flag("count")?);
    query.set_keeps_odd(keeps_odd(&fields)?);
    fields.number("offset")?.map_or(Ok(()), |offset| query.set_offset(offset))?;
    fields.number("limit")?.map_or(Ok(()), |limit| query.set_limit(limit))?;
    if let Some(filter) = filter(&fields)? {
        query.set_filter(filter);
    }
    Ok(query)
}

/// Reads an `IterateQuery` of the public surface, or the `next` of a page, whose `limit` is the page size.
///
/// # Errors
///
/// As [`read_query`].
pub fn read_walk(given: &OptionValue) -> Result<IterateQuery, Invalid> {
    let fields = Fields::of("query", given, &WALK)?;
    let mut query = IterateQuery::default();
    let sorters = sorters(&fields)?;
    if !sorters.is_empty() {
        query.set_sorters(&sorters);
    }
    if fields.has("count") {
        query.set_count(fields.flag("count")?);
    }
    query.set_strict(fields.flag("strict")?);
    query.set_keeps_odd(keeps_odd(&fields)?);
    fields.number("offset")?.map_or(Ok(()), |offset| query.set_offset(offset))?;
    let page_size = fields.number("pageSize")?.or(fields.number("limit")?);
    page_size.map_or(Ok(()), |size| query.set_page_size(size))?;
    fields.number("max")?.map_or(Ok(()), |max| query.set_max(max))?;
    fields.number("prefetch")?.map_or(Ok(()), |pages| query.set_prefetch(pages))?;
    if let Some(filter) = filter(&fields)? {
        query.set_filter(filter);
    }
    Ok(query)
}

fn keeps_odd(fields: &Fields<'_>) -> Result<bool, Invalid> {
    match fields.get("invalid") {
        OptionValue::Nothing => Ok(false),
        OptionValue::Text(text) if text == "throw" => Ok(false),
        OptionValue::Text(text) if text == "keep" => Ok(true),
        other => Err(wrong("invalid", "\"throw\" or \"keep\"", other)),
    }
}

fn sorters(fields: &Fields<'_>) -> Result<Vec<Sorter>, Invalid> {
    const EXPECTED: &str = "\"name\", \"-name\" or an array of them";
    match fields.get("sorters") {
        OptionValue::Nothing => Ok(Vec::new()),
        OptionValue::Text(text) => Sorter::parse_list(text),
        OptionValue::List(items) => {
            let one = |item: &OptionValue| match item {
                OptionValue::Text(text) => text.parse(),
                other => Err(wrong("sorters", EXPECTED, other)),
            };
            items.iter().map(one).collect()
        }
        other => Err(wrong("sorters", EXPECTED, other)),
    }
}

fn filter(fields: &Fields<'_>) -> Result<Option<Filter>, Invalid> {
    match fields.get("filters") {
        OptionValue::Nothing => Ok(None),
        OptionValue::Text(text) | OptionValue::Filter(text) => Filter::parse(text).map(Some),
        OptionValue::RawFilter(text) => Filter::raw(text).map(Some),
        other => Err(wrong("filters", "a filter or a string", other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(members: &[(&str, OptionValue)]) -> Result<String, String> {
        let given =
            OptionValue::Object(members.iter().map(|(name, given)| ((*name).to_owned(), given.clone())).collect());
        read_query(&given)
            .map(|query| query.to_query_string())
            .map_err(|invalid| invalid.into_inner().field.into_owned())
    }

    fn text(text: &str) -> OptionValue {
        OptionValue::Text(text.to_owned())
    }

    #[test]
    fn a_query_is_read_whole() {
        assert_eq!(read_query(&OptionValue::Nothing).map(|query| query.to_query_string()), Ok("limit=250".into()));
        let query = read(&[
            ("offset", OptionValue::Number(10.0)),
            ("limit", OptionValue::Number(0.0)),
            ("sorters", OptionValue::List(vec![text("-name")])),
            ("filters", text("name eq \"a\"")),
            ("count", OptionValue::Flag(true)),
        ]);
        assert_eq!(query, Ok("limit=0&offset=10&count=true&sorters=-name&filters=name%20eq%20%22a%22".into()));
    }

    #[test]
    fn each_wrong_part_is_named() {
        let field = |name, given: OptionValue| read(&[(name, given)]).unwrap_err();
        for number in [251.0, -1.0, 1.5, f64::NAN, f64::INFINITY] {
            assert_eq!(field("limit", OptionValue::Number(number)), "limit");
        }
        assert_eq!(field("offset", OptionValue::Number(-1.0)), "offset");
        assert_eq!(field("offset", text("1")), "offset");
        assert_eq!(field("sorters", text("type")), "sorters");
        assert_eq!(field("sorters", OptionValue::List(vec![OptionValue::Null])), "sorters");
        assert_eq!(field("sorters", OptionValue::Number(1.0)), "sorters");
        assert_eq!(field("filters", text("nmae eq \"x\"")), "filters");
        assert_eq!(field("filters", OptionValue::Null), "filters");
        assert_eq!(field("count", text("true")), "count");
        assert_eq!(field("filter", text("x")), "filter");
        assert_eq!(field("invalid", text("kept")), "invalid");
        assert_eq!(field("invalid", OptionValue::Flag(true)), "invalid");
    }
}

//! Turns the parameters of the list operation into a page.

use crate::query::{Filter, MAX_LIMIT, MAX_OFFSET, Sorter};

use super::store::{Store, Stored};
use crate::sandbox::behaviour::choices::Behaviour;
use crate::sandbox::http::form::{self, Params};
use crate::sandbox::http::problem::{Problem, bad};

/// What a list request asks for.
struct Asked {
    offset: usize,
    limit: usize,
    count: bool,
    sorter: Option<Sorter>,
    filter: Option<Filter>,
}

/// One page, and the number of all matches where it was asked for.
pub(crate) struct Page<'s> {
    pub(crate) items: Vec<&'s Stored>,
    pub(crate) total: Option<usize>,
}

/// The page that `params` ask for. Parameters of other names are passed over (assumed).
///
/// # Errors
///
/// 400 for a parameter that is not as the API's document has it; and, as `behaviour` says, for boolean operators and for
/// an offset past the end.
pub(crate) fn page<'s>(store: &'s Store, params: &Params, behaviour: Behaviour) -> Result<Page<'s>, Problem> {
    let asked = read(params, behaviour)?;
    let past_end = |total: usize| behaviour.past_end_is_400 && asked.offset > 0 && asked.offset >= total;
    let Some(filter) = &asked.filter else {
        if past_end(store.len()) {
            return Err(beyond(asked.offset));
        }
        let items = store.iter_from(asked.offset, asked.sorter).take(asked.limit).collect();
        return Ok(Page { items, total: asked.count.then_some(store.len()) });
    };
    let (mut items, mut total) = (Vec::new(), 0);
    for stored in store.iter(asked.sorter) {
        if filter.matches(&stored.row()).map_err(|invalid| bad(invalid.into_inner().message))? {
            if total >= asked.offset && items.len() < asked.limit {
                items.push(stored);
            }
            total += 1;
        }
    }
    if past_end(total) { Err(beyond(asked.offset)) } else { Ok(Page { items, total: asked.count.then_some(total) }) }
}

fn read(params: &Params, behaviour: Behaviour) -> Result<Asked, Problem> {
    let count = match form::value(params, "count") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad("count must be true or false")),
    };
    let sorters = form::value(params, "sorters").map(Sorter::parse_list).transpose();
    let sorters = sorters.map_err(|invalid| bad(invalid.into_inner().message))?;
    Ok(Asked {
        offset: whole(params, "offset", 0, MAX_OFFSET)?,
        limit: whole(params, "limit", MAX_LIMIT, MAX_LIMIT)?,
        count,
        sorter: sorters.and_then(|sorters| sorters.first().copied()),
        filter: filter(form::value(params, "filters"), behaviour)?,
    })
}

fn filter(text: Option<&str>, behaviour: Behaviour) -> Result<Option<Filter>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let filter = Filter::parse(text).map_err(|invalid| bad(invalid.into_inner().message))?;
    if filter.is_compound() && !behaviour.boolean_filters {
        return Err(bad("filters: and, or and not are not supported by this endpoint"));
    }
    Ok(Some(filter))
}

fn whole(params: &Params, name: &str, default: u32, most: u32) -> Result<usize, Problem> {
    let Some(text) = form::value(params, name) else { return Ok(default as usize) };
    let number = text.parse::<u32>().ok().filter(|number| *number <= most && !text.starts_with('+'));
    match number {
        Some(number) => Ok(number as usize),
        None => {
            let shown = if text.len() <= 20 { text } else { "a longer text" };
            Err(bad(format!("{name} must be 0 to {most}, got {shown}")))
        }
    }
}

fn beyond(offset: usize) -> Problem {
    bad(format!("offset must be below the number of matches, got {offset}"))
}

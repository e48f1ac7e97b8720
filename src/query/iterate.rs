//! Turns the options of a walk over all pages into checked ones.

use super::filter::Filter;
use super::list::{ListQuery, MAX_LIMIT};
use super::number::{MAX_SAFE_INTEGER, whole};
use super::sorter::Sorter;
use crate::model::Invalid;

/// More pages ahead than this would spend the rate limit on pages that the loop may never ask for.
pub const MAX_PREFETCH: u8 = 4;

/// What a [`PageWalk`](super::PageWalk) walks over, and how.
///
/// By default: everything, sorted by name, 250 items a page, one page ahead of the loop, the total asked with the first
/// page.
#[derive(Debug, Clone, PartialEq)]
pub struct IterateQuery {
    /// The first page; its limit is the page size.
    pub(super) page: ListQuery,
    pub(super) max: Option<u64>,
    pub(super) prefetch: u8,
    pub(super) strict: bool,
}

impl Default for IterateQuery {
    fn default() -> Self {
        let page = ListQuery::default().with_count(true).with_sorters(vec![Sorter::Name]);
        Self { page, max: None, prefetch: 1, strict: false }
    }
}

impl IterateQuery {
    /// Skips so many items.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to [`MAX_OFFSET`](super::MAX_OFFSET).
    pub fn with_offset(self, offset: f64) -> Result<Self, Invalid> {
        Ok(Self { page: self.page.with_offset(offset)?, ..self })
    }

    /// Asks for so many items a page. Default 250.
    ///
    /// # Errors
    ///
    /// Not a whole number from 1 to [`MAX_LIMIT`].
    pub fn with_page_size(self, page_size: f64) -> Result<Self, Invalid> {
        let limit = whole("pageSize", page_size, 1, u64::from(MAX_LIMIT))? as u32;
        Ok(Self { page: ListQuery { limit, ..self.page }, ..self })
    }

    /// Walks in this order; none means by name, since pages of an unsorted list may overlap.
    pub fn with_sorters(self, sorters: Vec<Sorter>) -> Self {
        let sorters = if sorters.is_empty() { vec![Sorter::Name] } else { sorters };
        Self { page: self.page.with_sorters(sorters), ..self }
    }

    /// Walks over the matches of `filter` only.
    pub fn with_filter(self, filter: Filter) -> Self {
        Self { page: self.page.with_filter(filter), ..self }
    }

    /// Whether the first page asks for the total. Default true: without it a cut list looks like a short one. A strict
    /// walk asks in any case.
    pub fn with_count(self, count: bool) -> Self {
        Self { page: self.page.with_count(count), ..self }
    }

    /// Ends after so many items.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to 2^53 - 1.
    pub fn with_max(self, max: f64) -> Result<Self, Invalid> {
        Ok(Self { max: Some(whole("max", max, 0, MAX_SAFE_INTEGER)?), ..self })
    }

    /// Fetches so many pages ahead of the loop. Default 1.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to [`MAX_PREFETCH`].
    pub fn with_prefetch(self, prefetch: f64) -> Result<Self, Invalid> {
        Ok(Self { prefetch: whole("prefetch", prefetch, 0, u64::from(MAX_PREFETCH))? as u8, ..self })
    }

    /// Takes any repeat and any move of the total, which is then asked for with every page, for drift.
    pub fn with_strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::IterateQuery;

    #[test]
    fn numbers_are_checked_under_their_own_names() {
        let query = IterateQuery::default;
        let message = |result: Result<IterateQuery, _>| result.map_err(|error: crate::model::Invalid| error.message);
        for (result, text) in [
            (query().with_page_size(0.0), "pageSize must be a whole number from 1 to 250, got 0"),
            (query().with_page_size(251.0), "pageSize must be a whole number from 1 to 250, got 251"),
            (query().with_prefetch(5.0), "prefetch must be a whole number from 0 to 4, got 5"),
            (query().with_max(-3.0), "max must be a whole number from 0 to 9007199254740991, got -3"),
            (query().with_offset(f64::NAN), "offset must be a whole number from 0 to 2147483647, got NaN"),
        ] {
            assert_eq!(message(result), Err(text.to_owned()));
        }
        for result in [
            query().with_page_size(1.0),
            query().with_page_size(250.0),
            query().with_prefetch(0.0),
            query().with_prefetch(4.0),
            query().with_max(0.0),
        ] {
            assert!(result.is_ok());
        }
    }
}

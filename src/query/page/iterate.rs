//! Turns the options of a walk over all pages into checked ones.

use super::list::{ListQuery, MAX_LIMIT, MAX_OFFSET};
use super::number::{MAX_SAFE_INTEGER, whole};
use super::sorter::Sorter;
use crate::Invalid;
use crate::query::filter::expression::Filter;

/// What a [`PageWalk`](super::walk::PageWalk) walks over, and how.
///
/// By default: everything, sorted by name, 250 items a page, one page ahead of the loop, the total asked with each
/// page.
#[derive(Debug, Clone, PartialEq)]
pub struct IterateQuery {
    /// The first page; its limit is the page size.
    pub(crate) page: ListQuery,
    pub(crate) max: Option<u64>,
    pub(crate) prefetch: u8,
    pub(crate) strict: bool,
}

impl Default for IterateQuery {
    fn default() -> Self {
        let page = ListQuery { count: true, sorter: Some(Sorter::Name), ..ListQuery::default() };
        Self { page, max: None, prefetch: 1, strict: false }
    }
}

impl IterateQuery {
    /// The query of the page with the longest URL.
    pub fn longest_page(&self) -> ListQuery {
        ListQuery { offset: MAX_OFFSET, limit: MAX_LIMIT, count: true, ..self.page.clone() }
    }

    /// Skips so many items.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to [`MAX_OFFSET`].
    pub fn set_offset(&mut self, offset: f64) -> Result<(), Invalid> {
        self.page.set_offset(offset)
    }

    /// Asks for so many items a page. Default 250.
    ///
    /// # Errors
    ///
    /// Not a whole number from 1 to [`MAX_LIMIT`].
    pub fn set_page_size(&mut self, page_size: f64) -> Result<(), Invalid> {
        self.page.limit = whole("pageSize", page_size, 1, u64::from(MAX_LIMIT))? as u32;
        Ok(())
    }

    /// Walks in the order of the first; none means by name, since pages of an unsorted list may overlap.
    pub fn set_sorters(&mut self, sorters: &[Sorter]) {
        self.page.sorter = sorters.first().copied().or(Some(Sorter::Name));
    }

    /// Walks over the matches of `filter` only.
    pub fn set_filter(&mut self, filter: Filter) {
        self.page.set_filter(filter);
    }

    /// Whether each page asks for the total. Default true: without it a cut list looks like a short one, and a change of the
    /// list is not seen. A strict walk asks in any case.
    pub fn set_count(&mut self, count: bool) {
        self.page.count = count;
    }

    /// Whether records that are not what they must be are given apart, instead of a failure.
    pub fn set_keeps_odd(&mut self, keeps_odd: bool) {
        self.page.keeps_odd = keeps_odd;
    }

    /// Ends after so many items.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to 2^53 - 1.
    pub fn set_max(&mut self, max: f64) -> Result<(), Invalid> {
        self.max = Some(whole("max", max, 0, MAX_SAFE_INTEGER)?);
        Ok(())
    }

    /// Fetches so many pages ahead of the loop: none, or one, which is the default.
    ///
    /// # Errors
    ///
    /// Neither 0 nor 1.
    pub fn set_prefetch(&mut self, prefetch: f64) -> Result<(), Invalid> {
        self.prefetch = whole("prefetch", prefetch, 0, 1)? as u8;
        Ok(())
    }

    /// Takes any repeat and any move of the total for drift.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }
}

#[cfg(test)]
mod tests {
    use super::IterateQuery;
    use crate::Invalid;

    #[test]
    fn numbers_are_checked_under_their_own_names() {
        let mut query = IterateQuery::default();
        let message = |result: Result<(), Invalid>| result.unwrap_err().into_inner().message;
        for (result, text) in [
            (query.set_page_size(0.0), "pageSize must be a whole number from 1 to 250, got 0"),
            (query.set_page_size(251.0), "pageSize must be a whole number from 1 to 250, got 251"),
            (query.set_prefetch(2.0), "prefetch must be a whole number from 0 to 1, got 2"),
            (query.set_max(-3.0), "max must be a whole number from 0 to 9007199254740991, got -3"),
            (query.set_offset(f64::NAN), "offset must be a whole number from 0 to 2147483647, got NaN"),
        ] {
            assert_eq!(message(result), text);
        }
        assert_eq!(query, IterateQuery::default());
        for result in [
            query.set_page_size(1.0),
            query.set_page_size(250.0),
            query.set_prefetch(0.0),
            query.set_prefetch(1.0),
            query.set_max(0.0),
        ] {
            assert_eq!(result, Ok(()));
        }
    }
}

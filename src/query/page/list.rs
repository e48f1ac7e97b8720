//! Turns the options of one page into its checked query string.

use super::number::whole;
use super::sorter::Sorter;
use crate::Invalid;
use crate::query::filter::expression::Filter;
use crate::text::decimal::decimal;
use crate::text::percent;

/// The most items of one page, and the default, as the API documents both.
pub const MAX_LIMIT: u32 = 250;
/// The API documents `offset` as int32.
pub const MAX_OFFSET: u32 = i32::MAX as u32;
/// What common servers and proxies take as a URL, with some room below their 8 KiB for a whole request line.
pub const MAX_URL_LEN: usize = 8_000;

/// What one page is asked for with: every part is checked, so it can be sent as it is.
///
/// API: `getServiceDeskIntegrations`.
///
/// ```
/// use isc_service_desk::query::{Field, Filter, ListQuery, Sorter};
/// let mut query = ListQuery::default();
/// query.set_limit(50.0)?;
/// query.set_sorters(&[Sorter::NameDescending]);
/// query.set_filter(Filter::eq(Field::Type, "ServiceNow SDIM")?);
/// query.set_count(true);
/// assert_eq!(query.to_query_string(), "limit=50&count=true&sorters=-name&filters=type%20eq%20%22ServiceNow%20SDIM%22");
/// # Ok::<(), isc_service_desk::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    pub(crate) offset: u32,
    pub(crate) limit: u32,
    pub(crate) sorter: Option<Sorter>,
    pub(crate) filter: Option<Filter>,
    pub(crate) count: bool,
    pub(crate) keeps_odd: bool,
}

impl Default for ListQuery {
    /// The first page of everything: 250 items at most, in the server's order, without the total.
    fn default() -> Self {
        Self { offset: 0, limit: MAX_LIMIT, sorter: None, filter: None, count: false, keeps_odd: false }
    }
}

impl ListQuery {
    /// Skips so many items.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to [`MAX_OFFSET`].
    pub fn set_offset(&mut self, offset: f64) -> Result<(), Invalid> {
        self.offset = whole("offset", offset, 0, u64::from(MAX_OFFSET))? as u32;
        Ok(())
    }

    /// Asks for so many items at most; 0 asks for nothing but the total.
    ///
    /// # Errors
    ///
    /// Not a whole number from 0 to [`MAX_LIMIT`].
    pub fn set_limit(&mut self, limit: f64) -> Result<(), Invalid> {
        self.limit = whole("limit", limit, 0, u64::from(MAX_LIMIT))? as u32;
        Ok(())
    }

    /// Sorts by the first of them, since later ones only part equal names; none leaves the order to the server.
    pub fn set_sorters(&mut self, sorters: &[Sorter]) {
        self.sorter = sorters.first().copied();
    }

    /// Asks for the matches of `filter` only; one that is always true is no filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = if filter.constant() == Some(true) { None } else { Some(filter) };
    }

    /// Asks for the total (the header `X-Total-Count`), which costs the server a count.
    pub fn set_count(&mut self, count: bool) {
        self.count = count;
    }

    /// Whether records that are not what they must be are given apart, instead of a failure.
    pub fn set_keeps_odd(&mut self, keeps_odd: bool) {
        self.keeps_odd = keeps_odd;
    }

    /// Items before the page.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// Items of the page at most.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The order; nothing where it is the server's.
    pub fn sorter(&self) -> Option<Sorter> {
        self.sorter
    }

    /// The filter; never one that is always true.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Whether the total is asked for.
    pub fn count(&self) -> bool {
        self.count
    }

    /// Whether odd records are given apart.
    pub fn keeps_odd(&self) -> bool {
        self.keeps_odd
    }

    /// Whether the filter is false for every integration: the page is empty, and nothing is to be sent.
    pub fn matches_nothing(&self) -> bool {
        self.filter.as_ref().and_then(Filter::constant) == Some(false)
    }

    /// The part of the URL after `?`, percent-encoded.
    ///
    /// `limit` always stands in it, since the end of the list is told by it, whatever default the server has. `offset`,
    /// `count`, `sorters` and `filters` follow in this order where they are not 0, false or empty.
    pub fn to_query_string(&self) -> String {
        let mut query = ["limit=", &decimal(self.limit.into())].concat();
        if self.offset > 0 {
            query.push_str("&offset=");
            query.push_str(&decimal(self.offset.into()));
        }
        if self.count {
            query.push_str("&count=true");
        }
        if let Some(sorter) = self.sorter {
            query.push_str("&sorters=");
            query.push_str(sorter.as_str());
        }
        if let Some(filter) = &self.filter {
            query.push_str("&filters=");
            query.push_str(&percent::encode(&filter.text()));
        }
        query
    }

    /// The query of the page after this one, which brought `received` items, or nothing where this was the last.
    ///
    /// With a total the list ends there, and a short page before it is followed from what came; without one it ends with a
    /// page shorter than the limit. Everything but the offset stays, the count too.
    pub fn next(&self, received: usize, total: Option<u64>) -> Option<Self> {
        let end = u64::from(self.offset) + received as u64;
        let more = total.map_or(received >= self.limit as usize, |total| end < total);
        if received == 0 || self.limit == 0 || !more {
            return None;
        }
        let offset = u32::try_from(end).ok().filter(|offset| *offset <= MAX_OFFSET)?;
        let mut next = self.clone();
        next.offset = offset;
        Some(next)
    }
}

/// Refuses a URL that servers and proxies would refuse.
///
/// # Errors
///
/// `len`, the characters of the whole URL, is above [`MAX_URL_LEN`]. The field is `filters`: nothing else grows.
pub fn check_url_length(len: usize, filter: Option<&Filter>) -> Result<(), Invalid> {
    if len <= MAX_URL_LEN {
        return Ok(());
    }
    let mut message = ["filters must leave the URL at most 8000 characters long, got ", &decimal(len as u64)].concat();
    if let Some((fitting, all)) = filter.and_then(|filter| filter.values_that_fit(len - MAX_URL_LEN)) {
        let parts = [": ", &decimal(fitting as u64), " of the ", &decimal(all as u64), " values fit into one call"];
        message.push_str(&parts.concat());
    }
    Err(Invalid::new("filters", message))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::{ListQuery, MAX_OFFSET, check_url_length};
    use crate::query::{Field, Filter, Sorter};

    fn query(set: impl Fn(&mut ListQuery)) -> ListQuery {
        let mut query = ListQuery::default();
        set(&mut query);
        query
    }

    #[test]
    fn limit_always_stands_and_the_rest_where_it_says_something() {
        assert_eq!(ListQuery::default().to_query_string(), "limit=250");
        let counted = query(|query| {
            query.set_offset(7.0).unwrap();
            query.set_limit(0.0).unwrap();
            query.set_count(true);
        });
        assert_eq!(counted.to_query_string(), "limit=0&offset=7&count=true");
        let sorted = query(|query| query.set_sorters(&[Sorter::NameDescending, Sorter::Name]));
        assert_eq!(sorted.to_query_string(), "limit=250&sorters=-name");
    }

    #[test]
    fn filter_is_percent_encoded_with_space_as_20() {
        let filtered = query(|query| query.set_filter(Filter::eq(Field::Name, "a+b & \"é\"").unwrap()));
        assert_eq!(filtered.to_query_string(), "limit=250&filters=name%20eq%20%22a%2Bb%20%26%20%5C%22%C3%A9%5C%22%22");
    }

    #[test]
    fn true_filter_is_none_and_false_filter_matches_nothing() {
        let never = Filter::is_in::<&str>(Field::Id, &[]).unwrap();
        assert!(query(|query| query.set_filter(never.clone())).matches_nothing());
        let always = query(|query| query.set_filter(never.not().unwrap()));
        assert_eq!((always.filter(), always.matches_nothing()), (None, false));
        assert!(!ListQuery::default().matches_nothing());
    }

    #[test]
    fn numbers_are_checked() {
        let mut query = ListQuery::default();
        let limit = query.set_limit(300.0).unwrap_err();
        assert_eq!(limit.message, "limit must be a whole number from 0 to 250, got 300");
        let offset = query.set_offset(-1.0).unwrap_err();
        assert_eq!(offset.message, "offset must be a whole number from 0 to 2147483647, got -1");
        assert!(query.set_offset(2_147_483_648.0).is_err());
        assert_eq!(query, ListQuery::default());
        assert_eq!(query.set_offset(2_147_483_647.0), Ok(()));
        assert_eq!(query.offset(), MAX_OFFSET);
    }

    #[track_caller]
    fn follows(offset: f64, limit: f64, received: usize, total: Option<u64>, next: Option<u32>) {
        let mut query = ListQuery::default();
        query.set_count(true);
        query.set_offset(offset).unwrap();
        query.set_limit(limit).unwrap();
        let after = query.next(received, total);
        assert_eq!(after.as_ref().map(ListQuery::offset), next);
        if let Some(mut after) = after {
            after.set_offset(offset).unwrap();
            assert_eq!(after, query, "everything but the offset stays");
        }
    }

    #[test]
    fn without_a_total_a_short_page_is_the_last() {
        follows(0.0, 250.0, 250, None, Some(250));
        follows(0.0, 250.0, 249, None, None);
        follows(0.0, 250.0, 0, None, None);
        follows(0.0, 10.0, 12, None, Some(12));
    }

    #[test]
    fn with_a_total_the_list_ends_there() {
        follows(0.0, 250.0, 100, Some(101), Some(100));
        follows(0.0, 250.0, 250, Some(250), None);
        follows(250.0, 250.0, 250, Some(501), Some(500));
        follows(0.0, 250.0, 0, Some(5), None);
        follows(9.0, 250.0, 0, Some(5), None);
    }

    #[test]
    fn count_only_and_the_last_offset_have_no_next() {
        follows(0.0, 0.0, 0, Some(600), None);
        follows(2_147_483_647.0, 1.0, 1, Some(u64::MAX), None);
        follows(2_147_483_646.0, 1.0, 1, Some(u64::MAX), Some(MAX_OFFSET));
    }

    #[track_caller]
    fn refused(len: usize, filter: &Filter) -> String {
        let error = check_url_length(len, Some(filter)).unwrap_err();
        assert_eq!(error.field, "filters");
        error.message.clone()
    }

    #[test]
    fn eight_thousand_characters_pass_and_one_more_does_not() {
        let filter = Filter::eq(Field::Name, "n").unwrap();
        assert_eq!(check_url_length(8_000, Some(&filter)), Ok(()));
        assert_eq!(refused(8_001, &filter), "filters must leave the URL at most 8000 characters long, got 8001");
    }

    #[test]
    fn values_that_fit_are_told_of_the_longest_in() {
        let ids: Vec<String> = (100..500).map(|id| format!("\"é{id}")).collect();
        let types = Filter::is_in(Field::Type, &["a", "b"]).unwrap();
        let of = |ids: &[String]| types.and(&Filter::is_in(Field::Id, ids).unwrap()).unwrap();
        let len = |filter: Filter| query(|query| query.set_filter(filter.clone())).to_query_string().len();
        let message = refused(len(of(&ids)), &of(&ids));
        let told = message.split(": ").nth(1).unwrap();
        let fitting: usize = told.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(told, format!("{fitting} of the 400 values fit into one call"));
        assert!(len(of(&ids[..fitting])) <= 8_000 && len(of(&ids[..=fitting])) > 8_000);
        let long = [&*"x".repeat(9_000), "b"];
        let one = Filter::is_in(Field::Id, &long).unwrap();
        assert!(!refused(len(one.clone()), &one).contains("fit"), "without the first value there is no filter");
    }
}

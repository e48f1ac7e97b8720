//! Turns the `sorters` text into the one order that the list operation offers, and orders names by it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::Invalid;
use crate::query::filter::refusal::refuse;
use crate::text::parts;

/// An order of the list: `name` is the only field that the API sorts by.
///
/// API: the parameter `sorters` of `getServiceDeskIntegrations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sorter {
    /// `name`: ascending.
    Name,
    /// `-name`: descending.
    NameDescending,
}

impl Sorter {
    /// Reads a comma separated list; spaces around a name do not count.
    ///
    /// # Errors
    ///
    /// One of them is neither `name` nor `-name`; the field is `sorters`, the position that one's.
    ///
    /// ```
    /// use isc_service_desk::query::Sorter;
    /// assert_eq!(Sorter::parse_list("-name")?, [Sorter::NameDescending]);
    /// # Ok::<(), isc_service_desk::Invalid>(())
    /// ```
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Invalid> {
        let mut sorters = Vec::new();
        let mut start = 0;
        for part in parts(text, b',') {
            sorters.push(Self::parse_part(text, start..start + part.len())?);
            start += part.len() + 1;
        }
        Ok(sorters)
    }

    /// Its name in `sorters`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameDescending => "-name",
        }
    }

    /// The order of two names: without regard to case, and where that does not tell, by code point.
    ///
    /// How the API orders names that differ in case alone is not documented.
    pub fn compare(self, left: &str, right: &str) -> Ordering {
        let ascending = left.to_lowercase().cmp(&right.to_lowercase()).then_with(|| left.cmp(right));
        match self {
            Self::Name => ascending,
            Self::NameDescending => ascending.reverse(),
        }
    }

    fn parse_part(text: &str, span: std::ops::Range<usize>) -> Result<Self, Invalid> {
        let part = text.get(span.clone()).unwrap_or_default();
        let trimmed = part.trim_ascii();
        let start = span.start + part.len() - part.trim_ascii_start().len();
        match trimmed {
            "name" => Ok(Self::Name),
            "-name" => Ok(Self::NameDescending),
            "" => Err(*refuse("sorters", text, span, &["expected `name` or `-name`"])),
            _ => {
                let sentence = "the API sorts by name only: `name` or `-name`";
                Err(*refuse("sorters", text, start..start + trimmed.len(), &[sentence]))
            }
        }
    }
}

impl FromStr for Sorter {
    type Err = Invalid;

    /// Reads one sorter.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse_part(text, 0..text.len())
    }
}

impl fmt::Display for Sorter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order of two names by a list of sorters: the first that tells them apart decides.
pub fn compare_names(sorters: &[Sorter], left: &str, right: &str) -> Ordering {
    let orders = sorters.iter().map(|sorter| sorter.compare(left, right));
    orders.fold(Ordering::Equal, Ordering::then)
}

#[cfg(test)]
mod tests {
    use super::{Sorter, compare_names};
    use crate::Position;

    #[test]
    fn printed_sorters_read_back() {
        for sorter in [Sorter::Name, Sorter::NameDescending] {
            assert_eq!(sorter.to_string().parse(), Ok(sorter));
        }
        assert_eq!(Sorter::parse_list(" name , -name"), Ok(vec![Sorter::Name, Sorter::NameDescending]));
    }

    #[track_caller]
    fn refused(text: &str, message: &str, start: usize, end: usize) {
        let error = Sorter::parse_list(text).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!((&*error.field, error.position), ("sorters", Some(Position { start, end })));
    }

    #[test]
    fn errors_point_at_the_sorter() {
        let only = "sorters: the API sorts by name only: `name` or `-name`\n";
        refused("name,-type", &format!("{only}  name,-type\n       ^^^^^"), 5, 10);
        refused("😀 , name", &format!("{only}  😀 , name\n  ^"), 0, 2);
        refused("name, Name ", &format!("{only}  name, Name \n        ^^^^"), 6, 10);
        refused("+name", &format!("{only}  +name\n  ^^^^^"), 0, 5);
        refused("", "sorters: expected `name` or `-name`\n  \n  ^", 0, 0);
        refused("name,", "sorters: expected `name` or `-name`\n  name,\n       ^", 5, 5);
        refused("name,, name", "sorters: expected `name` or `-name`\n  name,, name\n       ^", 5, 5);
    }

    #[test]
    fn one_sorter_is_not_a_list() {
        assert!("name,-name".parse::<Sorter>().is_err());
    }

    #[test]
    fn names_sort_without_regard_to_case_and_never_tie_unless_equal() {
        let mut names = ["b", "B", "é", "a", "Z", "É"];
        names.sort_by(|left, right| compare_names(&[Sorter::Name], left, right));
        assert_eq!(names, ["a", "B", "b", "Z", "É", "é"]);
        names.sort_by(|left, right| compare_names(&[Sorter::NameDescending, Sorter::Name], left, right));
        assert_eq!(names, ["é", "É", "Z", "b", "B", "a"]);
    }

    #[test]
    fn no_sorter_orders_nothing() {
        assert!(compare_names(&[], "a", "b").is_eq());
    }
}

//! Turns filter and sorter texts and page options into checked queries, and walks over the pages that answer them.
//!
//! A [`Filter`] is built or parsed, put into a [`ListQuery`] for one page or an [`IterateQuery`] for all, and goes into the
//! URL as [`ListQuery::to_query_string`] writes it. What answers a query in memory reads the same texts with
//! [`Filter::parse`] and [`Sorter::parse_list`] and decides with [`Filter::matches`] and [`compare_names`].
//!
//! ```
//! use isc_service_desk::query::{Filter, ListQuery, Sorter};
//! let mut query = ListQuery::default();
//! query.set_filter(Filter::parse(r#"type in ("ServiceNow SDIM", "Generic SDIM")"#)?);
//! query.set_sorters(&Sorter::parse_list("name")?);
//! assert!(!query.matches_nothing());
//! assert!(query.to_query_string().starts_with("limit=250&sorters=name&filters=type%20in%20%28%22ServiceNow%20SDIM"));
//!
//! let error = Filter::parse(r#"nmae eq "x""#).unwrap_err();
//! assert_eq!(error.message, "filters: the API does not filter by `nmae`: did you mean `name`?\n  nmae eq \"x\"\n  ^^^^");
//! # Ok::<(), isc_service_desk::Invalid>(())
//! ```
//!
//! In scope: what the list operation takes, and the documented grammar as far as its mistakes can be named. Out of scope:
//! sending anything, and the fields of other endpoints.

mod filter;
mod page;

pub use filter::expression::{Filter, MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_LEN};
pub use filter::field::Field;
pub use filter::matching::Row;
pub use page::iterate::IterateQuery;
pub use page::list::{ListQuery, MAX_LIMIT, MAX_OFFSET, MAX_URL_LEN, check_url_length};
pub use page::sorter::{Sorter, compare_names};
pub use page::step::{PageDrift, PageFailure, PageRequest, Ticket, WalkStep};
pub use page::walk::PageWalk;

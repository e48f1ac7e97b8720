//! Filters, their messages, and the walk over pages.

mod filter;
mod messages;
mod walk;

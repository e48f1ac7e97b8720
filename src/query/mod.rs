//! Filter and sorter texts, and the walk over pages.

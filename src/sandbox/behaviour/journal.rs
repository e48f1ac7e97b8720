//! Keeps the lines of the record as text, within a bound: parsed, a request can take a hundred times its length.

use std::collections::VecDeque;

use crate::sandbox::http::message::Record;

/// So many of the last requests are kept at most.
const MAX_LINES: usize = 10_000;

/// So many bytes they may have together.
const MAX_BYTES: usize = 8 * 1_024 * 1_024;

/// What arrived, oldest first.
#[derive(Default)]
pub(crate) struct Journal {
    lines: VecDeque<String>,
    bytes: usize,
    is_closed: bool,
}

impl Journal {
    /// One that keeps nothing.
    pub(crate) fn closed() -> Self {
        Self { is_closed: true, ..Self::default() }
    }

    /// Adds a line, and lets go of the oldest ones for which there is no room.
    pub(crate) fn keep(&mut self, record: &Record) {
        if self.is_closed {
            return;
        }
        let line = serde_json::to_string(record).unwrap_or_default();
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }

    /// All lines as a JSON array.
    pub(crate) fn json(&self) -> String {
        let mut json = String::with_capacity(self.bytes + self.lines.len() + 2);
        json.push('[');
        for (index, line) in self.lines.iter().enumerate() {
            json.push_str(if index == 0 { "" } else { "," });
            json.push_str(line);
        }
        json.push(']');
        json
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn record(path: String) -> Record {
        let (method, query) = ("GET".to_owned(), String::new());
        Record { method, path, query, status: 200, content_type: None, body: None }
    }

    fn paths(journal: &Journal) -> Vec<String> {
        let records: Vec<Value> = serde_json::from_str(&journal.json()).unwrap();
        records.iter().map(|record| record["path"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_last_ten_thousand_lines_are_kept_in_order() {
        let mut journal = Journal::default();
        assert_eq!(journal.json(), "[]");
        (0..10_003).for_each(|number| journal.keep(&record(format!("/{number}"))));
        let paths = paths(&journal);
        assert_eq!((paths.len(), paths[0].as_str(), paths[9_999].as_str()), (10_000, "/3", "/10002"));
    }

    #[test]
    fn the_lines_have_eight_mebibytes_together() {
        let mut journal = Journal::default();
        (0..200).for_each(|number| journal.keep(&record(format!("/{number}{}", "x".repeat(65_536)))));
        assert!(journal.json().len() <= MAX_BYTES + MAX_LINES);
        let paths = paths(&journal);
        assert!((120..=127).contains(&paths.len()) && paths[paths.len() - 1].starts_with("/199x"));
        journal.keep(&record("x".repeat(MAX_BYTES)));
        assert_eq!((journal.json().as_str(), journal.bytes), ("[]", 0));
    }

    #[test]
    fn a_closed_one_keeps_nothing() {
        let mut journal = Journal::closed();
        journal.keep(&record("/".to_owned()));
        assert_eq!(journal.json(), "[]");
    }
}

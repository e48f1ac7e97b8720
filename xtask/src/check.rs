//! Runs the parts of the checks in order, and says at the end how each went.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::parts::{PARTS, Part};
use crate::project::Project;
use crate::run::seconds;
use crate::tally::Tally;

struct Row {
    part: &'static Part,
    tally: Tally,
    time: Duration,
}

/// Runs every part, or those of `only` with what they need. The last line is `N passed, N failed`: tests where a part
/// consists of tests, else the part itself.
pub fn test(project: &Project, only: &[String]) -> ExitCode {
    let mut rows: Vec<Row> = Vec::new();
    for part in PARTS.iter().filter(|part| is_wanted(part, only)) {
        println!("── {}: {}", part.name, part.what);
        let start = Instant::now();
        let row = Row { tally: run(project, part, &rows), part, time: start.elapsed() };
        if let Some(details) = &row.tally.details {
            println!("{details}\n");
        }
        println!("{}\n", summary(&row));
        rows.push(row);
    }
    println!("── all parts");
    rows.iter().for_each(|row| println!("{}", summary(row)));
    let passed: usize = rows.iter().map(|row| row.tally.passed).sum();
    let failed: usize = rows.iter().map(|row| row.tally.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_wanted(part: &Part, only: &[String]) -> bool {
    let named = |name: &str| only.iter().any(|wanted| wanted == name);
    let needed = PARTS.iter().any(|other| other.needs == Some(part.name) && named(other.name));
    only.is_empty() || named(part.name) || needed
}

fn can_run(part: &Part, rows: &[Row]) -> bool {
    part.needs.is_none_or(|name| rows.iter().any(|row| row.part.name == name && row.tally.failed == 0))
}

fn run(project: &Project, part: &Part, before: &[Row]) -> Tally {
    if !can_run(part, before) {
        let needed = part.needs.unwrap_or_default();
        return Tally::failure(&anyhow!("this part cannot run, because `{needed}` failed"));
    }
    (part.run)(project).unwrap_or_else(|error| Tally::failure(&error))
}

fn summary(row: &Row) -> String {
    let Tally { passed, failed, .. } = row.tally;
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    format!("{verdict:<7} {:<15} {:>7}  {passed} passed, {failed} failed", row.part.name, seconds(row.time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        PARTS.iter().filter(|part| is_wanted(part, &only)).map(|part| part.name).collect()
    }

    #[test]
    fn a_named_part_brings_what_it_needs() {
        assert_eq!(wanted(&["readme"]), ["build", "readme"]);
        assert_eq!(wanted(&["fmt"]), ["fmt"]);
        assert_eq!(wanted(&[]).len(), PARTS.len());
    }

    #[test]
    fn a_part_comes_after_what_it_needs() {
        let place = |name: &str| PARTS.iter().position(|part| part.name == name);
        for part in PARTS {
            if let Some(needed) = part.needs {
                assert!(place(needed).unwrap() < place(part.name).unwrap(), "{}", part.name);
            }
        }
    }

    #[test]
    fn a_part_whose_need_failed_fails() {
        let needs_build = PARTS.iter().find(|part| part.needs == Some("build")).unwrap();
        let build = PARTS.iter().find(|part| part.name == "build").unwrap();
        let row = |failed| Row { part: build, tally: Tally { passed: 1, failed, details: None }, time: Duration::ZERO };
        assert!(can_run(needs_build, &[row(0)]));
        assert!(!can_run(needs_build, &[row(1)]) && !can_run(needs_build, &[]));
        assert_eq!(run(&Project::here(), needs_build, &[]).failed, 1);
    }
}

//! Runs the parts of the checks in order, and says at the end how each went.

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::checks::table::{PARTS, Part};
use crate::checks::test_counts::Tally;
use crate::project::Project;
use crate::run::seconds;

struct Row {
    part: &'static Part,
    tally: Tally,
    time: Duration,
}

/// Runs every part, or those of `only` with what they need. The last line is `N passed, N failed`: tests where a part
/// consists of tests, else the part itself.
///
/// What is about the package runs beside what is about the crate: each has folders of its own below `target`, and long
/// stretches of both leave a core idle.
pub fn test(project: &Project, only: &[String]) -> ExitCode {
    let (package, krate): (Vec<_>, Vec<_>) =
        PARTS.iter().filter(|part| is_wanted(part, only)).partition(|part| is_of_package(part));
    let mut rows = thread::scope(|scope| {
        let beside = scope.spawn(|| run_all(project, &package));
        let mut rows = run_all(project, &krate);
        rows.extend(beside.join().unwrap_or_else(|panic| resume_unwind(panic)));
        rows
    });
    rows.sort_by_key(|row| PARTS.iter().position(|part| part.name == row.part.name));
    println!("── all parts");
    rows.iter().for_each(|row| println!("{}", summary(row)));
    let passed: usize = rows.iter().map(|row| row.tally.passed).sum();
    let failed: usize = rows.iter().map(|row| row.tally.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One after another.
fn run_all(project: &Project, parts: &[&'static Part]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for part in parts {
        println!("── {}: {}", part.name, part.what);
        let start = Instant::now();
        let row = Row { tally: run(project, part, &rows), part, time: start.elapsed() };
        let details = row.tally.details.as_ref().map(|details| format!("{details}\n\n")).unwrap_or_default();
        println!("{details}{}\n", summary(&row));
        rows.push(row);
    }
    rows
}

/// The build of the package, or what needs it.
fn is_of_package(part: &Part) -> bool {
    part.needs.is_some() || PARTS.iter().any(|other| other.needs == Some(part.name))
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
    fn what_a_part_needs_runs_on_its_side() {
        for part in PARTS {
            let needed = PARTS.iter().find(|other| part.needs == Some(other.name));
            assert!(needed.is_none_or(|needed| is_of_package(needed) && is_of_package(part)), "{}", part.name);
        }
        assert!(!PARTS.iter().all(is_of_package));
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

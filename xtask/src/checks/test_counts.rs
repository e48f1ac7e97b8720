//! Turns the output of a test run into numbers: how many passed, how many did not.

use std::process::Command;

use anyhow::{Error, Result};

use crate::run::{self, Finished};

/// How a part of the checks went.
#[derive(Debug, Default, PartialEq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// What to show of a failure.
    pub details: Option<String>,
}

impl Tally {
    /// A check that is one thing: it holds, or it does not.
    pub fn of<T>(result: Result<T>) -> Self {
        match result {
            Ok(_) => Self { passed: 1, ..Self::default() },
            Err(error) => Self::failure(&error),
        }
    }

    /// A check that does not hold, or could not be made.
    pub fn failure(error: &Error) -> Self {
        Self { failed: 1, details: Some(format!("{error:#}")), ..Self::default() }
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        let details: Vec<String> = self.details.into_iter().chain(other.details).collect();
        self.details = (!details.is_empty()).then(|| details.join("\n\n"));
        self
    }
}

/// Who wrote the output.
#[derive(Clone, Copy)]
pub enum Runner {
    /// libtest, or the one of wasm-bindgen-test: `test result: ok. 3 passed; 0 failed; 0 ignored; …`
    Cargo,
    /// The `spec` reporter of `node --test`: `ℹ pass 3`
    Node,
    /// The summary of Jest: `Tests:       1 failed, 1 skipped, 3 passed, 5 total`
    Jest,
    /// The summary of Vitest: `      Tests  1 failed | 3 passed | 1 skipped (5)`
    Vitest,
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Runs tests and counts them. A run without a test, and a run that leaves a test out, is a failure.
///
/// # Errors
///
/// The run cannot be started.
pub fn run_tests(runner: Runner, command: Command) -> Result<Tally> {
    let finished = run::finish(command)?;
    Ok(judge(&counts(runner, &finished.output), &finished))
}

fn judge(counts: &Counts, run: &Finished) -> Tally {
    let complaint = if counts.failed > 0 || !run.status.success() {
        format!("tests failed, and the run ended with {}", run.status)
    } else if counts.skipped > 0 {
        format!("{} tests were left out", counts.skipped)
    } else if counts.passed == 0 {
        "no test ran".to_owned()
    } else {
        return Tally { passed: counts.passed, ..Tally::default() };
    };
    let failed = (counts.failed + counts.skipped).max(1);
    Tally { passed: counts.passed, failed, details: Some(format!("{}\n{complaint}", without_passes(&run.output))) }
}

/// Of some hundred tests, those that passed hide the one that did not.
fn without_passes(output: &str) -> String {
    let passes = |line: &&str| {
        line.starts_with("test ") && line.ends_with(" ... ok") || line.trim_start().starts_with(['✔', '✓'])
    };
    output.trim_end().lines().filter(|line| !passes(line)).collect::<Vec<_>>().join("\n")
}

fn counts(runner: Runner, output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        match runner {
            Runner::Cargo => count_cargo(line, &mut counts),
            Runner::Node => count_node(line, &mut counts),
            Runner::Jest => {
                line.strip_prefix("Tests: ").into_iter().for_each(|sum| count_words(sum, ", ", &mut counts))
            }
            Runner::Vitest => {
                line.trim_start()
                    .strip_prefix("Tests ")
                    .into_iter()
                    .for_each(|sum| count_words(sum, " | ", &mut counts));
            }
        }
    }
    counts
}

fn count_cargo(line: &str, counts: &mut Counts) {
    let Some((_, result)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else { return };
    for part in result.split("; ") {
        match part.split_once(' ') {
            Some((number, "passed")) => counts.passed += number.parse().unwrap_or(0),
            Some((number, "failed")) => counts.failed += number.parse().unwrap_or(0),
            Some((number, "ignored")) => counts.skipped += number.parse().unwrap_or(0),
            _ => {}
        }
    }
}

fn count_node(line: &str, counts: &mut Counts) {
    let Some((kind, number)) = line.strip_prefix("ℹ ").and_then(|rest| rest.split_once(' ')) else { return };
    let number: usize = number.parse().unwrap_or(0);
    match kind {
        "pass" => counts.passed += number,
        "fail" | "cancelled" => counts.failed += number,
        "skipped" | "todo" => counts.skipped += number,
        _ => {}
    }
}

/// `1 failed, 3 passed`: what stands behind the last is the sum, in brackets or a word of its own.
fn count_words(sum: &str, between: &str, counts: &mut Counts) {
    for part in sum.trim().split(between) {
        let Some((number, rest)) = part.split_once(' ') else { continue };
        let number: usize = number.parse().unwrap_or(0);
        match rest.split(' ').next() {
            Some("passed") => counts.passed += number,
            Some("failed") => counts.failed += number,
            Some("skipped" | "todo") => counts.skipped += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(runner: Runner, output: &str, exit: &str) -> Tally {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("printf '%s' \"$1\"; exit {exit}"), "sh", output]);
        run_tests(runner, shell).unwrap()
    }

    #[test]
    fn the_binaries_of_a_cargo_run_are_summed() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s\n\
                      test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(tally(Runner::Cargo, output, "0"), Tally { passed: 42, failed: 0, details: None });
    }

    #[test]
    fn a_failed_cargo_run_counts_its_failures() {
        let output = "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let tally = tally(Runner::Cargo, output, "101");
        assert_eq!((tally.passed, tally.failed), (2, 3));
        assert!(tally.details.unwrap().ends_with("ended with exit status: 101"));
    }

    #[test]
    fn a_failure_is_shown_without_the_tests_that_passed() {
        let cargo = "test a ... ok\ntest b ... FAILED\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n";
        let shown = tally(Runner::Cargo, cargo, "101").details.unwrap();
        assert!(shown.starts_with("test b ... FAILED\ntest result: FAILED. "), "{shown}");
        let node = "  ✔ a claim (1ms)\n✖ another (2ms)\nℹ pass 1\nℹ fail 1\n";
        assert!(tally(Runner::Node, node, "1").details.unwrap().starts_with("✖ another (2ms)\n"));
    }

    #[test]
    fn a_run_that_dies_before_it_counts_is_one_failure() {
        assert_eq!(tally(Runner::Cargo, "error: could not compile", "101").failed, 1);
        assert_eq!(tally(Runner::Node, "", "1").failed, 1);
    }

    #[test]
    fn a_crash_after_passing_tests_is_a_failure() {
        assert_eq!(tally(Runner::Node, "ℹ pass 3\nℹ fail 0\n", "1").failed, 1);
    }

    #[test]
    fn a_run_without_tests_fails() {
        let nothing = tally(Runner::Cargo, "no tests to run!", "0");
        assert_eq!((nothing.passed, nothing.failed), (0, 1));
        assert!(nothing.details.unwrap().ends_with("no test ran"));
    }

    #[test]
    fn a_test_that_is_left_out_fails_the_run() {
        let ignored = "test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out";
        assert_eq!(tally(Runner::Cargo, ignored, "0").failed, 2);
        assert_eq!(tally(Runner::Node, "ℹ pass 5\nℹ skipped 1\nℹ todo 1\n", "0").failed, 2);
    }

    #[test]
    fn the_summary_of_node_is_read() {
        let output =
            "✔ a claim (1.2ms)\nℹ tests 4\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n";
        let tally = tally(Runner::Node, output, "1");
        assert_eq!((tally.passed, tally.failed), (3, 2));
    }

    #[test]
    fn the_summary_of_jest_is_read() {
        let passed = "  ✓ a claim (2 ms)\nTest Suites: 1 passed, 1 total\nTests:       3 passed, 3 total\n";
        assert_eq!(tally(Runner::Jest, passed, "0"), Tally { passed: 3, failed: 0, details: None });
        let mixed = tally(Runner::Jest, "Tests:       2 failed, 1 skipped, 1 todo, 3 passed, 7 total\n", "1");
        assert_eq!((mixed.passed, mixed.failed), (3, 4));
        assert_eq!(tally(Runner::Jest, "Tests:       1 todo, 3 passed, 4 total\n", "0").failed, 1);
        assert_eq!(tally(Runner::Jest, "Test Suites: 1 failed, 1 total\nTests:       0 total\n", "1").failed, 1);
    }

    #[test]
    fn the_summary_of_vitest_is_read() {
        let passed = " ✓ a.vitest.mjs (3 tests) 2ms\n\n Test Files  1 passed (1)\n      Tests  3 passed (3)\n";
        assert_eq!(tally(Runner::Vitest, passed, "0"), Tally { passed: 3, failed: 0, details: None });
        let mixed = tally(Runner::Vitest, "      Tests  2 failed | 3 passed | 1 skipped | 1 todo (7)\n", "1");
        assert_eq!((mixed.passed, mixed.failed), (3, 4));
        assert_eq!(tally(Runner::Vitest, " Test Files  1 failed (1)\n      Tests  no tests\n", "1").failed, 1);
    }

    #[test]
    fn two_tallies_add_up_and_keep_both_texts() {
        let failed = |text: &str| Tally::of::<()>(Err(anyhow::anyhow!("{text}")));
        let sum = Tally::of(Ok(())).and(failed("a")).and(failed("b"));
        assert_eq!(sum, Tally { passed: 1, failed: 2, details: Some("a\n\nb".into()) });
    }
}

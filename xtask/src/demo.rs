//! Runs the demonstration in a project that has installed the tarball, and turns its lines of JSON into a table.

use std::io::{BufRead as _, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::files;
use crate::package::{Consumer, build_and_pack};
use crate::project::Project;
use crate::run::step;

/// Builds, packs, and runs `xtask/demo.mjs`; its exit code is this command's.
///
/// # Errors
///
/// There is no such script, the project cannot be made, or node does not start.
pub fn demo(project: &Project) -> Result<ExitCode> {
    let script = project.path("xtask/demo.mjs");
    ensure!(script.is_file(), "there is no xtask/demo.mjs");
    build_and_pack(project)?;
    let consumer = step("installing the tarball", || Consumer::install(project, "demo"))?;
    // Modules are resolved from where a script stands, so the script goes there.
    files::copy(&script, &consumer.directory().join("demo.mjs"))?;
    run(&consumer)
}

/// Each line is shown as it comes, so that a step that hangs is seen to hang.
fn run(consumer: &Consumer) -> Result<ExitCode> {
    let mut child = consumer.node().arg("demo.mjs").stdout(Stdio::piped()).spawn().context("node does not start")?;
    let output = child.stdout.take().context("node has no output")?;
    println!("\n  {}", layout(&["operation", "status", "ms", "result", "request"]));
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{}", row(&line).unwrap_or(line));
    }
    let status = child.wait()?;
    if !status.success() {
        eprintln!("error: the demo ended with {status}");
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// What the script reports of a step; anything else that it prints is shown as it is.
fn row(line: &str) -> Option<String> {
    let report: Value = serde_json::from_str(line).ok()?;
    let text = |field: &str| report.get(field)?.as_str();
    let mark = if report.get("ok")?.as_bool()? { "✔" } else { "✘" };
    let status = report.get("status").and_then(Value::as_u64).map_or("–".to_owned(), |status| status.to_string());
    let ms = format!("{:.1}", report.get("ms")?.as_f64()?);
    Some(format!("{mark} {}", layout(&[text("operation")?, &status, &ms, text("result")?, text("http")?])))
}

/// The request comes last, since it may be of any length.
fn layout([operation, status, ms, result, request]: &[&str; 5]) -> String {
    format!("{operation:<20} {status:>6} {ms:>8}  {result:<40} {request}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_becomes_a_row() {
        let line =
            r#"{"operation":"types.list","http":"GET /v1/types","status":200,"ms":12.34,"result":"4 types","ok":true}"#;
        let row = row(line).unwrap();
        assert!(row.starts_with("✔ types.list              200     12.3  4 types   "), "{row}");
        assert!(row.ends_with("    GET /v1/types"), "{row}");
    }

    #[test]
    fn a_failed_step_without_an_answer_is_marked() {
        let row = row(r#"{"operation":"a","http":"","ms":1,"result":"Error: x","ok":false}"#).unwrap();
        assert!(row.starts_with("✘ a ") && row.contains("      –      1.0  Error: x"), "{row}");
    }

    #[test]
    fn what_is_no_report_is_no_row() {
        for line in ["", "listening", "{}", "[1]", "{\"operation\":\"a\"}"] {
            assert_eq!(row(line), None, "{line}");
        }
    }
}

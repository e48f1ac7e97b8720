//! Runs the demonstration in a project that has installed the tarball, and turns its lines of JSON into a table.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use crate::project::Project;
use crate::script;

/// Builds, packs, and runs `xtask/demo.mjs`; its exit code is this command's.
///
/// # Errors
///
/// There is no such script, the project cannot be made, or node does not start.
pub fn demo(project: &Project) -> Result<ExitCode> {
    script::run(project, "demo.mjs", &layout(&["operation", "status", "ms", "result", "request"]), row)
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

//! Measures the packed package against the limits that it promises.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use crate::project::Project;
use crate::script;

/// Builds, packs, and runs `xtask/bench.mjs`, which ends with 1 where a limit does not hold.
///
/// # Errors
///
/// There is no such script, the project cannot be made, or node does not start.
pub fn bench(project: &Project) -> Result<ExitCode> {
    script::run(project, "bench.mjs", &layout(&["what", "measured", "limit"]), row)
}

fn row(line: &str) -> Option<String> {
    let report: Value = serde_json::from_str(line).ok()?;
    let text = |field: &str| report.get(field)?.as_str();
    let mark = if report.get("ok")?.as_bool()? { "✔" } else { "✘" };
    let unit = text("unit")?;
    let measured = format!("{:.3} {unit}", report.get("value")?.as_f64()?);
    let limit = format!("{} {unit}", report.get("limit")?.as_f64()?);
    Some(format!("{mark} {}", layout(&[text("what")?, &measured, &limit])))
}

fn layout([what, measured, limit]: &[&str; 3]) -> String {
    format!("{what:<44} {measured:>12} {limit:>10}")
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_measurement_becomes_a_row_with_its_limit() {
        let row = row(r#"{"what":"diff","value":0.0654,"unit":"ms","limit":0.2,"ok":true}"#).unwrap();
        assert!(row.starts_with("✔ diff ") && row.ends_with("    0.065 ms     0.2 ms"), "{row}");
        assert!(
            super::row(r#"{"what":"diff","value":1,"unit":"ms","limit":0.2,"ok":false}"#).unwrap().starts_with('✘')
        );
    }

    #[test]
    fn what_is_no_measurement_is_no_row() {
        for line in ["", "{}", "warming up"] {
            assert_eq!(row(line), None, "{line}");
        }
    }
}

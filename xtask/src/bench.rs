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
    script::run(project, "bench.mjs", &layout(&["what", "median", "quartiles", "limit"]), row)
}

fn row(line: &str) -> Option<String> {
    let report: Value = serde_json::from_str(line).ok()?;
    let text = |field: &str| report.get(field)?.as_str();
    let mark = if report.get("ok")?.as_bool()? { "✔" } else { "✘" };
    let unit = text("unit")?;
    let number = |field: &str| report.get(field)?.as_f64();
    let median = format!("{:.3} {unit}", number("value")?);
    let quartiles = format!("{:.3} – {:.3}", number("low")?, number("high")?);
    let limit = format!("{} {unit}", number("limit")?);
    Some(format!("{mark} {}", layout(&[text("what")?, &median, &quartiles, &limit])))
}

fn layout([what, median, quartiles, limit]: &[&str; 4]) -> String {
    format!("{what:<44} {median:>12} {quartiles:>16} {limit:>10}")
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_measurement_becomes_a_row_with_its_limit() {
        let line = r#"{"what":"diff","value":0.0654,"low":0.06,"high":0.0722,"unit":"ms","limit":0.2,"ok":true}"#;
        let held = row(line).unwrap();
        assert!(held.starts_with("✔ diff ") && held.ends_with("  0.065 ms    0.060 – 0.072     0.2 ms"), "{held}");
        assert!(row(&line.replace("true", "false")).unwrap().starts_with('✘'));
    }

    #[test]
    fn what_is_no_measurement_is_no_row() {
        for line in ["", "{}", "warming up"] {
            assert_eq!(row(line), None, "{line}");
        }
    }
}

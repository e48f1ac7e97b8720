//! Holds the workflows of `.github/` to what keeps a stranger's change out of a release.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::files;
use crate::project::Project;

/// Each action is a commit and not a name that can move, with its version beside it; a job has the rights that it asks for,
/// and no others.
///
/// # Errors
///
/// A workflow breaks a rule, or there is none.
pub fn check(project: &Project) -> Result<()> {
    let directory = project.path(".github/workflows");
    let workflows = files::with_extension(files::below(&directory)?, &["yml", "yaml"]);
    ensure!(!workflows.is_empty(), "there is no workflow");
    for workflow in workflows {
        let name = files::relative(&workflow, &directory)?;
        judge(&fs::read_to_string(&workflow)?).with_context(|| format!(".github/workflows/{name}"))?;
    }
    Ok(())
}

fn judge(workflow: &str) -> Result<()> {
    ensure!(
        workflow.lines().any(|line| line == "permissions: {}"),
        "it must begin with no rights: `permissions: {{}}`"
    );
    ensure!(
        !workflow.contains("pull_request_target"),
        "a stranger's change would run with the rights of this repository"
    );
    let uses = workflow.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses:"));
    for action in uses {
        ensure!(is_pinned(action.trim()), "`{}` must be `owner/name@commit # version`", action.trim());
    }
    Ok(())
}

fn is_pinned(action: &str) -> bool {
    let Some((reference, version)) = action.split_once(" # ") else { return false };
    let Some((_, commit)) = reference.split_once('@') else { return false };
    let is_hash = commit.len() == 40 && commit.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    is_hash && version.starts_with('v')
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn workflow(uses: &str) -> String {
        format!("on: push\n\npermissions: {{}}\n\njobs:\n  a:\n    steps:\n      - uses: {uses}\n")
    }

    #[test]
    fn an_action_is_a_commit_with_its_version() {
        assert!(judge(&workflow(&format!("a/b@{COMMIT} # v1.2.3"))).is_ok());
        for loose in ["a/b@v1", "a/b", &format!("a/b@{COMMIT}"), "a/b@0123456789abcdef # v1"] {
            assert!(judge(&workflow(loose)).is_err(), "{loose}");
        }
    }

    #[test]
    fn rights_are_given_by_jobs_alone() {
        let good = workflow(&format!("a/b@{COMMIT} # v1"));
        assert!(judge(&good.replace("permissions: {}", "permissions:\n  contents: write")).is_err());
        assert!(judge(&good.replace("permissions: {}", "  permissions: {}")).is_err());
        assert!(judge(&good.replace("on: push", "on: pull_request_target")).is_err());
    }
}

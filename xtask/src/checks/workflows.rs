//! Holds the workflows of `.github/` to what keeps the work of others out of a release.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use crate::files;
use crate::project::Project;

/// What must have passed before a job that publishes begins.
const GATES: [&str; 3] = ["build", "test", "advisories"];

/// What such a job may use; neither runs code of the project or of an npm package.
const TOOLS_OF_PUBLISHING: [&str; 2] = ["actions/download-artifact", "actions/setup-node"];

/// The file of this version by its name: an artifact may hold another one beside it.
const TARBALL: &str = "release/isc-service-desk-${GITHUB_REF_NAME#v}.tgz";

#[test]
fn every_workflow_keeps_the_rules() {
    let directory = Project::here().path(".github/workflows");
    let workflows = files::with_extension(files::below(&directory).unwrap(), &["yml", "yaml"]);
    assert!(workflows.len() > 2);
    for workflow in workflows {
        let judged = judge(&fs::read_to_string(&workflow).unwrap());
        assert!(judged.is_ok(), "{}: {:#}", workflow.display(), judged.unwrap_err());
    }
}

/// Each action is a commit and not a name that can move, with its version beside it; a job has the rights that it asks for,
/// and no others; what may publish does so at the end of a release.
fn judge(text: &str) -> Result<()> {
    let workflow: Value = yaml_serde::from_str(text)?;
    ensure!(workflow.get("permissions") == Some(&json!({})), "it must begin with no rights: `permissions: {{}}`");
    ensure!(
        !text.contains("pull_request_target"),
        "the change of another would run with the rights of this repository"
    );
    let uses = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses:"));
    for action in uses.map(str::trim) {
        let is_ours = action.starts_with("./.github/workflows/");
        ensure!(is_ours || is_pinned(action), "`{action}` must be `owner/name@commit # version`");
    }
    let jobs = workflow.get("jobs").and_then(Value::as_object).context("it has no jobs")?;
    let mut publishing = jobs.iter().filter(|(_, job)| may_write(job)).peekable();
    if publishing.peek().is_some() {
        builds(jobs).context("job build")?;
        tests(jobs).context("job test")?;
        let advisories = jobs.get("advisories").and_then(|job| job.get("uses"));
        ensure!(advisories == Some(&json!("./.github/workflows/advisories.yml")), "it asks for no advisories");
    }
    publishing.try_for_each(|(name, job)| publishes(job).with_context(|| format!("job {name}")))
}

fn is_pinned(action: &str) -> bool {
    let Some((reference, version)) = action.split_once(" # ") else { return false };
    let Some((_, commit)) = reference.split_once('@') else { return false };
    let is_hash = commit.len() == 40 && commit.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    is_hash && version.starts_with('v')
}

fn may_write(job: &Value) -> bool {
    match job.get("permissions") {
        Some(Value::Object(rights)) => rights.values().any(|right| right == "write"),
        Some(all) => all != "read-all",
        None => false,
    }
}

/// With nothing but the build's own tools, from a commit of `main`.
fn builds(jobs: &Map<String, Value>) -> Result<()> {
    let job = jobs.get("build").context("there is none")?;
    ensure!(job.pointer("/outputs/sums") == Some(&json!("${{ steps.sums.outputs.sums }}")), "it gives no hash");
    let depth = steps(job).iter().find_map(|step| step.pointer("/with/fetch-depth"));
    ensure!(depth == Some(&json!(0)), "it does not know main");
    let run: Vec<&str> = scripts(job).collect();
    let [on_main, check, pack, collect] = run[..] else { anyhow::bail!("it runs {} scripts", run.len()) };
    ensure!(on_main == r#"git merge-base --is-ancestor "$GITHUB_SHA" origin/main"#, "the tag may be anywhere");
    let checks = r#"cargo xtask check-release "$GITHUB_REF_NAME" "$GITHUB_REPOSITORY""#;
    ensure!(check == checks, "it does not look at the tag");
    ensure!(pack == "cargo xtask pack", "it does more than pack");
    ensure!(!["cargo", "npm", "npx", ".ci/run"].iter().any(|tool| collect.contains(tool)), "it runs `{collect}`");
    Ok(())
}

/// The very tarball, from a checkout of its own.
fn tests(jobs: &Map<String, Value>) -> Result<()> {
    let job = jobs.get("test").context("there is none")?;
    ensure!(needs(job).contains(&"build") && actions(job).any(|action| action == "actions/checkout"), "on what?");
    checks_hash(job)?;
    let test = format!("cargo xtask test --tarball \"{TARBALL}\"");
    ensure!(scripts(job).any(|script| script == test), "it does not test the tarball");
    Ok(())
}

/// What `build` made, after everything else has passed, with no other code at hand.
fn publishes(job: &Value) -> Result<()> {
    ensure!(GATES.iter().all(|gate| needs(job).contains(gate)), "it must need {}", GATES.join(", "));
    ensure!(job.get("if").is_none(), "it may run where another job failed");
    let is_npm = job.pointer("/permissions/id-token").is_some();
    ensure!(!is_npm || job.get("environment") == Some(&json!("npm")), "npm trusts the environment npm alone");
    let foreign: Vec<&str> = actions(job).filter(|action| !TOOLS_OF_PUBLISHING.contains(action)).collect();
    ensure!(foreign.is_empty(), "it uses {}", foreign.join(", "));
    checks_hash(job)?;
    for script in scripts(job) {
        let installs = ["npm ci", "npm i", "npx", "npm exec", "cargo"].iter().find(|tool| script.contains(**tool));
        ensure!(installs.is_none(), "it runs `{}`", installs.unwrap_or(&""));
    }
    ensure!(scripts(job).skip(1).all(|script| script.contains(TARBALL) && !script.contains('*')), "of which tarball?");
    Ok(())
}

/// Before any other script, always, and against the hash that the job `build` gave: an artifact can be put in the place of
/// another.
fn checks_hash(job: &Value) -> Result<()> {
    let check = json!({
        "name": "These are the files of the job `build`",
        "working-directory": "release",
        "env": { "SUMS": "${{ needs.build.outputs.sums }}" },
        "run": "echo \"$SUMS  SHA256SUMS\" | sha256sum --check --strict\nsha256sum --check --strict SHA256SUMS\n",
    });
    let first = steps(job).iter().find(|step| step.get("run").is_some());
    ensure!(first == Some(&check), "its first script does not check the hash of what it downloaded");
    let downloads = steps(job).iter().filter(|step| step.get("uses").is_some_and(is_download));
    let places: Vec<Option<&Value>> = downloads.map(|step| step.pointer("/with/path")).collect();
    ensure!(places == [Some(&json!("release"))], "it must download one artifact, to `release`");
    Ok(())
}

fn is_download(uses: &Value) -> bool {
    uses.as_str().is_some_and(|action| action.starts_with("actions/download-artifact@"))
}

fn steps(job: &Value) -> &[Value] {
    job.get("steps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn scripts(job: &Value) -> impl Iterator<Item = &str> {
    steps(job).iter().filter_map(|step| step.get("run")?.as_str())
}

fn actions(job: &Value) -> impl Iterator<Item = &str> {
    steps(job).iter().filter_map(|step| step.get("uses")?.as_str()?.split('@').next())
}

fn needs(job: &Value) -> Vec<&str> {
    match job.get("needs") {
        Some(Value::Array(jobs)) => jobs.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(job)) => vec![job],
        _ => Vec::new(),
    }
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
        assert!(judge(&workflow("./.github/workflows/a.yml")).is_ok());
        for loose in ["a/b@v1", "a/b", &format!("a/b@{COMMIT}"), "a/b@0123456789abcdef # v1", "./a"] {
            assert!(judge(&workflow(loose)).is_err(), "{loose}");
        }
    }

    #[test]
    fn rights_are_given_by_jobs_alone() {
        let good = workflow(&format!("a/b@{COMMIT} # v1"));
        assert!(judge(&good.replace("permissions: {}", "permissions:\n  contents: write")).is_err());
        assert!(judge(&good.replace("permissions: {}", "")).is_err());
        assert!(judge(&good.replace("on: push", "on: pull_request_target")).is_err());
    }

    #[test]
    fn a_job_with_rights_is_one_of_a_release() {
        let good = workflow(&format!("a/b@{COMMIT} # v1"));
        for rights in ["\n      contents: write", "\n      id-token: write", " write-all"] {
            let job = good.replace("  a:\n", &format!("  a:\n    permissions:{rights}\n"));
            assert!(judge(&job).is_err(), "{rights}");
        }
        assert!(judge(&good.replace("  a:\n", "  a:\n    permissions:\n      contents: read\n")).is_ok());
    }

    /// The release with one thing changed, wherever it stands, and what is said of that.
    const CHANGES: [(&str, &str, &str); 21] = [
        ("          fetch-depth: 0 # main, too\n", "", "it does not know main"),
        ("\"$GITHUB_SHA\" origin/main", "\"$GITHUB_SHA\" HEAD", "the tag may be anywhere"),
        (" \"$GITHUB_REPOSITORY\"\n", "\n", "it does not look at the tag"),
        ("run: cargo xtask pack", "run: cargo xtask test", "it does more than pack"),
        ("          mkdir release", "          npm ci", "it runs `npm ci"),
        ("      - run: cargo xtask pack", "      - run: npm ci\n      - run: cargo xtask pack", "it runs 5 scripts"),
        ("      sums: ${{ steps.sums.outputs.sums }}", "      other: 1", "it gives no hash"),
        ("    needs: build\n", "", "on what?"),
        ("cargo xtask test --tarball", "cargo xtask test #", "it does not test the tarball"),
        ("needs: [build, test, advisories]", "needs: [build, advisories]", "must need build, test, advisories"),
        ("needs: [build, test, advisories, npm]", "needs: npm", "must need build, test, advisories"),
        ("uses: ./.github/workflows/advisories.yml", "steps: []", "it asks for no advisories"),
        ("    environment: npm\n", "", "npm trusts the environment npm alone"),
        ("    environment: npm", "    if: always()", "it may run where another job failed"),
        ("          echo \"$SUMS", "          true \"$SUMS", "does not check the hash"),
        ("needs.build.outputs.sums", "needs.test.outputs.sums", "does not check the hash"),
        ("SHA256SUMS\" | sha256sum --check", "SHA256SUMS\" | true --check", "does not check the hash"),
        ("          path: release # and not", "          path: . # and not", "one artifact, to `release`"),
        ("run: npm publish", "run: npm install && npm publish", "it runs `npm i`"),
        ("public \"./release/isc-service-desk-${GITHUB_REF_NAME#v}.tgz\"", "public release/*.tgz", "of which tarball?"),
        (
            "      - name: Publish, with",
            "      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v6\n      - name: Publish, with",
            "it uses actions/checkout",
        ),
    ];

    #[test]
    fn a_release_without_one_of_its_guards_is_refused() {
        let release = fs::read_to_string(Project::here().path(".github/workflows/release.yml")).unwrap();
        for (from, to, complaint) in CHANGES {
            assert!(release.contains(from), "{from}");
            let refused = judge(&release.replace(from, to)).map_err(|error| format!("{error:#}"));
            assert!(refused.as_ref().is_err_and(|error| error.contains(complaint)), "{from}: {refused:?}");
        }
    }
}

//! The parts of `cargo xtask test`: what each holds, and which must have passed before it can run.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::builder::PossibleValuesParser;

use crate::build::cores::{CLIENT, Core, SANDBOX};
use crate::build::inline::{JOINER, JOINER_SELECTION};
use crate::checks::bench;
use crate::checks::examples;
use crate::checks::test_counts::{Runner, Tally, run_tests};
use crate::ecosystem::bundlers;
use crate::ecosystem::matrix;
use crate::ecosystem::runners;
use crate::ecosystem::runtimes;
use crate::ecosystem::types;
use crate::files;
use crate::package::docs;
use crate::package::lint;
use crate::package::reproducible;
use crate::package::size;
use crate::package::tarball;
use crate::project::{NAME, Project};
use crate::run;
use crate::supply::audit;

/// A check that passes or fails as one, or as the sum of its tests.
pub struct Part {
    pub name: &'static str,
    pub what: &'static str,
    /// The part without which this one cannot run.
    pub needs: Option<&'static str>,
    pub run: fn(&Project) -> Result<Tally>,
}

/// Everything that CI runs, in order: what is quick and local comes before what is built from it.
pub static PARTS: &[Part] = &[
    part("fmt", "all Rust is formatted", None, fmt),
    part("clippy", "clippy has no complaint, on this machine's target, and about what joins streams", None, clippy),
    part("clippy-client", "clippy has no complaint about the client core", None, |project| {
        clippy_core(project, &CLIENT)
    }),
    part("clippy-sandbox", "clippy has no complaint about the sandbox core", None, |project| {
        clippy_core(project, &SANDBOX)
    }),
    part("native", "tests of the core, and of what the bindings read and write", None, |project| {
        cargo_test(project, &["--package", NAME, "--package", CLIENT.package])
    }),
    part("xtask", "tests of these commands, and of what splits and joins a core", None, |project| {
        cargo_test(project, &["--package", "xtask", "--package", JOINER])
    }),
    part("fuzz-corpus", "what fuzzing must not break holds for the kept inputs", None, |project| {
        cargo_test(project, &["--package", "fuzz"])
    }),
    part("wasm-client", "tests of the client core in Node", None, |project| wasm_tests(project, &CLIENT)),
    part("wasm-sandbox", "tests of the sandbox core in Node", None, |project| wasm_tests(project, &SANDBOX)),
    part("build", "the package can be built and packed", None, |project| one(tarball::build_and_pack(project))),
    part("lint-package", "publint, attw and the list of files", Some("build"), |project| {
        one(lint::lint_package(project))
    }),
    part("size", "what users download is within its budget", Some("build"), |project| one(size::check_packed(project))),
    part("supply", "sources, licences, pins and the bill of materials", Some("build"), audit::supply_tests),
    part("reproducible", "a build elsewhere gives the same bytes", Some("build"), |project| {
        one(reproducible::check(project))
    }),
    part("package", "tests of the installed tarball in Node", Some("build"), examples::package_tests),
    part("facade", "the hand-written JavaScript agrees with the cores and with itself", Some("build"), |project| {
        one(types::check_facade(project))
    }),
    part(
        "types",
        "programs in TypeScript compile against the tarball, whose surface is the kept one",
        Some("build"),
        matrix::type_tests,
    ),
    part("docs", "every public item is documented, and every link leads somewhere", Some("build"), docs::doc_tests),
    part(
        "readme",
        "the examples, of the README, of docs/ and in examples/, do what they say",
        Some("build"),
        examples::readme_tests,
    ),
    part(
        "runners",
        "tests that use the tarball run in Jest and Vitest: in Node and in pages, under real and fake timers",
        Some("build"),
        runners::runner_tests,
    ),
    part("bundlers", "what bundlers make of the tarball runs in a page", Some("build"), bundlers::bundler_tests),
    part(
        "runtimes",
        "the tarball does its job in every runtime that docs/runtimes.md names",
        Some("build"),
        runtimes::runtime_tests,
    ),
    part("bench-smoke", "the benchmark measures all that docs/benchmarks.md says of it", Some("build"), bench::smoke),
];

const fn part(
    name: &'static str,
    what: &'static str,
    needs: Option<&'static str>,
    run: fn(&Project) -> Result<Tally>,
) -> Part {
    Part { name, what, needs, run }
}

/// What `--only` takes.
pub fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(PARTS.iter().map(|part| part.name))
}

/// A check that is one thing.
fn one<T>(result: Result<T>) -> Result<Tally> {
    result.map(|_| Tally::of(Ok(())))
}

/// The fuzz targets are a workspace of their own.
fn fmt(project: &Project) -> Result<Tally> {
    let workspaces = [&["--all"][..], &["--manifest-path", "fuzz/fuzz_targets/Cargo.toml"]];
    let check = |workspace: &[&'static str]| {
        one(run::succeed(project.cargo(["fmt", "--check"].into_iter().chain(workspace.iter().copied()))))
    };
    workspaces.into_iter().map(check).try_fold(Tally::default(), |sum, tally| Ok(sum.and(tally?)))
}

fn clippy(project: &Project) -> Result<Tally> {
    let all = ["--workspace", "--all-targets", "--all-features"];
    let native = deny_warnings(project.cargo(["clippy", "--quiet"].into_iter().chain(all)))?;
    let joiner = ["clippy", "--quiet", "--lib"].into_iter().chain(JOINER_SELECTION);
    Ok(native.and(deny_warnings(project.cargo(joiner))?))
}

/// The library as it ships, and with the tests that run in the core.
fn clippy_core(project: &Project, core: &Core) -> Result<Tally> {
    let profiles = [&["--lib"][..], &["--lib", "--profile", "test"]];
    let clippy = |profile: &[&'static str]| {
        let arguments = ["clippy", "--quiet"].into_iter().chain(profile.iter().copied());
        deny_warnings(project.cargo(arguments.chain(core.cargo_arguments())))
    };
    profiles.into_iter().map(clippy).try_fold(Tally::default(), |sum, tally| Ok(sum.and(tally?)))
}

fn deny_warnings(mut clippy: Command) -> Result<Tally> {
    clippy.args(["--", "--deny", "warnings"]);
    one(run::succeed(clippy))
}

/// Unit tests only: integration tests are native, some with tools that no wasm target has.
fn wasm_tests(project: &Project, core: &Core) -> Result<Tally> {
    refuse_hidden_tests(project)?;
    let selection: Vec<&str> = core.cargo_arguments().chain(["--lib"]).collect();
    cargo_test(project, &selection)
}

/// A wasm test among the integration tests would never run.
fn refuse_hidden_tests(project: &Project) -> Result<()> {
    for file in files::with_extension(files::below(&project.path("tests"))?, &["rs"]) {
        let hidden = fs::read_to_string(&file)?.contains("wasm_bindgen_test");
        ensure!(!hidden, "{}: a test of wasm-bindgen is run only in src/", file.display());
    }
    Ok(())
}

/// Compiles first, quietly: the run itself cannot be quiet, since cargo tells it to the runner, and that of
/// wasm-bindgen knows no such flag.
fn cargo_test(project: &Project, selection: &[&str]) -> Result<Tally> {
    let mut compile = project.cargo(["test", "--no-run", "--quiet"]);
    compile.args(selection);
    run::succeed(compile)?;
    let mut test = project.cargo(["test", "--no-fail-fast"]);
    test.args(selection);
    run_tests(Runner::Cargo, test)
}

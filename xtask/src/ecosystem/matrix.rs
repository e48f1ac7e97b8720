//! Compiles the programs of `tests/types` as each kind of consumer does, with the compilers that consumers may have.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, ensure};

use crate::checks::examples::copy_tests;
use crate::checks::test_counts::Tally;
use crate::ecosystem::consumers::{COMPILERS, CONSUMERS, Compiler, NEWEST, PROGRAM, Setting};
use crate::ecosystem::types::typescript_below;
use crate::files;
use crate::package::surface;
use crate::package::tarball::Consumer;
use crate::project::Project;
use crate::setup;

/// The folder of the compilers that `xtask/package.json` does not have, and of typedoc.
pub const TOOLS: &str = "xtask/typescript";

/// How many compilers run at once.
const AT_ONCE: usize = 2;

/// One compilation.
struct Cell<'a> {
    compiler: &'a Compiler,
    setting: &'a Setting,
    files: Vec<PathBuf>,
}

/// Compiles `tests/types` for each kind of consumer with each compiler, and the TypeScript of `tests/package` for Node; then
/// holds the public surface against what is kept of it.
///
/// # Errors
///
/// The project cannot be prepared, or a program would be compiled by nobody.
pub fn type_tests(project: &Project) -> Result<Tally> {
    setup::npm_tools(project, TOOLS)?;
    let consumer = Consumer::install(project, "types")?;
    let types = copy_tests(project, &consumer, "types")?;
    let programs = typescript_below(&copy_tests(project, &consumer, "package")?)?;
    let mut cells = cells(&types)?;
    if !programs.is_empty() {
        cells.push(Cell { compiler: &NEWEST, setting: &PROGRAM, files: programs });
    }
    let compiled = compile_all(project, &consumer, cells);
    Ok(compiled.and(surface::snapshot_tests(project)?).and(surface::surface_tests(project, &consumer)?))
}

fn cells(types: &Path) -> Result<Vec<Cell<'static>>> {
    let all = typescript_below(types)?;
    let mut cells = Vec::new();
    for setting in &CONSUMERS {
        let files: Vec<PathBuf> = all.iter().filter(|file| is_of(file, types, setting)).cloned().collect();
        ensure!(!files.is_empty(), "there is nothing to compile for {}", setting.name);
        cells.extend(COMPILERS.iter().map(|compiler| Cell { compiler, setting, files: files.clone() }));
    }
    for file in &all {
        let compiled = CONSUMERS.iter().any(|setting| is_of(file, types, setting));
        ensure!(compiled, "tests/types/{} would be compiled for nobody", files::relative(file, types)?);
    }
    Ok(cells)
}

fn is_of(file: &Path, types: &Path, setting: &Setting) -> bool {
    setting.programs.iter().any(|folder| file.parent().is_some_and(|parent| parent == types.join(folder).as_path()))
}

fn compile_all(project: &Project, consumer: &Consumer, cells: Vec<Cell>) -> Tally {
    let queue = Mutex::new(cells.into_iter());
    let work = || {
        let mut sum = Tally::default();
        while let Some(Cell { compiler, setting, files }) = queue.lock().ok().and_then(|mut cells| cells.next()) {
            sum = sum.and(Tally::of(setting.check(project, compiler, consumer.directory(), &files)));
        }
        sum
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let finished = workers.into_iter().map(|worker| {
            worker.join().ok().context("a compilation panicked").unwrap_or_else(|error| Tally::failure(&error))
        });
        finished.fold(Tally::default(), Tally::and)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_compiled_by_those_who_name_its_folder() {
        let types = Path::new("/t");
        let of = |file: &str| CONSUMERS.iter().filter(|setting| is_of(Path::new(file), types, setting)).count();
        assert_eq!([of("/t/a.mts"), of("/t/require/a.cts"), of("/t/import/a.cts"), of("/t/bare/a.mts")], [4, 2, 2, 1]);
        assert_eq!(of("/t/elsewhere/a.mts"), 0);
    }

    #[test]
    fn every_program_of_the_project_is_compiled_with_every_compiler() {
        let cells = cells(&Project::here().path("tests/types")).unwrap();
        assert_eq!(cells.len(), CONSUMERS.len() * COMPILERS.len());
    }
}

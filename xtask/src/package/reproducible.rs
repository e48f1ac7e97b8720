//! Builds the package a second time, from a copy of the sources in another place, and compares the two byte by byte.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};

use crate::files;
use crate::package::tarball::{self, build_and_pack};
use crate::project::{Project, WASM_TARGET};
use crate::run::{self, step};

const PLACE: &str = "target/reproducible";

/// What differs is the folder of the sources, of the compiled files and of the registry's crates, and the age of every
/// file.
///
/// # Errors
///
/// The copy cannot be built, or it differs; the text names each file that does.
pub fn check(project: &Project) -> Result<()> {
    let place = project.path(PLACE);
    files::make_empty(&place)?;
    let copy = step("copying the sources", || copy(project, &place))?;
    build_and_pack(&copy)?;
    same([&project.pkg(), &copy.pkg()], [&tarball::tarball(project)?, &tarball::tarball(&copy)?])?;
    files::make_empty(&place)
}

/// Holds a tarball of another machine against the package as it was built and packed on this one.
///
/// # Errors
///
/// It differs; the text names each file that does.
pub fn same_as_tarball(pkg: &Path, packed: &Path, other: &Path, scratch: &Path) -> Result<()> {
    files::make_empty(scratch)?;
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(other).arg("-C").arg(scratch).arg("--strip-components=1");
    run::succeed(unpack)?;
    same([pkg, scratch], [packed, other]).with_context(|| other.display().to_string())?;
    files::make_empty(scratch)
}

/// The folders first: they tell which file it is.
fn same([ours, theirs]: [&Path; 2], [our_tarball, their_tarball]: [&Path; 2]) -> Result<()> {
    compare(ours, theirs)?;
    ensure!(our_tarball.file_name() == their_tarball.file_name(), "the tarballs have different names");
    let equal = fs::read(our_tarball)? == fs::read(their_tarball)?;
    ensure!(equal, "the tarballs differ, although the files in them do not");
    Ok(())
}

fn copy(project: &Project, place: &Path) -> Result<Project> {
    let sources = place.join("sources of another machine");
    for name in project.sources()? {
        let file = sources.join(&name);
        files::copy(&project.path(&name), &file)?;
        File::options().write(true).open(&file)?.set_modified(long_ago())?;
    }
    link(&project.path("xtask/node_modules"), &sources.join("xtask/node_modules"))?;
    let home = place.join("cargo");
    for part in ["index", "cache"] {
        link(&project.cargo_home()?.join("registry").join(part), &home.join("registry").join(part))?;
    }
    let copy = Project::elsewhere(sources, home);
    // Unpacks the crates: which folder that is must be known when the cores are compiled.
    let host = run::capture(copy.command("rustc", ["--print", "host-tuple"]))?;
    run::succeed(copy.cargo(["fetch", "--quiet", "--locked", "--target", WASM_TARGET, "--target", host.trim()]))?;
    Ok(copy)
}

fn long_ago() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

fn link(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(from, to)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(from, to)?;
    Ok(())
}

fn compare(ours: &Path, theirs: &Path) -> Result<()> {
    let names = |directory: &Path| -> Result<Vec<String>> {
        files::below(directory)?.iter().map(|file| files::relative(file, directory)).collect()
    };
    let (left, right) = (names(ours)?, names(theirs)?);
    ensure!(!left.is_empty(), "the package has no files");
    ensure!(left == right, "the files are not the same:\n{}\nand\n{}", left.join("\n"), right.join("\n"));
    let mut different = Vec::new();
    for name in &left {
        different.extend(
            first_difference(&ours.join(name), &theirs.join(name))?.map(|at| format!("{name}, from byte {at}")),
        );
    }
    if !different.is_empty() {
        bail!("a second build gives other bytes:\n{}", different.join("\n"));
    }
    Ok(())
}

fn first_difference(ours: &PathBuf, theirs: &PathBuf) -> Result<Option<usize>> {
    let (ours, theirs) = (fs::read(ours)?, fs::read(theirs)?);
    let common = ours.iter().zip(&theirs).take_while(|(left, right)| left == right).count();
    Ok((common < ours.len().max(theirs.len())).then_some(common))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_or_is_longer_is_named_with_its_first_other_byte() {
        let root = std::env::temp_dir().join(format!("xtask-reproducible-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        };
        ["a/same", "b/same"].into_iter().for_each(|name| write(name, "text"));
        let error = || compare(&root.join("a"), &root.join("b")).map_err(|error| error.to_string());
        assert_eq!(error(), Ok(()));
        write("a/other", "text");
        assert!(error().unwrap_err().starts_with("the files are not the same:\nother\nsame\nand\nsame"));
        write("b/other", "texts");
        assert_eq!(error(), Err("a second build gives other bytes:\nother, from byte 4".into()));
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn a_tarball_of_another_machine_must_have_the_same_bytes() {
        let root = std::env::temp_dir().join(format!("xtask-tarball-{}", std::process::id()));
        let pack = |folder: &str, text: &str, level: &str| {
            fs::create_dir_all(root.join(folder).join("package")).unwrap();
            fs::write(root.join(folder).join("package/a.js"), text).unwrap();
            let mut tar = Command::new("sh");
            let pack = format!("tar -c --mtime=@0 package | gzip -n -{level} > a.tgz && rm -r package");
            tar.current_dir(root.join(folder)).args(["-c", &pack]);
            run::succeed(tar).unwrap();
            root.join(folder).join("a.tgz")
        };
        let packed = pack("here", "text", "9");
        fs::create_dir_all(root.join("pkg")).unwrap();
        fs::write(root.join("pkg/a.js"), "text").unwrap();
        let error = |other: &Path| {
            let held = same_as_tarball(&root.join("pkg"), &packed, other, &root.join("scratch"));
            held.map_err(|error| error.root_cause().to_string())
        };
        assert_eq!(error(&pack("same", "text", "9")), Ok(()));
        assert_eq!(
            error(&pack("other", "texts", "9")),
            Err("a second build gives other bytes:\na.js, from byte 4".into())
        );
        let packed_differently = error(&pack("level", "text", "1"));
        assert_eq!(packed_differently, Err("the tarballs differ, although the files in them do not".into()));
        assert!(error(&root.join("none.tgz")).is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}

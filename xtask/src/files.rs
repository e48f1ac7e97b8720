//! Lists, copies and removes trees of files.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};

/// All files below a folder, sorted, without those of installed packages; none where there is no folder.
///
/// # Errors
///
/// A folder cannot be read.
pub fn below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if directory.exists() {
        let own = |entry: &DirEntry| entry.file_name() != "node_modules";
        for entry in WalkDir::new(directory).sort_by_file_name().into_iter().filter_entry(own) {
            let entry = entry?;
            if entry.file_type().is_file() {
                files.push(entry.into_path());
            }
        }
    }
    Ok(files)
}

/// The files with one of these extensions.
pub fn with_extension(files: Vec<PathBuf>, extensions: &[&str]) -> Vec<PathBuf> {
    let wanted = |file: &PathBuf| extensions.iter().any(|extension| file.extension() == Some(OsStr::new(extension)));
    files.into_iter().filter(wanted).collect()
}

/// The path below `directory`, with slashes.
///
/// # Errors
///
/// The file does not stand there.
pub fn relative(file: &Path, directory: &Path) -> Result<String> {
    let parts = file.strip_prefix(directory)?.iter().map(|part| part.to_string_lossy());
    Ok(parts.collect::<Vec<_>>().join("/"))
}

/// Copies one file, into a folder that need not be there yet.
///
/// # Errors
///
/// The file cannot be read, or its copy not be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = fs::create_dir_all(to.parent().unwrap_or(to)).and_then(|()| fs::copy(from, to));
    copied.map(drop).with_context(|| format!("{} cannot be copied", from.display()))
}

/// Copies every file below a folder; gives the new folder.
///
/// # Errors
///
/// A file cannot be copied.
pub fn copy_tree(from: &Path, to: &Path) -> Result<PathBuf> {
    for file in below(from)? {
        copy(&file, &to.join(file.strip_prefix(from)?))?;
    }
    Ok(to.to_path_buf())
}

/// Copies every file below a folder, those of the packages installed in it too.
///
/// # Errors
///
/// A file cannot be copied.
pub fn copy_installed(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        if entry.file_type().is_file() {
            copy(entry.path(), &to.join(entry.path().strip_prefix(from)?))?;
        }
    }
    Ok(())
}

/// The folder is there afterwards, and empty.
///
/// # Errors
///
/// What stood in it cannot be removed, or it cannot be made.
pub fn make_empty(directory: &Path) -> Result<()> {
    let removed = match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    removed
        .and_then(|()| fs::create_dir_all(directory))
        .with_context(|| format!("{} cannot be emptied", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        make_empty(&directory).unwrap();
        directory
    }

    #[test]
    fn a_copied_tree_has_the_same_files_but_for_installed_packages() {
        let directory = scratch("copy");
        for file in ["from/b.ts", "from/a/c.mjs", "from/node_modules/x/index.js"] {
            copy(&std::env::current_exe().unwrap(), &directory.join(file)).unwrap();
        }
        let tree = copy_tree(&directory.join("from"), &directory.join("to")).unwrap();
        let files: Vec<String> = below(&tree).unwrap().iter().map(|file| relative(file, &tree).unwrap()).collect();
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(files, ["a/c.mjs", "b.ts"]);
    }

    #[test]
    fn a_copied_package_has_what_is_installed_in_it() {
        let directory = scratch("installed");
        for file in ["from/index.js", "from/node_modules/x/index.js"] {
            copy(&std::env::current_exe().unwrap(), &directory.join(file)).unwrap();
        }
        copy_installed(&directory.join("from"), &directory.join("to")).unwrap();
        let is_there = ["to/index.js", "to/node_modules/x/index.js"].map(|file| directory.join(file).is_file());
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(is_there, [true, true]);
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_files() {
        assert!(below(Path::new("/nowhere/at/all")).unwrap().is_empty());
    }

    #[test]
    fn emptying_removes_what_was_there() {
        let directory = scratch("empty");
        fs::write(directory.join("old"), "").unwrap();
        make_empty(&directory).unwrap();
        let files = below(&directory).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        assert!(files.is_empty());
    }

    #[test]
    fn a_file_is_told_by_its_last_extension() {
        let files = ["a.ts", "b.mts", "c.d.ts", "ts", "d.js"].map(PathBuf::from).to_vec();
        assert_eq!(with_extension(files, &["ts", "mts"]), ["a.ts", "b.mts", "c.d.ts"].map(PathBuf::from));
    }
}

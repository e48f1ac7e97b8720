//! Replays every kept input, so that what a fuzzer once found stays found, without a fuzzer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fuzz::{TARGETS, Target};

const MAX_FILES: usize = 40;
const MAX_BYTES: usize = 4096;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The kept inputs of a target; none where it has no folder.
fn kept(target: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder("corpus").join(target)).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

/// Every input is tried, so that one run names all that fail.
#[track_caller]
fn replay(name: &str) {
    let (_, holds): &Target = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
    let files = kept(name);
    assert!(!files.is_empty(), "fuzz/corpus/{name} has no input to replay");
    let fails = |file: &&PathBuf| {
        let input = fs::read(file).unwrap();
        catch_unwind(|| holds(&input)).is_err()
    };
    let failed: Vec<&PathBuf> = files.iter().filter(fails).collect();
    assert!(failed.is_empty(), "the property does not hold for {failed:#?}");
}

#[test]
fn every_kept_error_body_holds() {
    replay("api_error");
}

#[test]
fn every_kept_answer_holds() {
    replay("decode");
}

#[test]
fn every_kept_difference_holds() {
    replay("diff");
}

#[test]
fn every_kept_filter_holds() {
    replay("filter");
}

#[test]
fn every_kept_retry_after_holds() {
    replay("retry_after");
}

#[test]
fn every_kept_token_holds() {
    replay("token");
}

#[test]
fn each_target_has_a_program_and_a_corpus() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let listed = |directory: &str, extension: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder(directory)).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.filter_map(|name| Some(name.to_str()?.strip_suffix(extension)?.to_owned()));
        names.collect()
    };
    assert_eq!(listed("fuzz_targets", ".rs"), names);
    assert_eq!(listed("corpus", ""), names);
}

#[test]
fn the_corpus_is_small() {
    for (target, _) in TARGETS {
        let files = kept(target);
        assert!(files.len() <= MAX_FILES, "{target} has {} files: minimize it", files.len());
        for file in files {
            assert!(fs::read(&file).unwrap().len() <= MAX_BYTES, "{} is too long", file.display());
        }
    }
}

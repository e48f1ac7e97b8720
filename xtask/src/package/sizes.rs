//! Turns a built folder into a table of its files, each with its size as it is and through gzip.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::files;

/// One line per file, by path, and a line with the sums.
///
/// # Errors
///
/// A file cannot be read.
pub fn table(directory: &Path) -> Result<String> {
    let mut rows = Vec::new();
    for file in files::below(directory)? {
        let bytes = fs::read(&file)?;
        rows.push((files::relative(&file, directory)?, bytes.len(), gzip(&bytes)?));
    }
    rows.push(("total".into(), rows.iter().map(|row| row.1).sum(), rows.iter().map(|row| row.2).sum()));
    Ok(layout(&rows))
}

/// The length after gzip at its highest level.
///
/// # Errors
///
/// None that writing to memory can have.
pub fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn layout(rows: &[(String, usize, usize)]) -> String {
    let mut text = format!("{:<32} {:>10} {:>10}\n", "file", "bytes", "gzip");
    for (name, raw, gzip) in rows {
        let _ = writeln!(text, "{name:<32} {raw:>10} {gzip:>10}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_shrinks_what_repeats() {
        let length = gzip(&[7; 10_000]).unwrap();
        assert!(length > 0 && length < 100, "{length}");
    }

    #[test]
    fn the_last_line_is_the_sum() {
        let directory = std::env::temp_dir().join(format!("xtask-sizes-{}", std::process::id()));
        fs::create_dir_all(directory.join("dist")).unwrap();
        fs::write(directory.join("a.js"), "12345").unwrap();
        fs::write(directory.join("dist/b.js"), "123").unwrap();
        let text = table(&directory).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
        assert_eq!(words, [["file", "bytes"], ["a.js", "5"], ["dist/b.js", "3"], ["total", "8"]]);
    }
}

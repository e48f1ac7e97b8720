//! Runs a child process: its output is kept, and shown only where the process fails.

use std::io::{Read as _, pipe};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A process that has ended.
pub struct Finished {
    pub status: ExitStatus,
    /// What it wrote to stdout and stderr, in the order in which it did.
    pub output: String,
}

/// Runs to the end, whatever that end is.
///
/// # Errors
///
/// The program cannot be started.
pub fn finish(mut command: Command) -> Result<Finished> {
    let name = line(&command);
    let (mut reader, writer) = pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("`{name}` does not start"))?;
    // The command holds the writing ends: while it lives, the pipe has no end.
    drop(command);
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    Ok(Finished { status: child.wait()?, output: String::from_utf8_lossy(&output).into_owned() })
}

/// Runs to a success, and gives what was printed.
///
/// # Errors
///
/// The program cannot be started, or fails: then its output is in the error.
pub fn succeed(command: Command) -> Result<String> {
    let name = line(&command);
    let Finished { status, output } = finish(command)?;
    if !status.success() {
        bail!("`{name}` ended with {status}\n{}", output.trim_end());
    }
    Ok(output)
}

/// Like [`succeed`], for output that a program reads: stderr is not mixed in.
///
/// # Errors
///
/// The program cannot be started, or fails: then its output is in the error.
pub fn capture(mut command: Command) -> Result<String> {
    let name = line(&command);
    let output = command.output().with_context(|| format!("`{name}` does not start"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("`{name}` ended with {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(text)
}

/// Says what is being done, does it, and says how long it took: in lines of their own, since others may print meanwhile.
///
/// # Errors
///
/// What `work` fails with, under the name of the step.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("{name} …");
    let start = Instant::now();
    let result = work().with_context(|| format!("{name} failed"));
    println!("{name}: {}{}", if result.is_ok() { "" } else { "failed after " }, seconds(start.elapsed()));
    result
}

/// `0.4 s` below ten seconds, `41 s` from there on.
pub fn seconds(time: Duration) -> String {
    let ms = time.as_millis();
    let tenths = (ms + 50) / 100;
    if tenths < 100 { format!("{}.{} s", tenths / 10, tenths % 10) } else { format!("{} s", (ms + 500) / 1_000) }
}

/// The command as one would type it, with the program's name for its path.
fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_carries_both_streams_in_order() {
        let error = succeed(shell("echo one; echo two >&2; echo three; exit 7")).unwrap_err().to_string();
        assert!(error.ends_with("ended with exit status: 7\none\ntwo\nthree"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = format!("{:#}", succeed(Command::new("/nowhere/wasm-opt")).unwrap_err());
        assert!(error.starts_with("`wasm-opt` does not start: "), "{error}");
    }

    #[test]
    fn capture_leaves_stderr_out() {
        assert_eq!(capture(shell("echo out; echo err >&2")).unwrap(), "out\n");
    }

    #[test]
    fn more_output_than_a_pipe_holds_is_kept() {
        let output = succeed(shell("head -c 300000 /dev/zero | tr '\\0' x")).unwrap();
        assert_eq!(output.len(), 300_000);
    }

    #[test]
    fn seconds_round_at_both_scales() {
        let text = |ms| seconds(Duration::from_millis(ms));
        assert_eq!(
            [text(0), text(49), text(50), text(9_949), text(9_950), text(41_499)],
            ["0.0 s", "0.0 s", "0.1 s", "9.9 s", "10 s", "41 s"]
        );
    }
}

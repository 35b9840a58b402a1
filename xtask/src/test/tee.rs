use std::io::{self, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::error::{Doing, Error};
use crate::run::{not_started, words};
use crate::test::counts::Counts;

/// Runs a test runner, shows what it prints, and counts its tests. One that fails without naming a failed test counts as one.
pub(crate) fn counted(command: &mut Command) -> Result<Counts, Error> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| not_started(command, source))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        show(BufReader::new(output), &mut counts)
            .doing(|| format!("read what `{}` prints", words(command)))?;
    }
    let status = child
        .wait()
        .doing(|| format!("wait for `{}`", words(command)))?;
    if !status.success() {
        counts.failed = counts.failed.max(1);
    }
    Ok(counts)
}

fn show(mut output: impl io::BufRead, counts: &mut Counts) -> io::Result<()> {
    let mut terminal = io::stdout().lock();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        terminal.write_all(&line)?;
        terminal.flush()?;
        counts.read(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(())
}

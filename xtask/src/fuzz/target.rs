//! One fuzz target: its program, what it begins with, what it finds.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::host;
use crate::error::{Doing, Error};
use crate::run::{not_started, run, say};
use crate::workspace::{self, target_dir};

/// Seconds that one input may take.
const SLOW: u32 = 10;

/// Memory that a target may have, in MiB. They have 60 or less.
const MOST_MEMORY: u32 = 512;

/// The most lines of a log that are shown of a target that found something.
const SHOWN: usize = 60;

#[derive(Debug)]
pub(super) struct Target {
    name: String,
}

impl Target {
    /// Those that are named, all unless some are.
    pub(super) fn chosen(only: &[String]) -> Result<Vec<Self>, Error> {
        let names = names()?;
        if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
            return Err(Error::Unexpected(format!(
                "there is no fuzz target `{unknown}`; the targets are: {}",
                names.join(", ")
            )));
        }
        let asked = |name: &String| only.is_empty() || only.contains(name);
        Ok(names
            .into_iter()
            .filter(asked)
            .map(|name| Self { name })
            .collect())
    }

    /// Fuzzes for so long, and tells whether something was found. What it reaches anew is kept in the target folder, for the next time.
    pub(super) fn fuzz(&self, seconds: u32) -> Result<bool, Error> {
        let (log, findings) = (folder("logs")?.join(&self.name), folder("findings")?);
        let output = File::create(&log).doing(|| format!("write {}", log.display()))?;
        let errors = output
            .try_clone()
            .doing(|| format!("write {}", log.display()))?;
        let mut command = self.command()?;
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={SLOW}"))
            .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
            .arg(format!(
                "-artifact_prefix={}/{}-",
                findings.display(),
                self.name
            ))
            .arg(format!(
                "-dict={}",
                workspace::fuzz().join("words.dict").display()
            ))
            .arg("-print_final_stats=1")
            .arg(self.grown()?)
            .arg(self.corpus())
            .stdout(output)
            .stderr(errors);
        let status = command
            .status()
            .map_err(|source| not_started(&command, source))?;
        let said = fs::read(&log).doing(|| format!("read {}", log.display()))?;
        let said = String::from_utf8_lossy(&said);
        if status.success() {
            say(format!("{}: {}", self.name, summary(&said)));
            return Ok(false);
        }
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.len().saturating_sub(SHOWN);
        say(format!(
            "{} FOUND SOMETHING; its last lines, of {}:\n{}",
            self.name,
            log.display(),
            lines[last..].join("\n")
        ));
        say(format!(
            "To see it again: cargo xtask fuzz {} --input FILE, with the file that it names",
            self.name
        ));
        Ok(true)
    }

    /// Gives one input to the target.
    pub(super) fn replay(&self, input: &Path) -> Result<(), Error> {
        run(self.command()?.env("RUST_BACKTRACE", "1").arg(input))
    }

    /// Takes into the corpus what reaches more than it does.
    pub(super) fn keep(&self) -> Result<(), Error> {
        run(self
            .command()?
            .arg("-merge=1")
            .arg(self.corpus())
            .arg(self.grown()?))
    }

    fn command(&self) -> Result<Command, Error> {
        let program = format!("{}{}", self.name, env::consts::EXE_SUFFIX);
        Ok(Command::new(
            target_dir()?.join(host()?).join("debug").join(program),
        ))
    }

    /// What it begins with.
    fn corpus(&self) -> PathBuf {
        workspace::fuzz().join("corpus").join(&self.name)
    }

    /// What was reached anew, on this machine.
    fn grown(&self) -> Result<PathBuf, Error> {
        let folder = folder("corpus")?.join(&self.name);
        fs::create_dir_all(&folder).doing(|| format!("make {}", folder.display()))?;
        Ok(folder)
    }
}

/// The targets' names, in order.
fn names() -> Result<Vec<String>, Error> {
    let folder = workspace::fuzz().join("fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).doing(|| format!("list {}", folder.display()))? {
        let path = entry.doing(|| format!("list {}", folder.display()))?.path();
        if let Some(name) = path.file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn folder(name: &str) -> Result<PathBuf, Error> {
    let folder = target_dir()?.join("fuzz").join(name);
    fs::create_dir_all(&folder).doing(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

/// How many inputs were tried and what they reached, of what libFuzzer says at its end.
fn summary(log: &str) -> String {
    let stat = |name: &str| {
        let line = log.lines().rev().find_map(|line| line.strip_prefix(name));
        line.map_or("?", str::trim).to_owned()
    };
    let reached = log
        .lines()
        .rev()
        .find_map(|line| line.split_once(" cov: "))
        .and_then(|(_, rest)| rest.split(' ').next())
        .unwrap_or("?");
    format!(
        "{} inputs, {reached} edges reached, {} MiB at most",
        stat("stat::number_of_executed_units:"),
        stat("stat::peak_rss_mb:")
    )
}

#[cfg(test)]
mod tests {
    use super::{Target, summary};

    #[test]
    fn the_end_of_a_run_is_read() {
        let log = "#2\tINITED cov: 12 ft: 13\n#9\tDONE   cov: 1741 ft: 6250 corp: 351/17Kb\nDone 9 runs in 4 second(s)\n\
                   stat::number_of_executed_units: 9\nstat::peak_rss_mb:              33\n";
        assert_eq!(summary(log), "9 inputs, 1741 edges reached, 33 MiB at most");
        assert_eq!(summary(""), "? inputs, ? edges reached, ? MiB at most");
    }

    #[test]
    fn every_target_has_a_corpus_and_an_unknown_one_is_refused() {
        let all = Target::chosen(&[]).unwrap();
        assert!(!all.is_empty());
        for target in all {
            assert!(
                target.corpus().read_dir().unwrap().next().is_some(),
                "{}",
                target.name
            );
        }
        let error = Target::chosen(&["nothing".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`nothing`"), "{error}");
    }
}

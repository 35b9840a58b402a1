//! `cargo xtask test`: every test as a named step, and at the end what ran, what it counted and what could not run.

pub(crate) mod browser;
pub(crate) mod counts;
mod openapi;
mod report;
mod rust;
mod step;
mod tee;

use std::ffi::OsStr;
use std::process::ExitCode;

use crate::build;
use crate::error::Error;
use crate::fuzz;
use crate::load;
use crate::run::say;
use crate::test::browser::{LARGE, LARGEST, Store};
use crate::test::counts::Counts;
use crate::test::report::Report;
use crate::test::step::Step;
use crate::tools::node;
use crate::workspace::npm_package;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Run only these steps, and the build if they need it; all of them unless given.
    #[arg(value_name = "STEP")]
    only: Vec<String>,
    /// Upload a file of 10 GiB and watch the page's memory, and nothing else; the ordinary run does so with 1 GiB. Needs 11 GB of
    /// room for temporary files.
    #[arg(long, conflicts_with_all = ["only", "endpoint"])]
    big: bool,
    #[command(flatten)]
    store: browser::GivenStore,
}

/// Runs the steps, says at the end how each ended, and fails if one did.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let steps = asked(arguments)?;
    let mut report = Report::default();
    for step in steps {
        if step.needs_build && report.no_build_for(&step) {
            continue;
        }
        say(format!("── {}: {}", step.name, step.what));
        report.run(step);
    }
    let in_ci =
        std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != OsStr::new("false"));
    Ok(report.close(in_ci))
}

const BUILD: &str = "build";
const BIG: &str = "browser-big";

fn asked(arguments: &Arguments) -> Result<Vec<Step>, Error> {
    if arguments.big {
        return chosen(steps(arguments), &[BIG.to_owned()]);
    }
    chosen(steps(arguments), &arguments.only)
}

fn steps(arguments: &Arguments) -> Vec<Step> {
    let mut steps = rust::steps();
    steps.push(Step::new(
        "fuzz",
        "what reads a stranger's bytes, fuzzed for a few seconds",
        fuzz::briefly,
    ));
    steps.push(Step::new(BUILD, "the npm package and the demo", || {
        build::everything().map(|()| Counts::default())
    }));
    steps.push(
        Step::new(
            "openapi",
            "the demo's endpoints, by their OpenAPI document",
            openapi::try_the_demo,
        )
        .after_build(),
    );
    steps.push(Step::new(
        "load",
        "a thousand clients at once, and fifty that stall",
        load::briefly,
    ));
    steps.push(
        Step::new("package", "the npm package's own tests", || {
            node::install(&npm_package())?;
            tee::counted(crate::run::npm(&npm_package()).arg("test"))
        })
        .after_build(),
    );
    for store in Store::all(&arguments.store) {
        let what = format!("Chromium, the demo and {}", store.words());
        steps.push(Step::new(store.step(), what, move || browser::run(&store)).after_build());
    }
    if arguments.store.is_none() {
        let bytes = if arguments.big { LARGEST } else { LARGE };
        let what = format!(
            "a file of {} GiB, Chromium, the demo and MinIO",
            bytes >> 30
        );
        let work = move || browser::big(&Store::MinIo, bytes);
        steps.push(Step::new(BIG, what, work).after_build());
    }
    steps
}

/// The steps that were asked for, in their usual order, with the build if one of them needs it.
fn chosen(steps: Vec<Step>, only: &[String]) -> Result<Vec<Step>, Error> {
    if only.is_empty() {
        return Ok(steps);
    }
    if let Some(unknown) = only
        .iter()
        .find(|name| steps.iter().all(|step| step.name != **name))
    {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        return Err(Error::Unexpected(format!(
            "there is no step `{unknown}`; the steps are: {}",
            names.join(", ")
        )));
    }
    let asked = |step: &Step| only.iter().any(|name| name == step.name);
    let build = steps.iter().any(|step| step.needs_build && asked(step));
    Ok(steps
        .into_iter()
        .filter(|step| asked(step) || (build && step.name == BUILD))
        .collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{Arguments, asked};

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn names(line: &[&str]) -> Result<Vec<&'static str>, String> {
        let line =
            Line::try_parse_from(["test"].iter().chain(line)).map_err(|error| error.to_string())?;
        let steps = asked(&line.arguments).map_err(|error| error.to_string())?;
        Ok(steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn all_the_steps_run_against_every_store_unless_told_otherwise() {
        let all = names(&[]).unwrap();
        let stores = ["browser-embedded", "browser-minio", "browser-garage"];
        let before = ["build", "openapi", "load", "package"];
        assert_eq!(all[all.len() - 8..all.len() - 4], before);
        assert_eq!(all[all.len() - 4..all.len() - 1], stores);
        assert_eq!(all.last(), Some(&"browser-big"));
    }

    #[test]
    fn the_largest_file_is_uploaded_by_a_command_of_its_own() {
        assert_eq!(names(&["--big"]).unwrap(), ["build", "browser-big"]);
        assert!(names(&["--big", "fmt"]).is_err());
        assert!(names(&["--big", "--s3-endpoint", "http://127.0.0.1:1"]).is_err());
    }

    #[test]
    fn a_given_store_takes_the_place_of_all() {
        let all = names(&["--s3-endpoint", "http://127.0.0.1:1"]).unwrap();
        assert!(all.ends_with(&["package", "browser-given"]), "{all:?}");
    }

    #[test]
    fn a_step_that_needs_the_build_brings_it() {
        assert_eq!(names(&["package"]).unwrap(), ["build", "package"]);
        assert_eq!(names(&["fmt"]).unwrap(), ["fmt"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_names_there_are() {
        let error = names(&["format"]).unwrap_err();
        assert!(
            error.contains("`format`") && error.contains("fmt, "),
            "{error}"
        );
    }
}

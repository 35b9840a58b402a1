//! The endpoints as their OpenAPI document has them, tried on the running demo.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::error::{Doing, Error};
use crate::run::{not_started, run};
use crate::test::counts::Counts;
use crate::tools::schemathesis;
use crate::workspace::{demo, openapi_tests, target_dir};

pub(crate) fn try_the_demo() -> Result<Counts, Error> {
    let mut program = schemathesis::program()?;
    let (_demo, address) = Demo::start()?;
    let mount = format!("{address}presignedUrl");
    run(program
        .arg("--config-file")
        .arg(openapi_tests().join("schemathesis.toml"))
        .args(["run", &format!("{mount}/openapi.json"), "--url", &mount]))
    .map(|()| Counts::default())
}

/// The demo with a store of its own. It ends with this, and its files go with it.
struct Demo(Child);

impl Demo {
    /// Where it listens, too: a URL with a slash at its end.
    fn start() -> Result<(Self, String), Error> {
        let data = target_dir()?.join("openapi-data");
        if data.exists() {
            fs::remove_dir_all(&data).doing(|| format!("remove {}", data.display()))?;
        }
        let mut command = Command::new(demo()?);
        command
            .args(["--listen", "127.0.0.1:0", "--downloads", "--data"])
            .arg(&data)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|source| not_started(&command, source))?;
        let output = child.stdout.take();
        let demo = Self(child);
        let mut line = String::new();
        if let Some(output) = output {
            BufReader::new(output)
                .read_line(&mut line)
                .doing(|| "read what the demo prints".to_owned())?;
        }
        let address = line
            .trim_end()
            .strip_prefix("Listening on ")
            .ok_or_else(|| {
                Error::Unexpected("the demo does not say where it listens".to_owned())
            })?;
        Ok((demo, address.to_owned()))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

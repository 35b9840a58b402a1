//! The demo, running with its embedded store.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where the endpoints are.
pub(crate) const MOUNT: &str = "/presignedUrl";

/// The largest file that it grants, because S3 stores none that is larger.
pub(crate) const MAX_SIZE: u64 = 5 << 40;

/// The smallest that goes in parts.
pub(crate) const PARTS_FROM: u64 = 32 << 20;

/// Why there is no demo to ask.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error("cannot make {}: {source}", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("cannot start {}: {source}", program.display())]
    Start { program: PathBuf, source: io::Error },
    #[error("the demo does not say where it listens, but {0:?}")]
    Silent(String),
}

/// A running demo. It ends with this value, and its files go with it.
#[derive(Debug)]
pub(crate) struct Demo {
    child: Child,
    data: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Demo {
    /// Its files are in `data`, where nothing is kept.
    pub(crate) fn start(program: &Path, data: &Path) -> Result<Self, DemoError> {
        // What an earlier one left may not even be there.
        let _ = fs::remove_dir_all(data);
        let client = data.join("client");
        fs::create_dir_all(&client)
            .and_then(|()| fs::write(client.join("index.js"), "export {};\n"))
            .map_err(|source| DemoError::Folder {
                folder: client.clone(),
                source,
            })?;
        let mut child = command(program)
            .args(["--listen", "127.0.0.1:0"])
            .args(["--multipart-threshold", &PARTS_FROM.to_string()])
            .arg("--data")
            .arg(data.join("store"))
            .arg("--client")
            .arg(&client)
            .spawn()
            .map_err(|source| DemoError::Start {
                program: program.to_owned(),
                source,
            })?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            // An error is a line that says nothing, too.
            let _ = BufReader::new(output).read_line(&mut line);
        }
        let mut demo = Self {
            child,
            data: data.to_owned(),
            address: SocketAddr::from(([0; 4], 0)),
        };
        demo.address = address(&line).ok_or(DemoError::Silent(line))?;
        Ok(demo)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself, which it must not.
    pub(crate) fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// With nothing from whoever runs this.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PRESIGN_") || text.starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

fn address(line: &str) -> Option<SocketAddr> {
    let url = line.trim_end().strip_prefix("Listening on http://")?;
    url.strip_suffix('/')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_demo_says_where_it_listens() {
        let said = address("Listening on http://127.0.0.1:3000/\n");
        assert_eq!(said.map(|address| address.port()), Some(3000));
        assert_eq!(address("Listening elsewhere\n"), None);
        assert_eq!(address(""), None);
    }
}

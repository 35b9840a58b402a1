//! A running demo, and what tests ask of it over real HTTP.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod form;
pub(crate) mod http;
pub(crate) mod multipart;
pub(crate) mod sign;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use http::{Answer, request};
use sign::Signer;
use tempfile::TempDir;

/// The program as it was built for this test.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_presign-demo"));
    // Nothing from whoever runs the tests.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("PRESIGN_") || name.starts_with("AWS_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
}

/// What a demo says that does not start: its exit code, and what it wrote on standard output and standard error.
pub(crate) fn refused(mut command: Command) -> (Option<i32>, String, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that starts after all would never end.
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A folder that looks like the built npm package.
pub(crate) fn client() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("index.js"), "export {};\n").unwrap();
    std::fs::write(
        folder.path().join("presign_client.wasm"),
        b"\0asm\x01\0\0\0",
    )
    .unwrap();
    folder
}

/// A running demo. It ends with this value.
pub(crate) struct Demo {
    pub(crate) page: SocketAddr,
    pub(crate) data: PathBuf,
    child: Child,
    output: BufReader<ChildStdout>,
    log: tempfile::NamedTempFile,
    _client: TempDir,
}

impl Demo {
    /// With its embedded store in `data`.
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = program();
        command.arg("--data").arg(data).args(arguments);
        Self::run(command, data)
    }

    /// As `command` says, on a free port.
    pub(crate) fn run(mut command: Command, data: &Path) -> Self {
        let client = client();
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--client"])
            .arg(client.path())
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("Listening on http://")
            .and_then(|rest| rest.strip_suffix("/\n"));
        let page = address
            .unwrap_or_else(|| panic!("said {line:?}"))
            .parse()
            .unwrap();
        Self {
            page,
            data: data.to_owned(),
            child,
            output,
            log,
            _client: client,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that the demo has had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kib.parse::<usize>().unwrap() * 1024
    }

    /// Everything logged so far, at the most talkative level.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Sends a signal by its name, and answers how and how quickly the demo ended, and what else it said on standard output.
    pub(crate) fn end(mut self, signal: &str) -> (ExitStatus, Duration, String) {
        let start = Instant::now();
        let pid = self.pid().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (status, start.elapsed(), rest)
    }

    /// The origin of the store, as the page's Content-Security-Policy names it.
    pub(crate) async fn store_origin(&self) -> String {
        let page = request(self.page, "GET", "/", &[], b"").await;
        let policy = page.header("content-security-policy").unwrap();
        let (_, rest) = policy.split_once("connect-src 'self' ").unwrap();
        rest.split(';').next().unwrap().to_owned()
    }

    /// Signs requests to the embedded store, with its own credentials.
    pub(crate) async fn store(&self) -> Bucket {
        let origin = self.store_origin().await;
        let address = origin.strip_prefix("http://").unwrap().parse().unwrap();
        let text = std::fs::read_to_string(self.data.join(".presign-demo/credentials")).unwrap();
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap()
                .to_owned()
        };
        Bucket {
            address,
            signer: Signer {
                host: address.to_string(),
                bucket: "uploads".to_owned(),
                id: value("aws_access_key_id = "),
                secret: value("aws_secret_access_key = "),
            },
            folder: self.data.join("uploads"),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The embedded store's bucket.
pub(crate) struct Bucket {
    pub(crate) address: SocketAddr,
    pub(crate) signer: Signer,
    pub(crate) folder: PathBuf,
}

impl Bucket {
    /// A PUT with these headers signed.
    pub(crate) async fn put(&self, key: &str, signed: &[(&str, &str)], body: &[u8]) -> Answer {
        let target = self.signer.presign("PUT", key, "", 900, signed);
        request(self.address, "PUT", &target, signed, body).await
    }

    /// A PUT that is signed in its headers; see [`Signer::authorize`].
    pub(crate) async fn put_authorized(
        &self,
        key: &str,
        payload: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let signed = self.signer.authorize("PUT", key, payload, headers);
        let signed: Vec<(&str, &str)> = signed
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        request(
            self.address,
            "PUT",
            &format!("/uploads/{key}"),
            &signed,
            body,
        )
        .await
    }

    /// A PUT with these headers sent, but not signed.
    pub(crate) async fn put_unsigned(
        &self,
        key: &str,
        unsigned: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let target = self.signer.presign("PUT", key, "", 900, &[]);
        request(self.address, "PUT", &target, unsigned, body).await
    }

    pub(crate) async fn get(&self, key: &str) -> Answer {
        request(
            self.address,
            "GET",
            &self.signer.presign("GET", key, "", 900, &[]),
            &[],
            b"",
        )
        .await
    }

    /// The XML of a listing of the whole bucket.
    pub(crate) async fn list(&self) -> String {
        let target = self.signer.presign("GET", "", "list-type=2", 900, &[]);
        request(self.address, "GET", &target, &[], b"").await.text()
    }

    /// The files in the bucket's folder, relative to it, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(
                        path.strip_prefix(&self.folder)
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        files.sort();
        files
    }

    /// Files of unfinished uploads.
    pub(crate) fn unfinished(&self) -> usize {
        let data = self.folder.parent().unwrap();
        let names = std::fs::read_dir(data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_string_lossy().starts_with(".tmp."))
            .count()
    }
}

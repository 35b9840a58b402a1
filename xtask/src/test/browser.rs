//! The browser tests, once for each store.

use std::path::Path;
use std::process::Command;

use crate::build;
use crate::error::Error;
use crate::run::npm;
use crate::test::counts::Counts;
use crate::test::tee;
use crate::tools::{chromium, garage, minio, node};
use crate::workspace::{browser_tests, demo};

/// A store that is there already, in the demo's own words. Its credentials come from `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as the demo's do. Its CORS rules must let pages of 127.0.0.1 PUT.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct GivenStore {
    /// Run the browser tests against this S3 store, and not against those that the tests start themselves.
    #[arg(long = "s3-endpoint", value_name = "URL")]
    endpoint: Option<String>,
    /// The same store as the browser reaches it.
    #[arg(long = "s3-public-endpoint", value_name = "URL", requires = "endpoint")]
    public_endpoint: Option<String>,
    /// Its region.
    #[arg(long = "s3-region", value_name = "REGION", requires = "endpoint")]
    region: Option<String>,
    /// A bucket of it that the tests may write to, `uploads` unless given; they remove what they wrote.
    #[arg(long = "s3-bucket", value_name = "BUCKET", requires = "endpoint")]
    bucket: Option<String>,
    /// Whether the bucket is part of the host name.
    #[arg(long = "s3-virtual-host", requires = "endpoint")]
    virtual_host: bool,
    /// What it is, as the demo is told it: `aws` unless given.
    #[arg(long = "s3-engine", value_name = "ENGINE", requires = "endpoint")]
    engine: Option<String>,
}

/// What the browser tests upload to.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    Embedded,
    MinIo,
    Garage,
    Given(GivenStore),
}

impl Store {
    pub(crate) fn all(given: &GivenStore) -> Vec<Self> {
        if given.is_none() {
            vec![Self::Embedded, Self::MinIo, Self::Garage]
        } else {
            vec![Self::Given(given.clone())]
        }
    }

    pub(crate) fn step(&self) -> &'static str {
        match self {
            Self::Embedded => "browser-embedded",
            Self::MinIo => "browser-minio",
            Self::Garage => "browser-garage",
            Self::Given(_) => "browser-given",
        }
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Self::Embedded => "its embedded store".to_owned(),
            Self::MinIo => "MinIO".to_owned(),
            Self::Garage => "Garage".to_owned(),
            Self::Given(given) => given.endpoint.clone().unwrap_or_default(),
        }
    }
}

/// Runs the browser tests against `store`: in Chromium itself against the store of the demo and a given one, in its headless shell
/// against the others, where it is the store that is another. They start the demo, the browser and, where asked, MinIO or Garage themselves, and end
/// them.
pub(crate) fn run(store: &Store) -> Result<Counts, Error> {
    let chromium = match store {
        Store::Embedded | Store::Given(_) => chromium::program()?,
        Store::MinIo | Store::Garage => chromium::shell()?,
    };
    let mut tests = script("test", store, &chromium)?;
    tests.env("PRESIGN_RUST_PAGE", build::rust_page()?);
    tee::counted(&mut tests)
}

/// The size of a large file in bytes: what every run has time for, and what is proven now and then.
pub(crate) const LARGE: u64 = 1 << 30;
pub(crate) const LARGEST: u64 = 10 << 30;

/// Uploads a file of so many bytes and watches the page's memory.
pub(crate) fn big(store: &Store, bytes: u64) -> Result<Counts, Error> {
    tee::counted(
        script("big", store, &chromium::program()?)?.env("PRESIGN_BIG_BYTES", bytes.to_string()),
    )
}

/// Measures uploads to MinIO.
pub(crate) fn bench() -> Result<(), Error> {
    crate::run::run(&mut script("bench", &Store::MinIo, &chromium::program()?)?)
}

/// A script of the browser tests' package, with all that it needs.
fn script(name: &str, store: &Store, chromium: &Path) -> Result<Command, Error> {
    let mut script = npm(&browser_tests());
    script
        .args(["run", name])
        .env("PRESIGN_CHROMIUM", chromium)
        .env("PRESIGN_DEMO", demo()?);
    match store {
        Store::Embedded => script.env("PRESIGN_STORE", "embedded"),
        Store::MinIo => script
            .env("PRESIGN_STORE", "minio")
            .env("MINIO_BIN", minio::program()?),
        Store::Garage => script
            .env("PRESIGN_STORE", "garage")
            .env("GARAGE_BIN", garage::program()?),
        Store::Given(given) => script.env("PRESIGN_STORE", "given").envs(given.variables()),
    };
    node::install(&browser_tests())?;
    Ok(script)
}

impl GivenStore {
    /// Whether there is none.
    pub(crate) fn is_none(&self) -> bool {
        self.endpoint.is_none()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let virtual_host = self.virtual_host.then(|| "true".to_owned());
        [
            ("PRESIGN_S3_ENDPOINT", self.endpoint.clone()),
            ("PRESIGN_S3_PUBLIC_ENDPOINT", self.public_endpoint.clone()),
            ("PRESIGN_S3_REGION", self.region.clone()),
            ("PRESIGN_S3_BUCKET", self.bucket.clone()),
            ("PRESIGN_S3_VIRTUAL_HOST", virtual_host),
            ("PRESIGN_S3_ENGINE", self.engine.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

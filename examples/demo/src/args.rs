//! What the demo is told on its command line and in its environment.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Parser, ValueEnum};
use presign_layer::Capabilities;

use crate::checksums::Checksums;

const AFTER_HELP: &str = "\
The embedded store:
  Without --s3-endpoint the demo is its own S3 store, listening on --store-listen. Every object is an ordinary file,
  DIR/BUCKET/KEY (where a key is too long for that, its name there is a shorter one). Its credentials are generated at the first
  start and kept in DIR/.presign-demo/credentials.

Any other store (AWS S3, MinIO, Cloudflare R2, …):
  Give --s3-endpoint and the credentials, which are only ever read from the environment:
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, AWS_SESSION_TOKEN.
  The URLs that browsers write with are signed with narrower ones, which may not read, if these are given:
    PRESIGN_URL_ACCESS_KEY_ID, PRESIGN_URL_SECRET_ACCESS_KEY, PRESIGN_URL_SESSION_TOKEN.
  The bucket must be there, and its CORS rules must let this page's origin PUT and POST with any header and read ETag and
  x-amz-request-id. For example, with MinIO on this machine:

    AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… presign-demo --s3-endpoint http://127.0.0.1:9000 --s3-bucket uploads

What it says:
  `Listening on http://HOST:PORT/` on standard output once it is ready, everything else on standard error; RUST_LOG sets how
  much (`debug`, `presign_layer=trace`). Ctrl-C or SIGTERM ends it.";

/// The upload page of presign-client over presign-layer, with an S3 store of its own or over any other.
#[derive(Debug, Parser)]
#[command(name = "presign-demo", version, after_help = AFTER_HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub(crate) struct Args {
    /// Where the page and the endpoints listen; port 0 takes a free one
    #[arg(
        long,
        env = "PRESIGN_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:3000"
    )]
    pub(crate) listen: String,

    /// Folder of the embedded store
    #[arg(long, env = "PRESIGN_DATA", value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,

    /// Where the embedded store listens: an origin of its own, as a real store has
    #[arg(
        long,
        env = "PRESIGN_STORE_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:0"
    )]
    pub(crate) store_listen: String,

    /// Endpoint of the S3 store to use instead of the embedded one, as this server reaches it
    #[arg(long, env = "PRESIGN_S3_ENDPOINT", value_name = "URL")]
    pub(crate) s3_endpoint: Option<String>,

    /// The store's endpoint as browsers reach it, if that is another (also for the embedded store, behind a proxy)
    #[arg(long, env = "PRESIGN_S3_PUBLIC_ENDPOINT", value_name = "URL")]
    pub(crate) s3_public_endpoint: Option<String>,

    /// The store's region
    #[arg(
        long,
        env = "PRESIGN_S3_REGION",
        value_name = "REGION",
        default_value = "us-east-1"
    )]
    pub(crate) s3_region: String,

    /// The bucket that takes the uploads
    #[arg(
        long,
        env = "PRESIGN_S3_BUCKET",
        value_name = "BUCKET",
        default_value = "uploads"
    )]
    pub(crate) s3_bucket: String,

    /// The bucket is part of the store's host name (BUCKET.s3.example.com), not of the path
    #[arg(
        long,
        env = "PRESIGN_S3_VIRTUAL_HOST",
        value_parser = FalseyValueParser::new()
    )]
    pub(crate) s3_virtual_host: bool,

    /// What the store is, where it differs from AWS S3 in what it can do
    #[arg(
        long,
        env = "PRESIGN_S3_ENGINE",
        value_name = "ENGINE",
        value_enum,
        default_value_t
    )]
    pub(crate) s3_engine: Engine,

    /// How long a presigned URL lives, 1 to 604800 [default: 900]
    #[arg(long, env = "PRESIGN_EXPIRES", value_name = "SECONDS")]
    pub(crate) expires: Option<u64>,

    /// The largest file [default: 5 TiB, what S3 stores]
    #[arg(long, env = "PRESIGN_MAX_SIZE", value_name = "BYTES")]
    pub(crate) max_size: Option<u64>,

    /// Content types that may be uploaded, separated by commas: image/png,video/* [default: any]
    #[arg(
        long,
        env = "PRESIGN_TYPES",
        value_name = "LIST",
        value_delimiter = ','
    )]
    pub(crate) types: Option<Vec<String>>,

    /// Refuse files whose first bytes contradict their content type, when they have arrived
    #[arg(
        long,
        env = "PRESIGN_CHECK_CONTENT",
        value_parser = FalseyValueParser::new()
    )]
    pub(crate) check_content: bool,

    /// Files of at least this many go in parts [default: 33554432, 32 MiB]
    #[arg(long, env = "PRESIGN_MULTIPART_THRESHOLD", value_name = "BYTES")]
    pub(crate) multipart_threshold: Option<u64>,

    /// Files of fewer than this many go as a form, by POST; the embedded store takes forms of up to 67108864 (64 MiB) [default: none does]
    #[arg(long, env = "PRESIGN_POST_BELOW", value_name = "BYTES")]
    pub(crate) post_below: Option<u64>,

    /// The size of a part, 5242880 (5 MiB) to 5 GiB; very large files have larger ones [default: 16777216, 16 MiB]
    #[arg(long, env = "PRESIGN_PART_SIZE", value_name = "BYTES")]
    pub(crate) part_size: Option<u64>,

    /// Presigned part URLs that one answer has [default: 100]
    #[arg(long, env = "PRESIGN_PARTS_PER_REQUEST", value_name = "PARTS")]
    pub(crate) parts_per_request: Option<u16>,

    /// How long an upload in parts can be resumed, 60 to 2592000 (30 days) [default: 604800, 7 days]
    #[arg(long, env = "PRESIGN_RESUMABLE_FOR", value_name = "SECONDS")]
    pub(crate) resumable_for: Option<u64>,

    /// Files are sent to keys below this, and have their own once they are complete [default: files are sent to their own]
    #[arg(long, env = "PRESIGN_PENDING_PREFIX", value_name = "PREFIX")]
    pub(crate) pending_prefix: Option<String>,

    /// What is copied to its key in one go at most, 5242880 (5 MiB) to 5 GiB; larger files by parts [default: 5 GiB]
    #[arg(long, env = "PRESIGN_COPY_AT_MOST", value_name = "BYTES")]
    pub(crate) copy_at_most: Option<u64>,

    /// What proves the bytes, separated by commas: md5 each PUT and each part, one of crc64nvme, crc32c and crc32 the whole of what
    /// goes in parts; or none
    #[arg(long, env = "PRESIGN_CHECKSUM", value_name = "LIST", default_value_t)]
    pub(crate) checksum: Checksums,

    /// Nobody looks whether files that go in one request have arrived: they have no receipts
    #[arg(
        long,
        env = "PRESIGN_UNVERIFIED",
        value_parser = FalseyValueParser::new()
    )]
    pub(crate) unverified: bool,

    /// Lets everybody who reaches the page download every object of the bucket, by `GET /presignedUrl/download?key=`
    #[arg(long, env = "PRESIGN_DOWNLOADS", value_parser = FalseyValueParser::new())]
    pub(crate) downloads: bool,

    /// The built npm package [default: presign-client-wasm/npm/dist, here or in a folder above]
    #[arg(long, env = "PRESIGN_CLIENT", value_name = "DIR")]
    pub(crate) client: Option<PathBuf>,
}

/// The stores that are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// AWS S3, and what does as it does
    #[default]
    Aws,
    /// MinIO
    Minio,
    /// Garage
    Garage,
    /// Cloudflare R2
    R2,
    /// Ceph's object gateway
    Ceph,
    /// Swift, by its s3api
    Swift,
}

impl Engine {
    pub(crate) fn capabilities(self) -> Capabilities {
        match self {
            Self::Aws => Capabilities::aws(),
            Self::Minio => Capabilities::minio(),
            Self::Garage => Capabilities::garage(),
            Self::R2 => Capabilities::r2(),
            Self::Ceph => Capabilities::ceph(),
            Self::Swift => Capabilities::swift(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}

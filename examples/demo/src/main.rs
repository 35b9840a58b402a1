//! `presign-demo`: the upload page, with an S3 store of its own or over any other.
//!
//! From the outside in: [`args`] is what it is told ([`checksums`]: what proves the bytes), [`app`] what it serves, [`mount`] the endpoints that presign, [`page`] the page,
//! [`files`] what the application keeps of what was uploaded,
//! [`client`] the built npm package, [`store`] the embedded S3 store, [`bucket`] which store it is,
//! [`serve`] how it listens and ends, [`accept`] how it treats each connection.

mod accept;
mod app;
mod args;
mod bucket;
mod checksums;
mod client;
mod error;
mod files;
mod logging;
mod mount;
mod page;
mod serve;
mod store;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser as _;

use args::Args;
use bucket::Bucket;
use error::{DemoError, Words};
use serve::Server;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    logging::start();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("presign-demo: {}", Words(&error));
            ExitCode::FAILURE
        }
    }
}

/// Serves until Ctrl-C or SIGTERM.
async fn run(args: Args) -> Result<(), DemoError> {
    let signals = serve::signals()?;
    let client = client::find(args.client.as_deref())?;
    let bucket = Bucket::open(&args).await?;
    let layer = mount::layer(bucket.store, &args)?;
    let listener = serve::bind(&args.listen).await?;
    let address = serve::address(&listener)?;

    let mut servers = vec![Server {
        listener,
        router: app::router(layer, &bucket.origin, &client),
    }];
    servers.extend(bucket.server);
    announce(address).map_err(DemoError::Output)?;
    serve::until(signals, servers).await
}

/// Standard output is for this line alone: whoever started the demo waits for it.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "Listening on http://{address}/")?;
    output.flush()
}

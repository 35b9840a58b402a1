//! Presigned uploads mounted in plain hyper, without Axum: `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p presign-hyper`.
//! `S3_ENDPOINT`, `S3_REGION` and `S3_BUCKET` name another bucket than `uploads` at a MinIO on this machine.

use std::{convert::Infallible, env, error::Error, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use presign_layer::{Credentials, Policy, PresignLayer, Store};
use tokio::net::TcpListener;
use tower::{Layer as _, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let var = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let endpoint = var("S3_ENDPOINT", "http://127.0.0.1:9000");
    let store = Store::builder(endpoint, var("S3_BUCKET", "uploads"))
        .region(var("S3_REGION", "us-east-1"))
        .credentials(Credentials::from_env()?)
        .build()?;
    let policy = Policy::new().max_size(50 << 20);
    let uploads = PresignLayer::builder(store)
        .policy(policy)
        .public()
        .build()?;

    // The application: whatever the layer has no answer to comes here.
    let application = service_fn(|request: Request<Incoming>| async move {
        let text = format!("{} is the application's own.\n", request.uri().path());
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(text)))
    });
    let service = TowerToHyperService::new(uploads.layer(application));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("Listening on http://{}/", listener.local_addr()?);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                eprintln!("no connection: {error}");
                // Too many open files, most likely: trying again at once would change nothing.
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        // The timer lets hyper give up on a client that never ends its headers.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}

//! The smallest Axum application with presigned uploads, to a bucket that is there and whose CORS rule lets the page in:
//! `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p presign-axum-minimal`. `S3_ENDPOINT`, `S3_REGION` and `S3_BUCKET` name another.

use std::{env, error::Error};

use axum::{Router, response::Html, routing::get};
use presign_layer::{Credentials, Policy, PresignLayer, Store};

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
    let page = || async { Html(include_str!("page.html")) };
    let app = Router::new().route("/", get(page)).layer(uploads);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("Listening on http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

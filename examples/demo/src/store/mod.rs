//! An S3 store in this process: objects are ordinary files, and what AWS refuses is refused.
//!
//! s3s speaks S3 and checks signatures, s3s-fs keeps objects as files. Around them:
//!
//! | module | what s3s and s3s-fs alone do not do |
//! |---|---|
//! | [`answer`] | every answer has a request ID, in the XML of errors too |
//! | [`cors`] | preflights are answered and answers can be read by a page of another origin |
//! | [`strict`] | unsigned `x-amz-*` headers, beside forms too, and URLs that live over 7 days are refused |
//! | [`drain`] | a refusal reaches a browser that is still sending |
//! | [`form`] | what comes in a form is stored like a PUT, the empty file too, and not encrypted as nobody signed |
//! | [`objects`], [`put`], [`copy`] | what is stored is whole, verified and, if so signed, not overwritten |
//! | [`multipart`] | what comes in parts is so too, and an upload outlives the process |
//! | [`keys`] | every key that S3 takes has a file |
//! | [`credentials`] | the store's own credentials last across restarts |

mod algorithm;
mod answer;
mod checksum;
mod copy;
mod cors;
mod credentials;
mod drain;
mod folder;
mod form;
mod gate;
mod hex;
mod keys;
mod lock;
mod multipart;
mod objects;
mod put;
mod scratch;
mod sidecar;
mod source;
mod strict;

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use s3s::auth::SimpleAuth;
use s3s::s3_error;
use s3s::service::{S3Service, S3ServiceBuilder};

pub(crate) use credentials::KeyPair;
pub(crate) use folder::FolderError;
pub(crate) use form::MAX_FORM;

use folder::Folder;
use objects::Objects;

/// The embedded store, open over its folder.
#[derive(Debug)]
pub(crate) struct EmbeddedStore {
    /// Serves S3, path style.
    pub(crate) router: Router,
    /// Who may sign for it.
    pub(crate) credentials: KeyPair,
}

impl EmbeddedStore {
    /// Opens the store in `data`, making the folder, the bucket and the credentials where they are missing.
    pub(crate) fn open(data: &Path, bucket: &str) -> Result<Self, FolderError> {
        folder::check_bucket_name(bucket)?;
        let folder = Folder::open(data)?;
        folder.create_bucket(bucket)?;
        let credentials = KeyPair::load_or_create(&folder.credentials())?;

        let mut builder = S3ServiceBuilder::new(Objects::new(folder)?);
        builder.set_auth(SimpleAuth::from_single(
            credentials.id(),
            credentials.secret(),
        ));
        builder.set_config(form::config());
        Ok(Self {
            router: router(builder.build()),
            credentials,
        })
    }
}

/// The layers, the last one outermost.
fn router(service: S3Service) -> Router {
    Router::new()
        .fallback(speak_s3)
        .with_state(service)
        .layer(from_fn(strict::refuse_what_aws_refuses))
        .layer(from_fn(drain::read_what_is_left))
        .layer(cors::layer())
        .layer(from_fn_with_state(
            answer::RequestIds::new(),
            answer::finish,
        ))
}

async fn speak_s3(State(service): State<S3Service>, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(|body| Body::new(body.map_err(axum::Error::new))),
        // Only an answer that cannot be written as XML ends here.
        Err(_) => error_response(s3_error!(InternalError)),
    }
}

/// An error as S3 writes it.
fn error_response(error: s3s::S3Error) -> Response {
    match error.to_http_response() {
        Ok(response) => response.map(|body| Body::new(body.map_err(axum::Error::new))),
        Err(_) => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

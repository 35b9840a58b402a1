//! What the application keeps of the files that were handed in, at `/files`. It believes their receipts, and nothing that a page says of them but a name.
//!
//! A real application has a database in place of [`Kept`], with [`Receipt::id`] in a column with a unique index, and asks [`ReceiptVerifier::subject`] for
//! the user's own receipts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use presign_layer::protocol::Problem;
use presign_layer::{Receipt, ReceiptError, ReceiptVerifier};
use serde::{Deserialize, Serialize};

/// The latest so many are kept.
const MOST: usize = 1000;

/// A receipt and a name have a few kilobytes.
const MAX_BODY: usize = 16 * 1024;

/// `receipts` is what the mount that gives them out checks them with.
pub(crate) fn router(receipts: ReceiptVerifier) -> Router {
    let application = Application {
        receipts,
        kept: Arc::default(),
    };
    Router::new()
        .route("/files", get(list).post(hand_in))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(application)
}

#[derive(Clone)]
struct Application {
    receipts: ReceiptVerifier,
    kept: Arc<Kept>,
}

/// What the page hands in. `name` is the application's own field, and as far from proven as any.
#[derive(Deserialize)]
struct Form {
    receipt: String,
    name: String,
}

/// What the application knows of a file: its name is the page's word, the rest is proven.
#[derive(Clone, Serialize)]
struct File {
    id: String,
    name: String,
    key: String,
    size: u64,
    #[serde(rename = "type")]
    content_type: String,
}

impl File {
    fn new(name: String, receipt: &Receipt) -> Self {
        Self {
            id: receipt.id().to_owned(),
            name,
            key: receipt.key().to_owned(),
            size: receipt.size(),
            content_type: receipt.content_type().to_owned(),
        }
    }
}

/// The files that were handed in, the latest last.
#[derive(Default)]
struct Kept(Mutex<VecDeque<File>>);

impl Kept {
    /// Keeps it, unless it is there: a page whose answer was lost hands its file in once more.
    fn keep(&self, file: File) -> File {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|known| known.id == file.id) {
            return known.clone();
        }
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back(file.clone());
        file
    }

    fn list(&self) -> Vec<File> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

/// A receipt that does not prove anything never gets here.
async fn hand_in(
    State(application): State<Application>,
    Json(form): Json<Form>,
) -> Result<(StatusCode, Json<File>), Refused> {
    let receipt = application.receipts.verify(&form.receipt)?;
    let file = application.kept.keep(File::new(form.name, &receipt));
    Ok((StatusCode::CREATED, Json(file)))
}

async fn list(State(application): State<Application>) -> Json<Vec<File>> {
    Json(application.kept.list())
}

/// In the words of the endpoints that presign.
struct Refused(Problem);

impl From<ReceiptError> for Refused {
    fn from(error: ReceiptError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, Json(self.0)).into_response()
    }
}
